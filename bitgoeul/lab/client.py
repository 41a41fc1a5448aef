"""The exchange's service, as a lab asks it. Standard library only: this loads in every student's container.

What a failure means is told as the service tells it (`wire.Problem`), or, when nobody answers, by us. One
connection is kept open, because nbgrader's formgrader lists the exchange at every page. What failed on the
way is asked again with growing pauses and jitter; a submission is asked again with the same key, so that
the service can tell a repetition from a second submission.
"""

from __future__ import annotations

import atexit
import hashlib
import http.client
import json
import random
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from bitgoeul import wire
from bitgoeul.errors import BitgoeulError, InputError, Text

CHUNK = 1 << 18
MOST_JSON = 64_000_000
PASSING = frozenset({408, 425, 429, 502, 503, 504})  # the same question may be answered a little later
T = TypeVar("T")


class Failed(BitgoeulError):
    """The service refused, or nobody answered. `passing`: the same may succeed later."""

    def __init__(self, text: Text, *, status: int = 0, code: str = "unreachable") -> None:
        super().__init__(ko=text.ko, en=text.en)
        self.found_status = status
        self.found_code = code

    @property
    def passing(self) -> bool:
        """Whether asking again later can help without changing anything."""
        return self.found_status == 0 or self.found_status in PASSING


@dataclass(frozen=True)
class _Ask:
    """One question. `body` is a file's path for uploads, `data` a small body; `out` takes a streamed answer."""

    method: str
    path: str
    headers: dict[str, str]
    body: Path | None = None
    data: bytes | None = None
    out: BinaryIO | None = None
    timeout: float = 30.0


class Client:
    """Asks one service as one user. `patience`: seconds after which a failing question is given up."""

    def __init__(self, url: str, token: str, *, patience: float = 2.0) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or ""
        self.port = parts.port
        self.secure = parts.scheme == "https"
        self.prefix = parts.path.rstrip("/") + "/"
        self.patience = patience
        self._token = token
        self._lock = threading.Lock()
        self._kept: http.client.HTTPConnection | None = None
        self._me: tuple[float, wire.Me] | None = None

    def me(self) -> wire.Me:
        """Who the service believes is asking; remembered for a minute."""
        if self._me is None or time.monotonic() - self._me[0] > 60:
            self._me = (time.monotonic(), wire.read(wire.Me, self._json("api/me")))
        return self._me[1]

    def gpus(self) -> list[dict[str, Any]]:
        """The GPUs that this user's labs hold, when each ends and why, in both languages."""
        found: list[dict[str, Any]] = self._json("api/gpus/mine")
        return found

    def assignments(self, course: str) -> list[wire.ReleaseRow]:
        """The releases that the asker may see."""
        return _rows(wire.ReleaseRow, self._json(f"api/courses/{_q(course)}/assignments"))

    def submissions(self, course: str, assignment: str | None = None) -> list[wire.SubmissionRow]:
        """The submissions that the asker may see: a student his own, staff all."""
        at = f"/assignments/{_q(assignment)}" if assignment else ""
        return _rows(wire.SubmissionRow, self._json(f"api/courses/{_q(course)}{at}/submissions"))

    def release(self, course: str, assignment: str, out: BinaryIO, **query: str) -> None:
        """Download a release's tar: `language`, and `version` or `part` if wanted."""
        self._download(f"api/courses/{_q(course)}/assignments/{_q(assignment)}/release?{urlencode(query)}", out)

    def content(self, submission: str, out: BinaryIO) -> None:
        """Download what was handed in."""
        self._download(f"api/submissions/{_q(submission)}/content", out)

    def note_collection(self, course: str, assignment: str, up_to: int) -> None:
        """Tell the service that staff have collected everything up to this sequence."""
        path = f"api/courses/{_q(course)}/assignments/{_q(assignment)}/collections"
        self._ask(_Ask("POST", f"{path}?up_to={up_to}", {}))

    def feedback(self, submission: str, out: BinaryIO) -> None:
        """Download the tar of a submission's feedback pages."""
        self._download(f"api/submissions/{_q(submission)}/feedback", out)

    def publish(self, course: str, assignment: str, tar: Path) -> wire.ReleaseRow:
        """Release `release/<language>/...` and `source/<language>/...`; the same content stays the same version."""
        path = f"api/courses/{_q(course)}/assignments/{_q(assignment)}/releases"
        return wire.read(wire.ReleaseRow, self._upload(path, tar))

    def withdraw(self, course: str, assignment: str) -> None:
        """Hide a release; nothing is deleted."""
        self._ask(_Ask("DELETE", f"api/courses/{_q(course)}/assignments/{_q(assignment)}/release", {}))

    def publish_feedback(self, submission: str, tar: Path) -> wire.SubmissionRow:
        """Release a submission's feedback pages to its student."""
        return wire.read(wire.SubmissionRow, self._upload(f"api/submissions/{_q(submission)}/feedback", tar))

    def submit(
        self, course: str, assignment: str, tar: Path, *, sha256: str, key: str, version: int | None = None
    ) -> wire.Receipt:
        """Hand in a tar; the receipt that comes back speaks of exactly these bytes, or this raises.

        `version` is the release that the work was begun from, if that is known.
        """
        path = f"api/courses/{_q(course)}/assignments/{_q(assignment)}/submissions"
        extra = {"Idempotency-Key": key, "X-Content-SHA256": sha256}
        extra |= {"X-Release-Version": str(version)} if version else {}
        receipt = wire.read(wire.Receipt, self._upload(path, tar, extra))
        if receipt.sha256 != sha256 or receipt.course != course or receipt.assignment != assignment:
            raise Failed(
                Text(
                    "서비스가 다른 파일의 접수증을 보냈습니다. 운영자에게 알려 주세요.",
                    "The service sent a receipt of something else. Tell the operator.",
                ),
                status=500,
                code="wrong-receipt",
            )
        return receipt

    def execute(self, course: str, tar: Path, *, timeout: float) -> bytes:
        """Run `notebook.ipynb` of the tar in the service's sandbox; the executed notebook comes back."""
        return self._upload(f"api/courses/{_q(course)}/execute", tar, timeout=timeout)

    def staff(self, method: str, course: str, assignment: str, what: str) -> Any:
        """Ask for what staff do with an assignment: `grade`, `progress` or `preview`; JSON's types."""
        answer = self._ask(_Ask(method, f"api/courses/{_q(course)}/assignments/{_q(assignment)}/{what}", {}))
        return _parsed(answer) if answer else None

    def ask(
        self,
        method: str,
        path: str,
        *,
        data: Any = None,
        body: Path | None = None,
        key: str = "",
        timeout: float = 30.0,
    ) -> Any:
        """Ask for anything else below the service's address; `data` goes out and the answer comes back as JSON's types."""
        headers = {"Idempotency-Key": key} if key else {}
        sent = None if data is None else json.dumps(data).encode()
        headers |= {} if sent is None else {"Content-Type": "application/json"}
        answer = self._ask(_Ask(method, path, headers, body=body, data=sent, timeout=timeout))
        return _parsed(answer) if answer else None

    def download(self, path: str, out: BinaryIO) -> None:
        """Get a file."""
        self._download(path, out)

    def similar(self, course: str, assignment: str) -> Any:
        """The report of similar work, as JSON's types."""
        return _parsed(self._ask(_Ask("GET", f"teach/{_q(course)}/{_q(assignment)}/similar.json", {}, timeout=300.0)))

    def close(self) -> None:
        """Close the kept connection."""
        with self._lock:
            self._drop()

    def _json(self, path: str) -> Any:
        return _parsed(self._ask(_Ask("GET", path, {}, timeout=10.0)))

    def _download(self, path: str, out: BinaryIO) -> None:
        self._ask(_Ask("GET", path, {}, out=out, timeout=120.0))

    def _upload(self, path: str, tar: Path, extra: dict[str, str] | None = None, *, timeout: float = 300.0) -> bytes:
        headers = {"Content-Type": "application/x-tar", **(extra or {})}
        return self._ask(_Ask("POST", path, headers, body=tar, timeout=timeout))

    def _ask(self, ask: _Ask) -> bytes:
        """Ask until an answer comes or the patience ends."""
        give_up = time.monotonic() + self.patience
        pause = 0.25
        while True:
            try:
                with self._lock:
                    return self._answer(ask)
            except Failed as failure:
                wait = pause * random.uniform(0.5, 1.5)
                if not failure.passing or time.monotonic() + wait > give_up:
                    raise
            time.sleep(wait)
            pause = min(pause * 2, 10.0)

    def _answer(self, ask: _Ask) -> bytes:
        """Ask once; over the kept connection first, which the other side may have closed meanwhile."""
        if self._kept is not None:
            with suppress(_Stale):
                return self._over(self._kept, ask)
            self._drop()
        self._kept = self._connect(ask.timeout)
        return self._over(self._kept, ask, fresh=True)

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self.secure else http.client.HTTPConnection
        return kind(self.host, self.port, timeout=timeout, blocksize=CHUNK)

    def _drop(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _over(self, connection: http.client.HTTPConnection, ask: _Ask, *, fresh: bool = False) -> bytes:
        try:
            return self._exchange(connection, ask)
        except (OSError, http.client.HTTPException) as error:
            local = isinstance(error, _Disk)
            self._drop()
            if local:
                raise error.__cause__ from None  # type: ignore[misc]
            gone = isinstance(error, http.client.RemoteDisconnected | ConnectionError | http.client.CannotSendRequest)
            if gone and not fresh and ask.body is None:
                raise _Stale from None
            raise Failed(_nobody(error)) from None

    def _exchange(self, connection: http.client.HTTPConnection, ask: _Ask) -> bytes:
        connection.timeout = ask.timeout
        if connection.sock is not None:
            connection.sock.settimeout(ask.timeout)
        headers = {**ask.headers, "Authorization": f"token {self._token}", "Accept": "application/json"}
        with suppress(BrokenPipeError, ConnectionResetError):  # an early refusal: its answer still waits to be read
            self._send(connection, ask, headers)
        response = connection.getresponse()
        if response.status >= 300:
            failure = _told(response.status, response.read(MOST_JSON))
            self._drop()  # part of a refused upload may still be on its way
            raise failure
        if ask.out is None:
            return response.read(MOST_JSON + 1)
        _stream(response, ask.out)
        return b""

    def _send(self, connection: http.client.HTTPConnection, ask: _Ask, headers: dict[str, str]) -> None:
        path = self.prefix + ask.path
        if ask.body is None:
            connection.request(ask.method, path, body=ask.data, headers=headers)
            return
        with ask.body.open("rb") as file:
            length = str(ask.body.stat().st_size)
            connection.request(ask.method, path, body=file, headers={**headers, "Content-Length": length})


class _Stale(Exception):  # never leaves this module
    """The kept connection was closed by the other side before it took the question."""


class _Disk(OSError):
    """Writing to our own disk failed: no matter of the connection."""


def _stream(response: http.client.HTTPResponse, out: BinaryIO) -> None:
    """Copy an answer to `out`; raise when it ends early or its digest is another."""
    digest = hashlib.sha256()
    size = 0
    out.seek(0)
    out.truncate()
    while piece := response.read(CHUNK):
        digest.update(piece)
        size += len(piece)
        try:
            out.write(piece)
        except OSError as error:
            raise _Disk from error
    wanted, told = response.headers.get("Content-Length"), response.headers.get("X-Content-SHA256")
    if (wanted and int(wanted) != size) or (told and told != digest.hexdigest()):
        raise http.client.IncompleteRead(b"", size)
    out.seek(0)


def _rows(kind: type[T], data: Any) -> list[T]:
    if not isinstance(data, list):
        raise Failed(_strange(200), status=500, code="strange-answer")
    return [wire.read(kind, row) for row in data]


def _told(status: int, body: bytes) -> Failed:
    """The service's own words where it sent some."""
    try:
        problem = wire.read(wire.Problem, body)
    except InputError:
        return Failed(_strange(status), status=status, code=f"http-{status}")
    return Failed(Text(problem.ko, problem.en), status=status, code=problem.code)


def _strange(status: int) -> Text:
    if status == 401:
        return Text(
            "이 실습실의 토큰이 끝났습니다. 허브에서 서버를 멈췄다가 다시 시작하세요.",
            "This lab's token has ended. Stop your server in the Hub and start it again.",
        )
    if status in (502, 503, 504):
        return Text(
            f"빛고을 서비스가 지금 응답하지 않습니다({status}). 잠시 뒤에 다시 시도하세요.",
            f"The Bitgoeul service does not answer at the moment ({status}). Try again in a little while.",
        )
    return Text(
        f"빛고을 서비스가 알 수 없는 답을 보냈습니다({status}). 운영자에게 알려 주세요.",
        f"The Bitgoeul service gave an answer that means nothing here ({status}). Tell the operator.",
    )


def _nobody(error: Exception) -> Text:
    return Text(
        f"빛고을 서비스에 연결할 수 없거나 연결이 끊겼습니다({type(error).__name__}). 잠시 뒤에 다시 시도하세요.",
        f"The Bitgoeul service cannot be reached, or the connection broke ({type(error).__name__}). Try again in a little while.",
    )


def _q(part: str) -> str:
    return quote(part, safe="")


def _parsed(answer: bytes) -> Any:
    try:
        return json.loads(answer)
    except ValueError:
        raise Failed(_strange(200), status=500, code="strange-answer") from None


_clients: dict[tuple[str, str, float], Client] = {}


def shared(url: str, token: str, patience: float) -> Client:
    """One client, and so one kept connection, for each service and user of this process."""
    key = (url, token, patience)
    if key not in _clients:
        _clients[key] = Client(url, token, patience=patience)
    return _clients[key]


@atexit.register
def _close_all() -> None:
    for client in _clients.values():
        client.close()
