"""How soon somebody may try to sign in again: back-off for each person at each address, and one for everybody together.

An attempt counts as wrong from its beginning and is taken back when it succeeds: a thousand attempts at once are a
thousand wrong ones, not none. Who has come in from an address before is not kept out by what strangers do elsewhere.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

Key = tuple[str, str]
"""The user's name as it was given, and the address it came from."""

FREE = 5
"""Wrong attempts of one person at one address before he has to wait: children mistype."""

FREE_SHARED = 60
"""The same where no name is given (a provider says who it is) and a whole school shares one address."""

LONGEST = 900.0
FORGET = 3600.0
EVERYBODY = 100
EVERYBODY_SECONDS = 60.0
MOST = 10_000
"""Keys that are remembered. An attacker who wants his own to be forgotten needs that many attempts, at 100 a minute."""


def pause(failures: int, free: int) -> float:
    """Give the seconds to wait after so many wrong attempts: 2, 4, 8 ... up to a quarter of an hour."""
    return 0.0 if failures < free else min(LONGEST, 2.0 ** min(failures - free + 1, 20))


@dataclass
class _Record:
    failures: int = 0
    last: float = 0.0


@dataclass
class Throttle:
    """Remembers attempts; `clock` gives seconds that only grow. One for a Hub, used from its event loop only."""

    clock: Callable[[], float] = monotonic
    records: OrderedDict[Key, _Record] = field(default_factory=OrderedDict)
    known: OrderedDict[Key, None] = field(default_factory=OrderedDict)
    recent: deque[Key] = field(default_factory=lambda: deque(maxlen=EVERYBODY))
    times: deque[float] = field(default_factory=lambda: deque(maxlen=EVERYBODY))

    def wait(self, key: Key) -> float:
        """Give the seconds until this key may try; 0 if it may now. Asking costs nothing."""
        now = self.clock()
        record = self.records.get(key)
        alone = 0.0
        if record and now - record.last < FORGET:
            alone = record.last + pause(record.failures, FREE if key[0] else FREE_SHARED) - now
        together = 0.0
        if len(self.times) == EVERYBODY and key not in self.known:
            together = self.times[0] + EVERYBODY_SECONDS - now
        return max(alone, together, 0.0)

    def began(self, key: Key) -> None:
        """Count an attempt that may now be made."""
        now = self.clock()
        record = self.records.pop(key, _Record())
        if now - record.last >= FORGET:
            record.failures = 0
        record.failures += 1
        record.last = now
        self.records[key] = record
        self.recent.append(key)
        self.times.append(now)
        while len(self.records) > MOST:
            self.records.popitem(last=False)

    def forgive(self, key: Key) -> None:
        """Take back one attempt that was nobody's fault: the provider or the database did not answer."""
        if record := self.records.get(key):
            record.failures = max(0, record.failures - 1)
        if key in self.recent:
            place = max(index for index, other in enumerate(self.recent) if other == key)
            del self.recent[place], self.times[place]

    def succeeded(self, key: Key) -> None:
        """Forget the wrong attempts of somebody who is in; remember that he belongs to this address."""
        self.forgive(key)
        self.records.pop(key, None)
        self.known.pop(key, None)
        self.known[key] = None
        while len(self.known) > MOST:
            self.known.popitem(last=False)
