"""The client against servers that misbehave: each failure is told, and nothing is taken for received."""

from __future__ import annotations

import hashlib
import io
import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bitgoeul import wire
from bitgoeul.lab.client import Client, Failed, shared

Behaviour = Callable[[BaseHTTPRequestHandler], None]


class Scripted(ThreadingHTTPServer):
    """Answers each request by the next behaviour; the last one stays."""

    daemon_threads = True

    def __init__(self, *script: Behaviour) -> None:
        self.script = list(script)
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        self.connections = 0
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/services/bitgoeul"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Scripted

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def act(self) -> None:
        script = self.server.script
        (script.pop(0) if len(script) > 1 else script[0])(self)

    def do_GET(self) -> None:
        self.server.seen.append((self.path, dict(self.headers), b""))
        self.act()

    def do_POST(self) -> None:
        self.act()

    def log_message(self, *_: object) -> None:
        """Quiet."""


def answer(status: int, body: bytes, **headers: str) -> Behaviour:
    def act(handler: BaseHTTPRequestHandler) -> None:
        if handler.command == "POST":
            sent = handler.rfile.read(int(handler.headers["Content-Length"]))
            handler.server.seen.append((handler.path, dict(handler.headers), sent))  # type: ignore[attr-defined]
        handler.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return act


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Close without a word, as a killed service does."""
    if handler.command == "POST":
        sent = handler.rfile.read(int(handler.headers["Content-Length"]))
        handler.server.seen.append((handler.path, dict(handler.headers), sent))  # type: ignore[attr-defined]
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def refuse_early(handler: BaseHTTPRequestHandler) -> None:
    """Answer before the body has come, and read none of it."""
    body = wire.write(wire.Problem("too-large", "너무 큽니다.", "Too large."))
    handler.send_response(413)
    handler.send_header("Content-Length", str(len(body)))
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.wfile.write(body)
    handler.wfile.flush()
    handler.close_connection = True
    while handler.rfile.read1(1 << 20):
        continue


ME = wire.Me("minji", "김민지", "ko", ("one",), ())
GOOD = answer(200, wire.write(ME))


@pytest.fixture
def serve() -> Iterator[Callable[..., Scripted]]:
    started: list[Scripted] = []

    def start(*script: Behaviour) -> Scripted:
        server = Scripted(*script)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


@pytest.fixture
def client(serve: Callable[..., Scripted]) -> Iterator[Callable[..., tuple[Client, Scripted]]]:
    made: list[Client] = []

    def make(*script: Behaviour, patience: float = 5.0) -> tuple[Client, Scripted]:
        server = serve(*script)
        made.append(Client(server.url, "the-token", patience=patience))
        return made[-1], server

    yield make
    for each in made:
        each.close()


def receipt(data: bytes, **other: str) -> bytes:
    found = wire.Receipt(
        id="s1", sequence=1, course="one", assignment="ps1", user="minji", sha256=hashlib.sha256(data).hexdigest(),
        size=len(data), begun_at="2026-01-01T00:00:00.000000Z", stored_at="2026-01-01T00:00:00.100000Z",
        late_seconds=0.0, chain="c", signature="s",
    )  # fmt: skip
    return json.dumps({**wire.plain(found), **other}).encode()


def hand_in(client: Client, path: Path, data: bytes = b"work") -> wire.Receipt:
    path.write_bytes(data)
    return client.submit("one", "ps1", path, sha256=hashlib.sha256(data).hexdigest(), key="the-key")


def test_the_token_is_the_only_identity_that_is_sent(client) -> None:
    asking, server = client(GOOD)

    assert asking.me() == ME
    path, headers, _ = server.seen[0]
    assert path == "/services/bitgoeul/api/me"
    assert headers["Authorization"] == "token the-token"


def test_one_connection_serves_many_questions(client) -> None:
    asking, server = client(answer(200, b"[]"))
    for _ in range(5):
        asking.assignments("one")

    assert server.connections == 1


def test_a_connection_that_went_stale_is_no_failure(client) -> None:
    asking, server = client(answer(200, b"[]"), hang_up, answer(200, b"[]"))
    asking.patience = 0.0
    asking.assignments("one")

    assert asking.assignments("one") == []
    assert server.connections == 2


@pytest.mark.parametrize("first", [hang_up, answer(503, b""), answer(502, b"<html>proxy</html>")])
def test_a_passing_failure_is_asked_again_with_the_same_key_and_bytes(client, tmp_path: Path, first: Behaviour) -> None:
    asking, server = client(first, answer(201, receipt(b"work")))

    assert hand_in(asking, tmp_path / "a.tar").sequence == 1
    assert [(headers["Idempotency-Key"], sent) for _, headers, sent in server.seen] == [("the-key", b"work")] * 2


def test_patience_ends_with_the_reason(client, tmp_path: Path) -> None:
    asking, _ = client(hang_up, patience=0.5)

    with pytest.raises(Failed, match="cannot be reached") as caught:
        hand_in(asking, tmp_path / "a.tar")
    assert caught.value.passing
    assert "연결" in caught.value.text.ko


def test_nobody_listening_is_told() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(Failed, match="cannot be reached"):
        Client(f"http://127.0.0.1:{port}/services/bitgoeul", "t", patience=0.0).me()


def test_the_services_own_words_reach_the_reader_and_are_not_asked_again(client) -> None:
    problem = wire.Problem("not-allowed", "이 강좌의 학생이 아닙니다.", "You do not take this course.")
    asking, server = client(answer(403, wire.write(problem)))

    with pytest.raises(Failed, match="You do not take this course") as caught:
        asking.assignments("one")
    assert caught.value.text.ko == problem.ko
    assert (caught.value.found_status, caught.value.found_code, len(server.seen)) == (403, "not-allowed", 1)


@pytest.mark.parametrize(
    ("status", "words"), [(401, "token has ended"), (500, "means nothing"), (302, "means nothing")]
)
def test_an_answer_without_a_problem_is_told_by_its_status(client, status: int, words: str) -> None:
    asking, _ = client(answer(status, b"<html>no json</html>"))

    with pytest.raises(Failed, match=words):
        asking.assignments("one")


@pytest.mark.parametrize("body", [b"", b"{", b'{"a": 1}', b'[{"course": "one"}]', b"[1]"])
def test_a_list_that_is_none_is_a_failure(client, body: bytes) -> None:
    asking, _ = client(answer(200, body))

    with pytest.raises(Exception, match=r"means nothing|wanted"):
        asking.assignments("one")


def test_a_refusal_in_the_middle_of_an_upload_is_read(client, tmp_path: Path) -> None:
    asking, _ = client(refuse_early, patience=0.0)

    with pytest.raises(Failed, match="Too large"):
        hand_in(asking, tmp_path / "a.tar", b"x" * 30_000_000)


@pytest.mark.parametrize("other", [{"sha256": "0" * 64}, {"assignment": "ps2"}, {"course": "two"}])
def test_a_receipt_of_something_else_is_no_receipt(client, tmp_path: Path, other: dict[str, str]) -> None:
    asking, _ = client(answer(201, receipt(b"work", **other)))

    with pytest.raises(Failed, match="receipt of something else"):
        hand_in(asking, tmp_path / "a.tar")


@pytest.mark.parametrize(
    "short", [answer(200, b"half", Content_Length="8"), answer(200, b"whole", X_Content_SHA256="0" * 64)]
)
def test_a_download_that_ends_early_or_differs_is_asked_again(client, short: Behaviour) -> None:
    def cut(handler: BaseHTTPRequestHandler) -> None:
        short(handler)
        handler.close_connection = True

    asking, _ = client(cut, answer(200, b"the whole"))
    out = io.BytesIO()
    asking.content("s1", out)

    assert out.getvalue() == b"the whole"


def test_a_full_disk_of_our_own_is_not_called_a_broken_connection(client) -> None:
    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    asking, _ = client(answer(200, b"data"))

    with pytest.raises(OSError, match="No space left"):
        asking.content("s1", Full())


def test_names_with_spaces_and_korean_words_are_quoted(client) -> None:
    asking, server = client(answer(200, b"[]"))
    asking.submissions("one", "Problem Set 1")

    assert server.seen[0][0] == "/services/bitgoeul/api/courses/one/assignments/Problem%20Set%201/submissions"


def test_one_client_is_shared_by_the_objects_that_nbgrader_makes() -> None:
    assert shared("http://127.0.0.1:1/", "t", 1.0) is shared("http://127.0.0.1:1/", "t", 1.0)
    assert shared("http://127.0.0.1:1/", "t", 1.0) is not shared("http://127.0.0.1:1/", "u", 1.0)
