"""nbgrader's settings in labs, tested as data."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from nbconvert.exporters import Exporter
from nbgrader.converters import Autograde
from nbgrader.exchange import ExchangeFactory
from nbgrader.preprocessors import Execute
from traitlets.config import Config

from bitgoeul.lab.config import AUTOGRADE, EXCHANGE, FEEDBACK, configure_staff, configure_student

STUDENT = {"JUPYTERHUB_USER": "minji", "JUPYTERHUB_ROOT_DIR": "/homes/minji", "BITGOEUL_COURSES": "one,two"}
STAFF = {"JUPYTERHUB_ROOT_DIR": "/courses/one", "BITGOEUL_COURSES": "one", "HOME": "/homes/seoyeon"}


def test_all_eight_classes_are_ours_and_fit_nbgraders_interfaces() -> None:
    c = Config()
    configure_student(c, STUDENT)
    factory = ExchangeFactory(config=c)

    assert set(EXCHANGE) == set(factory.traits(config=True))
    assert all(getattr(factory, name).__module__.startswith("bitgoeul.lab.") for name in EXCHANGE)


def test_a_student_is_who_the_hub_says_and_works_below_the_course() -> None:
    c = Config()
    configure_student(c, STUDENT)

    assert c.CourseDirectory.student_id == "minji"
    assert c.Exchange.path_includes_course is True
    assert "course_id" not in c.CourseDirectory


def test_with_one_course_it_need_not_be_named() -> None:
    c = Config()
    configure_student(c, {**STUDENT, "BITGOEUL_COURSES": "one"})

    assert c.CourseDirectory.course_id == "one"


def test_staff_work_in_the_courses_folder_and_are_no_student() -> None:
    c = Config()
    configure_staff(c, STAFF)

    assert c.CourseDirectory.root == "/courses/one"
    assert c.CourseDirectory.course_id == "one"
    assert "student_id" not in c.CourseDirectory


def test_no_students_code_runs_in_a_staff_lab() -> None:
    """Autograde keeps nbgrader's steps in their order, with ours in the place of Execute."""
    stock = [f"{step.__module__}.{step.__name__}" for step in Autograde.autograde_preprocessors.default()]
    names = [place.rsplit(".", 1)[1] for place in AUTOGRADE]

    assert names == ["RemoteExecute" if "Execute" in step else step.rsplit(".", 1)[1] for step in stock]
    assert Execute.__name__ not in names


def test_hidden_tests_go_before_feedback_is_drawn() -> None:
    names = [place.rsplit(".", 1)[1] for place in FEEDBACK]

    assert names == ["GetGrades", "HideTests", "CSSHTMLHeaderPreprocessor"]


@pytest.mark.parametrize("place", [*AUTOGRADE, *FEEDBACK])
def test_every_step_can_be_loaded_by_its_name(place: str) -> None:
    exporter = Exporter(default_preprocessors=[])
    exporter.register_preprocessor(place, enabled=True)

    assert [type(step).__name__ for step in exporter._preprocessors] == [place.rsplit(".", 1)[1]]


@pytest.mark.parametrize("kind", ["student", "staff"])
def test_the_configuration_files_do_as_these_functions(kind: str, root: Path) -> None:
    path = root / "bitgoeul/lab/etc" / kind / "nbgrader_config.py"
    c, wanted = Config(), Config()
    environ = {**STUDENT, **STAFF}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        exec(compile(path.read_text(), str(path), "exec"), {"get_config": lambda: c})  # noqa: S102  # as traitlets does
    getattr(importlib.import_module("bitgoeul.lab.config"), f"configure_{kind}")(wanted, environ)

    assert c == wanted


def test_the_client_loads_nothing_but_the_standard_library() -> None:
    """It loads in every lab; what else a lab loads is nbgrader's and Jupyter's own."""
    code = "import sys, bitgoeul.lab.client, bitgoeul.lab.outbox; print(*{n.split('.')[0] for n in sys.modules})"
    loaded = set(
        subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True).stdout.split()
    )
    strangers = {name for name in loaded if name not in sys.stdlib_module_names and not name.startswith("_")}

    assert strangers <= {"bitgoeul", "sitecustomize"}
