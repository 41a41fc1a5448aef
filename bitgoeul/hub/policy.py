"""What a start may be: (a person's cohorts, the time, the leases) become the limits of one server. Pure.

Every runtime asks the same function, so that a cohort's profile means the same on a laptop, on one server and on many.
A start always counts for **one** cohort and gets what that cohort gives, never the best of each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bitgoeul.errors import NotAllowed, Text
from bitgoeul.gpus import rules
from bitgoeul.gpus.model import Book, Wish
from bitgoeul.gpus.store import hours_spent
from bitgoeul.names import CohortName, cohort_group
from bitgoeul.profiles import Network, Profile, bell, opening, why_closed
from bitgoeul.settings import Cohort

_DAYS = Text("월화수목금토일", "Mon Tue Wed Thu Fri Sat Sun")


@dataclass(frozen=True)
class Limits:
    """What one server gets. `until`: when its cohort closes; `gpu_hours`: of any seven days, 0 for no limit."""

    cohort: str
    image: str
    cpus: float
    memory_mb: int
    gpu: str
    processes: int
    disk_gb: float
    network: Network
    until: datetime | None = None
    gpu_hours: float = 0

    @property
    def gives(self) -> tuple[object, ...]:
        """What a person could choose by: all but the cohort's name."""
        return (self.image, self.cpus, self.memory_mb, self.gpu, self.processes, self.disk_gb, self.network)

    def without_gpu(self) -> Limits:
        """The same for a server that computes on no GPU, as those of a course's staff."""
        return Limits(**{**self.__dict__, "gpu": "none", "gpu_hours": 0})

    def wish(self, user: str, server: str) -> Wish:
        """What this start asks of `gpus.store`."""
        return Wish(user, server, self.cohort, self.gpu, self.until, self.gpu_hours)


@dataclass(frozen=True)
class Free:
    """How it stands with one kind of GPU: free for this person now, all there are, and how long he may else wait."""

    now: int
    total: int
    wait: timedelta

    @property
    def minutes(self) -> int:
        """The wait as people read it."""
        return max(1, round(self.wait.total_seconds() / 60))


@dataclass(frozen=True)
class Offer:
    """One way to start: what it gives, or why it is not open now."""

    cohort: CohortName
    title: Text
    limits: Limits
    refusal: Text | None = None
    free: Free | None = None


def cohorts_of(cohorts: Mapping[CohortName, Cohort], groups: Collection[str]) -> dict[CohortName, Cohort]:
    """The cohorts of a person, by the Hub's groups, in the order of their names."""
    return {name: cohorts[name] for name in sorted(cohorts) if cohort_group(name) in groups}


def limits_of(name: str, profile: Profile, until: datetime | None = None) -> Limits:
    """Read a profile as limits."""
    return Limits(
        cohort=name,
        image=profile.image,
        cpus=profile.cpus,
        memory_mb=profile.memory_mb,
        gpu=profile.gpu,
        processes=profile.processes,
        disk_gb=profile.disk_gb,
        network=profile.network,
        until=until,
        gpu_hours=profile.gpu_hours,
    )


def offers(
    cohorts: Mapping[CohortName, Cohort],
    now: datetime,
    *,
    user: str,
    book: Book | None = None,
    servers: Mapping[str, int] | None = None,
    ahead: timedelta = timedelta(0),
) -> tuple[Offer, ...]:
    """List what each cohort gives at this moment; `ahead` of a lesson it is open already.

    `now` bears the academy's zone, `book` the leases (None: no GPU is lent), `servers` counts other running servers.
    """
    return tuple(
        _offer(name, cohort, now, user=user, book=book, running=(servers or {}).get(name, 0), ahead=ahead)
        for name, cohort in cohorts.items()
    )


def bell_of(name: str, cohort: Profile, now: datetime, ahead: timedelta, book: Book | None) -> datetime | None:
    """The lesson of a cohort whose labs are started now: one of every week, or one that the calendar reserves GPUs for."""
    classes = [r.starts.astimezone(now.tzinfo) for r in (book.reservations if book else ()) if r.cohort == name]
    return bell(cohort, now, ahead, classes)


def _offer(
    name: CohortName, cohort: Cohort, now: datetime, *, user: str, book: Book | None, running: int, ahead: timedelta
) -> Offer:
    title, found = cohort.title.text, opening(cohort, now)
    if not found.open and (lesson := bell_of(name, cohort, now, ahead, book)):
        found = opening(cohort, lesson)
    limits = limits_of(name, cohort, found.until)
    free = free_now(book, limits, user, now) if book is not None and cohort.gpu != "none" else None
    refusal = None
    if not found.open:
        refusal = why_closed(found, title, moment(found.opens) if found.opens else Text("", ""))
    elif cohort.max_servers and running >= cohort.max_servers:
        refusal = _full(title, cohort.max_servers)
    elif book is not None and free is not None:
        used = rules.hours_used(book.leases, now).get(user, 0.0)
        spent = cohort.gpu_hours and used >= cohort.gpu_hours and not _reserved_for(book, limits, now)
        refusal = hours_spent(cohort.gpu_hours, used).text if spent else None
    return Offer(name, title, limits, refusal, free)


def _reserved_for(book: Book, limits: Limits, now: datetime) -> bool:
    return any(r.cohort == limits.cohort and r.kind == limits.gpu and r.at(now) for r in book.reservations)


def free_now(book: Book, limits: Limits, user: str, now: datetime) -> Free:
    """Count what this person could get now; what the calendar keeps for others is not free."""
    wish = limits.wish(user, "")
    decision = rules.decide(book, wish, now)
    total = len(book.of(limits.gpu))
    if decision.slot is not None:
        own = sum(
            r.count for r in book.reservations if r.cohort == limits.cohort and r.kind == limits.gpu and r.at(now)
        )
        free = min(len(book.free(limits.gpu)), max(1, rules.room_at(book, limits.gpu, now) + own))
        return Free(free, total, timedelta(0))
    return Free(0, total, decision.expected)


def needs_choice(found: Iterable[Offer]) -> bool:
    """Whether there is anything to ask: two open ways to start that give different things."""
    return len({offer.limits.gives for offer in found if offer.refusal is None}) > 1


def choose(found: Iterable[Offer], chosen: str = "", *, staff: bool = False) -> Limits:
    """The limits of a start. Raises `NotAllowed` when no cohort is open.

    A choice that is none of the person's, or closed by now, does not count. Without one it is the first that takes no
    GPU, then the one with most memory: a device is held by those only who asked for it. `staff` of a course and
    operators may be in no cohort: they get the plain profile.
    """
    found = tuple(found)
    ways = {offer.cohort: offer.limits for offer in found if offer.refusal is None}
    if chosen in ways:
        return ways[CohortName(chosen)]
    if ways:
        return min(ways.values(), key=lambda x: (x.gpu != "none", -x.memory_mb, -x.cpus, x.cohort))
    reasons = [offer.refusal for offer in found if offer.refusal is not None]
    if reasons:
        raise NotAllowed(ko=" ".join(x.ko for x in reasons), en=" ".join(x.en for x in reasons))
    if staff:
        return limits_of("", Profile())
    raise NotAllowed(
        ko="어느 기수에도 들어 있지 않아 실습실을 시작할 수 없습니다. 담당 선생님이나 운영자에게 등록을 부탁하십시오.",
        en="You are in no cohort, so no lab can be started. Ask your instructor or the operator to be added.",
    )


def moment(when: datetime) -> Text:
    """A moment with its weekday, as people read it; it bears the zone to show it in."""
    day = when.weekday()
    return Text(
        f"{when.month}월 {when.day}일({_DAYS.ko[day]}) {when:%H:%M}", f"{_DAYS.en.split()[day]} {when:%Y-%m-%d %H:%M}"
    )


def _full(title: Text, most: int) -> Text:
    return Text(
        f"{title.ko} 기수의 실습실 {most}개가 모두 켜져 있습니다. 다른 사람이 끝낸 뒤에 다시 시도하십시오.",
        f"All {most} labs of {title.en} are running. Try again when somebody has stopped.",
    )
