"""What a cohort's people may start: one profile a cohort, the same for every runtime, and the GPUs there are.

The models of `[cohorts.<name>]` and `[gpus]` in academy.toml, and the one law of opening hours. Pure: what has a
time takes it, in the academy's zone.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from bitgoeul.errors import Text, shorten

Network = Literal["closed", "packages", "open"]
"""Whom a lab may speak to: only the Hub and the service; a mirror of packages, too; everybody."""

MEBIBYTE = 1024 * 1024
"""The unit of `memory_mb`, as kernels and engines count."""

NETWORKS: tuple[Network, ...] = ("closed", "packages", "open")
"""From the narrowest to the widest."""

MIG = r"\d+g\.\d+gb(?:\+[a-z.]+)?"
"""A MIG profile as `nvidia-smi` writes it: `1g.10gb`, `1g.10gb+me`."""

GPU = rf"^(none|shared|whole|{MIG})$"
"""What a start may hold: nothing, one slot of a device that others use too, a device, or a MIG instance."""

LATE = timedelta(minutes=5)
"""For how long after a lesson's beginning labs are still started by themselves: a Hub that came late catches up."""

_DAYS = {day: n for n, day in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_DAYS |= {day: n for n, day in enumerate("월화수목금토일")}
_DAY = "|".join(_DAYS)
_SPAN = re.compile(rf"(?:({_DAY})(?:-({_DAY}))?\s+)?(\d\d):([0-5]\d)-(\d\d):([0-5]\d)")
_WEEK = 7 * 24 * 60
_MINUTES_A_DAY = 24 * 60


class Frozen(BaseModel):
    """A table of academy.toml: unknown keys are errors, and nothing changes after it was read."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


@cache
def minutes_of(span: str) -> tuple[tuple[int, int], ...]:
    """Read `mon-fri 09:00-22:00` as (start, end) in minutes from Monday's midnight; `ValueError` if it cannot be read.

    Without days it is every day. An end at or before the start lies on the next day; Sunday's may reach into Monday.
    """
    found = _SPAN.fullmatch(span.strip().lower())
    if not found:
        raise ValueError("opening hours such as 'mon-fri 09:00-22:00' were wanted")
    first, last = found[1] or "mon", found[2] or found[1] or "sun"
    start, end = (int(found[n]) * 60 + int(found[n + 1]) for n in (3, 5))
    if start >= _MINUTES_A_DAY or end > _MINUTES_A_DAY:
        raise ValueError("a time of day from 00:00 to 24:00 was wanted")
    length = end - start if end > start else end - start + _MINUTES_A_DAY
    days = range(_DAYS[first], _DAYS[last] + (1 if _DAYS[first] <= _DAYS[last] else 8))
    return tuple((day % 7 * _MINUTES_A_DAY + start, day % 7 * _MINUTES_A_DAY + start + length) for day in days)


def _known_span(span: str) -> str:
    minutes_of(span)
    return span


Span = Annotated[str, AfterValidator(_known_span)]


class Profile(Frozen):
    """What one start of a cohort's member gets, and when he may start."""

    image: str = Field("", pattern=r"^\S*$", description="empty: the runtime's own")
    cpus: float = Field(2, gt=0, le=1024)
    memory_mb: int = Field(2048, ge=256)
    gpu: str = Field("none", pattern=GPU)
    processes: int = Field(512, ge=32)
    disk_gb: float = Field(10, ge=0, le=99_999, description="the size of a home; 0: no limit")
    network: Network = "open"
    hours: tuple[Span, ...] = Field((), description="empty: always open")
    lessons: tuple[Span, ...] = Field((), description="labs of everybody are started before each")
    max_servers: int = Field(0, ge=0, description="servers of the cohort at one time; 0: no limit")
    gpu_hours: float = Field(0, ge=0, description="GPU hours a person has in any seven days; 0: no limit")
    starts: date | None = None
    ends: date | None = Field(None, description="the last day")


class Device(Frozen):
    """One device that is lent: a GPU, or one MIG instance of it."""

    uuid: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,99}$")
    host: str = Field("localhost", pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$")
    name: str = ""
    mig: str = Field("", pattern=rf"^({MIG})?$")
    slots: int = Field(1, ge=1, le=64, description="more than one: people share it, and nothing isolates them")

    @property
    def kind(self) -> str:
        """The word by which cohorts ask for it."""
        return self.mig or ("shared" if self.slots > 1 else "whole")


class Gpus(Frozen):
    """The devices that are lent, and the laws of lending."""

    inventory: Literal["settings", "nvml"] = "settings"
    devices: tuple[Device, ...] = ()
    slots: int = Field(1, ge=1, le=64, description="with nvml: how many people share a device without MIG")
    idle_minutes: int = Field(30, ge=15)
    longest_hours: float = Field(8, gt=0, le=168)
    offer_minutes: int = Field(5, ge=1, description="how long a free device waits for whose turn it is")

    @property
    def managed(self) -> bool:
        """Whether anything is lent at all; else labs see the machine's devices as it shows them."""
        return self.inventory == "nvml" or bool(self.devices)


class Swarm(Frozen):
    """Labs on several machines: where they find us, what networks they live in, what is kept for each."""

    advertise: str = Field("", description="this machine's address, which every machine of the swarm reaches")
    network: str = Field("bitgoeul-swarm", pattern=r"^[a-z][a-z0-9-]{1,19}$", description="tells academies apart")
    subnet: str = Field("172.30.0.0/16", description="the labs' addresses, the same on each machine")
    homes: str = Field("", pattern=r"^(/[^\s:]+)?$", description="shared storage; empty: a volume on one machine")
    cpus_kept: float = Field(0.25, ge=0, le=1, description="the share of a lab's CPUs that nobody else is promised")
    memory_kept: float = Field(1, ge=0, le=1, description="the share of a lab's memory that nobody else is promised")

    @field_validator("advertise")
    @classmethod
    def _reached_from_elsewhere(cls, text: str) -> str:
        try:
            wrong = bool(text) and (ipaddress.IPv4Address(text).is_loopback or text == "0.0.0.0")  # noqa: S104  refused
        except ValueError:
            wrong = True
        if wrong:
            raise ValueError("this machine's IPv4 address among the others was wanted, such as 10.0.0.5")
        return text

    @field_validator("subnet")
    @classmethod
    def _private(cls, text: str) -> str:
        try:
            found = ipaddress.IPv4Network(text)
        except ValueError:
            raise ValueError("a network such as 172.30.0.0/16 was wanted") from None
        if not found.is_private or found.num_addresses < 64:
            raise ValueError("a private network with room for labs was wanted, such as 172.30.0.0/16")
        return text


@dataclass(frozen=True)
class Opening:
    """Whether a cohort is open at a moment, until when, or when it opens next. Aware moments; None: not foreseeable."""

    open: bool
    until: datetime | None = None
    opens: datetime | None = None
    over: bool = False


def opening(profile: Profile, now: datetime) -> Opening:
    """Look at the dates and the weekly hours. `now` bears the academy's zone; both ends count as `start <= now < end`."""
    zone = now.tzinfo
    begin = datetime.combine(profile.starts, time(), zone) if profile.starts else None
    end = datetime.combine(profile.ends + timedelta(days=1), time(), zone) if profile.ends else None
    if end and now >= end:
        return Opening(open=False, over=True)
    if begin and now < begin:
        return Opening(open=False, opens=_next_start(profile.hours, begin, begin))
    until = _closes(profile.hours, now)
    if until is None and profile.hours:
        opens = _next_start(profile.hours, now, now)
        late = end is not None and opens >= end
        return Opening(open=False, opens=None if late else opens, over=late)
    soonest = min((moment for moment in (until, end) if moment), default=None)
    return Opening(open=True, until=soonest)


def bell(profile: Profile, now: datetime, ahead: timedelta, classes: Iterable[datetime] = ()) -> datetime | None:
    """When the lesson begins for which labs are started now: `ahead` of it, and for some minutes after.

    `classes`: beginnings that stand in a calendar besides the weekly lessons. None on days on which the cohort is closed.
    """
    begins = [*(start for start, _ in _spans(profile.lessons, now)), *classes]
    due = [start for start in begins if start - ahead <= now < start + LATE]
    return next((start for start in sorted(due) if opening(profile, start).open), None)


def _monday(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=now.weekday())


def _spans(hours: tuple[str, ...], now: datetime) -> list[tuple[datetime, datetime]]:
    """List the openings of last, this and next week, joined where they touch, in order.

    Wall-clock arithmetic: an opening at 09:00 stays at 09:00 over a change to summer time.
    """
    monday = _monday(now)
    starts = sorted(
        {(a + week, b + week) for span in hours for a, b in minutes_of(span) for week in (-_WEEK, 0, _WEEK)}
    )
    joined: list[tuple[int, int]] = []
    for start, end in starts:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return [(monday + timedelta(minutes=a), monday + timedelta(minutes=b)) for a, b in joined]


def _closes(hours: tuple[str, ...], now: datetime) -> datetime | None:
    """Tell when it closes, if it is open by its weekly hours."""
    ends = [end for start, end in _spans(hours, now) if start <= now < end]
    return ends[0] if ends else None


def _next_start(hours: tuple[str, ...], now: datetime, at_least: datetime) -> datetime:
    if not hours or _closes(hours, at_least):
        return at_least
    return min(start for start, _ in _spans(hours, now) if start >= at_least)


def why_closed(found: Opening, title: Text, say: Text) -> Text:
    """The one sentence for a cohort that is closed; `say` is the moment it opens, as people read it."""
    if found.over:
        return Text(
            f"{title.ko} 기수는 끝났습니다. 다른 기수에 들어 있지 않다면 운영자에게 문의하십시오.",
            f"{title.en} has ended. If you are in no other cohort, ask the operator.",
        )
    return Text(
        f"{title.ko} 기수는 지금 닫혀 있습니다. {say.ko}에 열립니다.",
        f"{title.en} is closed now. It opens on {say.en}.",
    )


def faults_of_devices(devices: tuple[Device, ...]) -> list[tuple[int, str, str]]:
    """What is wrong with the list as a whole: (index, key, sentence)."""
    found, seen = [], set()
    for index, device in enumerate(devices):
        if (device.host, device.uuid) in seen:
            found.append((index, "uuid", f"{shorten(device.uuid)} is in the list twice"))
        seen.add((device.host, device.uuid))
        if device.mig and device.slots > 1:
            found.append((index, "slots", "a MIG instance is lent to one person; leave slots out"))
    return found
