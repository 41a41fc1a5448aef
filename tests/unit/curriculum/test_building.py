"""Building keeps what authors wrote, hides what students may not see, and always gives the same bytes."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.nbgraderformat import MetadataValidator

from bitgoeul.curriculum.building import build, submission
from bitgoeul.curriculum.model import Assignment
from bitgoeul.errors import CourseError, Text
from bitgoeul.names import AssignmentName, CourseName


def notebook(content: bytes) -> nbformat.NotebookNode:
    return nbformat.reads(content.decode(), as_version=nbformat.NO_CONVERT)


def assignment_of(folder: Path) -> Assignment:
    nothing = Text("", "")
    return Assignment(CourseName("practice"), AssignmentName("01-made"), nothing, nothing, folder)


WORDS = st.text(st.sampled_from("abcxyz가나다 .,'é$#`*_"), min_size=1, max_size=30).map(str.strip).filter(bool)
PROSE = st.lists(WORDS.map(lambda text: f"글 {text}"), min_size=1, max_size=3)


@st.composite
def lessons(draw: st.DrawFn) -> tuple[str, list[tuple[str, str, str]], list[str]]:
    """A whole assignment.py, what its cells hold as (kind, ko, en), and the secret lines in it."""
    parts, cells, secrets = [], [], []

    def secret(kind: str) -> str:
        secrets.append(f"{kind}_secret_{len(secrets)}_{draw(st.integers(0, 9999))}")
        return secrets[-1]

    for number in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(["prose", "plain", "given", "solution", "test", "manual"]))
        if kind == "prose":
            ko, en = ("\n".join(draw(PROSE)) for _ in range(2))
            parts += [
                f"# %% [{tongue}]\n" + "\n".join(f"# {line}" for line in text.split("\n"))
                for tongue, text in (("ko", ko), ("en", en))
            ]
            cells.append(("prose", ko, en))
            continue
        if kind == "manual":
            scheme = secret("scheme")
            text = f"답\n### BEGIN MARK SCHEME\n{scheme}\n### END MARK SCHEME"
            body = "\n".join(f"# {line}" for line in text.split("\n"))
            parts += [f'# %% [{tongue}] manual="m{number}" points=2\n{body}' for tongue in ("ko", "en")]
            cells.append(("manual", text, text))
            continue
        code = f"value_{number} = {draw(WORDS)!r}"
        if kind == "solution":
            code = f"def f{number}():\n    ### BEGIN SOLUTION\n    return {secret('solution')!r}\n    ### END SOLUTION"
        if kind == "test":
            code += f"\n### BEGIN HIDDEN TESTS\nassert value_{number}, {secret('hidden')!r}\n### END HIDDEN TESTS"
        name = "" if kind == "plain" else f' {kind}="c{number}"'
        parts.append(f"# %%{name}{' points=1.5' if kind == 'test' else ''}\n{code}")
        cells.append((kind, code, code))
    parts.append('# %% test="last" points=1\nassert True')
    cells.append(("test", "assert True", "assert True"))
    return "\n\n".join(parts) + "\n", cells, secrets


@settings(max_examples=60, deadline=None)
@given(lesson=lessons())
def test_what_was_written_comes_back_and_no_secret_goes_out(tmp_path_factory: pytest.TempPathFactory, lesson) -> None:
    text, cells, secrets = lesson
    folder = tmp_path_factory.mktemp("made")
    (folder / "assignment.py").write_text(text, encoding="utf-8")

    built = build(assignment_of(folder))

    for index, tongue in enumerate(("ko", "en"), 1):
        source, release = (notebook(files[tongue]["made.ipynb"]) for files in (built.source, built.release))
        assert [cell.source for cell in source.cells] == [cell[index] for cell in cells]
        assert [cell.id for cell in source.cells] == [cell.id for cell in release.cells]
        for found in (source, release):
            nbformat.validate(found)
            MetadataValidator().validate_nb(found)
        assert not [secret for secret in secrets if secret.encode() in built.release[tongue]["made.ipynb"]]
        assert all(secret.encode() in built.source[tongue]["made.ipynb"] for secret in secrets)


@settings(max_examples=40, deadline=None)
@given(lesson=lessons())
def test_the_languages_are_the_same_but_for_prose(tmp_path_factory: pytest.TempPathFactory, lesson) -> None:
    folder = tmp_path_factory.mktemp("made")
    (folder / "assignment.py").write_text(lesson[0], encoding="utf-8")

    built = build(assignment_of(folder))

    for files in (built.source, built.release):
        ko, en = (json.loads(files[tongue]["made.ipynb"])["cells"] for tongue in ("ko", "en"))
        assert [cell for cell in ko if cell["cell_type"] == "code"] == [
            cell for cell in en if cell["cell_type"] == "code"
        ]
        assert [cell["id"] for cell in ko] == [cell["id"] for cell in en]


def test_another_process_builds_the_same_bytes(course) -> None:
    program = (
        "import hashlib, sys; from pathlib import Path; from bitgoeul.curriculum.loading import load_course;"
        "from bitgoeul.curriculum.building import build; built = build(load_course(Path(sys.argv[1])).assignments[0]);"
        "print(hashlib.sha256(repr((built.source, built.release)).encode()).hexdigest())"
    )
    digests = set()
    for seed in ("1", "2"):
        environ = {**os.environ, "PYTHONHASHSEED": seed}
        ran = subprocess.run(
            [sys.executable, "-c", program, str(course.folder)], env=environ, capture_output=True, check=True
        )
        digests.add(ran.stdout)

    assert len(digests) == 1


def test_locked_cells_cannot_be_edited_and_answers_can(course) -> None:
    release = notebook(build(course.assignment()).release["ko"]["mean.ipynb"])

    editable = {cell.id: cell.metadata.get("editable", True) for cell in release.cells}
    deletable = {cell.id: cell.metadata.get("deletable", True) for cell in release.cells}

    assert editable == {"bitgoeul-text-1": False, "data": False, "mean": True, "mean-check": False, "why": True}
    assert not any(deletable.values())


def test_the_notebook_says_what_it_was_made_of(course) -> None:
    built = build(course.assignment())
    metadata = notebook(built.release["en"]["mean.ipynb"]).metadata

    assert (metadata.bitgoeul.course, metadata.bitgoeul.assignment, metadata.bitgoeul.language) == (
        "practice",
        "01-mean",
        "en",
    )
    assert len(metadata.bitgoeul.source_sha256) == 64
    assert metadata.kernelspec.name == "python3"
    assert (built.max_score, built.notebooks, built.languages) == (3.0, ("mean",), ("ko", "en"))


def test_korean_students_read_korean_where_the_answer_goes(course) -> None:
    built = build(course.assignment())
    answers = {tongue: notebook(built.release[tongue]["mean.ipynb"]).cells[-1].source for tongue in built.languages}

    assert answers == {"ko": "여기에 답을 쓰십시오.", "en": "YOUR ANSWER HERE"}


def test_a_mark_scheme_goes_out_neither_with_a_region_nor_without(course) -> None:
    course.spoil("01-mean/assignment.py", "# 합을 개수로", "# 까닭을 쓰십시오.\n# ### BEGIN SOLUTION\n# 합을 개수로")
    course.spoil(
        "01-mean/assignment.py",
        "# ### BEGIN MARK SCHEME\n# 나눗셈",
        "# ### END SOLUTION\n# ### BEGIN MARK SCHEME\n# 나눗셈",
    )

    built = build(course.assignment())

    assert notebook(built.release["ko"]["mean.ipynb"]).cells[-1].source == "까닭을 쓰십시오.\n여기에 답을 쓰십시오."
    assert notebook(built.release["en"]["mean.ipynb"]).cells[-1].source == "YOUR ANSWER HERE"


def test_data_goes_beside_the_notebook_without_what_editors_leave(course) -> None:
    files = course.assignment_folder / "files"
    for path in ("data/heights.csv", ".ipynb_checkpoints/x.csv", "__pycache__/x.pyc", "help.py"):
        (files / path).parent.mkdir(parents=True, exist_ok=True)
        (files / path).write_bytes(b"1\n")

    built = build(course.assignment())

    assert built.data("ko") == built.data("en") == {"data/heights.csv": b"1\n", "help.py": b"1\n"}
    assert set(built.source["ko"]) == {"mean.ipynb", "data/heights.csv", "help.py"}


def test_a_link_among_the_data_is_a_fault(course, tmp_path) -> None:
    files = course.assignment_folder / "files"
    files.mkdir()
    (files / "secret.txt").symlink_to("/etc/hostname")

    with pytest.raises(CourseError, match="a regular file was wanted"):
        build(course.assignment())


def test_data_may_not_take_the_notebooks_name(course) -> None:
    files = course.assignment_folder / "files"
    files.mkdir()
    (files / "mean.ipynb").write_text("{}", encoding="utf-8")

    with pytest.raises(CourseError, match="notebook has this name"):
        build(course.assignment())


def test_an_answer_is_the_release_filled_in(course) -> None:
    built = build(course.assignment())
    source, release = (files["ko"]["mean.ipynb"] for files in (built.source, built.release))

    handed_in = notebook(submission(source, release, {"mean": "def mean(values):\n    return 3"}))

    cells = {cell.id: cell.source for cell in handed_in.cells}
    assert cells["mean"] == "def mean(values):\n    return 3"
    assert "HIDDEN" not in cells["mean-check"]
    solved = {cell.id: cell.source for cell in notebook(submission(source, release)).cells}
    assert ast.parse(solved["mean"]).body[0].body[-1].value is not None
    assert "###" not in solved["mean"]
