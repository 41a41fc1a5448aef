"""What is lent, to whom, and what is known at one moment. Frozen; the laws stand in `rules`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

Source = Literal["calendar", "queue", "adhoc"]
State = Literal["held", "ending", "over"]
Reason = Literal["stopped", "window", "idle", "lost", "cancelled", "forced"]
Key = tuple[str, str, int]

WEEK = timedelta(days=7)
WARNING = timedelta(minutes=10)
SHORTEST = timedelta(minutes=15)
"""A window that would be shorter is not given: its warning would come with the start."""

PRESENT = timedelta(seconds=90)
"""How long after its last look a ticket counts as waited for: pages look every few seconds."""

FORGOTTEN = timedelta(hours=2)
"""A ticket that nobody looked at for so long is taken away; until then its place is kept."""

STALE = timedelta(minutes=5)
"""A measurement older than this says nothing: while nobody measures, no lease ends for idleness."""

SETTLING = timedelta(seconds=60)
"""A lease so young may have a container that the engine is still making: it is not called lost yet."""

TYPICAL = timedelta(hours=1)
"""How long a lease lasts, while no past one tells."""


@dataclass(frozen=True, order=True)
class Slot:
    """What is lent. `isolated` is False where several people compute on one device."""

    host: str
    device: str
    number: int = 0
    kind: str = "whole"
    name: str = ""
    isolated: bool = True

    @property
    def key(self) -> Key:
        """What tells it from all others."""
        return self.host, self.device, self.number


@dataclass(frozen=True)
class Lease:
    """One slot in the hands of one server. `held` and `ending` ones occupy it; only `over` frees it."""

    id: str
    owner: str
    cohort: str
    server: str
    host: str
    device: str
    number: int
    kind: str
    source: Source
    granted_at: datetime
    until: datetime
    state: State = "held"
    reservation: int | None = None
    ended_at: datetime | None = None
    reason: str = ""
    observed_at: datetime | None = None
    busy_at: datetime | None = None

    @property
    def key(self) -> Key:
        """The slot."""
        return self.host, self.device, self.number

    @property
    def active(self) -> bool:
        """Whether it occupies its slot."""
        return self.state != "over"


@dataclass(frozen=True)
class Reservation:
    """So many slots of a kind, for a cohort, `starts <= t < ends`."""

    id: int
    cohort: str
    kind: str
    count: int
    starts: datetime
    ends: datetime
    title: str = ""
    made_by: str = ""

    def at(self, moment: datetime) -> bool:
        """Whether it holds at this moment."""
        return self.starts <= moment < self.ends


@dataclass(frozen=True)
class Ticket:
    """A place in the queue."""

    user: str
    server: str
    cohort: str
    kind: str
    asked_at: datetime
    seen_at: datetime
    offered_at: datetime | None = None


@dataclass(frozen=True)
class Wish:
    """What a start asks for. `closes` is when the cohort closes; `hours` its GPU hours in seven days, 0 for no limit.

    `host`: where the person's files are; a free device there comes first.
    """

    user: str
    server: str
    cohort: str
    kind: str
    closes: datetime | None = None
    hours: float = 0
    host: str = ""


@dataclass(frozen=True)
class Laws:
    """The academy's choices."""

    longest: timedelta = timedelta(hours=8)
    idle: timedelta = timedelta(minutes=30)
    offer: timedelta = timedelta(minutes=5)


@dataclass(frozen=True)
class Book:
    """All that is known at one moment: leases that are active or ended in the last seven days, and what is to come."""

    slots: tuple[Slot, ...]
    leases: tuple[Lease, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    laws: Laws = field(default_factory=Laws)

    def of(self, kind: str) -> tuple[Slot, ...]:
        """The slots of a kind."""
        return tuple(slot for slot in self.slots if slot.kind == kind)

    def active(self, kind: str) -> list[Lease]:
        """The leases that occupy a slot of a kind."""
        return [lease for lease in self.leases if lease.active and lease.kind == kind]

    def free(self, kind: str) -> list[Slot]:
        """The slots of a kind that nobody holds. Of a shared device the emptiest comes first."""
        taken = {lease.key for lease in self.leases if lease.active}
        crowd = Counter((host, device) for host, device, _ in taken)
        return sorted((s for s in self.of(kind) if s.key not in taken), key=lambda s: (crowd[s.host, s.device], s))


_LABELLED = ("lease", "owner", "cohort", "server", "host", "device", "number", "kind")
_PREFIX = "bitgoeul.gpu."
LABELS = tuple(_PREFIX + name for name in _LABELLED)
"""What a container bears that holds a device."""


@dataclass(frozen=True)
class Running:
    """A container (or process) that bears a lease's labels."""

    lease: str
    owner: str
    cohort: str
    server: str
    host: str
    device: str
    number: int
    kind: str
    container: str = ""

    @property
    def key(self) -> Key:
        """The slot that it uses."""
        return self.host, self.device, self.number

    @classmethod
    def of(cls, lease: Lease, container: str = "") -> Running:
        """What runs under this lease."""
        names = ("owner", "cohort", "server", "host", "device", "number", "kind")
        return cls(lease.id, container=container, **{name: getattr(lease, name) for name in names})

    @classmethod
    def read(cls, labels: Mapping[str, str], container: str = "") -> Running | None:
        """Read a container's labels; None for one that bears no lease, or labels that nobody could have written."""
        found = {name: labels.get(_PREFIX + name) for name in _LABELLED}
        number = found.pop("number") or ""
        if any(value is None for value in found.values()) or not found["lease"] or not number.isdigit():
            return None
        return cls(container=container, number=int(number), **found)  # type: ignore[arg-type]  # none is None

    def labels(self) -> dict[str, str]:
        """The labels by which `reconcile` knows a container again."""
        return {_PREFIX + name: str(getattr(self, name)) for name in _LABELLED}
