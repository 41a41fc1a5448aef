"""A week of 180 students and 8 GPUs: the fair queue with idle release against first-come-keep-all, and what lies between.

The laws are the real ones (`bitgoeul.gpus.rules`: turns, decide, outlook); only people and their work are made up:

- sessions a student in the week: Poisson, its mean drawn from a log-normal (median 2.2, sigma 0.7): some work ten times as much
- when: Monday to Friday weigh 1, the weekend 0.5; hours of the day as `HOURS`, with peaks at 10, 15 and 21 o'clock
- a session's work: log-normal computing time (median 45 min, sigma 0.8, at most 8 h), in bouts (exponential, mean 18 min)
  between pauses for reading and writing (exponential, mean 12 min; every twelfth pause is a meal of 45 to 75 min)
- at its end 35 of 100 forget to stop the lab: without idle release it is held until they stop it, 2 to 14 h later
- who waits looks at the page for nine of ten minutes, comes 1 to 4 min after it is free for him, and gives up after 1 to 4 h

Nothing is measured here that hangs on this machine: the same seeds give the same figures everywhere.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bitgoeul.gpus import rules
from bitgoeul.gpus.model import Book, Laws, Lease, Slot, Ticket, Wish

STUDENTS, DEVICES, MINUTES = 180, 8, 7 * 24 * 60
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOURS = [1, 0.5, 0.3, 0.2, 0.2, 0.3, 0.5, 1, 3, 6, 8, 7, 4, 6, 8, 9, 8, 6, 4, 5, 7, 8, 6, 3]
RESULTS = Path(__file__).parent / "results" / "gpu_share.md"


@dataclass(frozen=True)
class Policy:
    """Which laws hold."""

    name: str
    fair: bool
    idle_release: bool

    @property
    def laws(self) -> Laws:
        if self.idle_release:
            return Laws()
        return Laws(longest=timedelta(days=7), idle=timedelta(days=365))


POLICIES = (
    Policy("first come, keep all", fair=False, idle_release=False),
    Policy("fair queue, keep all", fair=True, idle_release=False),
    Policy("first come, idle release", fair=False, idle_release=True),
    Policy("fair queue, idle release (ours)", fair=True, idle_release=True),
)


@dataclass
class Session:
    """What a student comes for: minutes of computing and of pausing, by turns. `plan` is used up."""

    begins: int
    plan: list[tuple[bool, int]]
    forgets: int
    patience: int
    late: int


@dataclass
class Student:
    """One person at one moment: away, waiting or holding a device."""

    name: str
    sessions: list[Session]
    session: Session | None = None
    ticket: Ticket | None = None
    lease: Lease | None = None
    back_at: int = 0
    free_since: int = -1
    asked: int = 0
    kept_until: int = 0


@dataclass
class Tally:
    useful: int = 0
    lent: int = 0
    waits: list[int] = field(default_factory=list)
    gave_up: int = 0
    held: dict[str, int] = field(default_factory=dict)
    worked: dict[str, int] = field(default_factory=dict)
    wanted: dict[str, int] = field(default_factory=dict)


def sessions(draw: random.Random) -> list[Session]:
    found = []
    for _ in range(poisson(draw, draw.lognormvariate(0.79, 0.7))):
        day = draw.choices(range(7), [1, 1, 1, 1, 1, 0.5, 0.5])[0]
        begins = day * 1440 + draw.choices(range(24), HOURS)[0] * 60 + draw.randrange(60)
        forgets = draw.randrange(120, 840) if draw.random() < 0.35 else 0
        found.append(Session(begins, plan(draw), forgets, draw.randrange(60, 240), draw.randrange(1, 5)))
    return sorted(found, key=lambda s: s.begins)


def poisson(draw: random.Random, mean: float) -> int:
    count, left = 0, mean
    while (left := left - draw.expovariate(1.0)) > 0:
        count += 1
    return count


def plan(draw: random.Random) -> list[tuple[bool, int]]:
    work, found = min(480.0, draw.lognormvariate(3.8, 0.8)), []
    while work > 0:
        bout = min(work, max(1.0, draw.expovariate(1 / 18)))
        meal = draw.random() < 1 / 12
        pause = draw.randrange(45, 76) if meal else max(1, round(draw.expovariate(1 / 12)))
        found += [(True, max(1, round(bout))), (False, pause)]
        work -= bout
    return found[:-1]


class Week:
    """Goes through the week by minutes; the policy's law decides at each."""

    def __init__(self, policy: Policy, seed: int) -> None:
        self.policy, self.draw, self.tally = policy, random.Random(seed), Tally()
        plans = random.Random(seed + 1)
        self.students = {f"s{n}": Student(f"s{n}", sessions(plans)) for n in range(STUDENTS)}
        self.slots = tuple(Slot("h", f"GPU-{n}") for n in range(DEVICES))
        self.past: list[Lease] = []
        for name, student in self.students.items():
            self.tally.wanted[name] = sum(m for s in student.sessions for busy, m in s.plan if busy)

    def run(self) -> Tally:
        for minute in range(MINUTES):
            for student in self.students.values():
                self.come(student, minute)
            self.turn(minute)
            for student in self.students.values():
                if student.lease is not None:
                    self.hold(student, minute)
        for student in self.students.values():  # who still waits at the end has waited so long
            if student.ticket is not None:
                self.tally.waits.append(MINUTES - student.asked)
        return self.tally

    def come(self, student: Student, minute: int) -> None:
        """Begin a session, go on waiting, or give up."""
        if student.session is None and student.sessions and student.sessions[0].begins <= minute:
            if student.lease is not None:  # he comes back to the lab that he forgot
                student.session = student.sessions.pop(0)
            else:
                student.session, student.back_at = student.sessions.pop(0), minute
        waits = student.session is not None and student.lease is None
        if waits and student.ticket is None and minute >= student.back_at:
            now = at(minute)
            student.ticket, student.asked, student.free_since = (
                Ticket(student.name, "", "a", "whole", now, now),
                minute,
                -1,
            )
        elif waits and student.ticket is not None:
            assert student.session is not None
            if minute - student.asked > student.session.patience:
                self.tally.gave_up += 1
                self.tally.waits.append(minute - student.asked)
                student.ticket = student.session = None
            elif self.draw.random() < 0.9:
                student.ticket = replace(student.ticket, seen_at=at(minute))

    def book(self) -> Book:
        active = [s.lease for s in self.students.values() if s.lease is not None]
        tickets = tuple(s.ticket for s in self.students.values() if s.ticket is not None)
        # The order of asking is the law where nobody's hours count: those of a class count for nobody.
        past = self.past if self.policy.fair else []
        shown = active if self.policy.fair else [replace(lease, source="calendar") for lease in active]
        return Book(self.slots, (*past, *shown), tickets=tickets, laws=self.policy.laws)

    def turn(self, minute: int) -> None:
        """Offer what is free, and give it to those who come for it."""
        held = sum(s.lease is not None for s in self.students.values())
        waiting = [s for s in self.students.values() if s.ticket is not None]
        if not waiting or held == DEVICES:
            for student in waiting:
                student.ticket = replace(student.ticket, offered_at=None)
                student.free_since = -1
            return
        now, book = at(minute), self.book()
        kept, dropped = rules.turns(book, now)
        for ticket in kept:
            student = self.students[ticket.user]
            student.ticket = ticket
            student.free_since = (
                -1 if ticket.offered_at is None else minute if student.free_since < 0 else student.free_since
            )
        for ticket in dropped:
            student = self.students[ticket.user]
            student.ticket = replace(ticket, asked_at=now, seen_at=now, offered_at=None)  # he asks again, at the end
        self.grant(replace(book, tickets=tuple(kept)), minute)

    def grant(self, book: Book, minute: int) -> None:
        for ticket in book.tickets:
            student = self.students[ticket.user]
            assert student.session is not None
            comes = student.free_since >= 0 and (
                minute - student.free_since >= student.session.late or minute == student.asked
            )
            if not comes:
                continue
            decision = rules.decide(book, Wish(ticket.user, "", "a", "whole"), at(minute))
            if decision.slot is None or decision.until is None:
                continue
            lease = Lease(f"{ticket.user}-{minute}", ticket.user, "a", "", *decision.slot.key, "whole", decision.source, at(minute), decision.until)  # fmt: skip
            student.lease, student.ticket = replace(lease, observed_at=at(minute)), None
            self.tally.waits.append(minute - student.asked)
            left = tuple(t for t in book.tickets if t != ticket)
            book = replace(book, leases=(*book.leases, lease), tickets=left)

    def hold(self, student: Student, minute: int) -> None:
        """One minute of a lease."""
        lease, now = student.lease, at(minute)
        assert lease is not None
        busy = self.works(student, minute)
        self.tally.lent += 1
        self.tally.held[student.name] = self.tally.held.get(student.name, 0) + 1
        if busy:
            self.tally.useful += 1
            self.tally.worked[student.name] = self.tally.worked.get(student.name, 0) + 1
        lease = replace(lease, observed_at=now, busy_at=now if busy else lease.busy_at)
        student.lease = lease
        stops = student.session is None and minute >= student.kept_until
        if stops or rules.outlook(lease, self.policy.laws, now + MINUTE).due:
            self.past.append(replace(lease, state="over", ended_at=now + MINUTE))
            student.lease = None
            pause = student.session.plan[0][1] if student.session and not student.session.plan[0][0] else 0
            student.back_at = minute + 1 + pause
            if pause and student.session:
                student.session.plan.pop(0)

    def works(self, student: Student, minute: int) -> bool:
        """Use up a minute of the plan; at its end the lab is stopped, or forgotten."""
        if student.session is None:
            return False
        busy, left = student.session.plan[0]
        if left > 1:
            student.session.plan[0] = (busy, left - 1)
        else:
            student.session.plan.pop(0)
        if not student.session.plan:
            student.kept_until = minute + student.session.forgets
            student.session = None
        return busy


def at(minute: int) -> datetime:
    return MONDAY + minute * MINUTE


def gini(values: list[float]) -> float:
    """Of mean differences: 0 when all have the same, near 1 when one has everything."""
    ordered, total = sorted(values), sum(values)
    n = len(ordered)
    return sum((2 * i - n - 1) * v for i, v in enumerate(ordered, 1)) / (n * total) if total else 0.0


def figures(tally: Tally) -> dict[str, float]:
    waits = sorted(tally.waits)
    share = [tally.worked.get(s, 0) / wanted for s, wanted in tally.wanted.items() if wanted]
    return {
        "useful": 100 * tally.useful / (DEVICES * MINUTES),
        "lent": 100 * tally.lent / (DEVICES * MINUTES),
        "served": 100 * tally.useful / sum(tally.wanted.values()),
        "p50": waits[len(waits) // 2],
        "p95": waits[int(len(waits) * 0.95)],
        "gave_up": tally.gave_up,
        "gini_held": gini([float(tally.held.get(s, 0)) for s in tally.wanted]),
        "gini_served": gini(share),
    }


def rows(seeds: int) -> Iterator[tuple[Policy, dict[str, float]]]:
    for policy in POLICIES:
        runs = [figures(Week(policy, 1000 * seed).run()) for seed in range(1, seeds + 1)]
        yield policy, {name: statistics.mean(run[name] for run in runs) for name in runs[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/gpu_share.md")
    chosen = parser.parse_args()
    begun, lines = time.monotonic(), []
    head = "| policy | device hours computing | device hours lent | work served | wait p50 | wait p95 | gave up | Gini of GPU hours | Gini of work served |"
    lines += [head, "|---|--:|--:|--:|--:|--:|--:|--:|--:|"]
    for policy, f in rows(chosen.seeds):
        lines.append(
            f"| {policy.name} | {f['useful']:.1f} % | {f['lent']:.1f} % | {f['served']:.0f} % | {f['p50']:.0f} min | "
            f"{f['p95']:.0f} min | {f['gave_up']:.0f} | {f['gini_held']:.2f} | {f['gini_served']:.2f} |"
        )
        print(lines[-1], flush=True)
    if chosen.write:
        RESULTS.write_text(report(lines, chosen.seeds), encoding="utf-8")
    print(f"{time.monotonic() - begun:.0f} s")


SAYS = """## 무엇을 알 수 있나 / What it says
쉬는 GPU를 돌려받는 것이 가장 큰 차이를 만듭니다: 같은 장치로 더 많은 일을 하고 덜 기다립니다. 공정한 순서는 보통 사람의 기다림을 줄이고, 그 값은
가장 많이 쓰는 사람이 냅니다. 그래서 p95와 포기한 횟수는 온 순서대로보다 조금 높습니다.
Taking idle GPUs back makes the difference: more work on the same devices, and less waiting. The fair order shortens the usual person's wait, and those
who use most pay for it: its p95 and the number who give up are a little above those of first come with idle release, and a little less work is done."""


def report(lines: list[str], seeds: int) -> str:
    made = f"Means of {seeds} weeks (seeds 1 to {seeds}). `python benchmarks/gpu_share.py --write` makes this page again, to the digit."
    parts = ["# Sharing 8 GPUs among 180 students", made, "\n".join(lines), SAYS]
    return "\n\n".join(parts) + f"\n\n## What was assumed\n{(__doc__ or '').strip()}\n"


if __name__ == "__main__":
    main()
