"""Work whose test passed together with what must not pass beside it: a person decides about its points.

The grader gave no points for such a cell. Accepting it gives them as points by hand in the gradebook; rejecting
leaves none. Either is noted in the audit, which is where decisions are read from, and can be taken back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from bitgoeul.errors import NotFound, Text, shorten
from bitgoeul.exchange.store import Decision, no_submission
from bitgoeul.names import AssignmentName, UserName
from bitgoeul.portal import flash
from bitgoeul.portal.acts import Fields
from bitgoeul.portal.desk import Desk, Taught, TheAssignment, TheDesk, TheTaught, address
from bitgoeul.portal.flash import Done
from bitgoeul.portal.store import Handed
from bitgoeul.portal.wording import OUTCOMES
from bitgoeul.wire import CellVerdict, Doubt, Outcome, Verdict

router = APIRouter(prefix="/teach/{course}/{assignment}/flagged")
Kind = Literal["complement", "canary"]
_FLAG = re.compile(r"(?P<notebook>[^:]+/)?(?P<kind>complement|canary):(?P<cell>.+)")
REASONS: Mapping[Kind, Text] = {
    "complement": Text(
        "시험과 그 반대가 모두 통과했습니다. 둘 중 하나만 통과할 수 있으므로, 시험이 코드를 보지 못했거나 속았을 수 있습니다.",
        "The test passed, and so did its opposite. Only one of the two can, so the test may have seen nothing or been deceived.",
    ),
    "canary": Text(
        "반드시 실패해야 하는 시험까지 통과했습니다. 시험이 코드를 보지 못했거나 속았을 수 있습니다.",
        "A test that has to fail passed as well. The test may have seen nothing or been deceived.",
    ),
}
COMPLEMENTS: Mapping[Kind, Text] = {
    "complement": Text("반대로 바꾼 시험", "Its opposite"),
    "canary": Text("실패해야 하는 시험", "A test that has to fail"),
}
_PASSING: Mapping[Outcome, Text] = {
    "passed": Text("통과", "Passed"),
    "failed": Text("통과하지 못함", "Did not pass"),
}  # not right or wrong
_DONE: Mapping[str, tuple[str, str]] = {
    "accept": ("점수를 주었습니다.", "The points are given."),
    "reject": ("점수를 주지 않기로 했습니다.", "No points are given."),
    "reopen": ("결정을 되돌렸습니다.", "The decision is taken back."),
}


@dataclass(frozen=True)
class Case:
    """One cell of one submission that waits for a person, or waited. `decision` is the newest about it."""

    handed: Handed
    cell: str
    kind: Kind
    doubt: Doubt
    found: CellVerdict
    decision: Decision | None

    @property
    def accepted(self) -> bool:
        """Whether its points were given."""
        return self.decision is not None and self.decision.action == "accept"


def doubted(verdict: Verdict) -> dict[str, tuple[Kind, Doubt]]:
    """The cells that a person has to decide about; both outcomes passed where the grader says no more."""
    found: dict[str, tuple[Kind, Doubt]] = {}
    for flag in verdict.flags:
        match = _FLAG.fullmatch(flag)
        cell = f"{match['notebook'] or ''}{match['cell']}" if match else ""
        if match and cell in verdict.cells:
            kind: Kind = "canary" if match["kind"] == "canary" else "complement"
            points = verdict.cells[cell].max_score - verdict.cells[cell].score
            found.setdefault(cell, (kind, verdict.doubts.get(cell) or Doubt("passed", "passed", points)))
    return found


def cases(desk: Desk, place: Taught, assignment: AssignmentName, newest: list[Handed] | None = None) -> list[Case]:
    """Everybody's newest submission's (`newest`, where the caller has them); the undecided first."""
    handed_in = desk.board.newest(place.course, assignment) if newest is None else newest
    flagged = [h for h in handed_in if h.verdict and any(map(_FLAG.fullmatch, h.verdict.flags))]
    if not flagged:
        return []
    decisions = desk.board.decisions(place.course, assignment)
    found = []
    for handed in desk.board.whole(flagged):
        verdict = handed.verdict or Verdict(0.0, 0.0)
        for cell, (kind, doubt) in doubted(verdict).items():
            decision = decisions.get((handed.row.id, cell))
            found.append(Case(handed, cell, kind, doubt, verdict.cells[cell], decision))
    return sorted(found, key=lambda case: (case.decision is not None, case.handed.row.user, case.cell))


@router.get("")
def flagged_page(request: Request, place: TheTaught, assignment: TheAssignment, desk: TheDesk) -> Response:
    """What waits for a decision, and what was decided."""
    w = desk.wording(request)
    words = {name: w.say(text) for name, text in {**OUTCOMES, **_PASSING}.items()}
    sheet = desk.board.sheet(place.course, assignment)
    found = cases(desk, place, assignment)
    reasons = {kind: (w.say(text), w.say(COMPLEMENTS[kind])) for kind, text in REASONS.items()}
    return desk.page(request, "flagged.html", w=w, sheet=sheet, cases=found, reasons=reasons, outcomes=words)


@router.post("")
def decide(request: Request, place: TheTaught, assignment: TheAssignment, desk: TheDesk, fields: Fields) -> Response:
    """Give the points, give none, or take the decision back."""
    action = fields.get("decision", "")
    case = _case(desk, place, assignment, fields)
    if action not in _DONE:
        raise no_submission()
    user = UserName(case.handed.row.user)
    before = case.decision.before if case.decision else None
    if action == "accept" and not case.accepted:
        before = desk.by_hand(place.course, assignment, user, case.cell, case.doubt.points)
    elif action != "accept" and case.accepted:
        desk.by_hand(place.course, assignment, user, case.cell, before)
    decision = Decision(action, place.caller.user, desk.exchange.clock.now(), case.doubt.points, before)
    desk.exchange.regrading.decide(place.caller, case.handed.row, case.cell, decision)
    target = address(request, "teach", place.course, assignment, "flagged")
    back = {"submission": case.handed.row.id, "cell": case.cell, "decision": "reopen"}
    undo = "" if action == "reopen" else target
    return flash.go(request, place.caller, target, Done(*_DONE[action], undo, back if undo else {}))


def _case(desk: Desk, place: Taught, assignment: AssignmentName, fields: Mapping[str, str]) -> Case:
    for case in cases(desk, place, assignment):
        if (case.handed.row.id, case.cell) == (fields.get("submission"), fields.get("cell")):
            return case
    raise NotFound(
        ko=f"결정을 기다리는 {shorten(fields.get('cell', ''))} 문항이 없습니다. 학생이 다시 냈을 수 있으니 목록을 새로 여세요.",
        en=f"No question {shorten(fields.get('cell', ''))} waits for a decision. The student may have handed in again: open the list anew.",
    )
