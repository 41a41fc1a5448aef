"""One assignment as its author wrote it: the cells of `assignment.py`, the friends and the mutants, checked together."""

from __future__ import annotations

from dataclasses import dataclass

from bitgoeul.curriculum.model import Assignment
from bitgoeul.curriculum.percent import Cell, Reader, marker_of, open_reader
from bitgoeul.curriculum.variants import KINDS, Variant, read_variant
from bitgoeul.errors import CourseError, shorten


@dataclass(frozen=True)
class Lesson:
    """The cells of `assignment.py` and the answers that prove its tests."""

    cells: tuple[Cell, ...]
    text: bytes
    friends: tuple[Variant, ...]
    mutants: tuple[Variant, ...]

    def named(self, kind: str) -> dict[str, Cell]:
        """Give the cells of one kind by their grade_id."""
        return {cell.grade_id: cell for cell in self.cells if cell.kind == kind}


def read_lesson(assignment: Assignment) -> Lesson:
    """Read an assignment's files; raise `CourseError` with every fault at once."""
    reader, text = open_reader(assignment.folder / "assignment.py")
    cells = tuple(reader.cells())
    _check_ids(reader, cells)
    _check_pairs(reader, cells)
    _check_solutions(reader, cells)
    faults = list(reader.faults)
    solutions = {cell.grade_id: cell for cell in cells if cell.kind == "solution"}
    tests = tuple(cell.grade_id for cell in cells if cell.kind == "test")
    found: dict[str, tuple[Variant, ...]] = {}
    for kind in KINDS:
        reading = [read_variant(kind, file, solutions, tests) for file in assignment.variants(kind)]
        found[kind] = tuple(variant for variant, _ in reading)
        faults.extend(fault for _, some in reading for fault in some)
    if faults:
        raise CourseError(faults)
    return Lesson(cells, text.encode(), found["friends"], found["mutants"])


def _check_ids(reader: Reader, cells: tuple[Cell, ...]) -> None:
    seen: dict[str, Cell] = {}
    for cell in cells:
        first = seen.setdefault(cell.grade_id, cell) if cell.grade_id else cell
        pair = first.kind == cell.kind == "manual" and {first.language, cell.language} == {"ko", "en"}
        if first is not cell and not pair:
            reader.fault(
                cell.line,
                f"grade_id {cell.grade_id}은(는) {first.line}번째 줄에서 이미 썼습니다.",
                f"the grade_id {cell.grade_id} is taken by the cell at line {first.line}.",
            )
    if not any(cell.kind in ("test", "manual") for cell in cells):
        reader.fault(1, "점수가 있는 셀이 하나도 없습니다.", "no cell of this assignment gives points.")
    head = [line for _, line in reader.head() if line.strip() and not line.lstrip().startswith("#")]
    if head:
        reader.fault(
            1,
            f"첫 셀 위에는 주석만 둘 수 있는데 {shorten(head[0])}이(가) 있습니다.",
            f"only comments stand above the first cell; found {shorten(head[0])}.",
        )


def _check_pairs(reader: Reader, cells: tuple[Cell, ...]) -> None:
    """Each text stands twice in a row, once in each language."""
    waiting: Cell | None = None
    for cell in cells:
        if waiting and cell.language and cell.language != waiting.language and _same(waiting, cell):
            if waiting.points != cell.points:
                reader.fault(cell.line, "두 언어의 점수가 다릅니다.", "the two languages differ in points.")
            waiting = None
            continue
        if waiting:
            _alone(reader, waiting)
        waiting = cell if cell.language else None
    if waiting:
        _alone(reader, waiting)


def _same(one: Cell, other: Cell) -> bool:
    return (one.kind, one.grade_id) == (other.kind, other.grade_id)


def _alone(reader: Reader, cell: Cell) -> None:
    other = "en" if cell.language == "ko" else "ko"
    what = f' manual="{cell.grade_id}"' if cell.kind == "manual" else ""
    reader.fault(
        cell.line,
        f"이 [{cell.language}] 셀 바로 뒤에 짝이 되는 `# %% [{other}]{what}` 셀이 없습니다.",
        f"this [{cell.language}] cell has no partner `# %% [{other}]{what}` right after it.",
    )


def _check_solutions(reader: Reader, cells: tuple[Cell, ...]) -> None:
    for cell in cells:
        count = sum(marker_of(line) == ("BEGIN", "SOLUTION") for line in cell.source.split("\n"))
        if cell.kind == "solution" and count != 1:
            reader.fault(
                cell.line,
                f"solution 셀에는 ### BEGIN SOLUTION ... ### END SOLUTION 구역이 꼭 하나 있어야 하는데 {count}개입니다.",
                f"a solution cell has exactly one region ### BEGIN SOLUTION ... ### END SOLUTION; found {count}.",
            )
