"""The clock of receipts: the database's, held to a steady one, so that a step cannot change who was in time.

A small difference (NTP slewing, drift) is followed. A step is not: time goes on from the last good value by
the steady clock, and `stepped` tells the operator. A step forwards that stays is believed after a while,
because a machine that was paused comes back like this. Time never goes backwards, over restarts neither.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from bitgoeul.errors import ServiceBusy

log = logging.getLogger(__name__)
SLEW = timedelta(seconds=2)
BELIEVED_AFTER = 600.0
ASK_EVERY = 0.5
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # boot time goes on while a laptop sleeps


def steady_seconds() -> float:
    """Seconds of a clock that nobody sets."""
    return time.clock_gettime(_STEADY)


class SteadyClock:
    """`now()` for receipts. `wall` is the database's clock, `floor` the newest time already signed."""

    def __init__(
        self,
        wall: Callable[[], datetime],
        *,
        floor: datetime | None = None,
        steady: Callable[[], float] = steady_seconds,
    ) -> None:
        self._wall = wall
        self._steady = steady
        self._lock = threading.Lock()
        found = wall()
        self._at = steady()
        self._anchor = max(found, floor) if floor else found
        self._asked_at = self._at
        self._step_since: float | None = None
        self._last = self._anchor
        self.stepped = found - self._anchor

    def now(self) -> datetime:
        """The present, never earlier than any answer before."""
        with self._lock:
            steady = self._steady()
            if steady - self._asked_at >= ASK_EVERY:
                self._compare(steady)
            self._last = max(self._last, self._anchor + timedelta(seconds=steady - self._at))
            return self._last

    def _compare(self, steady: float) -> None:
        self._asked_at = steady
        try:
            wall = self._wall()
        except ServiceBusy:  # the database is away: time goes on without it
            return
        off = wall - (self._anchor + timedelta(seconds=steady - self._at))
        if abs(off) <= SLEW:
            self._anchor, self._at, self._step_since, self.stepped = wall, steady, None, timedelta(0)
            return
        if self._step_since is None:
            log.warning("the clock stepped by %s; receipts go on by the steady clock", off)
            self._step_since = steady
        self.stepped = off
        if off > SLEW and steady - self._step_since >= BELIEVED_AFTER:
            self._anchor, self._at, self._step_since = wall, steady, None
