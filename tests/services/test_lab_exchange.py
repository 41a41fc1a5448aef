"""The other seven classes against a real service: release, fetch, list, collect and feedback."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.exchange import ExchangeError
from nbgrader.utils import parse_utc

from bitgoeul import wire
from bitgoeul.lab.auth import ServiceAuthPlugin
from bitgoeul.lab.client import Failed
from tests.services.nbgrader_exchange import worlds
from tests.services.nbgrader_exchange.academy import ROOT
from tests.services.nbgrader_exchange.labs import Lab, World, put, put_notebook

hub_and_service, world = worlds.hub_and_service, worlds.world
DUE = "2030-01-01T00:00:00Z"


def source_of(path: Path) -> str:
    return str(nbformat.read(path, 4).cells[0].source)


def releases(lab: Lab) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(lab.get(f"api/courses/{lab.course}/assignments"))
    return rows


# --- releasing ---------------------------------------------------------------------------------------------


def test_a_release_is_a_version_and_holds_release_and_source(world: World) -> None:
    staff = world.release()
    (row,) = releases(staff)

    assert (row["assignment"], row["version"], row["languages"]) == ("ps1", 1, ["ko"])
    assert row["notebooks"] == ["p1.ipynb"]
    assert staff.get(f"api/courses/{staff.course}/assignments/ps1/release?part=source")


def test_without_force_what_is_released_stays(world: World) -> None:
    staff = world.release()

    with pytest.raises(ExchangeError, match=r"Version 1 is released already.*--force"):
        staff.do("ReleaseAssignment", "ps1")


def test_force_makes_a_new_version_and_keeps_every_submission(world: World) -> None:
    staff = world.release()
    student = world.fetched()
    student.do("Submit", "ps1")
    put_notebook(staff.folder / "release" / "ps1" / "p1.ipynb", "2")
    staff.do("ReleaseAssignment", "ps1", force=True)

    assert [row["version"] for row in releases(staff)] == [2]
    assert len(staff.submissions("ps1")) == 1


def test_unreleasing_hides_and_releasing_again_shows_the_same_version(world: World) -> None:
    staff, student = world.release(), world.lab("minji")
    staff.do("List", "ps1", remove=True)
    hidden = [student.do("List"), staff.do("List")]
    staff.do("ReleaseAssignment", "ps1")

    assert hidden == [[], []]
    assert [row["assignment_id"] for row in student.do("List")] == ["ps1"]
    assert [row["version"] for row in releases(staff)] == [1]


def test_a_student_cannot_release_or_unrelease(world: World) -> None:
    world.release()
    student = world.lab("minji")
    student.extra.CourseDirectory.root = str(student.folder)
    put_notebook(student.folder / "release" / "ps2" / "p1.ipynb")

    with pytest.raises(ExchangeError, match="Only staff"):
        student.do("ReleaseAssignment", "ps2")
    with pytest.raises(ExchangeError, match="Only staff"):
        student.do("List", "ps1", remove=True)


def test_an_assignment_that_was_not_generated_is_told_so(world: World) -> None:
    staff = world.lab("seoyeon")
    put_notebook(staff.folder / "source" / "ps1" / "p1.ipynb")

    with pytest.raises(ExchangeError, match="generate_assignment"):
        staff.do("ReleaseAssignment", "ps1")


def release_in(staff: Lab, language: str, text: str, source: str = "s1") -> None:
    ours = {"bitgoeul": {"language": language, "source_sha256": source, "course": "c", "assignment": "ps1"}}
    for step in ("release", "source"):
        put_notebook(staff.folder / step / "ps1" / "p1.ipynb", text, **ours)
    staff.do("ReleaseAssignment", "ps1", force=True)


def test_the_other_language_of_the_same_source_is_released_along(world: World) -> None:
    staff = world.lab("seoyeon")
    release_in(staff, "en", "'english'")
    release_in(staff, "ko", "'korean'")

    assert sorted(releases(staff)[0]["languages"]) == ["en", "ko"]
    for language, text in (("ko", "'korean'"), ("en", "'english'")):
        lab = world.lab("minji" if language == "ko" else "junho", language=language)
        lab.do("FetchAssignment", "ps1")
        assert source_of(lab.work("ps1") / "p1.ipynb") == f"answer = {text}"


def test_a_language_of_another_source_is_left_behind_and_told(world: World, caplog: pytest.LogCaptureFixture) -> None:
    staff = world.lab("seoyeon")
    release_in(staff, "en", "'old'")
    release_in(staff, "ko", "'new'", source="s2")

    assert releases(staff)[0]["languages"] == ["ko"]
    assert "This version has no en release" in caplog.text


# --- fetching ----------------------------------------------------------------------------------------------


def test_fetching_brings_every_file_below_the_course(world: World) -> None:
    world.release()
    lab = world.fetched()

    assert sorted(path.relative_to(lab.work("ps1")).as_posix() for path in lab.work("ps1").rglob("*.*")) == [
        "data/a.csv",
        "p1.ipynb",
    ]


def test_fetching_twice_changes_nothing_and_says_so(world: World) -> None:
    world.release()
    lab = world.fetched()
    put(lab.work("ps1") / "p1.ipynb", "my work")

    with pytest.raises(ExchangeError, match="already have a copy"):
        lab.do("FetchAssignment", "ps1")
    assert (lab.work("ps1") / "p1.ipynb").read_text() == "my work"


def test_only_missing_files_are_replaced(world: World) -> None:
    world.release()
    lab = world.fetched()
    put(lab.work("ps1") / "p1.ipynb", "my work")
    (lab.work("ps1") / "data" / "a.csv").unlink()
    lab.do("FetchAssignment", "ps1", replace_missing_files=True)

    assert (lab.work("ps1") / "p1.ipynb").read_text() == "my work"
    assert (lab.work("ps1") / "data" / "a.csv").read_text() == "1,2"


def test_an_unknown_assignment_is_told_with_its_nearest_neighbour(world: World) -> None:
    world.release()
    lab = world.lab("minji")

    with pytest.raises(ExchangeError, match=r"not found: ps2.*Did you mean ps1"):
        lab.do("FetchAssignment", "ps2")


def test_a_failed_fetch_leaves_nothing(world: World) -> None:
    world.release()
    lab = world.lab("minji")
    action = lab.make("FetchAssignment", "ps1")
    action.init_src()
    action.init_dest()
    world.service.stop(signal.SIGKILL)
    try:
        with pytest.raises(Failed, match="cannot be reached"):
            action.copy_files()
    finally:
        world.service.start()

    assert [path for path in lab.folder.rglob("*") if path.is_file()] == []
    assert not lab.work("ps1").exists()


KILLED_WHILE_UNPACKING = """
import os, signal, sys
from pathlib import Path
from tests.services.nbgrader_exchange.labs import Lab

url, user, course, folder, token = sys.argv[1:]
opened = []

def watch(event, told):
    if event == "open" and str(told[1]).startswith("x") and str(told[0]).startswith(folder):
        opened.append(told[0])
        if len(opened) == 3:  # two files are whole, the third is empty
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
Lab(None, user, course, Path(folder), token, url=url).do("FetchAssignment", "ps1")
"""


def test_a_fetch_that_is_killed_between_two_files_leaves_no_half_assignment(world: World) -> None:
    staff, lab = world.lab("seoyeon"), world.lab("minji")
    for name in ("a", "b", "c", "d"):
        put(staff.folder / "release" / "ps1" / "data" / f"{name}.csv", name)
    world.release()
    told = [lab.service.url, lab.user, lab.course, str(lab.folder), lab.token]
    killed = subprocess.run([sys.executable, "-c", KILLED_WHILE_UNPACKING, *told], cwd=ROOT, timeout=60, check=False)
    there = lab.work("ps1").exists()
    lab.do("FetchAssignment", "ps1")

    assert killed.returncode == -signal.SIGKILL
    assert not there
    assert sorted(path.name for path in lab.work("ps1").rglob("*.*")) == [
        "a.csv",
        "b.csv",
        "c.csv",
        "d.csv",
        "p1.ipynb",
    ]


def test_a_stranger_may_not_fetch_or_list(world: World) -> None:
    world.release()
    lab = world.lab("amelia")

    for action in ("FetchAssignment", "List"):
        with pytest.raises(ExchangeError, match="does not take"):
            lab.do(action, "ps1")


# --- listing -----------------------------------------------------------------------------------------------


def test_rows_have_the_shape_that_nbgraders_panels_read(world: World) -> None:
    world.release()
    lab = world.lab("minji")
    (released,) = lab.do("List")
    lab.do("FetchAssignment", "ps1")
    (fetched,) = lab.do("List")
    notebook = lab.work("ps1") / "p1.ipynb"

    assert {key: released[key] for key in ("course_id", "assignment_id", "status")} == {
        "course_id": world.course,
        "assignment_id": "ps1",
        "status": "released",
    }
    assert (fetched["status"], fetched["path"]) == ("fetched", str(notebook.parent))
    assert released["notebooks"] == fetched["notebooks"] == [{"notebook_id": "p1", "path": str(notebook)}]


def test_submitted_rows_are_grouped_with_their_feedback(world: World) -> None:
    world.release()
    lab = world.fetched()
    lab.do("Submit", "ps1")
    lab.do("Submit", "ps1")
    (group,) = lab.do("List", cached=True)
    submission = group["submissions"][0]

    assert {key: value for key, value in group.items() if key != "submissions"} == {
        "course_id": world.course,
        "student_id": "minji",
        "assignment_id": "ps1",
        "status": "submitted",
    }
    assert [row["sequence"] for row in group["submissions"]] == sorted(row["sequence"] for row in group["submissions"])
    assert {"timestamp", "path", "notebooks", "local_feedback_path"} <= set(submission)
    assert submission["notebooks"][0] == {
        "notebook_id": "p1",
        "path": str(Path(submission["path"]) / "p1.ipynb"),
        "has_local_feedback": False,
        "has_exchange_feedback": False,
        "local_feedback_path": None,
        "feedback_updated": False,
    }


def test_staff_list_what_came_in_and_students_only_their_own(world: World) -> None:
    staff = world.release()
    for user in ("minji", "junho"):
        world.fetched(user).do("Submit", "ps1")
    own = world.lab("junho").do("List", inbound=True)

    assert [group["student_id"] for group in staff.do("List", inbound=True)] == ["junho", "minji"]
    assert [group["student_id"] for group in own] == ["junho"]
    assert [group["student_id"] for group in staff.do("List", cached=True)] == []


def test_removing_what_came_in_leaves_it_and_says_so(world: World, caplog: pytest.LogCaptureFixture) -> None:
    staff = world.release()
    world.fetched().do("Submit", "ps1")
    staff.do("List", "ps1", inbound=True, remove=True)

    assert "never removed" in caplog.text
    assert len(staff.submissions("ps1")) == 1


def test_a_forgotten_copy_leaves_the_list_and_the_submission_stays(world: World) -> None:
    world.release()
    lab = world.fetched()
    lab.do("Submit", "ps1")
    lab.do("List", "ps1", cached=True, remove=True)

    assert lab.do("List", cached=True) == []
    assert len(lab.submissions("ps1")) == 1


def test_due_dates_and_extensions_are_in_the_list(world: World, caplog: pytest.LogCaptureFixture) -> None:
    staff = world.release()
    place = f"api/courses/{world.course}/assignments/ps1"
    staff.ask("PUT", f"{place}/due", {"due": DUE})
    staff.ask("PUT", f"{place}/extensions/junho", {"due": "2031-01-01T00:00:00Z"})
    caplog.set_level("INFO")
    (mine,), (extended,) = world.lab("minji").do("List"), world.lab("junho").do("List")

    assert (mine["due"], mine["extended"]) == ("2030-01-01T00:00:00.000000Z", False)
    assert (extended["due"], extended["extended"]) == ("2031-01-01T00:00:00.000000Z", True)
    assert "ps1 (due 2030-01-01" in caplog.text


def test_without_a_course_all_courses_of_the_user_are_listed(world: World) -> None:
    for course in (f"{world.course}-a", f"{world.course}-b"):
        world.release(course=course)
    lab = world.lab("minji", f"{world.course}-a")
    world.lab("minji", f"{world.course}-b")
    lab.token = world.hub.token_for("minji")  # the service may remember the old token's groups for a minute
    lab.extra.CourseDirectory.course_id = ""
    listed = {row["course_id"] for row in lab.do("List")}

    assert {f"{world.course}-a", f"{world.course}-b"} <= listed


def test_a_list_that_fails_raises_only_exchange_errors(world: World) -> None:
    """Formgrader lists at every page: any other exception would make each of its pages an error."""
    lab = world.lab("minji")
    lab.url = "http://127.0.0.1:9/services/bitgoeul/"
    for how in ({}, {"cached": True}, {"inbound": True}, {"remove": True}):
        with pytest.raises(ExchangeError, match="cannot be reached"):
            lab.do("List", **how)


# --- collecting --------------------------------------------------------------------------------------------


def test_every_submission_is_collected_the_latest_to_be_graded_the_others_beside(world: World) -> None:
    staff = world.release()
    lab = world.fetched()
    for text in ("'first'", "'second'", "'third'"):
        put_notebook(lab.work("ps1") / "p1.ipynb", text)
        lab.do("Submit", "ps1")
    world.fetched("junho").do("Submit", "ps1")
    staff.do("Collect", "ps1")
    earlier = sorted((staff.folder / "earlier" / "minji" / "ps1").iterdir())

    assert source_of(staff.folder / "submitted" / "minji" / "ps1" / "p1.ipynb") == "answer = 'third'"
    assert [source_of(folder / "p1.ipynb") for folder in earlier] == ["answer = 'first'", "answer = 'second'"]
    assert (staff.folder / "submitted" / "junho" / "ps1" / "data" / "a.csv").read_text() == "1,2"


def test_collecting_everybodys_work_is_known_to_the_portal_and_its_audit(world: World) -> None:
    staff = world.release()
    world.fetched().do("Submit", "ps1")
    staff.do("Collect", "ps1")
    path = f"api/courses/{world.course}/assignments/ps1/collections?up_to=2000000000"

    assert json.loads(staff.ask("POST", path)) == {"collected": 0}, "nothing is new any more"


def test_the_collected_time_is_the_servers(world: World) -> None:
    staff = world.release()
    lab = world.fetched()
    put(lab.work("ps1") / "timestamp.txt", "1999-01-01 00:00:00.000000 UTC")
    lab.do("Submit", "ps1")
    staff.do("Collect", "ps1")
    written = (staff.folder / "submitted" / "minji" / "ps1" / "timestamp.txt").read_text()

    assert parse_utc(written) == parse_utc(wire.moment(lab.submissions("ps1")[0]["begun_at"]))


def test_collecting_again_brings_what_is_new_and_only_with_update(world: World) -> None:
    staff = world.release()
    lab = world.fetched()
    place = staff.folder / "submitted" / "minji" / "ps1" / "p1.ipynb"
    lab.do("Submit", "ps1")
    staff.do("Collect", "ps1")
    put_notebook(lab.work("ps1") / "p1.ipynb", "'new'")
    lab.do("Submit", "ps1")
    staff.do("Collect", "ps1")
    before = source_of(place)
    staff.do("Collect", "ps1", update=True)

    assert (before, source_of(place)) == ("answer = 1", "answer = 'new'")


def test_before_the_due_date_counts_each_students_extension(world: World) -> None:
    staff = world.release()
    due = f"api/courses/{world.course}/assignments/ps1"
    for user in ("minji", "junho"):
        lab = world.fetched(user)
        lab.do("Submit", "ps1")
    last = wire.moment(staff.submissions("ps1")[-1]["begun_at"])
    staff.ask("PUT", f"{due}/due", {"due": wire.stamp(last + timedelta(microseconds=1))})
    staff.ask("PUT", f"{due}/extensions/junho", {"due": DUE})
    for user in ("minji", "junho"):
        lab = world.lab(user)
        put_notebook(lab.work("ps1") / "p1.ipynb", "'after'")
        lab.do("Submit", "ps1")
    staff.do("Collect", "ps1", before_duedate=True)

    assert source_of(staff.folder / "submitted" / "minji" / "ps1" / "p1.ipynb") == "answer = 1"
    assert source_of(staff.folder / "submitted" / "junho" / "ps1" / "p1.ipynb") == "answer = 'after'"


def test_a_student_cannot_collect(world: World) -> None:
    world.release()
    world.fetched("junho").do("Submit", "ps1")
    lab = world.lab("minji")
    lab.extra.CourseDirectory.root = str(lab.folder)
    lab.extra.CourseDirectory.student_id = "*"
    lab.do("Collect", "ps1")

    assert not (lab.folder / "submitted").exists()


# --- feedback ----------------------------------------------------------------------------------------------


def give_feedback(staff: Lab, text: str, *users: str, **traits: Any) -> None:
    staff.do("Collect", "ps1", update=True)
    for user in users:
        page = put(staff.folder / "feedback" / user / "ps1" / "p1.html", f"<html><body><p>{text}</p></body></html>")
        stamp = staff.folder / "submitted" / user / "ps1" / "timestamp.txt"
        put(page.with_name("timestamp.txt"), stamp.read_text())
    staff.do("ReleaseFeedback", "ps1", **traits)


def states(lab: Lab) -> list[tuple[bool, bool, bool]]:
    (group,) = lab.do("List", cached=True)
    return [
        (row["has_exchange_feedback"], row["has_local_feedback"], row["feedback_updated"])
        for row in group["submissions"]
    ]


def test_feedback_is_ready_then_fetched_then_updated_then_fetched(world: World) -> None:
    staff = world.release()
    lab = world.fetched()
    lab.do("Submit", "ps1")
    seen = [states(lab)]
    give_feedback(staff, "one", "minji")
    seen.append(states(lab))
    lab.do("FetchFeedback", "ps1")
    seen.append(states(lab))
    give_feedback(staff, "two", "minji")
    seen.append(states(lab))
    lab.do("FetchFeedback", "ps1")
    seen.append(states(lab))

    assert seen == [
        [(False, False, False)],
        [(True, False, False)],
        [(True, True, False)],
        [(True, True, True)],
        [(True, True, False)],
    ]


def test_feedback_lies_where_the_panel_opens_it(world: World) -> None:
    staff = world.release()
    lab = world.fetched()
    lab.do("Submit", "ps1")
    give_feedback(staff, "well done", "minji")
    lab.do("FetchFeedback", "ps1")
    (group,) = lab.do("List", cached=True)
    row = group["submissions"][0]

    assert row["local_feedback_path"] == str(lab.work("ps1") / "feedback" / row["timestamp"])
    assert "well done" in (Path(row["local_feedback_path"]) / "p1.html").read_text()


def test_feedback_reaches_the_submission_that_it_speaks_of(world: World) -> None:
    staff = world.release()
    lab = world.fetched()
    lab.do("Submit", "ps1")
    give_feedback(staff, "of the first", "minji")
    lab.do("Submit", "ps1")
    staff.do("ReleaseFeedback", "ps1")

    assert [there for there, _, _ in states(lab)] == [True, False]


def test_feedback_of_one_student_or_of_all_but_some(world: World) -> None:
    staff = world.release()
    labs = [world.fetched(user) for user in ("minji", "junho")]
    for lab in labs:
        lab.do("Submit", "ps1")
    staff.extra.CourseDirectory.student_id_exclude = "junho,nobody"
    give_feedback(staff, "x", "minji", "junho")
    first = [states(lab)[0][0] for lab in labs]
    staff.extra.CourseDirectory.student_id_exclude = ""
    staff.extra.CourseDirectory.student_id = "junho"
    staff.do("ReleaseFeedback", "ps1")

    assert first == [True, False]
    assert [states(lab)[0][0] for lab in labs] == [True, True]


def test_feedback_for_no_submission_is_told_and_the_others_go_out(world: World) -> None:
    staff = world.release()
    lab = world.fetched()
    lab.do("Submit", "ps1")
    put(staff.folder / "feedback" / "ghost" / "ps1" / "p1.html", "<p>boo</p>")

    with pytest.raises(ExchangeError, match=r"ghost: No submission fits"):
        give_feedback(staff, "x", "minji")
    assert states(lab)[0][0] is True


def test_feedback_that_was_not_given_is_no_failure(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.release()
    lab = world.fetched()
    lab.do("Submit", "ps1")
    lab.do("FetchFeedback", "ps1")

    assert "Could not find feedback" in caplog.text
    assert not (lab.work("ps1") / "feedback").exists()


def test_feedback_is_no_part_of_the_next_submission(world: World) -> None:
    staff = world.release()
    lab = world.fetched()
    lab.do("Submit", "ps1")
    give_feedback(staff, "x", "minji")
    lab.do("FetchFeedback", "ps1")
    lab.do("Submit", "ps1")

    assert lab.content(lab.submissions("ps1")[-1]["id"]) == ["data/a.csv", "p1.ipynb"]


# --- who takes what ----------------------------------------------------------------------------------------


def test_nbgraders_authenticator_knows_the_courses_from_the_service(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lab = world.lab("minji")
    monkeypatch.setenv("JUPYTERHUB_USER", "minji")
    monkeypatch.setenv("BITGOEUL_SERVICE_URL", world.service.url)
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", lab.token)
    plugin = ServiceAuthPlugin()
    plugin.add_student_to_course("junho", world.course)

    assert world.course in (plugin.get_student_courses("minji") or [])
    assert plugin.get_student_courses("*") == plugin.get_student_courses("minji")
    assert plugin.get_student_courses("junho") is None
    assert "changes nothing in the Hub" in caplog.text
