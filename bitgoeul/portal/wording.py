"""Words for states, times and numbers, in Korean and English. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from bitgoeul.errors import Text
from bitgoeul.portal.store import Handed
from bitgoeul.wire import CellVerdict, Outcome, SubmissionState, moment

Look = Literal["off", "moving", "half", "done", "trouble"]
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

NOT_HANDED: tuple[Look, Text] = ("off", Text("아직 내지 않음", "Not handed in yet"))
NOT_FETCHED: tuple[Look, Text] = ("off", Text("아직 받지 않음", "Not fetched yet"))
FETCHED: tuple[Look, Text] = ("half", Text("받음 · 아직 내지 않음", "Fetched, not handed in"))
FEEDBACK: tuple[Look, Text] = ("done", Text("피드백 도착", "Feedback is here"))
STATES: dict[SubmissionState, tuple[Look, Text]] = {
    "received": ("moving", Text("받음 · 채점 대기", "Received, waiting")),
    "grading": ("moving", Text("채점 중", "Being graded")),
    "graded": ("done", Text("채점 완료", "Graded")),
    "needs-manual": ("half", Text("강사 채점 대기", "Waits for the instructor")),
    "failed": ("trouble", Text("자동 채점 실패", "Grading failed")),
}
OUTCOMES: dict[Outcome, Text] = {
    "passed": Text("맞음", "Correct"),
    "failed": Text("틀림", "Incorrect"),
    "error": Text("오류", "Error"),
    "timeout": Text("시간 초과", "Out of time"),
    "killed": Text("중단됨", "Stopped"),
    "not_run": Text("실행 안 됨", "Not run"),
    "manual": Text("강사 채점", "By hand"),
}
UNANSWERED = Text("아직 답이 없음", "No answer yet")
ACTIONS = {
    "release": Text("과제를 공개했습니다", "released it"),
    "withdraw": Text("과제를 숨겼습니다", "withdrew it"),
    "due": Text("마감을 바꿨습니다", "changed the due date"),
    "extension": Text("개인 마감을 바꿨습니다", "changed a student's due date"),
    "grade": Text("다시 채점하게 했습니다", "had it graded again"),
    "feedback": Text("피드백을 공개했습니다", "released feedback"),
    "results": Text("숨은 시험의 결과를 공개했습니다", "showed the hidden tests' results"),
    "collect": Text("제출물을 모았습니다", "collected submissions"),
    "download": Text("제출물을 모두 내려받았습니다", "downloaded all submissions"),
    "apply": Text("다시 채점한 점수를 적용했습니다", "applied the scores of a preview"),
    "drop": Text("다시 채점한 점수를 버렸습니다", "dropped the scores of a preview"),
    "accept": Text("표시된 문항에 점수를 주었습니다", "gave the points of a flagged question"),
    "reject": Text("표시된 문항에 점수를 주지 않았습니다", "gave no points for a flagged question"),
    "reopen": Text("표시된 문항의 결정을 되돌렸습니다", "took back a decision about a flagged question"),
    "execute": Text("노트북을 실행했습니다", "ran a notebook"),
}

FLAGS = {
    "complement": Text("{cell}의 시험과 그 반대가 모두 통과", "the test of {cell} and its opposite both passed"),
    "canary": Text("{cell}에서 실패해야 하는 시험이 통과", "a test of {cell} that has to fail passed"),
}

_HANGUL = re.compile("[가-힣]")


def _unanswered(cell: CellVerdict) -> bool:
    """The cell raises what a release has in place of a solution."""
    return cell.outcome == "error" and cell.message.startswith("NotImplementedError")


@dataclass(frozen=True)
class Wording:
    """Speaks one language at one moment in one time zone; pages call its methods."""

    language: str
    zone: ZoneInfo
    now: datetime
    name_of: Callable[[str], str] = str

    def say(self, text: Text) -> str:
        """The text in the page's language."""
        return text.pick(self.language)

    def moment(self, when: datetime, *, seconds: bool = False) -> str:
        """A date with its weekday and time, the year only when it is another one."""
        local = when.astimezone(self.zone)
        year = local.year != self.now.astimezone(self.zone).year
        time = "HH:mm:ss" if seconds else "HH:mm"
        if self.language == "ko":
            return format_datetime(local, f"{'y년 ' if year else ''}M월 d일 (E) {time}", locale="ko")
        return format_datetime(local, f"E d MMM{' y' if year else ''}, {time}", locale="en")

    def day(self, when: datetime) -> str:
        """A date with its weekday."""
        local = when.astimezone(self.zone)
        if self.language == "ko":
            return format_datetime(local, "y년 M월 d일 EEEE", locale="ko")
        return format_datetime(local, "EEEE, d MMMM y", locale="en")

    def iso(self, when: datetime) -> str:
        """For the `datetime` attribute of `<time>`."""
        return when.astimezone(self.zone).isoformat(timespec="seconds")

    def field(self, when: datetime | None) -> str:
        """For a `datetime-local` field, in the academy's zone."""
        return when.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M") if when else ""

    def left(self, due: datetime) -> str:
        """How long until it is due, or since: `2일 남음`, `3 hours late`."""
        over = self.now >= due
        amount = self.span(abs(due - self.now))
        if over:
            return f"{amount} 지남" if self.language == "ko" else f"{amount} ago"
        return f"{amount} 남음" if self.language == "ko" else f"{amount} left"

    def late(self, seconds: float) -> str:
        """How late a submission was."""
        amount = self.span(timedelta(seconds=seconds))
        return f"{amount} 늦음" if self.language == "ko" else f"{amount} late"

    def span(self, length: timedelta) -> str:
        """A length in its largest fitting unit, rounded down; under a minute counts as one."""
        unit, ko, en = (DAY, "일", "day") if length >= 2 * DAY else (HOUR, "시간", "hour")
        if length < HOUR:
            unit, ko, en = MINUTE, "분", "minute"
        count = max(1, length // unit)
        return f"{count}{ko}" if self.language == "ko" else f"{count} {en}{'' if count == 1 else 's'}"

    def expected(self, end: str) -> str:
        """When the graders may be done, roughly."""
        left = moment(end) - self.now
        if left < MINUTE:
            return "1분 안에 끝날 듯" if self.language == "ko" else "done within a minute, it seems"
        amount = self.span(left + MINUTE)
        return f"{amount}쯤 남음" if self.language == "ko" else f"about {amount} left"

    def urgency(self, due: datetime) -> str:
        """The style of a due date: `over`, `soon` (two days or less) or nothing."""
        return "over" if self.now >= due else "soon" if due - self.now <= 2 * DAY else ""

    def count(self, n: int, ko: str, one: str, many: str) -> str:
        """A sentence about `{n}` things; Korean has one form, English two."""
        return (ko if self.language == "ko" else one if n == 1 else many).format(n=n)

    def number(self, value: float) -> str:
        """A score without needless zeros, at most two decimals."""
        return f"{value:.2f}".rstrip("0").rstrip(".")

    def size(self, count: int) -> str:
        """A number of bytes for people."""
        for unit, step in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
            if count >= step:
                return f"{count / step:.1f} {unit}"
        return f"{count} B"

    def outcome(self, cell: CellVerdict) -> str:
        """What became of one question."""
        return self.say(UNANSWERED if _unanswered(cell) else OUTCOMES[cell.outcome])

    def look(self, cell: CellVerdict) -> str:
        """The style of one question's outcome."""
        if cell.outcome in ("manual", "not_run") or _unanswered(cell):
            return "soft"
        return "passed" if cell.outcome == "passed" else "failed"

    def message(self, cell: CellVerdict) -> str:
        """Why, in the reader's language: tests of the curriculum say it in both, `한국어 / English`."""
        if cell.outcome == "manual" or _unanswered(cell):
            return ""
        korean, slash, english = cell.message.removeprefix("AssertionError: ").partition(" / ")
        if slash and _HANGUL.search(korean) and not _HANGUL.search(english):
            return korean if self.language == "ko" else english
        return cell.message

    def reasons(self, handed: Handed) -> str:
        """Why a person should look at a submission; nothing when there is no reason."""
        reasons = [self.say(handed.problem)] if handed.problem else []
        flags = handed.verdict.flags if handed.verdict else ()
        if flags:
            reasons.append(
                ("확인 필요: " if self.language == "ko" else "To be checked: ") + ", ".join(map(self._flag, flags))
            )
        return " ".join(reasons)

    def _flag(self, flag: str) -> str:
        """A flag that a person decides about, in words; the others as the grader writes them."""
        head, colon, cell = flag.partition(":")
        notebook, _, kind = head.rpartition("/")
        if not colon or kind not in FLAGS:
            return flag
        return self.say(FLAGS[kind].format(cell=f"{notebook}/{cell}" if notebook else cell))

    def action(self, action: str) -> str:
        """A deed of the audit; one we have no words for is shown as it is written there."""
        return self.say(ACTIONS[action]) if action in ACTIONS else action
