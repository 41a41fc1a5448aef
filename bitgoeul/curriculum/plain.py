"""Takes in an existing nbgrader course: its notebooks and its `nbgrader_config.py`, unchanged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.reader import NotJSONError
from nbgrader.nbgraderformat import SchemaTooNewError, SchemaTooOldError, ValidationError, reads
from traitlets.config import Config

from bitgoeul.curriculum.releasing import PREPROCESSORS, ReleaseSettings
from bitgoeul.errors import CourseError, Fault, shorten

AUTOTEST = "AUTOTEST"
CONFIG_SECONDS = 60
_PROGRAM = """
import json, sys
from traitlets.config.loader import PyFileConfigLoader
config = PyFileConfigLoader("nbgrader_config.py", path=sys.argv[1]).load_config()
print()
print(json.dumps({name: dict(config[name]) for name in sys.argv[2:] if name in config}, default=repr))
"""


def read_notebook(path: Path, content: bytes) -> NotebookNode:
    """Read a source notebook as nbgrader does; raise `CourseError` where it would refuse it too."""
    try:
        notebook: NotebookNode = reads(content.decode(), as_version=nbformat.current_nbformat)
    except (SchemaTooOldError, SchemaTooNewError) as error:
        ko = f"nbgrader 메타데이터의 판이 맞지 않습니다. `nbgrader update`로 바꾸십시오: {error}"
        raise CourseError(
            [Fault.of(path, 1, ko, f"nbgrader's metadata is of another version; run `nbgrader update`: {error}")]
        ) from None
    except (ValidationError, nbformat.ValidationError, NotJSONError, ValueError, KeyError, AttributeError) as error:
        found = shorten(str(error))
        raise CourseError(
            [Fault.of(path, 1, f"노트북으로 읽을 수 없습니다: {found}", f"a notebook was wanted: {found}")]
        ) from None
    if any(cell.cell_type == "code" and AUTOTEST in cell.source for cell in notebook.cells):
        ko = "AUTOTEST는 아직 다루지 않습니다. `nbgrader generate_assignment`가 만든 검사로 바꿔 쓰십시오."
        en = "AUTOTEST is not handled yet; write the tests that `nbgrader generate_assignment` makes of it."
        raise CourseError([Fault.of(path, 1, ko, en)])
    return notebook


def release_settings(folder: Path) -> ReleaseSettings:
    """Read a course's `nbgrader_config.py`, if it has one: its own markers and its header count.

    It is Python and is run, as nbgrader runs it, but in a process of its own: whatever it does besides, or
    however it fails, stays there.
    """
    path = folder / "nbgrader_config.py"
    if not path.is_file():
        return ReleaseSettings(Config())
    names = [kind.__name__ for kind in PREPROCESSORS]
    command = [sys.executable, "-c", _PROGRAM, str(folder), *names]
    try:
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=CONFIG_SECONDS, check=True)
        config = Config(json.loads(ran.stdout.splitlines()[-1]))
    except (subprocess.SubprocessError, ValueError, IndexError) as error:
        found = (getattr(error, "stderr", None) or str(error)).strip().splitlines()[-1]
        raise CourseError([Fault.of(path, 1, f"실행할 수 없습니다: {found}", f"it cannot be run: {found}")]) from error
    for edge in ("header", "footer"):
        if name := config.get("IncludeHeaderFooter", {}).get(edge):
            config.IncludeHeaderFooter[edge] = str(folder / name)
    return ReleaseSettings(config)
