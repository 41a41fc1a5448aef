"""Workers are killed at any instant: each submission ends, with exactly one score."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

from sqlalchemy import func, select

from bitgoeul.hackathon import rules
from bitgoeul.hackathon import tables as t
from tests.unit.hackathon.conftest import ROOT

KILLS, SUBMISSIONS = 5, 25


def start(world, tmp_path):
    url = world.hackathon.database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.services.hackathon_worker", str(tmp_path), url]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"ready\n"
    return process


def counts(world):
    with world.hackathon.database.reading() as connection:
        s = t.submissions.c
        query = select(s.state, func.count().label("number")).where(s.user_name != "").group_by(s.state)
        return {row.state: row.number for row in connection.execute(query)}


def test_killed_workers_lose_and_double_nothing(world, tmp_path):
    world.open(quota={"scored": 100, "waiting": 100})
    world.team("minji")
    for number in range(SUBMISSIONS):
        data = world.file(number / 100) if number % 5 else b"broken"
        world.send("minji", world.announce("minji", data)["id"], data)
    draw = random.Random(7)
    for _ in range(KILLS):
        process = start(world, tmp_path)
        try:
            time.sleep(draw.uniform(0.02, 0.35))
            assert sum(counts(world).values()) == SUBMISSIONS  # received = ended + under way, at every look
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdout.close()
    last = start(world, tmp_path)
    try:
        until = time.monotonic() + 60
        while set(counts(world)) - rules.OVER:
            assert time.monotonic() < until, counts(world)
            time.sleep(0.1)
    finally:
        last.kill()
        last.wait()
        last.stdout.close()
    with world.hackathon.database.reading() as connection:
        s = t.submissions.c
        own = (
            select(t.scores.c.submission)
            .join(t.submissions, s.sequence == t.scores.c.submission)
            .where(s.user_name != "")
        )
        scored = connection.execute(own).scalars().all()
        lost = connection.execute(select(func.count()).where(t.attempts.c.outcome == "lost")).scalar_one()

    assert counts(world) == {"scored": SUBMISSIONS * 4 // 5, "invalid": SUBMISSIONS // 5}
    assert len(scored) == len(set(scored)) == SUBMISSIONS * 4 // 5
    assert lost  # else no kill came in the middle of one
