"""Before the bell: a real Hub starts the labs of a lesson by itself, and who stops his lab is left alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bitgoeul.hub import processes
from tests.fakes.visitor import Visitor
from tests.system.academy import Academy, started

pytestmark = pytest.mark.system
STUDENTS = ("minji", "junho", "amelia")
SETTINGS = """
[academy]
curriculum = "none"
[cohorts.class]
title = {{ ko = "반", en = "Class" }}
students = ["minji", "junho", "amelia"]
lessons = ["{lesson}"]
hours = ["{lesson}"]
[cohorts.others]
title = {{ ko = "다른 반", en = "Others" }}
students = ["haneul"]
"""
PERSON = '[[people]]\nuser = "{0}"\nname = {{ ko = "{0}", en = "{0}" }}\nrole = "student"\n'


@pytest.fixture(scope="module")
def academy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Academy]:
    folder = tmp_path_factory.mktemp("bell")
    begins = datetime.now(ZoneInfo("Asia/Seoul")) + timedelta(minutes=8)
    lesson = f"{begins:%a %H:%M}-{begins + timedelta(hours=2):%H:%M}".lower()
    people = "".join(map(PERSON.format, (*STUDENTS, "haneul")))
    (folder / "academy.toml").write_text(SETTINGS.format(lesson=lesson) + people)
    with started(folder / "state", folder / "academy.toml") as found:
        yield found


def running(academy: Academy) -> set[str]:
    """Whose lab runs."""
    found = set()
    for process in processes.of_academy(academy.state):
        if "singleuser" in " ".join(process.cmdline()):
            found.add(process.environ()["JUPYTERHUB_USER"])
    return found


def until(academy: Academy, wanted: set[str], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while running(academy) != wanted:
        assert time.monotonic() < end, running(academy)
        time.sleep(0.5)


def test_a_class_finds_its_labs_running_and_who_stops_his_is_left_alone(academy: Academy) -> None:
    until(academy, set(STUDENTS))  # nobody has signed in, and the cohort opens in eight minutes only
    with Visitor(academy.url, "minji") as minji:
        minji.sign_in()
        minji.start_lab(seconds=20)
        xsrf = str(minji.http.cookies.get("_xsrf", path="/hub/"))
        assert minji.http.delete("/hub/api/users/minji/server", headers={"X-XSRFToken": xsrf}).status_code in (202, 204)
        until(academy, {"junho", "amelia"})
        time.sleep(20)  # longer than from one look at the clock to the next

    assert running(academy) == {"junho", "amelia"}
