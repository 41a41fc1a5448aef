"""Ansible's roles keep to their form: every knob in one commented place with the role's prefix, tasks named by their result."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROLES = Path(__file__).resolve().parents[2] / "ansible" / "roles"
NAMES = sorted(path.name for path in ROLES.iterdir())
FACTS = {"service_release", "service_facts", "images_mark"}
"""Set by tasks, for others."""


def tasks(role: str) -> list[dict[str, object]]:
    files = [*(ROLES / role / "tasks").glob("*.yml"), *(ROLES / role / "handlers").glob("*.yml")]
    return [task for file in files for task in yaml.safe_load(file.read_text()) or []]


@pytest.mark.parametrize("role", NAMES)
def test_every_knob_has_its_roles_prefix_and_a_comment_above(role: str) -> None:
    lines = (ROLES / role / "defaults" / "main.yml").read_text().splitlines()
    commented = False
    for line in lines[1:]:
        if name := re.match(r"(\w+):", line):
            assert name[1].startswith(f"{role}_"), name[1]
            assert commented, f"{name[1]} is not explained"
        elif line.startswith("#"):
            commented = True
        elif line and not line.startswith(" "):
            raise AssertionError(line)


@pytest.mark.parametrize("role", NAMES)
def test_every_knob_is_used(role: str) -> None:
    knobs = yaml.safe_load((ROLES / role / "defaults" / "main.yml").read_text())
    text = "".join(path.read_text() for path in ROLES.rglob("*") if path.is_file())

    assert not [knob for knob in knobs if len(re.findall(rf"\b{knob}\b", text)) < 2]


@pytest.mark.parametrize("role", NAMES)
def test_tasks_are_named_by_their_result(role: str) -> None:
    names = [str(task["name"]) for task in tasks(role)]
    verbs = re.compile(
        r"^(Install|Ensure|Create|Copy|Set|Start|Restart|Reload|Enable|Add|Remove|Run|Make|Check|Configure|Write) "
    )

    assert not [name for name in names if verbs.match(name)]


def test_the_deploy_page_leads_to_every_roles_knobs(root: Path) -> None:
    page = (root / "docs/operator/deploy.md").read_text()

    assert set(re.findall(r"roles/(\w+)/defaults/main\.yml\)", page)) == set(NAMES)


def test_an_operator_with_one_server_edits_under_thirty_lines(root: Path) -> None:
    assert len((root / "ansible/inventory/academy.yml").read_text().splitlines()) < 30


def test_the_shipped_settings_are_good_for_a_server(root: Path) -> None:
    from bitgoeul.settings import load

    found = load(root / "ansible/inventory/academy.toml", {})

    assert found.hub.keep_labs
    assert found.docker.proxy == "/run/bitgoeul/docker.sock"
