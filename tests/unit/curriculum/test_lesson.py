"""What an author can get wrong in assignment.py, a friend or a mutant is told with its line."""

from __future__ import annotations

import pytest

from bitgoeul.curriculum.building import build
from bitgoeul.curriculum.lesson import read_lesson

SOURCE = "01-mean/assignment.py"
SUM = "01-mean/mutants/sum.py"
LOOP = "01-mean/friends/loop.py"

# what is spoilt, what with, what is told, and how many lines below the spoilt text that is
HEADERS = [
    (' test="mean-check" points=2', ' test="mean-check" points=2 due=3', "found 'due'", 0),
    (' test="mean-check" points=2', ' exam="mean-check" points=2', "found 'exam'", 0),
    (' test="mean-check" points=2', " a test", "found 'a'", 0),
    (" [ko]\n# # 평균", " [fr]\n# # 평균", "found '[fr]'", 0),
    (" [ko]\n# # 평균", " [markdown]\n# # 평균", "found '[markdown]'", 0),
    (" [ko]\n# # 평균", " [ko] [en]\n# # 평균", "a cell has one language", 0),
    (' given="data"', ' given="data" solution="x"', "a cell is of one kind", 0),
    (' given="data"', ' [ko] given="data"', "leave out [ko]", 0),
    (' given="data"', ' given="da ta"', "a grade_id takes letters", 0),
    (' given="data"', ' given="bitgoeul-data"', "does not begin with bitgoeul-", 0),
    (' given="data"', ' given="data" points=1', "only test and manual cells have points", 0),
    (' given="data"', ' given="mean-check"', "is taken by the cell at line", 11),
    (' test="mean-check" points=2', ' test="mean-check"', "has no points", 0),
    (' test="mean-check" points=2', ' test="mean-check" points=0', "points are a number above 0", 0),
    (' test="mean-check" points=2', ' test="mean-check" points=nan', "points are a number above 0", 0),
    (' test="mean-check" points=2', ' test="mean-check" points=two', "found 'two'", 0),
]
PAIRS = [
    ("# %% [en]\n# # Mean", "# %% [ko]\n# # Mean", "has no partner `# %% [en]`", 0),
    ('# %% [en] manual="why" points=1', '# %% [en] manual="whi" points=1', 'no partner `# %% [ko] manual="whi"`', 0),
    ('# %% [en] manual="why" points=1', '# %% [en] manual="why" points=2', "the two languages differ in points", 0),
]
MARKERS = [
    ("    ### END SOLUTION\n", "", "### END SOLUTION is missing", -3),
    ("    ### BEGIN SOLUTION\n", "", "has no ### BEGIN SOLUTION", 2),
    ("### END HIDDEN TESTS", "### END HIDDEN TEST", "### END HIDDEN TEST' is no marker", 0),
    ("### BEGIN HIDDEN TESTS", "### BEGIN SOLUTION", "a SOLUTION region stands only in a solution or manual cell", 0),
    ("# ### BEGIN MARK SCHEME", "# ### BEGIN HIDDEN TESTS", "a HIDDEN TESTS region stands only in a test cell", 0),
    ("    return total", "    ### BEGIN SOLUTION\n    return total", "### BEGIN SOLUTION is still open", 0),
    (
        "numbers = [1, 2, 6]",
        "numbers = [1, 2, 6]\n### BEGIN MARK SCHEME\n### END MARK SCHEME",
        "MARK SCHEME region stands only",
        1,
    ),
]
CODE = [
    ("total = sum(values)", "total = sum(values", "this is no Python", 0),
    ("numbers = [1, 2, 6]", "numbers = [1, 2, 6]\nreturn 3", "this is no Python", 1),
    ("# %% [ko]\n# # 평균", "import os\n# %% [ko]\n# # 평균", "only comments stand above", 0),
]


@pytest.mark.parametrize(("old", "new", "told", "below"), HEADERS + PAIRS + MARKERS + CODE)
def test_a_fault_of_an_assignment_is_told_with_its_line(course, old: str, new: str, told: str, below: int) -> None:
    line = course.spoil(SOURCE, old, new)

    faults = course.faults(lambda: build(course.assignment()))

    assert any(
        told in fault.text.en and fault.line == line + below
        for fault in faults
        if fault.place.endswith("assignment.py")
    ), [fault.pick("en") for fault in faults]
    assert all(fault.text.ko and fault.text.ko != fault.text.en for fault in faults)


def test_a_solution_cell_has_exactly_one_region(course) -> None:
    region = "    ### BEGIN SOLUTION\n    total = sum(values)\n    return total / len(values)\n    ### END SOLUTION\n"
    course.spoil(SOURCE, region, region + region)

    (fault,) = course.faults(lambda: build(course.assignment()))

    assert "exactly one region" in fault.text.en
    assert fault.text.en.endswith("found 2.")


def test_an_assignment_that_gives_no_points_is_a_fault(course) -> None:
    path = course.folder / SOURCE
    path.write_text("# %%\nx = 1\n", encoding="utf-8")

    faults = course.faults(lambda: build(course.assignment()))

    assert any("gives points" in fault.text.en for fault in faults)


def test_a_file_that_is_no_text_is_a_fault(course) -> None:
    (course.folder / SOURCE).write_bytes(b"# %% \xff\xfe")

    faults = course.faults(lambda: build(course.assignment()))

    assert any("UTF-8" in fault.text.en for fault in faults)


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (SUM, "# misconception_ko: 나누지 않음\n", "", "`# misconception_ko: ...` is missing"),
        (SUM, "# dies_at: mean-check\n", "", "`# dies_at: ...` is missing"),
        (
            SUM,
            "dies_at: mean-check",
            "dies_at: mean-check, mode-check",
            "mode-check is no test cell; there are: mean-check",
        ),
        (SUM, "# dies_at", "# style_ko: x\n# dies_at", "found 'style_ko'"),
        (SUM, "# dies_at", "# dies_at: mean-check\n# dies_at", "found 'dies_at'"),
        (SUM, 'solution="mean"', 'solution="mode"', "there is no solution cell mode; there are: mean"),
        (SUM, 'solution="mean"', 'test="mean" points=1', "only cells with solution"),
        (SUM, "return sum(values)", "return sum(values", "this is no Python"),
        (SUM, "return sum(values)", "", "the body to put in is empty"),
        (SUM, "return sum(values)\n", 'return 1\n\n# %% solution="mean"\nreturn 2\n', "stands here twice"),
        (SUM, '# %% solution="mean"\nreturn sum(values)\n', "", "no solution cell is replaced here"),
        (SUM, "# misconception_ko", "import os\n# misconception_ko", "only comments stand above"),
        (LOOP, "# style_en: a loop\n", "", "`# style_en: ...` is missing"),
        (LOOP, "# style_en", "# dies_at: mean-check\n# style_en", "found 'dies_at'"),
    ],
)
def test_a_fault_of_a_friend_or_mutant_is_told_with_its_file(course, file: str, old: str, new: str, told: str) -> None:
    course.spoil(file, old, new)

    faults = course.faults(lambda: build(course.assignment()))

    assert any(told in fault.text.en and fault.place.endswith(file) for fault in faults), [
        fault.pick("en") for fault in faults
    ]


def test_the_line_of_a_syntax_error_in_a_mutant_is_the_mutants_own(course) -> None:
    line = course.spoil(SUM, "return sum(values)", "total = 0\nreturn sum(values")

    (fault,) = course.faults(lambda: build(course.assignment()))

    assert fault.line == line + 1


def test_a_body_is_indented_as_the_markers_are(course) -> None:
    course.spoil(LOOP, "total = 0\n", "total = 0\n\n")

    lesson = read_lesson(course.assignment())
    (loop,) = [friend for friend in lesson.friends if friend.name == "loop"]

    assert loop.sources["mean"].splitlines() == [
        "def mean(values):",
        '    """Give the arithmetic mean."""',
        "    total = 0",
        "",
        "    for value in values:",
        "        total += value",
        "    return total / len(values)",
    ]


def test_a_body_that_is_indented_already_stays_as_it_is(course) -> None:
    course.spoil(SUM, "return sum(values)", '    text = """\nleft\n"""\n    return sum(values)')

    lesson = read_lesson(course.assignment())
    (mutant,) = [mutant for mutant in lesson.mutants if mutant.name == "sum"]

    assert '    text = """\nleft\n"""\n    return sum(values)' in mutant.sources["mean"]


def test_a_header_inside_a_string_is_no_cell(course) -> None:
    course.spoil(SOURCE, "numbers = [1, 2, 6]", 'numbers = [1, 2, 6]\ntext = """\n# %% test="x"\n"""')

    lesson = read_lesson(course.assignment())

    assert lesson.named("given")["data"].source.endswith('text = """\n# %% test="x"\n"""')


def test_comments_stay_comments_and_only_magics_become_magics(course) -> None:
    comments = "# cat is an animal\n# !important\n# 50 % more\nnumbers = [1, 2, 6]"
    course.spoil(SOURCE, "numbers = [1, 2, 6]", f"# %precision 3\n{comments}")

    lesson = read_lesson(course.assignment())

    assert lesson.named("given")["data"].source == f"%precision 3\n{comments}"


@pytest.mark.parametrize(
    "change", [lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n")], ids=["BOM", "CRLF"]
)
def test_files_from_windows_build_the_same_notebook(course, change) -> None:
    before = build(course.assignment())
    path = course.folder / SOURCE
    path.write_bytes(change(path.read_text(encoding="utf-8")).encode())

    assert build(course.assignment()) == before
