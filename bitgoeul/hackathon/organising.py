"""What an organiser does: open a challenge, move its end, lower a limit, flag, score anew, publish. All of it audited."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, CursorResult, and_, func, insert, select, update

from bitgoeul.blobs import BlobStore
from bitgoeul.database import Database
from bitgoeul.errors import Conflict, InputError, NotFound, shorten
from bitgoeul.grading.engine import Engine
from bitgoeul.hackathon import rules, store, teams
from bitgoeul.hackathon import tables as t
from bitgoeul.hackathon.building import Answers, Prepared, prepare
from bitgoeul.hackathon.generating import predict
from bitgoeul.hackathon.loading import challenge_folders, find_challenge, load_challenge
from bitgoeul.hackathon.model import Challenge, Record
from bitgoeul.hackathon.probing import digits_for
from bitgoeul.hackathon.results import result_rows
from bitgoeul.hackathon.scoring import Scores, score_file
from bitgoeul.hackathon.service import Hackathon
from bitgoeul.hackathon.work import Leased
from bitgoeul.names import UserName
from bitgoeul.settings import Settings

log = logging.getLogger(__name__)


class Organising:
    """The organisers' side of the open challenges; also what the workers call to score."""

    def __init__(self, settings: Settings, hackathon: Hackathon, engine: Engine) -> None:
        self.settings, self.hackathon, self.engine = settings, hackathon, engine
        self._known: dict[tuple[str, str], Answers] = {}

    @property
    def database(self) -> Database:
        """The service's."""
        return self.hackathon.database

    @property
    def blobs(self) -> BlobStore:
        """The service's."""
        return self.hackathon.blobs

    def challenge(self, slug: str) -> Challenge:
        """The folder of a challenge, read as it is now; a broken other one keeps nobody out."""
        folders = [path for path in challenge_folders(self.settings.academy.curriculum) if path.name == slug]
        return find_challenge((load_challenge(path) for path in folders), slug)

    def open(self, by: UserName, slug: str, changes: Mapping[str, Any]) -> store.Event:
        """Draw a seed, make data and answers, score the baselines, and take submissions from the start on.

        `changes` may set `phases`, `quota`, `team`, `freeze_minutes` and the like; they are checked as challenge.toml is.
        """
        challenge = self.challenge(slug)
        record = _changed(challenge.record, changes)
        challenge = challenge.model_copy(update={"record": record})
        seed = secrets.randbelow(10**15) + 10**15
        prepared = prepare(challenge, seed)
        scored = self._baselines(challenge, prepared)
        files = {name: {"sha256": self.blobs.put(data), "size": len(data)} for name, data in prepared.files.items()}
        digits = _digits(record, prepared, list(scored.values()))
        opened_at = self.hackathon.now()
        row = {
            "slug": slug,
            "record": record.model_dump(mode="json"),
            "seed": str(seed),
            "answers": self.blobs.put(prepared.answers.write()),
            "files": files,
            "digits": digits[0],
            "private_digits": digits[1],
            "version": 1,
            "change": 1,
            "published": 0,
            "opened_at": opened_at,
            "opened_by": str(by),
        }
        with store.writing(self.database) as connection:
            if connection.execute(select(t.challenges.c.slug).where(t.challenges.c.slug == slug)).first():
                raise Conflict(ko=f"{slug}은(는) 이미 열려 있습니다.", en=f"{slug} is open already.")
            connection.execute(insert(t.challenges).values(row))
            for name, (data, scores) in scored.items():
                _add_baseline(connection, slug, name, self.blobs.put(data), len(data), scores, opened_at)
            self._audit(connection, by, "open", slug, {"changes": sorted(changes)})
            return store.find_event(connection, slug)

    def _baselines(self, challenge: Challenge, prepared: Prepared) -> dict[str, tuple[bytes, Scores]]:
        given = {name: content for name, content in prepared.files.items() if name.endswith(".csv")}
        found = {}
        for name in challenge.record.baselines:
            data = predict(challenge, name, given).data
            found[name] = data, score_file(challenge, prepared.answers, data, self.engine)
        return found

    def score(self, leased: Leased) -> Scores:
        """Score one submission: what the workers call."""
        with self.database.reading() as connection:
            event = store.find_event(connection, leased.challenge)
        key = (event.slug, event.answers)
        if key not in self._known:
            self._known[key] = Answers.read(b"".join(self.blobs.chunks(event.answers)))
        folder = self.settings.academy.curriculum / "challenges" / event.slug
        challenge = Challenge.model_validate({"name": event.slug, "folder": folder, "record": event.record})
        return score_file(challenge, self._known[key], b"".join(self.blobs.chunks(leased.sha256)), self.engine)

    def change(self, by: UserName, slug: str, changes: Mapping[str, Any]) -> store.Event:
        """Move the end, change limits or the freeze. What decides scores and their order stays as it was opened."""
        with store.writing(self.database) as connection:
            event = store.find_event(connection, slug, lock=True)
            record = _changed(event.record, changes)
            values = {"record": record.model_dump(mode="json")}
            connection.execute(update(t.challenges).where(t.challenges.c.slug == slug).values(values))
            detail = {name: json.loads(json.dumps(value, default=str)) for name, value in changes.items()}
            self._audit(connection, by, "change", slug, detail)
            store.touch(connection, slug)
            return store.find_event(connection, slug)

    def flag(
        self, by: UserName, slug: str, *, flag: str, raised: bool, reason: str, team: str = "", submission: str = ""
    ) -> None:
        """Disqualify, hide or take it back, for a team or one submission. The history stays."""
        if flag not in ("disqualified", "hidden") or not reason.strip() or bool(team) == bool(submission):
            raise InputError(
                ko="disqualified나 hidden을, 팀 하나나 제출 하나에, 까닭을 적어 표시합니다.",
                en="Set disqualified or hidden, on one team or one submission, and give a reason.",
            )
        with store.writing(self.database) as connection:
            store.find_event(connection, slug, lock=True)
            table = t.teams if team else t.submissions
            column = t.teams.c.id if team else t.submissions.c.sequence
            asked = and_(table.c.challenge == slug, table.c.name == team if team else table.c.id == submission)
            found = connection.execute(select(column).where(asked)).scalar()
            if found is None:
                raise NotFound(
                    ko=f"{shorten(team or submission)}이(가) 없습니다.",
                    en=f"There is no {shorten(team or submission)}.",
                )
            at = self.hackathon.now()
            on = {"team" if team else "submission": found}
            store.flag(connection, slug, flag=flag, raised=raised, at=at, by=by, reason=reason, **on)
            self._audit(connection, by, "flag", slug, {"flag": flag, "raised": raised, "reason": reason, **on})
            store.touch(connection, slug)

    def publish(self, by: UserName, slug: str) -> dict[str, Any]:
        """Freeze the result as an immutable snapshot. A later one (say, after a disqualification) stands beside it."""
        with store.writing(self.database) as connection:
            event, now = store.find_event(connection, slug, lock=True), self.hackathon.now()
            s = t.submissions.c
            left = select(func.count()).where(s.challenge == slug, s.state.in_(("receiving", "received", "running")))
            waiting = int(connection.execute(left).scalar_one())
            if now < event.end or waiting:
                raise Conflict(
                    ko=f"마감({event.end.isoformat()}) 뒤에, 모두 채점되면 공개합니다. 남은 제출: {waiting}개.",
                    en=f"Publish after the end ({event.end.isoformat()}), when all is scored; {waiting} are left.",
                )
            rows = result_rows(connection, event)
            digest = hashlib.sha256(json.dumps(rows, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
            row = {
                "challenge": slug,
                "number": event.published + 1,
                "rows": rows,
                "sha256": digest,
                "at": now,
                "by": str(by),
            }
            connection.execute(insert(t.snapshots).values(row))
            connection.execute(update(t.challenges).where(t.challenges.c.slug == slug).values(published=row["number"]))
            self._audit(connection, by, "publish", slug, {"number": row["number"], "sha256": digest})
            store.touch(connection, slug)
            return {"number": row["number"], "sha256": digest, "teams": len(rows)}

    def queue(self, slug: str) -> dict[str, int]:
        """How many submissions are in each state (together: all received), and how many of them have been for too long."""
        with self.database.reading() as connection:
            s = t.submissions.c
            query = select(s.state, func.count().label("number")).where(s.challenge == slug).group_by(s.state)
            found: dict[str, int] = {row.state: row.number for row in connection.execute(query)}
            now = self.hackathon.now()
            under_way = select(s.state, s.state_at).where(s.challenge == slug, s.state.in_(tuple(rules.OLDEST)))
            late = sum(rules.overdue(row.state, row.state_at, now) for row in connection.execute(under_way))
        return found | ({"overdue": late} if late else {})

    def _audit(self, connection: Connection, by: str, action: str, slug: str, detail: dict[str, Any]) -> None:
        store.audit(connection, at=self.hackathon.now(), actor=by, action=action, slug=slug, detail=detail)


CHANGEABLE = frozenset({"phases", "freeze_minutes", "finals", "team", "quota", "judging", "title", "summary", "text"})


def _changed(record: Record, changes: Mapping[str, Any]) -> Record:
    """The record with other values for some of its keys; raise `InputError` that names each fault."""
    unknown = sorted(set(changes) - CHANGEABLE)
    if unknown:
        raise InputError(
            ko=f"{', '.join(unknown)}은(는) 바꿀 수 없습니다. 바꿀 수 있는 것: {', '.join(sorted(CHANGEABLE))}.",
            en=f"{', '.join(unknown)} cannot be changed. These can: {', '.join(sorted(CHANGEABLE))}.",
        )
    try:
        return Record.model_validate({**record.model_dump(mode="json"), **changes})
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:10])
        raise InputError(ko=f"고칠 곳이 있습니다: {told}", en=f"This needs mending: {told}") from None


def _digits(record: Record, prepared: Prepared, scored: list[tuple[bytes, Scores]]) -> tuple[int, int]:
    """A step near the standard error of the best baseline, or as the challenge says."""
    if record.metric.digits is not None:
        return record.metric.digits, record.metric.digits
    found = []
    for split in ("public", "private"):
        rows = len(prepared.answers.chosen(split))
        errors = [getattr(scores, split).error for _, scores in scored]
        spread = min((error for error in errors if error > 0), default=rows**-0.5) * rows**0.5
        found.append(digits_for(rows, spread))
    return found[0], found[1]


def _add_baseline(
    connection: Connection, slug: str, name: str, sha256: str, size: int, scores: Scores, at: datetime
) -> None:
    """A baseline is a team that holds no rank, with one submission."""
    row: dict[str, Any] = {
        "challenge": slug,
        "name": f"· {name}",
        "code": teams.new_code(),
        "captain": "",
        "made_at": at,
    }
    team = _key_of(connection.execute(insert(t.teams).values(row)))
    key = str(uuid.uuid4())
    row = {"id": key, "challenge": slug, "team": team, "user_name": "", "idempotency_key": key}
    row |= {"file_name": f"{name}.csv"[:100], "sha256": sha256, "size": size, "phase": "", "period": ""}
    row |= {"received_at": at, "stored_at": at, "state": "scored", "state_at": at, "attempt": 0, "failures": 0}
    sequence = _key_of(connection.execute(insert(t.submissions).values(row)))
    store.add_score(connection, sequence, 1, scores, at)
    store.flag(connection, slug, flag="baseline", raised=True, at=at, by="", team=team)


def _key_of(made: CursorResult[Any]) -> int:
    found = made.inserted_primary_key
    return int(found[0]) if found else 0
