"""Makes a release from a source notebook with nbgrader's own preprocessors, in memory."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.nbgraderformat import ValidationError
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    IncludeHeaderFooter,
    LockCells,
)
from traitlets.config import Config

from bitgoeul.errors import CourseError, Fault

# nbgrader's order for `generate_assignment`, without the two that start a kernel or write to the gradebook.
PREPROCESSORS = (
    IncludeHeaderFooter,
    LockCells,
    ClearSolutions,
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
    CheckCellMetadata,
)


@dataclass(frozen=True)
class ReleaseSettings:
    """nbgrader's settings for its preprocessors, as a course's `nbgrader_config.py` gives them."""

    config: Config

    @classmethod
    def of(cls, **classes: dict[str, Any]) -> ReleaseSettings:
        """Write settings as `ClassName={"trait": value}`."""
        return cls(Config(classes))

    def regions(self) -> dict[str, tuple[str, str]]:
        """Give the words that open and close each kind of secret region."""
        solutions, hidden, marks = (
            kind(config=self.config) for kind in (ClearSolutions, ClearHiddenTests, ClearMarkScheme)
        )
        return {
            "SOLUTION": (solutions.begin_solution_delimeter, solutions.end_solution_delimeter),
            "HIDDEN TESTS": (hidden.begin_test_delimeter, hidden.end_test_delimeter),
            "MARK SCHEME": (marks.begin_mark_scheme_delimeter, marks.end_mark_scheme_delimeter),
        }


NBGRADERS_OWN = ReleaseSettings(Config())


def release_from_source(
    source: NotebookNode, settings: ReleaseSettings = NBGRADERS_OWN, *, place: Path | str = "notebook"
) -> NotebookNode:
    """Make the students' version of a source notebook, which stays as it is; raise `CourseError` if nbgrader
    finds the notebook unfit. Mark schemes may stand in manual answers, not only in task cells.
    """
    config = Config({"ClearMarkScheme": {"enforce_metadata": False}})
    config.merge(settings.config)
    notebook, resources = deepcopy(source), {"metadata": {"path": str(Path(place).parent)}}
    try:
        for kind in PREPROCESSORS:
            preprocessor = kind(config=config)
            if preprocessor.enabled:
                notebook, resources = preprocessor.preprocess(notebook, resources)
    except (RuntimeError, ValueError, KeyError, OSError, ValidationError) as error:
        ko = f"nbgrader가 이 노트북으로 학생용을 만들지 못합니다: {error}"
        raise CourseError(
            [Fault.of(place, 1, ko, f"nbgrader cannot make a release of this notebook: {error}")]
        ) from error
    return notebook
