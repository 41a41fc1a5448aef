"""The write path of a submission: whoever holds a receipt holds proof that the bytes and the row are on disk.

1. The headers arrive: the clock stamps the beginning, and an intent is queued (so that an upload which is
   cut off and tried again with the same key keeps its beginning).
2. The body streams to a temporary file, hashed and limited; then its headers are checked as hostile.
3. `BlobWriter.keep`: fsync, rename, fsync of the folder.
4. One transaction, shared with others (`writer`): sequence, unique (user, key), chain, job for the graders.
5. Only when its commit has returned does anybody see the receipt.
"""

from __future__ import annotations

import dataclasses
import uuid
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection, RowMapping, and_, bindparam, delete, insert, select, update

from bitgoeul.blobs import BlobStore, BlobWriter
from bitgoeul.errors import Conflict, InputError, TooLarge, shorten
from bitgoeul.exchange import bundle, jobs, store
from bitgoeul.exchange import tables as t
from bitgoeul.exchange.clock import SteadyClock
from bitgoeul.exchange.receipts import GENESIS, Signer, link
from bitgoeul.exchange.rules import counted_beginning, late_seconds
from bitgoeul.exchange.writer import Writer
from bitgoeul.names import AssignmentName, CourseName, UserName
from bitgoeul.settings import MEGABYTE
from bitgoeul.settings import Exchange as Limits
from bitgoeul.wire import Receipt, moment, stamp

_HEX = frozenset("0123456789abcdef")
KEPT = timedelta(days=7)

# Made once: building a statement costs more than running it, and these run for every upload.
_MINE = and_(
    t.upload_intents.c.user_name == bindparam("its_user"), t.upload_intents.c.idempotency_key == bindparam("its_key")
)
_INTENT = select(t.upload_intents).where(_MINE)
_ADD_INTENT = insert(t.upload_intents)
_MOVE_INTENT = update(t.upload_intents).where(_MINE)
_FORGET_INTENT = delete(t.upload_intents).where(_MINE)
_HEAD = select(t.chain_head).with_for_update()
_MOVE_HEAD = update(t.chain_head)
_ADD_SUBMISSION = insert(t.submissions)
_ADD_STATE = insert(t.submission_states)


@dataclass(frozen=True)
class Headers:
    """What the headers of an upload say, not yet checked, and when they came."""

    key: str | None
    sha256: str | None
    size: int | None
    begun_at: datetime
    version: int | None = None


@dataclass(frozen=True)
class Announced:
    """An upload that may begin."""

    user: UserName
    course: CourseName
    assignment: AssignmentName
    key: str
    sha256: str
    size: int
    release_version: int
    begun_at: datetime


@dataclass(frozen=True)
class Taken:
    """A receipt, and whether this upload made it or an earlier one with the same key."""

    receipt: Receipt
    created: bool


def check_key(key: str | None) -> str:
    """The Idempotency-Key in its one spelling; raise `InputError` unless it is a UUID."""
    try:
        return str(uuid.UUID(key or ""))
    except ValueError:
        raise InputError(
            ko=f"Idempotency-Key 머리글에는 UUID가 필요한데 {shorten(key)}을(를) 받았습니다. 제출마다 새 UUID를 만들고, 다시 보낼 때는 같은 것을 쓰세요.",
            en=f"The header Idempotency-Key takes a UUID; found {shorten(key)}. Make one for each submission and keep it when trying again.",
        ) from None


def check_sha256(text: str | None) -> str:
    """The X-Content-SHA256 in lower case; raise `InputError` unless it is one."""
    digest = (text or "").lower()
    if len(digest) != 64 or not set(digest) <= _HEX:
        raise InputError(
            ko=f"X-Content-SHA256 머리글에는 16진수 64자리가 필요한데 {shorten(text)}을(를) 받았습니다.",
            en=f"The header X-Content-SHA256 takes 64 hexadecimal digits; found {shorten(text)}.",
        )
    return digest


class Intake:
    """Takes submissions in."""

    def __init__(self, *, limits: Limits, blobs: BlobStore, writer: Writer, signer: Signer, clock: SteadyClock) -> None:
        self._blobs = blobs
        self._writer = writer
        self._signer = signer
        self._clock = clock
        self._quota = limits.quota_mb * MEGABYTE
        self._most = limits.max_submission_mb * MEGABYTE
        self._grace = timedelta(seconds=limits.grace_seconds)
        self.bundle_limits = bundle.Limits(limits.max_files, limits.max_notebook_mb * MEGABYTE)

    def check_size(self, size: int | None) -> int:
        """Refuse by the announced size, before a byte is read."""
        if size is None:
            raise InputError(
                ko="Content-Length 머리글이 없습니다. 크기를 먼저 알리고 보내세요.",
                en="The header Content-Length is missing. Announce the size first.",
            )
        if size > self._most:
            raise TooLarge(
                ko=f"{self._most:,}바이트까지 낼 수 있는데 {size:,}바이트입니다. 큰 자료나 출력을 빼고 다시 내세요.",
                en=f"At most {self._most:,} bytes are taken; this has {size:,}. Leave out large data or outputs.",
            )
        self._blobs.ensure_room(size)
        return size

    def check_quota(self, connection: Connection, announced: Announced) -> None:
        """Refuse what would exceed the student's quota of this assignment; what he sent before costs nothing again."""
        if not self._quota:
            return
        course, assignment, user = announced.course, announced.assignment, announced.user
        kept = store.kept_bytes(connection, course=course, assignment=assignment, user=user, besides=announced.sha256)
        if kept + announced.size > self._quota:
            raise TooLarge(
                ko=f"한 과제에 모두 {self._quota:,}바이트까지 낼 수 있는데 이미 {kept:,}바이트를 냈고 이번 것은 {announced.size:,}바이트입니다. 저장하지 않았습니다. 큰 자료나 출력을 빼고 다시 내거나 강사에게 알리세요.",
                en=f"In all {self._quota:,} bytes may be handed in to one assignment; {kept:,} are there, and this has {announced.size:,}. Nothing was stored: leave out large data or outputs, or tell your instructor.",
            )

    def body(self) -> BlobWriter:
        """Where a body goes."""
        return self._blobs.writer(limit=self._most)

    def begin(self, announced: Announced) -> None:
        """Queue the intent. Nobody waits for it: a body takes longer, and step 4 holds without it."""
        self._writer.submit(lambda connection: _note_intent(connection, announced, self._grace))

    def finish(self, announced: Announced, body: BlobWriter) -> Future[Taken]:
        """Steps 2 to 4 for a body that has arrived; the future's receipt may be shown."""
        if (body.sha256, body.size) != (announced.sha256, announced.size):
            raise InputError(
                ko=f"받은 내용이 알린 것과 다릅니다 (SHA-256 {announced.sha256[:12]}…, 받은 것 {body.sha256[:12]}…). 저장하지 않았으니 다시 내세요.",
                en=f"What arrived is not what was announced (SHA-256 {announced.sha256[:12]}…, found {body.sha256[:12]}…). Nothing was stored: try again.",
            )
        with body.path.open("rb") as file:
            members = bundle.scan(file, self.bundle_limits)
        notebooks = [m.name for m in members if m.name.endswith(".ipynb") and "/" not in m.name]
        body.keep()
        return self._writer.submit(lambda connection: self._store(connection, announced, notebooks))

    def _store(self, connection: Connection, announced: Announced, notebooks: list[str]) -> Taken:
        head = connection.execute(_HEAD).mappings().one()  # receipts of other services wait here
        before = store.find_stored(connection, user=announced.user, key=announced.key)
        if before is not None:
            connection.execute(_FORGET_INTENT, _key_of(announced))
            return Taken(_same_or_conflict(before.receipt, announced), created=False)
        self.check_quota(connection, announced)  # again: two uploads may have begun beside each other
        receipt = self._receipt(connection, announced, head)
        begun_at, stored_at = moment(receipt.begun_at), moment(receipt.stored_at)
        row = dataclasses.asdict(receipt) | {"begun_at": begun_at, "stored_at": stored_at, "notebooks": notebooks}
        row["user_name"] = row.pop("user")
        row |= {"idempotency_key": announced.key, "release_version": announced.release_version}
        connection.execute(_ADD_SUBMISSION, row)
        connection.execute(_ADD_STATE, {"submission": receipt.sequence, "state": "received"})
        new_head = {"sequence": receipt.sequence, "chain": receipt.chain, "stored_at": stored_at}
        connection.execute(_MOVE_HEAD, new_head)
        connection.execute(_FORGET_INTENT, _key_of(announced))
        jobs.add(connection, receipt, release_version=announced.release_version, at=stored_at)
        return Taken(receipt, created=True)

    def _receipt(self, connection: Connection, announced: Announced, head: RowMapping) -> Receipt:
        now = self._clock.now()
        if head["stored_at"]:
            now = max(now, head["stored_at"])  # another service's clock may be ahead of ours
        intent = _find_intent(connection, announced)
        first = announced.begun_at
        if intent is not None:
            _same_or_conflict(intent, announced)
            first = min(first, intent["begun_at"])
        begun_at = counted_beginning(first, now, announced.size, self._grace)
        due = store.due_for(connection, announced.course, announced.assignment, announced.user)
        receipt = Receipt(
            id=str(uuid.uuid4()),
            sequence=head["sequence"] + 1,
            course=str(announced.course),
            assignment=str(announced.assignment),
            user=str(announced.user),  # plain text: a name's own type is slow to copy
            sha256=announced.sha256,
            size=announced.size,
            begun_at=stamp(begun_at),
            stored_at=stamp(now),
            late_seconds=late_seconds(begun_at, due),
            chain="",
        )
        return self._signer.sign(dataclasses.replace(receipt, chain=link(head["chain"], receipt)))


K = TypeVar("K", Receipt, RowMapping)


def _same_or_conflict(before: K, announced: Announced) -> K:
    """Let the same upload pass; the key already stands for something else otherwise."""
    names = ("course", "assignment", "sha256", "size")
    known = before if isinstance(before, RowMapping) else dataclasses.asdict(before)
    if all(known[name] == getattr(announced, name) for name in names):
        return before
    raise Conflict(
        ko="같은 Idempotency-Key로 다른 내용이 이미 제출되었습니다. 새 제출이라면 새 키를 쓰세요.",
        en="This Idempotency-Key already stands for another upload. Use a new key for a new submission.",
    )


def _key_of(announced: Announced) -> dict[str, str]:
    return {"its_user": announced.user, "its_key": announced.key}


def _find_intent(connection: Connection, announced: Announced) -> RowMapping | None:
    return connection.execute(_INTENT, _key_of(announced)).mappings().one_or_none()


def _note_intent(connection: Connection, announced: Announced, grace: timedelta) -> None:
    before = _find_intent(connection, announced)
    if before is None:
        names = ("course", "assignment", "sha256", "size", "begun_at")
        row = {name: getattr(announced, name) for name in names}
        row |= {"user_name": announced.user, "idempotency_key": announced.key}
        connection.execute(_ADD_INTENT, row)
        return
    _same_or_conflict(before, announced)
    begun_at = counted_beginning(before["begun_at"], announced.begun_at, announced.size, grace)
    connection.execute(_MOVE_INTENT, {**_key_of(announced), "begun_at": begun_at})


def forget_old_intents(connection: Connection, now: datetime) -> int:
    """Drop intents that no retry can use any more; their number."""
    return connection.execute(delete(t.upload_intents).where(t.upload_intents.c.begun_at < now - KEPT)).rowcount


def ensure_genesis(connection: Connection) -> None:
    """The chain's beginning, once."""
    if connection.execute(select(t.chain_head)).one_or_none() is None:
        connection.execute(insert(t.chain_head).values(id=1, sequence=0, chain=GENESIS))
