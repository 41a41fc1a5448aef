"""nbgrader's authenticator, answered by the service: one request, and no scope of the Hub is needed.

`JupyterHubAuthPlugin` of nbgrader would ask the Hub for `read:users:groups` of this user; the service has
asked already. This runs in the student's own process, so it informs and never controls: the service does.
"""

from __future__ import annotations

import os

from nbgrader.auth import BaseAuthPlugin

from bitgoeul.errors import BitgoeulError
from bitgoeul.lab.client import shared


class ServiceAuthPlugin(BaseAuthPlugin):  # type: ignore[misc]  # nbgrader ships no types
    """Courses are the groups that the Hub knows us in."""

    def get_student_courses(self, student_id: str) -> list[str] | None:
        """The courses of this lab's user; None (any) for others, of whom we may not ask."""
        if student_id not in ("*", "", os.environ.get("JUPYTERHUB_USER", "")):
            return None
        try:
            me = shared(os.environ["BITGOEUL_SERVICE_URL"], os.environ["JUPYTERHUB_API_TOKEN"], 1.0).me()
        except (BitgoeulError, KeyError):
            return None  # the service says no with its reason when it is asked to act
        return sorted({*me.student_of, *me.staff_of})

    def add_student_to_course(self, student_id: str, course_id: str) -> None:
        """Enrolment is the academy's."""
        self._tell(student_id, course_id)

    def remove_student_from_course(self, student_id: str, course_id: str) -> None:
        """Enrolment is the academy's."""
        self._tell(student_id, course_id)

    def _tell(self, student_id: str, course_id: str) -> None:
        self.log.warning(
            "%s in %s: the gradebook's list changes nothing in the Hub. Who takes a course stands in the academy's "
            "settings; the operator changes it.",
            student_id,
            course_id,
        )
