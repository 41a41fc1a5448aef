"""What keeps a public board from telling its labels: few digits, and (if wanted) the Ladder. Pure.

The essential guard is elsewhere: the private split is never answered before the end. Of the rest, digits near the
standard error stop labels from being read off, and the Ladder slows climbing on noise. docs/developer/hackathon.md has
what an attacker keeps under each.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bitgoeul.hackathon.classification import Floats

MOST_DIGITS = 8


def digits_for(rows: int, spread: float = 1.0) -> int:
    """How many decimals to show of a mean of so many rows, whose losses spread so far: a step near the standard error."""
    if rows < 1 or spread <= 0:
        return 0
    return min(MOST_DIGITS, max(0, round(math.log10(math.sqrt(rows) / spread))))


@dataclass(frozen=True)
class Rung:
    """What a team's board shows (a mean loss, the less the better), and the losses that got it there."""

    value: float
    losses: Floats


def climb(rung: Rung | None, losses: Floats) -> Rung:
    """The parameter-free Ladder (Blum and Hardt, 2015): a new value only for an improvement that is none by chance.

    `losses` are those of the public rows, in the same order each time. The shown value is rounded to 1/n.
    """
    n = len(losses)
    mean = float(np.mean(losses))
    before = losses if rung is None else losses - rung.losses
    step = float(np.std(before, ddof=1)) / math.sqrt(n) if n > 1 else 0.0
    if rung is not None and not mean < rung.value - step:
        return rung
    return Rung(round(mean * n) / n, losses)
