"""What nbgrader is told in a lab. Pure: takes nbgrader's `c` and the environment that the spawner has set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

EXCHANGE = {
    "exchange": "bitgoeul.lab.base.ServiceExchange",
    "fetch_assignment": "bitgoeul.lab.fetch.ExchangeFetchAssignment",
    "fetch_feedback": "bitgoeul.lab.fetch.ExchangeFetchFeedback",
    "release_assignment": "bitgoeul.lab.release.ExchangeReleaseAssignment",
    "release_feedback": "bitgoeul.lab.release.ExchangeReleaseFeedback",
    "list": "bitgoeul.lab.listing.ExchangeList",
    "submit": "bitgoeul.lab.submit.ExchangeSubmit",
    "collect": "bitgoeul.lab.collect.ExchangeCollect",
}
AUTOGRADE = (
    "bitgoeul.lab.preprocessors.RemoteExecute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
)
FEEDBACK = (
    "nbgrader.preprocessors.GetGrades",
    "bitgoeul.lab.preprocessors.HideTests",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
)
SERVER_LIMIT_KB = 1_000_000
"""nbgrader's own limits only come before the service's, which are the academy's and are told with a reason.
A file over `max_file_size` would be left out of a submission with no more than a line in a log."""


def _exchange(c: Any) -> None:
    for action, place in EXCHANGE.items():
        setattr(c.ExchangeFactory, action, place)
    c.Authenticator.plugin_class = "bitgoeul.lab.auth.ServiceAuthPlugin"
    c.Exchange.path_includes_course = True
    c.CourseDirectory.max_file_size = SERVER_LIMIT_KB
    c.CourseDirectory.max_dir_size = SERVER_LIMIT_KB


def configure_student(c: Any, environ: Mapping[str, str]) -> None:
    """A person's own lab: work lies in `<home>/<course>/<assignment>`."""
    _exchange(c)
    c.Exchange.assignment_dir = environ.get("JUPYTERHUB_ROOT_DIR") or str(Path.home())
    c.CourseDirectory.student_id = environ["JUPYTERHUB_USER"]
    courses = [course for course in environ.get("BITGOEUL_COURSES", "").split(",") if course]
    if len(courses) == 1:
        c.CourseDirectory.course_id = courses[0]


def configure_staff(c: Any, environ: Mapping[str, str]) -> None:
    """A course's staff lab: it opens in the course's folder, and no student's code runs in it."""
    _exchange(c)
    c.CourseDirectory.course_id = environ["BITGOEUL_COURSES"]
    c.CourseDirectory.root = environ["JUPYTERHUB_ROOT_DIR"]
    c.Exchange.assignment_dir = environ["HOME"]
    c.RemoteExecute.course = environ["BITGOEUL_COURSES"]
    c.Autograde.autograde_preprocessors = list(AUTOGRADE)
    c.GenerateFeedback.preprocessors = list(FEEDBACK)
