"""What a person may be told.

The tree, with the HTTP status each class becomes at the web edge::

    BitgoeulError
    ├── InputError            422  what was sent cannot be used
    │   ├── InvalidName       422
    │   ├── CourseError       422  a course's folder; carries every fault
    │   ├── RosterError       422  a roster to import; carries every fault
    │   ├── ChallengeError    422  a challenge's folder; carries every fault
    │   ├── AnswerError       422  a file of predictions; carries every kind of fault with its count
    │   └── SettingsError      --  academy.toml; carries every fault; exit code 2
    ├── SignInNeeded          401  we do not know who you are
    ├── NotAllowed            403  we know you, and you may not
    ├── NotFound              404
    ├── Conflict              409  the same key or name already means something else
    ├── TooLarge              413
    ├── QuotaSpent            429  a team's attempts of this period; says when the next come
    ├── StorageFull           507  nothing was stored
    ├── ServiceBusy           503  the database does not answer for a moment; nothing was stored
    ├── HubUnavailable        503  the Hub does not answer, so we cannot know who you are
    ├── ServiceRefused        500  the Hub refuses *us*: an operator has to act
    ├── ScorerFailed          500  a challenge's scorer gave no finite number; its notes are for the host's log
    ├── GraderFailed          500  the program that judges failed, or died with this submission again and again
    └── SandboxUnavailable    503  no isolation was proved, so nothing is judged
        ├── NoGpu             503  the assignment is judged on a GPU, and no grader has one
        └── GradersAway       503  the graders cannot be reached for a moment

Every message has three parts: what was wanted, what was found, what to do. It is written in Korean and
English beside each other, so that no catalogue can fall behind. Anything that is not a `BitgoeulError`
is a defect: it is logged, and a person is told only that something went wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Text:
    """One sentence in both languages of the academy."""

    ko: str
    en: str

    def pick(self, language: str) -> str:
        """Give the Korean text for `"ko"` and the English one for anything else."""
        return self.ko if language == "ko" else self.en

    def format(self, **values: object) -> Text:
        """Fill the same `{names}` in both languages."""
        return Text(self.ko.format(**values), self.en.format(**values))


def shorten(value: object, limit: int = 80) -> str:
    """Quote a found value; a long one by its head and tail."""
    text = repr(value)
    if len(text) <= limit:
        return text
    half = (limit - 5) // 2
    return f"{text[:half]} ... {text[-half:]}"


class BitgoeulError(Exception):
    """The base of everything a person may be told. `code` is stable; programs may compare it."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "error"

    def __init__(self, *, ko: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(ko, en)


class InputError(BitgoeulError):
    """What was sent cannot be used."""

    status = 422
    code = "bad-input"


class InvalidName(InputError):
    """A course, assignment, user, cohort or team name that could not be a path or URL part."""

    code = "bad-name"


class SettingsError(InputError):
    """All faults of academy.toml at once, one line each, `file:line: field: sentence`."""

    code = "bad-settings"

    def __init__(self, faults: list[str]) -> None:
        joined = "\n".join(faults)
        super().__init__(
            ko=f"설정 파일에서 고칠 곳 {len(faults)}개를 찾았습니다:\n{joined}",
            en=f"{len(faults)} thing(s) to mend in the settings:\n{joined}",
        )
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Fault:
    """One thing to mend in a file that a person wrote."""

    place: str
    line: int
    text: Text

    @classmethod
    def of(cls, place: object, line: int, ko: str, en: str) -> Fault:
        """Make one without a `Text` at hand."""
        return cls(str(place), line, Text(ko, en))

    def pick(self, language: str) -> str:
        """Write it as `file:line: sentence`; the line of a table is its row."""
        return f"{self.place}:{self.line}: {self.text.pick(language)}"


class CourseError(InputError):
    """All faults of one or more courses at once, in the order of their files and lines."""

    code = "bad-course"

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(sorted(set(faults), key=lambda fault: (fault.place, fault.line, fault.text.en)))
        ko, en = ("\n".join(fault.pick(language) for fault in self.faults) for language in ("ko", "en"))
        super().__init__(
            ko=f"강좌에서 고칠 곳 {len(self.faults)}개를 찾았습니다:\n{ko}",
            en=f"{len(self.faults)} thing(s) to mend in the courses:\n{en}",
        )


class RosterError(InputError):
    """All faults of a roster file at once, in the order of its rows."""

    code = "bad-roster"

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(sorted(set(faults), key=lambda fault: (fault.place, fault.line, fault.text.en)))
        ko, en = ("\n".join(fault.pick(language) for fault in self.faults) for language in ("ko", "en"))
        super().__init__(
            ko=f"명단에서 고칠 곳 {len(self.faults)}개를 찾았습니다. 아무것도 바꾸지 않았습니다:\n{ko}",
            en=f"{len(self.faults)} thing(s) to mend in the roster; nothing was changed:\n{en}",
        )


class ChallengeError(InputError):
    """All faults of one or more challenges at once, in the order of their files and lines."""

    code = "bad-challenge"

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(sorted(set(faults), key=lambda fault: (fault.place, fault.line, fault.text.en)))
        ko, en = ("\n".join(fault.pick(language) for fault in self.faults) for language in ("ko", "en"))
        super().__init__(
            ko=f"챌린지에서 고칠 곳 {len(self.faults)}개를 찾았습니다:\n{ko}",
            en=f"{len(self.faults)} thing(s) to mend in the challenges:\n{en}",
        )


@dataclass(frozen=True)
class AnswerFault:
    """One kind of fault of a file of predictions: how often, and where it was found first (line and id, five at most).

    `line` 0 means the file as a whole. `text` says what was wanted, what was found, and what to do.
    """

    code: str
    text: Text
    count: int = 1
    places: tuple[tuple[int, str], ...] = ()

    def pick(self, language: str) -> str:
        """Write it as one line."""
        shown = ", ".join(f"{line} ({name})" if name else str(line) for line, name in self.places)
        where = {"ko": f" {self.count}곳, 줄: {shown}", "en": f" {self.count} time(s), line(s) {shown}"}
        return self.text.pick(language) + (where["ko" if language == "ko" else "en"] if self.places else "")


class AnswerError(InputError):
    """Every kind of fault of a file of predictions."""

    code = "bad-answer"

    def __init__(self, faults: list[AnswerFault]) -> None:
        self.faults = tuple(faults)
        ko, en = ("\n".join(fault.pick(language) for fault in self.faults) for language in ("ko", "en"))
        super().__init__(
            ko=f"예측 파일에서 고칠 것을 {len(faults)}가지 찾았습니다. 점수를 매기지 않았습니다:\n{ko}",
            en=f"{len(faults)} kind(s) of fault in the file of predictions; it was not scored:\n{en}",
        )


class SignInNeeded(BitgoeulError):
    """We do not know who is asking."""

    status = 401
    code = "sign-in-needed"


class NotAllowed(BitgoeulError):
    """We know who is asking, and he may not."""

    status = 403
    code = "not-allowed"


class NotFound(BitgoeulError):
    """There is no such thing, or the asker may not know whether there is."""

    status = 404
    code = "not-found"


class Conflict(BitgoeulError):
    """The same key or name already means something else."""

    status = 409
    code = "conflict"


class TooLarge(BitgoeulError):
    """More bytes or files than the settings allow."""

    status = 413
    code = "too-large"


class QuotaSpent(BitgoeulError):
    """A team has used its attempts; the message says when the next come."""

    status = 429
    code = "quota-spent"


class ScorerFailed(BitgoeulError):
    """A challenge's scorer gave no finite number. Its notes say why; they are for the host's log only."""

    status = 500
    code = "scorer-failed"


class StorageFull(BitgoeulError):
    """The disk is full: nothing was stored, and reading goes on."""

    status = 507
    code = "storage-full"


class ServiceBusy(BitgoeulError):
    """The database does not answer for a moment: nothing was stored, and trying again helps."""

    status = 503
    code = "service-busy"


class HubUnavailable(BitgoeulError):
    """The Hub does not answer."""

    status = 503
    code = "hub-unavailable"


class ServiceRefused(BitgoeulError):
    """The Hub refuses our own token: an operator has to act."""

    status = 500
    code = "service-refused"


class SandboxUnavailable(BitgoeulError):
    """No isolation was proved on this machine, so nothing untrusted is run."""

    status = 503
    code = "sandbox-unavailable"


class GraderFailed(BitgoeulError):
    """The program that judges failed: a defect of ours, which is logged where it happened."""

    status = 500
    code = "grader-failed"


class NoGpu(SandboxUnavailable):
    """The assignment is judged on a GPU, and no grader has one: its submissions wait."""

    code = "no-gpu"


class GradersAway(SandboxUnavailable):
    """The scheduler or its workers cannot be reached for a moment: submissions wait, and it is tried again soon."""

    code = "graders-away"
