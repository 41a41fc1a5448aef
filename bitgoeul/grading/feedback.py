"""Feedback pages: what nbgrader's own look like, without anything that runs, loads, or tells hidden tests.

A notebook's outputs are HTML that a student wrote, and nbconvert puts it into its pages as it is. So every
page passes through an allow-list, whoever made it; it keeps its text, tables, pictures and highlighted code.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from html import unescape
from pathlib import Path
from typing import Any

import nbgrader
import nh3
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.api import MissingEntry
from nbgrader.preprocessors import GetGrades

from bitgoeul.errors import NotFound
from bitgoeul.grading import notebooks
from bitgoeul.grading.feedback_style import STYLE
from bitgoeul.grading.sanitise import Source, grade_id, read_source
from bitgoeul.names import AssignmentName, UserName

NOT_SHOWN = "숨은 시험의 출력은 보이지 않습니다. / The output of hidden tests is not shown.\n"
CUT = "\n\n... 너무 길어 여기에서 잘랐습니다. / Too long, and cut here. ...\n"
TOO_DEEP = "<p>이 쪽은 너무 깊이 중첩되어 보여 드릴 수 없습니다. / This page is nested too deeply to be shown.</p>"
SHORTEST_LEAK = 12
# Turning text into pages takes more than linear time where somebody wants it to: no cell gets more than this.
LONGEST_CELL = 20_000
LONGEST_NOTEBOOK = 1_000_000
DEEPEST = 1_000
_FORMGRADER = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader"
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")
_LINK = re.compile(r"#|https?://|mailto:", re.IGNORECASE)
_ODD_STYLE = re.compile(r"(?<!rgb)(?<!rgba)\(|[\\@<>]|/\*")
_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "del", "details", "div", "dl",
    "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li",
    "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody",
    "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"class", "id", "style", "title", "lang", "dir"},
    "a": {"href", "name"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
}
_STYLES = {
    "color", "background-color", "font-weight", "font-style", "font-size", "text-align", "text-decoration",
    "vertical-align", "width", "height", "max-width", "border", "border-collapse", "padding", "margin", "white-space",
}  # fmt: skip
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_WITH_CONTENT = {"script", "style", "title", "iframe", "object", "embed", "noscript", "template", "svg", "math"}
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
_FRAME = """<!DOCTYPE html>
<html lang="ko">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>피드백 / Feedback</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def render(course_folder: Path, assignment: AssignmentName, student: UserName) -> dict[str, bytes]:
    """Make one safe page for each judged notebook, by file name; raise `NotFound` before anything was judged."""
    folder = course_folder / "autograded" / student / assignment
    pages = {
        f"{path.stem}.html": sanitise(_page(course_folder, assignment, student, path).encode())
        for path in sorted(folder.glob("*.ipynb"))
    }
    if not pages:
        raise NotFound(
            ko=f"{student}의 {assignment} 과제는 아직 채점되지 않아 피드백을 만들 수 없습니다. 먼저 채점해 주십시오.",
            en=f"The work of {student} on {assignment} is not judged yet, so there is no feedback. Judge it first.",
        )
    return pages


def sanitise(html: bytes) -> bytes:
    """Keep of a page what an allow-list names, and put it into a frame of our own."""
    text = html.decode("utf-8", errors="replace")
    body = nh3.clean(
        TOO_DEEP if _deepest(text) > DEEPEST else text,
        tags=_TAGS,
        clean_content_tags=_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        filter_style_properties=_STYLES,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
        strip_comments=True,
    )
    return _FRAME.format(policy=_POLICY, style=STYLE, body=body.strip()).encode()


def hide(source: Source, notebook: NotebookNode) -> NotebookNode:
    """Show of each locked cell what students got; take away all output that hidden tests could stand in."""
    shown = copy.deepcopy(notebook)
    secrets = _secret_lines(source)
    for cell in shown.cells:
        known = source.cells.get(grade_id(cell) or "")
        if known is not None and known.locked and known.released != known.cell.source:
            cell["source"] = known.released
        if cell.cell_type == "code" and cell.outputs and ((known and known.hidden) or _tells(cell.outputs, secrets)):
            cell["outputs"] = [new_output("stream", name="stdout", text=NOT_SHOWN)]
    return shown


def _deepest(html: str) -> int:
    """Estimate, from above, how deep a page nests: parsers need the square of it."""
    opened: Counter[str] = Counter()
    depth = deepest = 0
    for closing, tag in re.findall(r"<(/?)([A-Za-z][A-Za-z0-9]*)", html):
        name = tag.lower()
        if not closing and name not in _VOID:
            opened[name] += 1
            depth += 1
            deepest = max(deepest, depth)
        elif closing and opened[name]:
            opened[name] -= 1
            depth -= 1
    return deepest


def _attribute(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src":
        return value if _PICTURE.fullmatch(value) else None
    if name == "href":
        return value if _LINK.match(value) else None
    if name == "style":
        return ";".join(rule for rule in value.split(";") if not _ODD_STYLE.search(rule)) or None
    return value


def _shorten(notebook: NotebookNode) -> None:
    """Cut sources that are too long, each by itself and all together."""
    room = LONGEST_NOTEBOOK
    for cell in notebook.cells:
        longest = min(LONGEST_CELL, room)
        if len(cell.source) > longest:
            cell["source"] = cell.source[:longest] + CUT
        room = max(0, room - len(cell.source))


def _secret_lines(source: Source) -> list[str]:
    secrets: set[str] = set()
    for known in source.cells.values():
        public = {line.strip() for line in known.released.splitlines()}
        secrets |= {line.strip() for line in known.cell.source.splitlines()} - public
    return sorted(line for line in secrets if len(line) >= SHORTEST_LEAK)


def _tells(value: Any, secrets: list[str]) -> bool:
    """Look for a hidden line in any text of an output; colours and markup stand between its words."""
    if isinstance(value, dict):
        return any(_tells(item, secrets) for item in value.values())
    if isinstance(value, list):
        return any(_tells(item, secrets) for item in value)
    if not isinstance(value, str):
        return False
    bare = _squeeze(unescape(re.sub(r"\x1b\[[0-9;]*m|<[^<>]*>", "", value)))
    return any(_squeeze(line) in bare for line in secrets)


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _page(course_folder: Path, assignment: str, student: str, path: Path) -> str:
    notebook = notebooks.read_judged(path.read_bytes())
    source_path = course_folder / "source" / assignment / path.name
    if source_path.exists():
        notebook = hide(read_source(source_path.read_bytes()), notebook)
    _shorten(notebook)
    about = {
        "assignment": assignment,
        "notebook": path.stem,
        "student": student,
        "db_url": f"sqlite:///{course_folder / 'gradebook.db'}",
    }
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="feedback",
        extra_template_basedirs=[str(_FORMGRADER / "templates")],
        extra_template_paths=[str(_FORMGRADER / "static/node_modules/bootstrap/dist/css")],
        preprocessors=[CSSHTMLHeaderPreprocessor],
    )
    try:
        graded, resources = GetGrades().preprocess(notebook, {"nbgrader": about})
    except MissingEntry:
        raise NotFound(
            ko=f"{student}의 {assignment} 과제가 성적부에 없습니다. 다시 채점해 주십시오.",
            en=f"The gradebook has nothing of {student} on {assignment}. Judge it again.",
        ) from None
    html, _ = exporter.from_notebook_node(graded, resources=resources)
    return str(html)
