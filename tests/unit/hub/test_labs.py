"""Who gets what lab: a function of the person's groups, and no student gets what belongs to staff."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitgoeul.errors import NotAllowed
from bitgoeul.hub import labs
from bitgoeul.lab import later
from bitgoeul.names import CourseName, UserName, staff_group, student_group
from bitgoeul.settings import Academy, Settings

ACADEMY = Settings(academy=Academy(state=Path("/academy/state")))
FORMGRADER = "nbgrader.server_extensions.formgrader"
OURS = "bitgoeul.lab.formgrader"  # loads it

names = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8})?", fullmatch=True).map(CourseName)
groups = st.lists(
    st.one_of(names.map(student_group), names.map(staff_group), names.map(lambda name: f"cohort-{name}")), max_size=6
)
servers = st.one_of(st.just(""), names.map(str), st.text(max_size=40))


def plan(server: str, groups: list[str], user: str = "minji") -> labs.Lab:
    return labs.plan(ACADEMY, UserName(user), server, groups, "ko")


def extensions(lab: labs.Lab) -> dict[str, bool]:
    """Read what Jupyter Server would: later folders give way to earlier ones."""
    found: dict[str, bool] = {}
    for folder in reversed(lab.config_path.split(os.pathsep)):
        for path in sorted(Path(folder).glob("jupyter_server_config.d/*.json")):
            found |= json.loads(path.read_text())["ServerApp"]["jpserver_extensions"]
    return found


@given(server=servers, groups=groups)
def test_nobody_gets_formgrader_or_a_course_folder_but_staff_of_that_course(server: str, groups: list[str]) -> None:
    try:
        lab = plan(server, groups)
    except NotAllowed:
        assert f"formgrade-{server}" not in groups
        return
    if lab.kind == "staff":
        assert staff_group(CourseName(server)) in groups
        assert lab.courses == (CourseName(server),)
    else:
        assert server == ""
        assert not [name for name, enabled in extensions(lab).items() if "formgrader" in name and enabled]
        assert lab.root == ACADEMY.home_folder(UserName("minji"))
        assert "courses" not in json.dumps([str(lab.root), lab.opens])


@given(groups=groups, course=names)
def test_a_student_of_a_course_is_refused_its_staffs_lab(groups: list[str], course: CourseName) -> None:
    only_student = [group for group in groups if group != staff_group(course)] + [student_group(course)]

    with pytest.raises(NotAllowed) as refusal:
        plan(course, only_student)
    assert course in refusal.value.text.ko
    assert course in refusal.value.text.en


def test_a_students_lab_knows_all_his_courses() -> None:
    lab = plan("", ["nbgrader-b", "nbgrader-a", "formgrade-c", "cohort-x"])

    assert lab.courses == ("a", "b", "c")


def test_staff_open_formgrader_in_the_courses_own_folder() -> None:
    lab = plan("machine-learning", ["formgrade-machine-learning"], user="seoyeon")

    assert lab.root == Path("/academy/state/courses/machine-learning")
    assert lab.home == Path("/academy/state/homes/seoyeon")
    assert lab.opens == "/formgrader/manage_assignments"
    assert extensions(lab)[OURS] is True
    assert extensions(lab)["jupyter_server_mathjax"] is True


def test_a_students_lab_loads_nbgrader_at_its_first_use_and_never_formgrader_or_the_course_list() -> None:
    found = extensions(plan("", []))

    assert found["bitgoeul.lab.later"] is True
    assert not [name for name, enabled in found.items() if "nbgrader" in name and enabled]
    assert {"bitgoeul.lab.panel", "nbgrader.server_extensions.validate_assignment"} <= set(later.EXTENSIONS)
    assert not {FORMGRADER, OURS} & set(later.EXTENSIONS)


def test_extensions_that_cost_start_time_and_that_nobody_uses_here_are_off() -> None:
    found = extensions(plan("", []))

    assert not [name for name in ("jupyter_lsp", "jupyterlab_jupytext", "notebook", "notebook_shim") if found[name]]


def test_the_folders_that_the_hub_owns_exist() -> None:
    for lab in (plan("", []), plan("a", ["formgrade-a"])):
        folders = [Path(folder) for folder in lab.config_path.split(os.pathsep)]

        assert all(folder.is_dir() for folder in folders)


def test_nothing_of_the_operators_own_jupyter_is_read() -> None:
    env = labs.environment(plan("", []), ACADEMY, {"HOME": "/home/operator", "PATH": "/usr/bin"})

    assert env["HOME"] == "/academy/state/homes/minji"
    assert env["PYTHONNOUSERSITE"] == "1"
    assert not [value for value in env.values() if "/home/operator" in value]


def test_a_labs_commands_are_the_academys() -> None:
    env = labs.environment(plan("", []), ACADEMY, {"PATH": "/usr/bin"})

    assert env["PATH"].split(os.pathsep) == [str(Path(sys.executable).parent), "/usr/bin"]


def test_the_exchange_is_told_where_and_what() -> None:
    env = labs.environment(plan("", ["nbgrader-a", "nbgrader-b"]), ACADEMY, {})

    assert env["BITGOEUL_SERVICE_URL"] == "http://127.0.0.1:8000/services/bitgoeul"
    assert env["BITGOEUL_COURSES"] == "a,b"
    assert env["BITGOEUL_LANGUAGE"] == "ko"


def test_a_lab_stops_itself_when_idle_so_nobody_needs_the_right_to_stop_labs() -> None:
    arguments = labs.arguments(ACADEMY, root=False)

    assert "--ServerApp.shutdown_no_activity_timeout=3600" in arguments
    assert "--MappingKernelManager.cull_idle_timeout=3600" in arguments
    assert "--allow-root" not in arguments
    assert "--allow-root" in labs.arguments(ACADEMY, root=True)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_jupyterlab_speaks_the_persons_language(language) -> None:
    lab = labs.plan(ACADEMY, UserName("minji"), "", [], language)
    path = labs.ETC / language / "labconfig/default_setting_overrides.json"
    locale = json.loads(path.read_text())["@jupyterlab/translation-extension:plugin"]["locale"]

    assert str(labs.ETC / language) in lab.config_path
    assert locale.startswith(language)
