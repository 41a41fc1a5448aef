"""Reads notebooks that anybody may have sent, and writes them again.

Of a submission only what a notebook needs is taken over: the kind, source, metadata and attachments of each
cell. Outputs, identifiers and everything unknown are left behind, so that nothing odd can travel further.
"""

from __future__ import annotations

import copy
import functools
import json
import math
import re
from typing import Any, cast

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell
from nbgrader.nbgraderformat import MetadataValidator

from bitgoeul.errors import InputError

DEEPEST = 60
MOST_CELLS = 5_000
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")
_MODELS = {"code": new_code_cell(), "markdown": new_markdown_cell(), "raw": new_raw_cell()}


def new_cell(kind: str, source: str) -> NotebookNode:
    """Make a cell. nbformat's makers check each one against its schema, which takes 0.3 ms."""
    fresh: NotebookNode = copy.deepcopy(_MODELS[kind])
    fresh["source"] = source
    return fresh


def read(data: bytes) -> NotebookNode:
    """Read a notebook of format 3 or 4 as 4.5, with nbgrader's metadata in its newest version.

    Raise `InputError` with one plain sentence for everything that is not such a notebook.
    """
    content = _parse(data)
    version = content.get("nbformat")
    if type(version) is not int or version not in (3, 4):
        raise _unusable("노트북 형식 3 또는 4가", "notebook format 3 or 4", f"nbformat = {str(version)[:40]}")
    if version == 3:
        content = _from_format_3(content)
    cells = content.get("cells")
    if not isinstance(cells, list) or len(cells) > MOST_CELLS:
        raise _unusable(f"셀 목록({MOST_CELLS}개까지)이", f"a list of at most {MOST_CELLS} cells", "no such list")
    notebook = new_notebook()
    notebook["cells"] = [_cell(cell) for cell in cells]
    notebook["metadata"] = _metadata(content)
    for place, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{place}"
    return cast("NotebookNode", notebook)


def read_judged(data: bytes) -> NotebookNode:
    """Read a notebook that we wrote ourselves, outputs and all."""
    return cast("NotebookNode", nbformat.reads(data.decode(), as_version=4))


def write(notebook: NotebookNode) -> bytes:
    """Write as nbformat does, with a line break at the end."""
    return cast("str", nbformat.writes(notebook, version=4) + "\n").encode()


def _parse(data: bytes) -> dict[str, Any]:
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _unusable("UTF-8로 쓴 JSON이", "JSON in UTF-8", "bytes that are not UTF-8") from None
    except (ValueError, RecursionError) as error:
        found = "an empty file" if not data.strip() else str(error)[:80]
        raise _unusable("온전한 JSON이", "whole JSON", found) from None
    if not isinstance(content, dict):
        raise _unusable("JSON 객체가", "a JSON object", f"a {type(content).__name__}")
    if deeper_than(content, DEEPEST):
        raise _unusable(f"{DEEPEST}단계까지의 중첩이", f"at most {DEEPEST} levels of nesting", "more")
    return cast("dict[str, Any]", writable(content))


def writable(content: Any) -> Any:
    """Give JSON that can be written as UTF-8 and read by any browser: no half characters, NaN or infinity.

    For what is not nested too deep.
    """
    if isinstance(content, str):
        return _HALF_A_CHARACTER.sub("\ufffd", content)
    if isinstance(content, list):
        return [writable(item) for item in content]
    if isinstance(content, dict):
        return {writable(key): writable(value) for key, value in content.items()}
    return None if isinstance(content, float) and not math.isfinite(content) else content


def deeper_than(content: Any, levels: int) -> bool:
    """Tell whether lists and objects nest deeper than that, without recursion."""
    level = [content]
    for _ in range(levels):
        level = [
            item
            for value in level
            for item in (value.values() if isinstance(value, dict) else value)
            if isinstance(item, dict | list)
        ]
        if not level:
            return False
    return True


def _from_format_3(content: dict[str, Any]) -> dict[str, Any]:
    try:
        return dict(nbformat.convert(_node(content), 4))
    except Exception:  # noqa: BLE001 (on a broken notebook nbformat raises whatever it trips over)
        raise _unusable(
            "노트북 형식 3에 맞는 내용이", "a whole notebook of format 3", "one that cannot be read"
        ) from None


def _metadata(content: dict[str, Any]) -> NotebookNode:
    metadata = content.get("metadata")
    return _node(metadata) if isinstance(metadata, dict) else NotebookNode()


def _node(content: dict[str, Any]) -> NotebookNode:
    return cast("NotebookNode", nbformat.from_dict(content))


def _cell(cell: Any) -> NotebookNode:
    kind = cell.get("cell_type") if isinstance(cell, dict) else None
    if not isinstance(kind, str) or kind not in _MODELS:
        raise _unusable("code, markdown, raw 셀이", "cells of the kinds code, markdown and raw", repr(kind)[:40])
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise _unusable("글자로 된 셀 내용이", "text as a cell's source", type(source).__name__)
    fresh = new_cell(kind, source)
    fresh["metadata"] = _metadata(cell)
    if kind != "code" and isinstance(cell.get("attachments"), dict):
        fresh["attachments"] = _node(cell["attachments"])
    _renew_metadata(fresh)
    return fresh


def _renew_metadata(cell: NotebookNode) -> None:
    """Bring nbgrader's cell metadata to its newest version; drop what is not nbgrader's metadata at all."""
    found = cell.metadata.get("nbgrader")
    if found is None:
        return
    renewed = _renewed(cell.cell_type, json.dumps(found, sort_keys=True, default=repr))
    if renewed is None:
        del cell.metadata["nbgrader"]
    else:
        cell.metadata["nbgrader"] = _node(json.loads(renewed))


@functools.lru_cache(maxsize=20_000)
def _renewed(kind: str, found: str) -> str | None:
    """Remembered, because nbgrader's check costs a millisecond and all submissions of an assignment have the same."""
    content = json.loads(found)
    cell = new_cell(kind, "")
    cell["metadata"] = _node({"nbgrader": content})
    try:
        MetadataValidator().upgrade_cell_metadata(cell)
        if "nbgrader" in cell.metadata:
            MetadataValidator().validate_cell(cell)
    except Exception:  # noqa: BLE001 (the validator trusts its input and trips over anything)
        kept = content.get("grade_id") if isinstance(content, dict) else None
        return json.dumps({"grade_id": kept} if isinstance(kept, str) else {})
    return json.dumps(cell.metadata["nbgrader"]) if "nbgrader" in cell.metadata else None


def _unusable(wanted_ko: str, wanted: str, found: str) -> InputError:
    return InputError(
        ko=f"채점하려면 {wanted} 필요한데 {found}을(를) 받았습니다. JupyterLab에서 열리는 .ipynb 파일인지 확인해 주십시오.",
        en=f"To be judged, a notebook needs {wanted}; found {found}. Check that JupyterLab opens the .ipynb file.",
    )
