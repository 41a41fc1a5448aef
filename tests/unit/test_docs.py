"""The docs tell every setting and command, and nothing that does not exist."""

from __future__ import annotations

import re
import typing
from pathlib import Path

import pytest
from pydantic import BaseModel

from bitgoeul import settings
from bitgoeul.cli.main import NOUNS

INTERNAL = {"source"}


def keys(model: type[BaseModel], prefix: str = "") -> set[str]:
    """Name every key of academy.toml as the docs write it: tables by their name, entries of lists and dicts without index."""
    found = set()
    for name, field in model.model_fields.items():
        if name in INTERNAL:
            continue
        inner = [kind for kind in (field.annotation, *typing.get_args(field.annotation)) if is_model(kind)]
        if inner and inner[0] is not settings.Bilingual:
            found |= keys(inner[0], f"{prefix}{name}.")
        else:
            found.add(f"{prefix}{name}")
    return found


def is_model(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def test_every_setting_is_told_and_no_other(root: Path) -> None:
    text = (root / "docs/operator/settings.md").read_text()
    told = set(re.findall(r"^\| `([a-z_.]+)` ", text, re.MULTILINE))

    assert told == keys(settings.Settings)


def test_the_told_defaults_are_the_real_ones(root: Path) -> None:
    text = (root / "docs/operator/settings.md").read_text()
    for key, told in re.findall(r"^\| `([a-z]+\.[a-z_]+)` \| `([^`]+)` \|", text, re.MULTILINE):
        table, name = key.split(".")
        lists = {"people": settings.Person, "cohorts": settings.Cohort}
        model = lists.get(table) or type(getattr(settings.Settings(), table))

        default = model.model_fields[name].default

        assert (str(default).lower() if isinstance(default, bool) else str(default)) == told, key


@pytest.mark.parametrize("noun", NOUNS)
def test_every_command_is_told(root: Path, noun: str) -> None:
    told = "".join(path.read_text() for path in [root / "README.md", *sorted((root / "docs").rglob("*.md"))])

    assert f"bitgoeul {noun}" in told


def test_links_between_pages_lead_somewhere(root: Path) -> None:
    pages = [*root.glob("*.md"), *sorted((root / "docs").rglob("*.md"))]
    broken = [
        f"{page.relative_to(root)}: {link}"
        for page in pages
        for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text())
        if not (page.parent / link).exists()
    ]

    assert not broken, "\n".join(broken)
