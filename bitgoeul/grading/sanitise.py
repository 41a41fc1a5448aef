"""Puts a submission back into the form that its assignment was released in.

What counts comes from the instructor's source: points, tests, locked cells, the kernel. What a student may
decide is the content of the other cells, and their order. The rules are nbgrader's (its preprocessors
ClearOutput, DeduplicateIds, OverwriteKernelspec and OverwriteCells), applied in memory and completed: roles
are restored too, and whatever was deleted is put back. Each change is told as a flag.
"""

from __future__ import annotations

import copy
import functools
import re
from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.nbgraderformat import SchemaTooNewError, SchemaTooOldError, ValidationError
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)

from bitgoeul.errors import InputError
from bitgoeul.grading import notebooks
from bitgoeul.grading.packages import packages_of

_ROLES = ("grade", "solution", "locked", "task", "points")
_AUTOTEST = re.compile(r"^\s*#.*AUTOTEST", re.MULTILINE)
_HIDDEN = ClearHiddenTests().begin_test_delimeter


@dataclass(frozen=True)
class SourceCell:
    """One cell that the assignment knows by its grade id. `cell` is what is run, `released` what students got."""

    cell: NotebookNode
    released: str
    hidden: bool

    @property
    def locked(self) -> bool:
        """Whether the student's version of the source does not matter."""
        return bool(utils.is_locked(self.cell) or utils.is_task(self.cell))


@dataclass(frozen=True)
class Source:
    """An assignment's notebook, as nbgrader stores it: solutions taken out, hidden tests kept.

    `packages` are the libraries that it imports, its solution too.
    """

    notebook: NotebookNode
    cells: dict[str, SourceCell]
    packages: frozenset[str]

    @property
    def kernel(self) -> str:
        """The kernel's name; all names for our own Python are one."""
        name = str(self.notebook.metadata.get("kernelspec", {}).get("name", "python3"))
        return "python3" if name.startswith("python") else name


@functools.lru_cache(maxsize=64)
def read_source(data: bytes) -> Source:
    """Read the instructor's notebook; raise `InputError` if nbgrader could not release it.

    Remembered, because all submissions of an assignment have the same. Nobody may change what it gives.
    """
    stored = notebooks.read(data)
    texts = [cell.source for cell in stored.cells if cell.cell_type == "code"]
    if any(_AUTOTEST.search(text) for text in texts):
        raise InputError(
            ko="과제 원본의 AUTOTEST는 아직 검사가 아니라 설명입니다. `nbgrader generate_assignment`가 만든 검사로 바꿔 쓰십시오.",
            en="AUTOTEST in the assignment's source is a comment, no test yet: write the tests that `nbgrader generate_assignment` makes of it.",
        )
    packages = packages_of(texts)
    resources: dict[str, object] = {}
    try:
        for step in (LockCells, ClearSolutions, CheckCellMetadata, ComputeChecksums):
            stored, resources = step().preprocess(stored, resources)
        released = copy.deepcopy(stored)
        # Mark schemes stand in manual answers too, where nbgrader by default wants tasks only.
        for cleaner in (ClearHiddenTests(), ClearMarkScheme(enforce_metadata=False)):
            released, resources = cleaner.preprocess(released, resources)
    except (RuntimeError, ValueError, KeyError, ValidationError, SchemaTooOldError, SchemaTooNewError) as error:
        told = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise InputError(
            ko=f"과제 원본에서 nbgrader가 처리하지 못하는 곳이 있습니다: {told}. 원본 노트북을 고쳐 주십시오.",
            en=f"nbgrader cannot work with the assignment's source: {told}. Mend the source notebook.",
        ) from None
    cells = {
        cell.metadata.nbgrader["grade_id"]: SourceCell(cell, public.source, _HIDDEN in cell.source)
        for cell, public in zip(stored.cells, released.cells, strict=True)
        if utils.is_grade(cell) or utils.is_solution(cell) or utils.is_locked(cell) or utils.is_task(cell)
    }
    return Source(stored, cells, packages)


def sanitise(source: Source, submission: NotebookNode) -> tuple[NotebookNode, tuple[str, ...]]:
    """Give the notebook to run, and what was changed about the submission."""
    flags: list[str] = []
    if _kernel_changed(source, submission):
        flags.append("kernel-changed")
    notebook = copy.deepcopy(submission)
    notebook["metadata"] = copy.deepcopy(source.notebook.metadata)
    _drop_duplicates(notebook, flags)
    for cell in notebook.cells:
        _restore(cell, source, flags)
    _put_back(notebook, source, flags)
    for place, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{place}"
    return notebook, tuple(flags)


def grade_id(cell: NotebookNode) -> str | None:
    """The id by which nbgrader knows a cell."""
    found = cell.metadata.get("nbgrader", {})
    name = found.get("grade_id") if isinstance(found, dict) else None
    return name if isinstance(name, str) and name else None


def _kernel_changed(source: Source, submission: NotebookNode) -> bool:
    wanted = source.notebook.metadata.get("kernelspec")
    found = submission.metadata.get("kernelspec")
    if not wanted or found is None:
        return False
    name = str(found.get("name")) if isinstance(found, dict) else ""
    return ("python3" if name.startswith("python") else name) != source.kernel


def _drop_duplicates(notebook: NotebookNode, flags: list[str]) -> None:
    """Of several cells with one id the last keeps it, as nbgrader decides."""
    seen: set[str] = set()
    for cell in reversed(notebook.cells):
        name = grade_id(cell)
        if name is None:
            cell.metadata.pop("nbgrader", None)
        elif name in seen:
            del cell.metadata["nbgrader"]
            flags.append(f"duplicate:{name}")
        else:
            seen.add(name)


def _restore(cell: NotebookNode, source: Source, flags: list[str]) -> None:
    name = grade_id(cell)
    if name is None:
        return
    known = source.cells.get(name)
    if known is None:
        del cell.metadata["nbgrader"]
        flags.append(f"cell-unknown:{name[:80]}")
        return
    meta, wanted = cell.metadata["nbgrader"], known.cell.metadata["nbgrader"]
    if cell.cell_type != known.cell.cell_type or any(_role(meta, key) != _role(wanted, key) for key in _ROLES):
        flags.append(f"metadata-changed:{name}")
    if known.locked:
        if cell.source.strip() not in (known.released.strip(), known.cell.source.strip()):
            flags.append(f"locked-cell-edited:{name}")
        _become(cell, known.cell, known.cell.source)
    else:
        _become(cell, known.cell, cell.source)


def _role(meta: NotebookNode, key: str) -> object:
    found = meta.get(key)
    if key == "points":
        return found if isinstance(found, int | float) and meta.get("grade") else None
    return bool(found)


def _become(cell: NotebookNode, model: NotebookNode, text: str) -> None:
    """Make a cell what the source says, with the given text."""
    attachments = cell.get("attachments") if model.cell_type != "code" else None
    cell.clear()
    cell.update(copy.deepcopy(model))
    cell["source"] = text
    if attachments:
        cell["attachments"] = attachments


def _put_back(notebook: NotebookNode, source: Source, flags: list[str]) -> None:
    """Put each deleted cell behind the one it followed in the source; an answer comes back as its stub."""
    previous: str | None = None
    for name, known in source.cells.items():
        places = {grade_id(cell): place for place, cell in enumerate(notebook.cells)}
        if name not in places:
            flags.append(f"cell-missing:{name}")
            if utils.is_solution(known.cell) and not utils.is_grade(known.cell):
                continue  # there is nothing to run and nothing to grade
            at = places[previous] + 1 if previous is not None else 0
            notebook.cells.insert(at, copy.deepcopy(known.cell))
        previous = name
