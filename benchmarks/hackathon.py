"""Hackathon figures: what a board costs to read, what taking and scoring a file costs, what an attacker learns.

Processor milliseconds are of this process. The attacker is the one of Whitehill (2017) for labels, and the boosting of
random guesses of Blum and Hardt (2015) for climbing; each sees what a team sees.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
import time
import uuid
from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np
from sqlalchemy import insert, update

from bitgoeul.blobs import BlobStore
from bitgoeul.database import Database
from bitgoeul.grading.engine import Engine
from bitgoeul.hackathon import files, probing, ranking, store
from bitgoeul.hackathon import tables as t
from bitgoeul.hackathon.cells import Wanted
from bitgoeul.hackathon.core import Core
from bitgoeul.hackathon.metrics import METRICS, Problem, score
from bitgoeul.hackathon.service import Said
from bitgoeul.hackathon.watching import Watching
from bitgoeul.migrations import migrate
from bitgoeul.names import UserName
from bitgoeul.settings import Academy, Grading, Settings

ROOT = Path(__file__).parents[1]
TEAMS, SUBMISSIONS = 5_000, 100_000


def cpu(work, times=1):
    """Mean processor and wall milliseconds of one call."""
    began, wall = time.process_time(), time.perf_counter()
    for _ in range(times):
        work()
    return 1000 * (time.process_time() - began) / times, 1000 * (time.perf_counter() - wall) / times


def both(problem, data, wanted):
    """From bytes to a score."""
    return score(problem, files.read(data, wanted))


def one_file():
    """100,000 rows, from the file's bytes to a score with its error."""
    n = 100_000
    rng = np.random.default_rng(0)
    ids = [f"{k:06}" for k in range(n)]
    truth, guess = rng.integers(0, 2, n), rng.random(n)
    data = ("id,y\n" + "".join(f"{a},{b!r}\n" for a, b in zip(ids, guess.tolist(), strict=True))).encode()
    for name in ("auc", "log-loss", "brier"):
        wanted = Wanted("id", ("y",), "probability", files.index_of(ids), ("0", "1"))
        problem = Problem(METRICS[name], (truth,), np.ones(n), classes=2)
        read, _ = cpu(partial(files.read, data, wanted), 3)
        whole, wall = cpu(partial(both, problem, data, wanted), 3)
        print(f"file of 100,000 rows, {name:9} read {read:6.0f}   with score {whole:6.0f} CPU-ms, {wall:.0f} ms")


def events(folder):
    """Accepting, then boards of 5,000 teams and 100,000 submissions."""
    shutil.copytree(ROOT / "tests/samples/challenges", folder / "curriculum/challenges")
    settings = Settings(academy=Academy(state=folder, curriculum=folder / "curriculum"), grading=Grading(workers=1))
    database = Database(settings.database_url)
    migrate(database)
    core = Core(settings, database, BlobStore(folder / "blobs"), Engine(settings.grading))
    event = core.organising.open(UserName("boss"), "small", {"quota": {"scored": 1000, "waiting": 100}})
    core.hackathon.now = core.hackathon.boards._now = lambda: event.start
    accepting(core)
    fill(database, event)
    boards(core)
    watchers(core)
    database.close()


def accepting(core):
    """An announcement and its body, both durable."""
    core.hackathon.create_team(UserName("minji"), "small", "minji")
    data = b"id,target\n" + b"x,1\n" * 2000

    def one():
        said = Said(str(uuid.uuid4()), hashlib.sha256(data).hexdigest(), len(data), "a.csv")
        made = core.hackathon.announce(UserName("minji"), "small", said, core.hackathon.now())
        with core.hackathon.blobs.writer(limit=len(data)) as body:
            body.write(data)
            core.hackathon.receive(UserName("minji"), made["id"], body)

    used, wall = cpu(one, 80)
    print(f"accept one submission (announce, body, fsync): {used:.1f} CPU-ms, {wall:.1f} ms")


def fill(database, event):
    rng = np.random.default_rng(1)
    with store.writing(database) as connection:
        teams = [
            {
                "id": 100 + n,
                "challenge": "small",
                "name": f"팀 {n}",
                "code": f"{n:08}",
                "captain": "x",
                "made_at": event.start,
            }
            for n in range(TEAMS)
        ]
        connection.execute(insert(t.teams), teams)
        rows, scores = [], []
        for n in range(SUBMISSIONS):
            at = event.start + timedelta(milliseconds=100 * n)
            rows.append(
                {"sequence": 1000 + n, "id": str(n), "challenge": "small", "team": 100 + n % TEAMS, "user_name": "x"}
                | {"idempotency_key": str(n), "file_name": "a.csv", "sha256": "0" * 64, "size": 1, "phase": "main"}
                | {"period": "", "received_at": at, "stored_at": at, "state": "scored", "state_at": at}
            )
            drawn = rng.normal(0.5, 0.1, 2).tolist()
            scores.append(
                {"submission": 1000 + n, "version": 1, "public": drawn[0], "public_error": 0.01, "private": drawn[1]}
                | {"private_error": 0.01, "made_at": at}
            )
        connection.execute(insert(t.submissions), rows)
        connection.execute(insert(t.scores), scores)
        connection.execute(update(t.challenges).values(digits=3))  # 0 would make equals of them all
        store.touch(connection, "small")


def boards(core):
    found = core.hackathon.boards
    found._looked.clear()
    used, wall = cpu(lambda: found.of("small"))
    print(
        f"board of {TEAMS:,} teams, {SUBMISSIONS:,} submissions, made once a change: {used:.0f} CPU-ms, {wall:.0f} ms"
    )
    used, _ = cpu(lambda: found.of("small"), 20_000)
    print(f"board read (top 50, {len(found.of('small').top):,} bytes): {used:.4f} CPU-ms in the service, without HTTP")
    team = found.of("small").rows[2500].team
    used, _ = cpu(lambda: found.of("small").around(team), 2000)
    print(f"own neighbourhood: {used:.4f} CPU-ms")


def watchers(core, number=1000):
    """From a commit to what watchers of this process are told, without HTTP."""

    async def watch(watching, heard):
        async for _ in watching.changes("small"):
            heard.append(time.perf_counter())

    async def play():
        watching = Watching(core.hackathon.boards)
        heard = [[] for _ in range(number)]
        tasks = [asyncio.create_task(watch(watching, one)) for one in heard]
        await asyncio.sleep(3)
        late = []
        for turn in range(5):
            await asyncio.to_thread(best_yet, core.hackathon.database, turn)
            began = time.perf_counter()
            await asyncio.sleep(2)
            late += [one[-1] - began for one in heard if len(one) == turn + 2]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return late

    late = asyncio.run(play())
    print(
        f"a new score is told to {len(late) // 5} watchers of {number}: p50 {np.percentile(late, 50):.2f} s, p99 {np.percentile(late, 99):.2f} s"
    )


def best_yet(database, turn):
    with store.writing(database) as connection:
        connection.execute(update(t.scores).where(t.scores.c.submission == 1000 + turn).values(public=2.0 + turn))
        store.touch(connection, "small")


def climbing(n=1000, private=20_000, queries=300):
    """Gap between private and public error of a majority of the random guesses that looked better than chance."""
    kinds = {
        "full": lambda v: v,
        "5 digits": lambda v: round(v, 5),
        f"{probing.digits_for(n, 0.5)} digits (ours)": None,
    }
    print(f"climbing on noise, {n} public rows, {queries} queries: private error - public error of the attacker's best")
    for name, shown in [*kinds.items(), ("ladder", "ladder")]:
        gaps = []
        for seed in range(5):
            rng = np.random.default_rng(seed)
            truth, secret = rng.integers(0, 2, n), rng.integers(0, 2, private)
            kept, hidden, rung, before = [], [], None, 0.5
            for _ in range(queries):
                guess, other = rng.integers(0, 2, n), rng.integers(0, 2, private)
                losses = (guess != truth).astype(float)
                if shown == "ladder":
                    after = probing.climb(rung, losses)
                    better, rung = rung is None or after.value < rung.value, after
                else:
                    value = losses.mean()
                    told = float(ranking.shown(value, probing.digits_for(n, 0.5))) if shown is None else shown(value)
                    better = told < before
                if better:
                    kept.append(guess)
                    hidden.append(other)
            if kept:
                public = np.mean((np.mean(kept, axis=0) > 0.5) != truth)
                gaps.append(np.mean((np.mean(hidden, axis=0) > 0.5) != secret) - public)
        print(f"  {name:18} {np.mean(gaps or [0.0]):+.3f}")


def reading_labels(n=200):
    """Labels that one log-loss query of well-chosen probabilities gives away, at most."""
    print(f"labels read from one log-loss answer, {n} public rows")
    rng = np.random.default_rng(0)
    for epsilon, digits in ((1e-15, 5), (0.01, 5), (0.01, probing.digits_for(n, 1.0))):
        best = 0
        for asked in range(1, 17):
            chance = np.full(n, 0.5)
            # Each asked row moves the mean by twice as much as the one before, so the sum names all of them.
            odds = np.minimum(2.0 ** np.arange(asked) * 10.0**-digits * n * 2, 60.0)
            chance[:asked] = 1 / (1 + np.exp(-odds))
            right = all(_read_back(chance, rng.integers(0, 2, n), asked, epsilon, digits) for _ in range(20))
            best = asked if right else best
        print(f"  epsilon {epsilon:g}, {digits} digits shown: {best}")


def _read_back(chance, truth, asked, epsilon, digits):
    """Whether the shown score leaves exactly one possible set of labels of the asked rows."""
    losses = -np.log(np.clip(np.stack([1 - chance, chance]), epsilon, 1 - epsilon))
    rest = losses[truth[asked:], np.arange(asked, len(truth))].sum()  # the same whatever the others are
    told = round((losses[truth[:asked], np.arange(asked)].sum() + rest) / len(truth), digits)
    codes = (np.arange(2**asked)[:, None] >> np.arange(asked)) & 1
    sums = (losses[0, :asked] + codes * (losses[1, :asked] - losses[0, :asked])).sum(axis=1)
    fitting = codes[np.round((sums + rest) / len(truth), digits) == told]
    return len(fitting) == 1 and (fitting[0] == truth[:asked]).all()


def main():
    one_file()
    with tempfile.TemporaryDirectory() as folder:
        events(Path(folder))
    climbing()
    reading_labels()


if __name__ == "__main__":
    main()
