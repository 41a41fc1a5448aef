"""What counts as proved: pure rules from an assignment's parts and its judged rows to findings."""

from __future__ import annotations

import json
import re
from typing import Any

from bitgoeul.curriculum.building import Built
from bitgoeul.curriculum.leaks import Secret
from bitgoeul.curriculum.matrix import Finding, Mark, MatrixRow
from bitgoeul.errors import InputError, Text, shorten

FRIENDS, MUTANTS = 2, 4
_FENCE = re.compile(r"^```(?:python|py)\b.*?^```", re.DOTALL | re.MULTILINE)


def lesson_findings(built: Built) -> list[Finding]:
    """Our own assignments need enough friends and mutants; nbgrader's own have none."""
    if built.lesson is None:
        return []
    wanted = (("friends", built.lesson.friends, FRIENDS), ("mutants", built.lesson.mutants, MUTANTS))
    text = Text(
        "{folder}/에 {least}개 이상 있어야 하는데 {count}개입니다.", "{folder}/ needs at least {least}; found {count}."
    )
    return [
        Finding("too-few", folder, text.format(folder=folder, least=least, count=len(there)))
        for folder, there, least in wanted
        if len(there) < least
    ]


def leak_findings(language: str, found: list[tuple[Secret, str]]) -> list[Finding]:
    """Each secret line that a student could read."""
    text = Text(
        "{cell} 셀의 {region} 줄 {line}이(가) 학생용의 {place}에 나옵니다. 거기서 지우거나 다르게 쓰십시오.",
        "the {region} line {line} of the cell {cell} shows in the release: {place}. Take it out there or write it otherwise.",
    )
    return [
        Finding(
            "leak",
            f"release ({language})",
            text.format(cell=secret.cell, region=secret.region, line=shorten(secret.line), place=place),
        )
        for secret, place in found
    ]


def language_findings(built: Built) -> list[Finding]:
    """Code, ids, points and order have to be the same in all languages; so has Python in the prose."""
    first = built.languages[0]
    findings = []
    for other in built.languages[1:]:
        for name in built.notebooks:
            # A source that differs makes a release that differs: told once.
            for files, what in ((built.source, "source"), (built.release, "release")):
                one, two = (_skeleton(files[language][f"{name}.ipynb"]) for language in (first, other))
                if places := _unequal(one, two):
                    findings += [_differing(f"{what} ({first}, {other})", place) for place in places]
                    break
        if built.data(first) != built.data(other):
            findings.append(_differing(f"files ({first}, {other})", "files/"))
    return findings


def _skeleton(content: bytes) -> list[tuple[str, Any]]:
    """What of a notebook must not depend on the language, cell by cell."""
    cells = json.loads(content)["cells"]
    return [(str(cell.get("id", index)), _same_part(cell)) for index, cell in enumerate(cells)]


def _same_part(cell: dict[str, Any]) -> Any:
    source = "".join(cell["source"])
    nbgrader = dict(cell["metadata"].get("nbgrader", {}))
    if cell["cell_type"] == "markdown":
        nbgrader.pop("checksum", None)
        source = "\n".join(match[0] for match in _FENCE.finditer(source))
    return cell["cell_type"], nbgrader, source


def _unequal(one: list[tuple[str, Any]], two: list[tuple[str, Any]]) -> list[str]:
    if [name for name, _ in one] != [name for name, _ in two]:
        return ["the order of cells"]
    return [name for (name, left), (_, right) in zip(one, two, strict=True) if left != right]


def _differing(row: str, place: str) -> Finding:
    text = Text(
        "두 언어의 코드가 {place} 셀에서 다릅니다. 코드와 ```python 예시는 두 언어에서 같아야 합니다.",
        "the languages differ in code at the cell {place}. Code and ```python examples are the same in both.",
    )
    return Finding("languages", row, text.format(place=place))


def not_judged(row: str, error: InputError) -> Finding:
    """The judge could not read an answer at all."""
    return Finding(
        "not-judged", row, Text(f"채점할 수 없습니다: {error.text.ko}", f"it cannot be judged: {error.text.en}")
    )


def judged_findings(row: MatrixRow, cpu_seconds: float) -> list[Finding]:
    """What a row of the matrix says against the assignment."""
    if row.kind == "release":
        return _release_findings(row)
    if row.kind == "mutant":
        return _mutant_findings(row)
    return [*_full_findings(row), *_flag_findings(row), *_budget_findings(row, cpu_seconds)]


def _release_findings(row: MatrixRow) -> list[Finding]:
    text = Text(
        "아무것도 풀지 않은 학생용이 {cell}에서 {score}점을 받습니다. 풀지 않으면 실패하는 검사로 바꾸십시오.",
        "the untouched release gets {score} point(s) at {cell}. Make it a test that fails before the work is done.",
    )
    return [
        Finding("release-scores", row.name, text.format(cell=cell, score=mark.score))
        for cell, mark in row.marks.items()
        if mark.score > 0
    ]


def _full_findings(row: MatrixRow) -> list[Finding]:
    text = Text(
        "{cell}에서 {mark}. 검사가 옳은 답을 틀렸다고 합니다. 검사를 고치거나 문제에 약속을 더 적으십시오.",
        "{mark} at {cell}: the test calls a right answer wrong. Mend the test, or state the convention that it relies on.",
    )
    return [
        Finding(
            "friend-fails" if row.kind == "friend" else "solution-fails",
            row.name,
            Text(text.ko.format(cell=cell, mark=_told(mark)), text.en.format(cell=cell, mark=_told(mark))),
        )
        for cell, mark in row.marks.items()
        if not mark.full
    ]


def _flag_findings(row: MatrixRow) -> list[Finding]:
    text = Text("채점기가 사람이 볼 일로 표시했습니다: {flag}", "the judge flags it for a person: {flag}")
    return [Finding("flagged", row.name, text.format(flag=flag)) for flag in row.flags]


def _budget_findings(row: MatrixRow, cpu_seconds: float) -> list[Finding]:
    if row.cpu_seconds is None or row.cpu_seconds <= cpu_seconds:
        return []
    text = Text(
        "채점에 CPU {found:.1f}초가 들어 cpu_seconds = {wanted:g}을(를) 넘습니다. 일을 줄이거나 예산을 늘리십시오.",
        "judging takes {found:.1f} CPU seconds, above cpu_seconds = {wanted:g}. Make it less work or raise the budget.",
    )
    return [Finding("over-budget", row.name, text.format(found=row.cpu_seconds, wanted=cpu_seconds))]


def _mutant_findings(row: MatrixRow) -> list[Finding]:
    return [finding for cell in row.dies_at for finding in _mutant_at(row, cell, row.marks[cell])]


def _mutant_at(row: MatrixRow, cell: str, mark: Mark) -> list[Finding]:
    if mark.full:
        text = Text(
            "틀린 답이 {cell}에서 점수를 다 받습니다. 이 오개념({why_ko})을 잡는 검사를 더하십시오.",
            "a wrong answer keeps all points at {cell}. Add a test that catches this misconception ({why_en}).",
        )
        return [Finding("survivor", row.name, text.format(cell=cell, why_ko=row.text.ko, why_en=row.text.en))]
    by_credit = mark.outcome in ("passed", "failed") and not mark.exception
    if by_credit or mark.exception in row.dies_by:
        return []
    text = Text(
        "{cell}에서 {wanted} 때문이 아니라 다른 까닭으로 점수를 잃습니다: {mark}. 실행되는 틀린 답으로 고치거나 dies_by에 적으십시오.",
        "it loses points at {cell} not by {wanted} but so: {mark}. Make it a wrong answer that runs, or list this in dies_by.",
    )
    wanted = ", ".join(row.dies_by)
    return [Finding("wrong-reason", row.name, text.format(cell=cell, wanted=wanted, mark=_told(mark)))]


def _told(mark: Mark) -> str:
    message = f" {shorten(mark.message, 160)}" if mark.message else ""
    return f"{mark.score:g}/{mark.max_score:g} {mark.outcome}{message}"
