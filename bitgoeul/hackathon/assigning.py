"""Which judge looks at which team: enough judges for each, no conflict of interest, as even as can be. Pure.

A team takes its judges from those with the fewest teams so far; then work moves along chains of judges (A gives a team to
B, who gives one to C) as long as that evens it out. When no such chain is left, no other assignment is more even (Harvey,
Ladner, Lovász and Tamir, "Semi-matchings for bipartite graphs and load balancing", Journal of Algorithms 59, 2006).
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bitgoeul.errors import Conflict, shorten

Pair = tuple[str, int]
"""A judge and a team's number."""


@dataclass(frozen=True)
class Wanting:
    """A team that cannot have enough judges: those who could, and those who may not with the reason."""

    team: int
    name: str
    able: tuple[str, ...]
    barred: tuple[tuple[str, str], ...]


class TooFewJudges(Conflict):
    """No assignment can be had; `wanting` says for which teams."""

    code = "too-few-judges"

    def __init__(self, wanting: Sequence[Wanting], each: int) -> None:
        def line(team: Wanting, none: str) -> str:
            barred = ", ".join(f"{judge} ({why})" for judge, why in team.barred) or none
            return f"{shorten(team.name)}: {', '.join(team.able) or none} / {barred}"

        told = wanting[:10]
        super().__init__(
            ko=f"팀마다 심사위원이 {each}명 필요한데 {len(wanting)}팀에 모자랍니다(맡을 수 있는 사람 / 이해 충돌):\n"
            + "\n".join(line(team, "없음") for team in told)
            + "\n심사위원을 더 부르거나, 이해 충돌을 다시 살펴보세요.",
            en=f"Each team needs {each} judges; {len(wanting)} team(s) have too few (who could / who may not):\n"
            + "\n".join(line(team, "nobody") for team in told)
            + "\nAppoint more judges, or look at the conflicts of interest again.",
        )
        self.wanting = tuple(wanting)


def wanting(teams: Mapping[int, str], judges: Collection[str], barred: Mapping[Pair, str], each: int) -> list[Wanting]:
    """The teams for which fewer than `each` judges have no conflict of interest."""
    found = []
    for team, name in teams.items():
        able = tuple(judge for judge in sorted(judges) if (judge, team) not in barred)
        kept_out = tuple((judge, barred[judge, team]) for judge in sorted(judges) if (judge, team) in barred)
        if len(able) < each:
            found.append(Wanting(team, name, able, kept_out))
    return found


def assign(
    teams: Mapping[int, str],
    judges: Collection[str],
    barred: Mapping[Pair, str],
    *,
    each: int,
    seed: int,
    kept: Collection[Pair] = (),
) -> dict[int, tuple[str, ...]]:
    """The judges of each team; raise `TooFewJudges`.

    `teams` are names by number, `barred` the reason of each conflict. The same arguments give the same assignment,
    in whatever order they come. `kept` pairs (who has marked already) stay, unless they are barred by now.
    """
    if missing := wanting(teams, judges, barred, each):
        raise TooFewJudges(missing, each)
    draw = random.Random(seed)  # an even draw, which anybody may repeat from its seed
    order = draw.sample(sorted(judges), len(judges))
    table = _Table(order, barred, [pair for pair in sorted(kept) if pair[1] in teams and pair[0] in set(judges)])
    for team in draw.sample(sorted(teams), len(teams)):
        table.fill(team, each)
    table.even_out()
    return {team: tuple(sorted(judge for judge in order if team in table.held[judge])) for team in sorted(teams)}


class _Table:
    """Who has which teams while the assignment is made. Dictionaries, because sets have no order to rely on."""

    def __init__(self, order: Sequence[str], barred: Mapping[Pair, str], kept: Collection[Pair]) -> None:
        self.order, self.barred = order, barred
        self.kept = {pair for pair in kept if pair not in barred}
        self.held: dict[str, dict[int, None]] = {judge: {} for judge in order}
        for judge, team in sorted(self.kept):
            self.held[judge][team] = None

    def load(self, judge: str) -> int:
        """How many teams a judge has."""
        return len(self.held[judge])

    def may_take(self, judge: str, team: int) -> bool:
        """Whether a judge could have one team more."""
        return team not in self.held[judge] and (judge, team) not in self.barred

    def fill(self, team: int, each: int) -> None:
        """Give a team judges until it has enough: those with the fewest teams."""
        there = sum(team in teams for teams in self.held.values())
        able = [judge for judge in self.order if self.may_take(judge, team)]
        for judge in sorted(able, key=self.load)[: max(0, each - there)]:
            self.held[judge][team] = None

    def even_out(self) -> None:
        """Move work from who has most to who has two or more less, until nobody can be relieved so."""
        while any(self._relieve(judge) for judge in sorted(self.order, key=self.load, reverse=True)):
            pass

    def _relieve(self, judge: str) -> bool:
        most = self.load(judge)
        came: dict[str, tuple[str, int]] = {}
        queue = deque([judge])
        while queue:
            giver = queue.popleft()
            for taker, team in self._could_give(giver):
                if taker in came or taker == judge:
                    continue
                came[taker] = giver, team
                if self.load(taker) <= most - 2:
                    self._move(taker, came)
                    return True
                queue.append(taker)
        return False

    def _could_give(self, giver: str) -> list[Pair]:
        free = [team for team in self.held[giver] if (giver, team) not in self.kept]
        return [(taker, team) for team in free for taker in self.order if self.may_take(taker, team)]

    def _move(self, taker: str, came: Mapping[str, tuple[str, int]]) -> None:
        """Hand teams on along the chain that ends with `taker`."""
        while taker in came:
            giver, team = came[taker]
            del self.held[giver][team]
            self.held[taker][team] = None
            taker = giver
