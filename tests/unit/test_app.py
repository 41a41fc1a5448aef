"""One broken course keeps nobody out of the others."""

from __future__ import annotations

import asyncio
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from bitgoeul import app as wiring
from bitgoeul.app import build_app, combined, sound_courses
from bitgoeul.database import Database
from bitgoeul.migrations import migrate
from bitgoeul.settings import Academy, Exchange, Settings
from bitgoeul.web.link import HubLink
from bitgoeul.wire import CellVerdict, Doubt, Verdict


def settings_with(curriculum: Path) -> Settings:
    return Settings(academy=Academy(curriculum=curriculum))


def test_a_course_with_faults_is_left_out_and_the_others_stay(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "curriculum"
    shutil.copytree(root / "curriculum", copy)
    whole = [course.name for course in sound_courses(settings_with(copy))]
    (copy / "academy/machine-learning/course.toml").write_text("title = 3\n")

    left = [course.name for course in sound_courses(settings_with(copy))]

    assert set(whole) - set(left) == {"machine-learning"}
    assert left


def test_no_curriculum_is_no_course(tmp_path: Path) -> None:
    assert sound_courses(settings_with(tmp_path / "nothing")) == ()


def test_verdicts_of_several_notebooks_add_up_under_their_names() -> None:
    one = Verdict(1.0, 2.0, ("kernel-changed",), {"q1": CellVerdict(1.0, 2.0, "passed")})
    one = replace(one, doubts={"q1": Doubt("passed", "passed", 1.0)})
    two = Verdict(0.0, 3.0, (), {"q1": CellVerdict(0.0, 3.0, "failed")})

    found = combined({"a.ipynb": one, "b.ipynb": two})

    assert (found.score, found.max_score, found.flags) == (1.0, 5.0, ("a/kernel-changed",))
    assert set(found.cells) == {"a/q1", "b/q1"}
    assert set(found.doubts) == {"a/q1"}
    assert combined({"a.ipynb": one}) == one


def test_the_service_answers_while_the_sandbox_is_tested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proved = threading.Event()
    monkeypatch.setattr(wiring, "prove", lambda: "namespaces" if proved.wait(20) else "none")
    academy = Academy(state=tmp_path, curriculum=tmp_path / "none")
    settings = Settings(academy=academy, exchange=Exchange(min_free_mb=0, reserve_mb=0))
    database = Database(settings.database_url)
    migrate(database)
    database.close()
    app = build_app(settings, HubLink(api_url="http://127.0.0.1:1/hub/api", api_token="x"))

    async def begin() -> None:
        async with app.router.lifespan_context(app):
            assert not proved.is_set()
            proved.set()

    asyncio.run(asyncio.wait_for(begin(), 10))
