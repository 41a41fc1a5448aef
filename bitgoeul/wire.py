"""Messages that cross a trust border: lab <-> service, service <-> sandbox.

Frozen dataclasses and the standard library only, because this module is imported in every student's
container and in every sandbox. `read(Type, data)` checks what came in as hostile: exact JSON types, no
unknown keys, bounded sizes; it raises `InputError` and never returns half a message.
Times are ISO 8601 strings in UTC with microseconds and a trailing `Z` (`stamp(datetime)` makes them).
"""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar, cast

from bitgoeul.errors import InputError, shorten

Outcome = Literal["passed", "failed", "error", "timeout", "killed", "not_run", "manual"]
SubmissionState = Literal["received", "grading", "graded", "needs-manual", "failed"]
Compute = Literal["cpu", "gpu"]
LONGEST_TEXT = 1_000_000
MOST_ITEMS = 10_000
T = TypeVar("T")
_SHAPES: dict[type[Any], tuple[dict[str, Any], frozenset[str]]] = {}


@dataclass(frozen=True)
class CellVerdict:
    """What one grade cell earned. `hidden` cells are shown to students only by the assignment's policy."""

    score: float
    max_score: float
    outcome: Outcome
    message: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class Doubt:
    """Why a cell's points wait for a person: its test passed, and so did what must not pass beside it.

    `test` and `complement` tell what became of each; `points` is what the cell would have earned.
    """

    test: str
    complement: str
    points: float


@dataclass(frozen=True)
class Verdict:
    """What one submission earned, and what made it: running it again on the same makes the same.

    `doubts` are by cell, as `cells`. `environment` names the installed packages (`grading.environment`), and
    `checker_sha256` the program that judged, where one did. Verdicts of before these fields read as ever.
    """

    score: float
    max_score: float
    flags: tuple[str, ...] = ()
    cells: dict[str, CellVerdict] = field(default_factory=dict)
    submission_sha256: str = ""
    release_version: int = 0
    grader_version: str = ""
    isolation: str = ""
    seed: int = 0
    doubts: dict[str, Doubt] = field(default_factory=dict)
    environment: str = ""
    checker_sha256: str = ""


@dataclass(frozen=True)
class Figure:
    """Something a checker measured that wobbles with the seed, and what it has to be. Students never see it."""

    name: str
    value: float
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True)
class Receipt:
    """Proof that a submission is on disk, signed with the academy's Ed25519 key.

    `sequence` counts all submissions of the academy; `chain` is the SHA-256 over the previous receipt's
    chain and this receipt's other fields, so that a removed or altered row shows. `begun_at` is the
    database's clock when the upload began and decides lateness; `stored_at` when it was on disk.
    """

    id: str
    sequence: int
    course: str
    assignment: str
    user: str
    sha256: str
    size: int
    begun_at: str
    stored_at: str
    late_seconds: float
    chain: str
    signature: str = ""


@dataclass(frozen=True)
class ReleaseRow:
    """One assignment as the asker may see it. `due` already counts his own extension."""

    course: str
    assignment: str
    title_ko: str
    title_en: str
    version: int
    released_at: str
    due: str | None
    extended: bool
    languages: tuple[str, ...]
    notebooks: tuple[str, ...]
    max_score: float
    size: int
    withdrawn: bool = False


@dataclass(frozen=True)
class SubmissionRow:
    """One submission as its owner or the course's staff see it."""

    id: str
    sequence: int
    course: str
    assignment: str
    user: str
    sha256: str
    size: int
    begun_at: str
    late_seconds: float
    release_version: int
    state: SubmissionState
    notebooks: tuple[str, ...]
    feedback_at: str | None = None
    feedback_sha256: str | None = None


@dataclass(frozen=True)
class Me:
    """Who the service believes is asking, in the Hub's words."""

    user: str
    display_name: str
    language: str
    student_of: tuple[str, ...]
    staff_of: tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """The body of every error answer. `code` is stable; `ko` and `en` are for people."""

    code: str
    ko: str
    en: str


def stamp(moment: datetime) -> str:
    """Write an aware datetime as UTC ISO 8601 with microseconds and `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str) -> datetime:
    """Read what `stamp` wrote (any ISO 8601 text with an offset); raise `InputError` otherwise."""
    try:
        found = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        found = None
    if found is None or found.tzinfo is None:
        raise InputError(
            ko=f"시간대가 있는 ISO 8601 시각이 필요한데 {shorten(text)}을(를) 받았습니다.",
            en=f"A time in ISO 8601 with an offset was wanted; found {shorten(text)}.",
        )
    return found


def plain(message: Any) -> dict[str, Any]:
    """Turn a message into JSON's own types."""
    return cast("dict[str, Any]", json.loads(json.dumps(dataclasses.asdict(message))))


def write(message: Any) -> bytes:
    """Turn a message into canonical JSON: sorted keys, no spaces, UTF-8."""
    return json.dumps(dataclasses.asdict(message), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def read(kind: type[T], data: bytes | str | dict[str, Any]) -> T:
    """Check a message of the given kind; raise `InputError` that names the field when it does not fit."""
    if isinstance(data, bytes | str):
        try:
            data = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise _unfit(kind.__name__, "JSON", shorten(str(error))) from None
    return cast("T", _fit(kind, data, kind.__name__))


def _unfit(where: str, wanted: str, found: object) -> InputError:
    return InputError(
        ko=f"메시지의 {where}에는 {wanted}이(가) 있어야 하는데 {found}이(가) 왔습니다.",
        en=f"{where}: {wanted} was wanted; found {found}.",
    )


def _fit(kind: Any, value: Any, where: str) -> Any:
    origin = typing.get_origin(kind)
    if dataclasses.is_dataclass(kind):
        return _fit_dataclass(cast("type[Any]", kind), value, where)
    if origin in (types.UnionType, typing.Union):
        return _fit_union(kind, value, where)
    if origin is Literal:
        if value in typing.get_args(kind) and isinstance(value, str):
            return value
        raise _unfit(where, " | ".join(map(str, typing.get_args(kind))), shorten(value))
    if origin in (tuple, dict):
        return _fit_many(origin, typing.get_args(kind), value, where)
    return _fit_plain(kind, value, where)


def _fit_union(kind: Any, value: Any, where: str) -> Any:
    if value is None and type(None) in typing.get_args(kind):
        return None
    chosen = [option for option in typing.get_args(kind) if option is not type(None)]
    return _fit(chosen[0], value, where)


def _fit_many(origin: Any, inner: tuple[Any, ...], value: Any, where: str) -> Any:
    wanted = list if origin is tuple else dict
    if not isinstance(value, wanted) or len(value) > MOST_ITEMS:
        raise _unfit(where, f"a {wanted.__name__} of at most {MOST_ITEMS}", shorten(value))
    if isinstance(value, list):
        return tuple(_fit(inner[0], item, f"{where}[{index}]") for index, item in enumerate(value))
    return {_fit_plain(str, key, where): _fit(inner[1], item, f"{where}.{key}") for key, item in value.items()}


def _fit_plain(kind: Any, value: Any, where: str) -> Any:
    if kind is float and type(value) in (int, float) and math.isfinite(value):
        return float(value)
    if kind in (int, bool) and type(value) is kind:
        return value
    if kind is str and isinstance(value, str) and len(value) <= LONGEST_TEXT:
        return value
    raise _unfit(where, kind.__name__, shorten(value))


def _fit_dataclass(kind: type[Any], value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise _unfit(where, "an object", shorten(value))
    hints, optional = _SHAPES.get(kind) or _shape(kind)
    unknown = sorted(map(str, set(value) - set(hints)))
    if unknown:
        raise _unfit(where, f"no keys but {', '.join(hints)}", shorten(unknown))
    missing = sorted(set(hints) - set(value) - optional)
    if missing:
        raise _unfit(where, f"the keys {', '.join(missing)}", "nothing there")
    return kind(**{name: _fit(hints[name], item, f"{where}.{name}") for name, item in value.items()})


def _shape(kind: type[Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """The fields with their types, and the names of those that may be left out; remembered, for lists are long."""
    optional = frozenset(f.name for f in dataclasses.fields(kind) if _has_default(f))
    _SHAPES[kind] = typing.get_type_hints(kind), optional
    return _SHAPES[kind]


def _has_default(f: dataclasses.Field[Any]) -> bool:
    return f.default is not dataclasses.MISSING or f.default_factory is not dataclasses.MISSING
