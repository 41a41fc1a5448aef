"""The tree of images is what the Dockerfiles say."""

from __future__ import annotations

from pathlib import Path

import pytest

from bitgoeul.errors import InputError
from bitgoeul.images import rules


def folder(tmp_path: Path, **dockerfiles: str) -> Path:
    for name, text in dockerfiles.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "Dockerfile").write_text(text)
    return tmp_path


def test_the_last_from_is_the_parent_and_parents_come_first(tmp_path: Path) -> None:
    images = rules.read(
        folder(
            tmp_path,
            a="ARG TAG\nFROM bitgoeul/z:${TAG} AS build\nFROM bitgoeul/b:${TAG}\n",
            b="FROM bitgoeul/z:latest\n",
            z="ARG BASE\nFROM ${BASE}\n",
        )
    )

    assert [image.name for image in rules.order(["a"], images)] == ["z", "b", "a"]
    assert [image.name for image in rules.order(["b"], images)] == ["z", "b"]
    assert [image.name for image in rules.order([], images)] == ["z", "b", "a"]


@pytest.mark.parametrize(
    ("dockerfiles", "part"),
    [
        ({"a": "RUN true\n"}, "has no FROM"),
        ({"a": "FROM bitgoeul/b:latest\n"}, "bitgoeul/b, which"),
        ({"a": "FROM bitgoeul/b:1\n", "b": "FROM bitgoeul/a:1\n"}, "in a circle"),
    ],
)
def test_what_cannot_be_a_tree_is_told(tmp_path: Path, dockerfiles: dict[str, str], part: str) -> None:
    with pytest.raises(InputError, match=part):
        rules.read(folder(tmp_path, **dockerfiles))


def test_an_unknown_image_is_told_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There are: z"):
        rules.order(["x"], rules.read(folder(tmp_path, z="FROM debian:12\n")))


def test_every_image_of_ours_has_a_page_and_stands_on_base(root: Path) -> None:
    images = rules.read(root / "images")

    assert {"base", "notebook", "notebook-gpu", "k12", "grader", "service"} <= set(images)
    for name, image in images.items():
        assert (image.folder / "README.md").read_text().startswith(f"# {name}\n")
        assert rules.line(name, images)[0] == "base"
