"""Which submissions look alike: the method of JPlag, written afresh. Pure; it accuses nobody and changes nothing.

Greedy string tiling over token streams as in L. Prechelt, G. Malpohl and M. Philippsen, "Finding plagiarisms
among a set of programs with JPlag", J. UCS 8(11), 2002: the longest common run of tokens becomes a tile, then
the next longest of what is left, down to `SHORTEST`; the similarity is the part of both works that tiles
cover. Runs are found by an index of all substrings of that length, which is the hashing of running
Karp-Rabin matching (M. Wise, 1993) with the hashes kept. The same index bounds each pair's similarity from
above, so that only pairs that can matter are tiled, and none that matters is missed.

The released code is taken out first: statements that stand in the same cell of the release, and longer runs
that stand anywhere in it. Only code of solution cells and of the student's own cells counts.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from operator import itemgetter

from nbformat import NotebookNode
from nbgrader import utils

from bitgoeul.errors import InputError
from bitgoeul.grading import notebooks
from bitgoeul.grading.sanitise import grade_id
from bitgoeul.grading.tokens import flat, statements

SHORTEST = 12  # tokens; two to three lines, as JPlag has it for Python
SMALLEST = 50  # tokens a work needs of its own: below, everybody's is like everybody's
AT_LEAST = 0.5
MOST_PAIRS = 200
MOST_TOKENS = 8_000  # of one work; about 2,000 lines
_MOST_TILED = 5_000  # pairs, the most promising first: degenerate works would all be tiled with each other
_MOST_PLACES = 50  # of one run in one work: code that repeats itself would cost its square
_GIVEN = "\0"
_TOO_SHORT = re.compile(rf"(?<![^\0])[^\0]{{1,{SHORTEST - 1}}}(?![^\0])")  # what is left there could never match


@dataclass(frozen=True)
class Given:
    """A release's code: the statements of each cell by grade id, the ids of locked cells, and all of it."""

    stubs: Mapping[str, Counter[str]]
    locked: frozenset[str]
    text: str


@dataclass(frozen=True)
class Work:
    """What one student wrote. `lines` are shown; `text` has a character a token, `places` its line (from 1)."""

    user: str
    lines: tuple[str, ...]
    text: str
    places: tuple[int, ...]

    @property
    def size(self) -> int:
        """The tokens that are the student's own."""
        return len(self.text) - self.text.count(_GIVEN)


@dataclass(frozen=True)
class Part:
    """A matching part. Lines are from and to, both included; `elsewhere` is how many other works have it, too."""

    number: int
    left: tuple[int, int]
    right: tuple[int, int]
    tokens: int
    elsewhere: int


@dataclass(frozen=True)
class Pair:
    """Two works that look alike: twice the matching tokens by all tokens of both, from 0 to 1."""

    left: str
    right: str
    similarity: float
    tokens: int
    parts: tuple[Part, ...]

    @property
    def elsewhere(self) -> int:
        """How many others have the part that fewest have: 0 when these two share what nobody else wrote."""
        return min((part.elsewhere for part in self.parts), default=0)


@dataclass(frozen=True)
class Report:
    """The most similar pairs first; `small` are the works with too little code of their own to compare."""

    pairs: tuple[Pair, ...]
    compared: int
    small: tuple[str, ...] = ()


def read_given(released: Mapping[str, bytes]) -> Given:
    """Read the notebooks that students got."""
    stubs: dict[str, Counter[str]] = {}
    locked = set()
    text = ""
    for cell in _code(released):
        found = statements(cell.source)
        text += flat(found) + _GIVEN
        name = grade_id(cell)
        if name is not None:
            stubs[name] = Counter(statement.text for statement in found)
            locked |= {name} if _locked(cell) else set()
    return Given(stubs, frozenset(locked), text)


def read_work(user: str, submitted: Mapping[str, bytes], given: Given) -> Work:
    """Read what a student wrote; a notebook that cannot be read holds nothing."""
    lines: list[str] = []
    text: list[str] = []
    places: list[int] = []
    for cell in _code(submitted):
        name = grade_id(cell)
        if name in given.locked:
            continue
        stub = Counter(given.stubs.get(name or "", ()))
        for statement in statements(cell.source):
            known = stub[statement.text] > 0
            stub[statement.text] -= known
            text += _GIVEN * len(statement.kinds) if known else statement.kinds
            places += [len(lines) + line for line in statement.lines]
        lines += [*cell.source.split("\n"), ""]
    own = text[:MOST_TOKENS]
    for start, _, length in tiles("".join(own), given.text, index(given.text)):
        own[start : start + length] = _GIVEN * length
    own = list(_TOO_SHORT.sub(lambda found: _GIVEN * len(found[0]), "".join(own)))
    return Work(user, tuple(lines[:-1]), "".join(own), tuple(places[:MOST_TOKENS]))


def compare(works: Iterable[Work], *, at_least: float = AT_LEAST, most: int = MOST_PAIRS) -> Report:
    """Find the pairs that are at least so similar; the most similar first, at most so many."""
    everybody = sorted(works, key=lambda work: work.user)
    compared = [_Indexed(work) for work in everybody if work.size >= SMALLEST]
    known = Counter(run for one in compared for run in one.places)
    shared = (run for run, count in known.items() if count > 1)
    numbers = {run: number for number, run in enumerate(shared, 1)}
    for one in compared:
        one.number(numbers)
    found: list[Pair] = []
    best: list[float] = []  # a heap of the `most` greatest similarities
    for bound, left, right in sorted(_bounds(compared, at_least), key=lambda row: -row[0])[:_MOST_TILED]:
        if len(best) == most and bound < best[0]:
            break  # and so is every pair that comes after it
        pair = _pair(left, right, known)
        if pair.similarity >= at_least:
            found.append(pair)
            heapq.heappush(best, pair.similarity)
            if len(best) > most:
                heapq.heappop(best)
    found.sort(key=lambda pair: (-pair.similarity, pair.elsewhere, pair.left, pair.right))
    small = tuple(work.user for work in everybody if work.size < SMALLEST)
    return Report(tuple(found[:most]), len(compared), small)


def tiles(text: str, other: str, places: Mapping[str, list[int]]) -> list[tuple[int, int, int]]:
    """Greedy string tiling: (start, start in the other, length), the longest first. `places` indexes the other."""
    runs = [(-length, i, j) for i, j, length in _runs(text, other, places)]
    heapq.heapify(runs)
    taken, taken_there = bytearray(len(text)), bytearray(len(other))
    found = []
    while runs:
        length, i, j = heapq.heappop(runs)
        length = -length
        if taken.find(1, i, i + length) == taken_there.find(1, j, j + length) == -1:
            found.append((i, j, length))
            taken[i : i + length] = taken_there[j : j + length] = b"\1" * length
        elif length > SHORTEST:  # a longer tile lies on it: what is left may still be one
            for start, end in _stretches(taken[i : i + length], taken_there[j : j + length]):
                heapq.heappush(runs, (start - end, i + start, j + start))
    return found


def index(text: str) -> dict[str, list[int]]:
    """Where each run of `SHORTEST` own tokens begins."""
    found: dict[str, list[int]] = {}
    for start in range(len(text) - SHORTEST + 1):
        run = text[start : start + SHORTEST]
        if _GIVEN not in run:
            found.setdefault(run, []).append(start)
    return found


class _Indexed:
    """A work with its index. `look` reads the table of another work's runs at each place of this one."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.size = work.size
        self.places = index(work.text)
        self.table = b""
        self.look: Callable[[bytes], tuple[int, ...]] = lambda table: ()

    def number(self, numbers: Mapping[str, int]) -> None:
        """Write down which runs are here, by number. Run 0 is any that only one work has."""
        table = bytearray(len(numbers) + 1)
        at = [0] * max(len(self.work.text), 2)
        for run, places in self.places.items():
            found = numbers.get(run, 0)
            table[found] = found > 0
            for place in places:
                at[place] = found
        self.table = bytes(table)
        self.look = itemgetter(*at)

    def covered(self, other: _Indexed) -> int:
        """How many tokens here lie in a run that the other has, too: a tile has no others."""
        mask = int.from_bytes(bytes(self.look(other.table)), "little")
        reach = 1
        while reach < SHORTEST:
            step = min(reach, SHORTEST - reach)
            mask |= mask << 8 * step
            reach += step
        return mask.bit_count()


def _bounds(works: list[_Indexed], at_least: float) -> Iterator[tuple[float, _Indexed, _Indexed]]:
    """The pairs that may be so similar, with the most that their similarity can be."""
    for left, right in combinations(works, 2):
        small, large = (left, right) if left.size <= right.size else (right, left)
        total = small.size + large.size
        if 2 * small.size < at_least * total:
            continue
        covered = small.covered(large)
        if 2 * covered >= at_least * total:
            covered = min(covered, large.covered(small))
        if 2 * covered >= at_least * total:
            yield 2 * covered / total, left, right


def _pair(left: _Indexed, right: _Indexed, known: Counter[str]) -> Pair:
    text = left.work.text
    found = sorted(tiles(text, right.work.text, right.places))
    parts = []
    for number, (i, j, length) in enumerate(found, 1):
        others = min(known[text[n : n + SHORTEST]] for n in range(i, i + length - SHORTEST + 1)) - 2
        parts.append(Part(number, _lines(left.work, i, length), _lines(right.work, j, length), length, others))
    tokens = sum(length for _, _, length in found)
    similarity = 2 * tokens / (left.size + right.size)
    return Pair(left.work.user, right.work.user, similarity, tokens, tuple(parts))


def _lines(work: Work, start: int, length: int) -> tuple[int, int]:
    return work.places[start], work.places[start + length - 1]


def _runs(text: str, other: str, places: Mapping[str, list[int]]) -> Iterator[tuple[int, int, int]]:
    """All common runs that cannot be made longer on either side."""
    for i in range(len(text) - SHORTEST + 1):
        for j in places.get(text[i : i + SHORTEST], ())[:_MOST_PLACES]:
            if i and j and text[i - 1] == other[j - 1] != _GIVEN:
                continue
            length, most = SHORTEST, min(len(text) - i, len(other) - j)
            while length < most and text[i + length] == other[j + length] != _GIVEN:
                length += 1
            yield i, j, length


def _stretches(taken: bytearray, taken_there: bytearray) -> Iterator[tuple[int, int]]:
    """The parts of a run that are free in both works and long enough, as from and to (not included)."""
    start = 0
    for place, lies in enumerate(zip((*taken, 1), (*taken_there, 1), strict=True)):
        if any(lies):
            if place - start >= SHORTEST:
                yield start, place
            start = place + 1


def _code(files: Mapping[str, bytes]) -> Iterator[NotebookNode]:
    """The code cells of the notebooks at the top, by the notebooks' names."""
    for name in sorted(files):
        if name.endswith(".ipynb") and "/" not in name:
            try:
                cells = notebooks.read(files[name]).cells
            except InputError:
                continue
            yield from (cell for cell in cells if cell.cell_type == "code")


def _locked(cell: NotebookNode) -> bool:
    return bool(utils.is_locked(cell) or utils.is_grade(cell)) and not utils.is_solution(cell)
