"""Similar work is found whatever it is called and however it is laid out; unlike work and given code are not."""

from __future__ import annotations

import ast
import builtins
import io
import keyword
import random
import time
import tokenize
from collections.abc import Iterator
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook

from benchmarks import similar
from bitgoeul.curriculum.building import build, submission
from bitgoeul.curriculum.loading import load_courses
from bitgoeul.grading import notebooks
from bitgoeul.grading.similarity import AT_LEAST, Work, compare, index, read_given, read_work, tiles
from bitgoeul.grading.tokens import flat, statements
from tests.unit.grading import making

LIBRARY = similar.library()
NOTHING = read_given({})


def book(*sources: str) -> dict[str, bytes]:
    return {"x.ipynb": notebooks.write(new_notebook(cells=[new_code_cell(source) for source in sources]))}


def work(user: str, *sources: str) -> Work:
    return read_work(user, book(*sources), NOTHING)


def similarity(one: str, other: str) -> float:
    report = compare([work("a", one), work("b", other)], at_least=0.0)
    return report.pairs[0].similarity if report.pairs else 0.0


class Renamed(ast.NodeTransformer):
    """Every name, argument, attribute and function gets another name, every number and text another value."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.names: dict[str, str] = {}

    def name(self, old: str) -> str:
        return self.names.setdefault(old, f"v{len(self.names)}_{self.draw.randrange(1000)}")

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self.name(node.id), node.ctx)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        return ast.Attribute(self.visit(node.value), self.name(node.attr), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(self.name(node.arg), node.annotation and self.visit(node.annotation))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self.name(node.name)
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if type(node.value) is int:
            return ast.Constant(self.draw.randrange(1000))
        return ast.Constant(f"other {self.draw.randrange(99)}") if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return ast.Constant("a text")


def commented(source: str, draw: random.Random) -> str:
    """Comments, empty lines and a wider indentation; strings of several lines stay as they are."""
    inside = set()
    for found in tokenize.generate_tokens(io.StringIO(source).readline):
        if found.type == tokenize.STRING:
            inside |= set(range(found.start[0] + 1, found.end[0] + 1))
    lines = []
    for number, line in enumerate(source.split("\n"), 1):
        wide = line if number in inside else line[: len(line) - len(line.lstrip())] + line
        quiet = not inside.isdisjoint({number, number + 1})
        lines += [wide] if quiet or not line else [f"{wide}  # {draw.random()}", *[""] * draw.randrange(3)]
    return "\n".join(lines)


@st.composite
def programs(draw: st.DrawFn) -> str:
    return "\n\n".join(draw(st.lists(st.sampled_from(LIBRARY), min_size=3, max_size=6, unique=True)))


@given(programs(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_renaming_reformatting_and_commenting_change_nothing(program: str, draw: random.Random) -> None:
    renamed = ast.unparse(Renamed(draw).visit(ast.parse(program)))

    assert flat(statements(commented(renamed, draw))) == flat(statements(program))
    assert similarity(program, commented(renamed, draw)) == 1.0


def test_layout_in_all_its_kinds_is_left_out() -> None:
    plain = 'import os\ndef f(x, y):\n    """Says."""\n    if x:\n        return (x + 1)\n    a = [1, 2]; b = "one"\n    return g(a, b)\n'
    other = (
        "# nothing\n%matplotlib inline\ndef area(width, height) :\n    if width: return width+10\n    rows=[\n        30,\n        40,\n    ]\n"
        "    name = ('o'\n            'ne')\n    return \\\n        call(rows, name,)\n"
    )

    assert flat(statements(plain)) == flat(statements(other))
    assert flat(statements("x = f'{a!r} and {b:>{width}}' + y\n")) == flat(statements("x = 'text' + y\n"))
    assert statements("%%bash\nls | wc\n") == []
    assert flat(statements("a = f(1)\nb = (2\n"))[:5] == flat(statements("a = f(1)\n")), (
        "broken code counts until it breaks"
    )


def test_another_program_is_another_string() -> None:
    for one, other in [
        ("a = b + c", "a = b - c"),
        ("f(x)", "f[x]"),
        ("if a: b()", "while a: b()"),
        ("a = b", "a = b()"),
    ]:
        assert flat(statements(one)) != flat(statements(other))


def curriculum(root: Path) -> Iterator[tuple[str, dict[str, bytes], dict[str, bytes]]]:
    """The assignments' releases, and what friends who know nothing of each other handed in."""
    for course in load_courses(root / "curriculum", whole=True):
        for assignment in course.assignments:
            built = build(assignment)
            if built.lesson:
                (name,) = (f"{name}.ipynb" for name in built.notebooks)
                source, release = built.source["ko"][name], built.release["ko"][name]
                friends = {f.name: submission(source, release, f.sources) for f in built.lesson.friends}
                yield assignment.name, {name: release}, {"the author": submission(source, release), **friends}


def test_unlike_solutions_of_every_assignment_lie_below_the_threshold(root: Path) -> None:
    for name, released, friends in curriculum(root):
        code = read_given(released)
        works = [read_work(user, {"x.ipynb": data}, code) for user, data in friends.items() if user != "the author"]
        pairs = compare(works, at_least=0.0).pairs

        assert max((pair.similarity for pair in pairs), default=0.0) < AT_LEAST / 2, name


def test_a_copy_of_every_assignments_solution_is_found_and_released_code_is_not(root: Path) -> None:
    for name, released, friends in curriculum(root):
        code = read_given(released)
        copied = notebooks.read(friends["the author"])
        for cell in copied.cells:
            if cell.cell_type == "code":
                cell.source = ast.unparse(ast.parse(cell.source))
        works = [read_work("author", {"x.ipynb": friends["the author"]}, code)]
        works.append(read_work("copy", {"x.ipynb": notebooks.write(copied)}, code))
        works += [read_work(user, released, code) for user in ("idle", "idle too")]
        report = compare(works, at_least=0.0)

        assert [(p.left, p.right, p.similarity) for p in report.pairs] == [("author", "copy", 1.0)], name
        assert report.small == ("idle", "idle too")
        assert [w.size for w in works[2:]] == [0, 0]


@given(st.lists(st.sampled_from(LIBRARY), min_size=8, max_size=8, unique=True))
@settings(max_examples=60, deadline=None)
def test_programs_that_share_nothing_lie_below_the_threshold(functions: list[str]) -> None:
    assert similarity("\n".join(functions[:4]), "\n".join(functions[4:])) < AT_LEAST


@given(st.text("abc", max_size=80), st.text("abc", max_size=80))
def test_tiles_never_overlap_and_match_and_leave_nothing_long_behind(one: str, other: str) -> None:
    """Repetitive texts are the hard case: here every run has many places."""
    found = tiles(one, other, index(other))
    left, right = list(one), list(other)
    for i, j, length in found:
        assert one[i : i + length] == other[j : j + length]
        assert "#" not in left[i : i + length]
        assert "*" not in right[j : j + length]
        left[i : i + length], right[j : j + length] = "#" * length, "*" * length

    assert [t[2] for t in found] == sorted((t[2] for t in found), reverse=True)
    assert not tiles("".join(left), "".join(right), index("".join(right)))


def test_a_pair_names_its_lines_and_how_many_others_have_them() -> None:
    functions = LIBRARY[10:16]
    works = [
        work("minji", functions[0], functions[1]),
        work("junho", "# mine\n\n" + functions[1], functions[2]),
        work("amelia", functions[3], functions[1], functions[4]),
    ]
    pair = next(p for p in compare(works, at_least=0.1).pairs if {p.left, p.right} == {"minji", "junho"})
    part = max(pair.parts, key=lambda part: part.tokens)
    length = functions[1].count("\n")

    assert (pair.left, pair.right) == ("junho", "minji")
    assert part.left == (3, 3 + length)
    assert part.right == (functions[0].count("\n") + 3, functions[0].count("\n") + 3 + length)
    assert part.elsewhere == 1


def test_only_solutions_and_ones_own_cells_count() -> None:
    """A locked cell's text is the academy's, whatever stands in it."""
    code = read_given({"ps1.ipynb": making.as_bytes(making.submission())})
    sent = making.submission(add=f"def add(a, b):\n    return a + b\n\n{LIBRARY[5]}")
    for cell in sent.cells:
        if cell.metadata.get("nbgrader", {}).get("locked"):
            cell.source = LIBRARY[7]
    found = read_work("a", {"ps1.ipynb": making.as_bytes(sent)}, code)

    assert LIBRARY[5] in "\n".join(found.lines)
    assert LIBRARY[7] not in "\n".join(found.lines)
    assert found.size == work("b", LIBRARY[5]).size, "the rest is as it was released"


def test_a_notebook_that_cannot_be_read_holds_nothing() -> None:
    assert read_work("a", {"x.ipynb": b"{"}, NOTHING).size == 0


def test_the_bound_misses_no_pair() -> None:
    draw = random.Random(3)
    works = [work(f"s{n}", similar.lesson(LIBRARY, draw)) for n in range(12)]
    every = compare(works, at_least=0.0).pairs
    some = compare(works, at_least=0.3).pairs

    assert len(every) == 66
    assert some == tuple(pair for pair in every if pair.similarity >= 0.3)
    assert compare(works, at_least=0.0, most=5).pairs == every[:5]


def test_300_submissions_of_200_lines_take_seconds() -> None:
    sources = [similar.alone(LIBRARY, random.Random(seed)) for seed in range(300)]
    began = time.process_time()
    report = compare([work(f"s{n}", source) for n, source in enumerate(sources)])

    assert time.process_time() - began < 15, "2.6 s on the machine it was written on"
    assert report.compared == 300


def test_the_longest_repetition_ends() -> None:
    endless = "a = b\n" * 30_000
    began = time.process_time()
    pairs = compare([work("a", endless), work("b", endless)]).pairs

    assert pairs[0].similarity == 1.0
    assert time.process_time() - began < 30


def test_no_builtin_name_is_a_kind_of_its_own() -> None:
    words = {name for name in dir(builtins) if not keyword.iskeyword(name)}

    assert len({flat(statements(f"{name}(x)")) for name in words}) == 1
