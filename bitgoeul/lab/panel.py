"""nbgrader's Assignment List for JupyterLab, telling reasons.

The panel is nbgrader's own and unchanged. Its server side drops the result of a failed fetch, and answers
every failed list with a sentence about an exchange directory; this one answers with the exchange's reason.
It is a server extension that loads nbgrader's and puts another manager behind the same routes.
"""

from __future__ import annotations

from typing import Any

from nbgrader.server_extensions.assignment_list.handlers import AssignmentList, load_jupyter_server_extension

from bitgoeul.lab.base import ServiceExchange

Answer = dict[str, Any]


class TellingAssignmentList(AssignmentList):  # type: ignore[misc]  # nbgrader ships no types
    """The manager behind the panel's routes."""

    _untold: Answer | None = None
    _language = ""

    def load_config(self) -> Any:
        """As nbgrader reads it, and in the language of the page that asked."""
        config = super().load_config()
        if self._language:
            config.Exchange.language = self._language
        return config

    def list_released_assignments(self, course_id: str | None = None) -> Answer:
        """List what can be fetched, or the reason why not."""
        ServiceExchange.last_reason = ""
        return _told(super().list_released_assignments(course_id=course_id))

    def list_submitted_assignments(self, course_id: str | None = None) -> Answer:
        """List what was handed in, or the reason why not."""
        ServiceExchange.last_reason = ""
        return _told(super().list_submitted_assignments(course_id=course_id))

    def list_assignments(self, course_id: str | None = None) -> Answer:
        """List both; after a failed fetch, whose result the handler drops, give that failure instead."""
        untold, self._untold = self._untold, None
        answer: Answer = untold or super().list_assignments(course_id=course_id)
        return answer

    def fetch_assignment(self, course_id: str, assignment_id: str) -> Answer:
        """Fetch; a failure is kept for the list that follows."""
        return self._keep(self.fetch_at_once(course_id, assignment_id))

    def fetch_at_once(self, course_id: str, assignment_id: str, *, language: str = "") -> Answer:
        """Fetch, for a caller that looks at the answer itself; in another language than the lab's on demand."""
        ServiceExchange.last_reason = ""
        self._language = language
        try:
            return _told(super().fetch_assignment(course_id, assignment_id))
        finally:
            self._language = ""

    def fetch_feedback(self, course_id: str, assignment_id: str) -> Answer:
        """Fetch feedback; a failure is kept for the list that follows."""
        ServiceExchange.last_reason = ""
        return self._keep(_told(super().fetch_feedback(course_id, assignment_id)))

    def submit_assignment(self, course_id: str, assignment_id: str) -> Answer:
        """Hand in; the panel shows the reason of a failure."""
        ServiceExchange.last_reason = ""
        return _told(super().submit_assignment(course_id, assignment_id))

    def _keep(self, answer: Answer) -> Answer:
        self._untold = None if answer["success"] else answer
        return answer


def _told(answer: Answer) -> Answer:
    reason = ServiceExchange.last_reason
    return answer if answer["success"] or not reason else {"success": False, "value": reason}


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "bitgoeul.lab.panel"}]


def _load_jupyter_server_extension(app: Any) -> None:
    load_jupyter_server_extension(app)
    manager = TellingAssignmentList(parent=app)
    manager.root_dir = app.root_dir
    app.web_app.settings["assignment_list_manager"] = manager
