"""Scoring everything anew as a set: made beside the scores that count, looked at, then applied or dropped.

The times of submissions stay, old scores stay, and a dropped set's number is never used again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, and_, func, select, update

from bitgoeul.errors import AnswerError, Conflict, ScorerFailed
from bitgoeul.hackathon import ranking, store
from bitgoeul.hackathon import tables as t
from bitgoeul.hackathon.boards import plain
from bitgoeul.hackathon.organising import Organising
from bitgoeul.hackathon.work import Leased
from bitgoeul.names import UserName


class Rescoring:
    """The set of one academy's challenges that is being looked at, if there is one."""

    def __init__(self, organising: Organising) -> None:
        self.organising = organising
        self.database = organising.database

    def begin(self, by: UserName, slug: str) -> dict[str, Any]:
        """Score every scored submission with the scorer as it is now; what would change. Again: what came since."""
        with store.writing(self.database) as connection:
            event = store.find_event(connection, slug, lock=True)
            version = event.preview or 1 + _newest(connection, slug)
            _set(connection, slug, preview=version)
            self._audit(connection, by, "rescore", slug, {"version": version})
        refused = 0
        for sequence, sha256 in self._missing(slug, version):
            refused += not self._score(Leased(sequence, 0, slug, sha256, version))
        return {**self.look(slug), "refused": refused}

    def _score(self, one: Leased) -> bool:
        """Score one file for the set; False when it has faults now, or the scorer fails on it."""
        try:
            found = self.organising.score(one)
        except (AnswerError, ScorerFailed):
            return False
        with store.writing(self.database) as connection:
            store.add_score(connection, one.sequence, one.version, found, self.organising.hackathon.now())
        return True

    def look(self, slug: str) -> dict[str, Any]:
        """Whose rank or score would change, on the public board as organisers see it: without the freeze."""
        with self.database.reading() as connection:
            event = store.find_event(connection, slug)
            if not event.preview:
                return {"version": 0, "changes": [], "missing": 0}
            anew = replace(event, version=event.preview)
            boards = [ranking.public_board(store.entries(connection, e), e.order, as_of=None) for e in (event, anew)]
        changes = [
            {
                "team": c.team,
                "before": plain(c.before) if c.before else None,
                "after": plain(c.after) if c.after else None,
            }
            for c in ranking.changes(*boards)
        ]
        return {"version": event.preview, "changes": changes, "missing": len(self._missing(slug, event.preview))}

    def apply(self, by: UserName, slug: str) -> dict[str, Any]:
        """Let the set count; refused while a submission has no score in it."""
        found = self.look(slug)
        with store.writing(self.database) as connection:
            event = store.find_event(connection, slug, lock=True)
            missing = len(_without(connection, slug, event.preview))
            if not event.preview or missing:
                raise Conflict(
                    ko=f"적용할 묶음이 없거나, 새 점수가 없는 제출이 {missing}개 있습니다. 다시 매긴 뒤 적용하세요.",
                    en=f"There is no set, or {missing} submission(s) have no score in it. Score anew again, then apply.",
                )
            _set(connection, slug, version=event.preview, preview=0)
            self._audit(connection, by, "apply", slug, {"version": event.preview})
            store.touch(connection, slug)
        return found

    def drop(self, by: UserName, slug: str) -> None:
        """Leave everything as it is."""
        with store.writing(self.database) as connection:
            event = store.find_event(connection, slug, lock=True)
            _set(connection, slug, preview=0)
            self._audit(connection, by, "drop", slug, {"version": event.preview})

    def _missing(self, slug: str, version: int) -> list[tuple[int, str]]:
        with self.database.reading() as connection:
            return _without(connection, slug, version)

    def _audit(self, connection: Connection, by: str, action: str, slug: str, detail: dict[str, Any]) -> None:
        now = self.organising.hackathon.now()
        store.audit(connection, at=now, actor=by, action=action, slug=slug, detail=detail)


def _newest(connection: Connection, slug: str) -> int:
    mine = and_(t.submissions.c.sequence == t.scores.c.submission, t.submissions.c.challenge == slug)
    query = select(func.max(t.scores.c.version)).join_from(t.scores, t.submissions, mine)
    return max(int(connection.execute(query).scalar() or 0), store.find_event(connection, slug).version)


def _set(connection: Connection, slug: str, **values: int) -> None:
    connection.execute(update(t.challenges).where(t.challenges.c.slug == slug).values(values))


def _without(connection: Connection, slug: str, version: int) -> list[tuple[int, str]]:
    """The scored submissions that have no score of that version: their numbers and blobs."""
    s, sc = t.submissions.c, t.scores.c
    there = select(sc.submission).where(sc.submission == s.sequence, sc.version == version).exists()
    query = select(s.sequence, s.sha256).where(s.challenge == slug, s.state == "scored", ~there).order_by(s.sequence)
    return [(row.sequence, row.sha256) for row in connection.execute(query)]
