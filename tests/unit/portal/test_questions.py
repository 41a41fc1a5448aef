"""Questions come in the order of the notebook, below the headings a student knows."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from bitgoeul.portal.questions import outline, sections
from bitgoeul.wire import CellVerdict, Verdict


def notebook(*cells) -> bytes:
    made = []
    for cell in cells:
        if cell.startswith("?"):
            mark = {"grade": True, "grade_id": cell[1:]}
            made.append({"cell_type": "code", "source": "# not a heading", "metadata": {"nbgrader": mark}})
        else:
            made.append({"cell_type": "markdown", "source": cell, "metadata": {}})
    return json.dumps({"cells": made}).encode()


def verdict(*names) -> Verdict:
    return Verdict(0.0, 0.0, cells={name: CellVerdict(0.0, 1.0, "failed") for name in names})


def test_a_question_stands_below_the_last_heading_above_it():
    book = notebook("# Title\ntext\n## 1. The `mean`", "?z", "plain text", "?a", "### **Two** parts ###", "?b")

    assert outline({"x.ipynb": book}) == {"z": "1. The mean", "a": "1. The mean", "b": "Two parts"}


def test_a_comment_in_a_code_block_is_no_heading():
    book = notebook("## Real\n```python\n# a comment\n```\n#hashtag", "?a")

    assert outline({"x.ipynb": book}) == {"a": "Real"}


def test_cells_are_grouped_in_the_notebooks_order_and_strangers_come_last():
    headings = {"z": "One", "a": "One", "b": "Two"}
    found = sections(verdict("a", "b", "stranger", "z"), headings)

    assert [(s.title, [name for name, _ in s.cells]) for s in found] == [
        ("One", ["z", "a"]),
        ("Two", ["b"]),
        ("", ["stranger"]),
    ]


def test_several_notebooks_are_told_apart_as_verdicts_do():
    found = outline({"b.ipynb": notebook("# B", "?q"), "a.ipynb": notebook("# A", "?q")})

    assert found == {"a/q": "A", "b/q": "B"}


@given(
    st.binary(max_size=200) | st.sampled_from([b"[]", b'{"cells": 1}', b'{"cells": [1, {"metadata": 3}]}', b"[" * 9999])
)
def test_no_file_breaks_the_page(content):
    assert isinstance(outline({"x.ipynb": content}), dict)


@given(st.lists(st.text(), unique=True), st.lists(st.text(), unique=True))
def test_every_cell_of_the_verdict_is_shown_once(names, known):
    found = sections(verdict(*names), dict.fromkeys(known, "x"))

    assert sorted(name for s in found for name, _ in s.cells) == sorted(names)
