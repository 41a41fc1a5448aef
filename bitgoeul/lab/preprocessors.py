"""What a staff lab puts into nbgrader's own conversions.

`RemoteExecute` stands in Execute's place: a student's code never runs in the instructor's lab, which holds
the gradebook, the sources and a staff token. `HideTests` keeps hidden tests out of feedback.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Float, Unicode, default

from bitgoeul.errors import BitgoeulError
from bitgoeul.lab.bundle import Rules, files_of, pack
from bitgoeul.lab.client import shared
from bitgoeul.lab.hidden import strip_hidden

Converted = tuple[Any, dict[str, Any]]
IGNORE = (".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "*.ipynb", "timestamp.txt")


class NotExecuted(Exception):  # nbgrader shows its text in formgrader's log
    """The service did not run the notebook; its reason is the message."""


class RemoteExecute(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader ships no types
    """Runs the notebook in the service's sandbox instead of here."""

    course = Unicode(help="The course in whose name the sandbox runs. Default: BITGOEUL_COURSE.").tag(config=True)
    timeout = Float(900.0, help="Seconds to wait for the executed notebook.").tag(config=True)

    @default("course")
    def _course_default(self) -> str:
        return os.environ.get("BITGOEUL_COURSE", "")

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> Converted:
        """Send the notebook and the files beside it; take back the executed notebook."""
        folder = Path(resources.get("metadata", {}).get("path") or ".")
        language = os.environ.get("BITGOEUL_LANGUAGE", "ko")
        try:
            url, token = os.environ["BITGOEUL_SERVICE_URL"], os.environ["JUPYTERHUB_API_TOKEN"]
        except KeyError as error:
            raise NotExecuted(f"{error.args[0]} is not set: start this server from the Hub.") from None
        with tempfile.NamedTemporaryFile() as spool, tempfile.TemporaryDirectory() as inner:
            notebook = Path(inner) / "notebook.ipynb"
            notebook.write_text(nbformat.writes(nb), encoding="utf-8")
            pack({**files_of(folder, Rules(ignore=IGNORE)), "notebook.ipynb": notebook}, spool)  # type: ignore[arg-type]
            spool.flush()
            try:
                data = shared(url, token, 20.0).execute(self.course, Path(spool.name), timeout=self.timeout)
            except BitgoeulError as error:
                raise NotExecuted(error.text.pick(language)) from None
        executed = nbformat.reads(data.decode("utf-8"), as_version=4)
        return _with_outputs_of(nb, executed), resources


def _with_outputs_of(nb: Any, executed: Any) -> Any:
    """Only outputs come back: source and grading metadata stay those that nbgrader has checked."""
    if [cell.source for cell in nb.cells] != [cell.source for cell in executed.cells]:
        raise NotExecuted("The sandbox sent back another notebook than it was given.")
    for cell, ran in zip(nb.cells, executed.cells, strict=True):
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = ran.outputs, ran.execution_count
    return nb


class HideTests(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader ships no types
    """Keeps hidden tests, and outputs that quote them, out of feedback."""

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> Converted:
        """Return the notebook without them."""
        return nbformat.from_dict(strip_hidden(nb)), resources
