"""One server for all of this folder: the academy is deployed once, as an operator does it, and looked at by every test."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bitgoeul.hub.node import find_node
from tests.fakes import deploy, docker_images
from tests.fakes.openid import CLIENT, SECRET
from tests.fakes.server import Server, server

HUB = "https://hub.academy.test"
PORTAL = "https://bitgoeul--service.hub.academy.test/services/bitgoeul/"
PROVIDER_PORT = 7001
SETTINGS = f"""
[academy]
name = {{ ko = "빛고을 인공지능 학교", en = "Bitgoeul AI Academy" }}
[hub]
runtime = "docker"
public_url = "{HUB}"
trusted_proxies = ["127.0.0.1"]
keep_labs = true
[docker]
proxy = "/run/bitgoeul/docker.sock"
[grading]
workers = 1
[login]
provider = "oidc"
client_id = "{CLIENT}"
issuer = "http://127.0.0.1:{PROVIDER_PORT}"
"""
PEOPLE = {
    "hyunwoo": ("정현우", "Hyunwoo Jung", "teacher"),
    "minji": ("김민지", "Minji Kim", "student"),
    "junho": ("박준호", "Junho Park", "student"),
}
COHORT = """
[cohorts.school]
title = { ko = "학급", en = "Class" }
courses = ["ai-and-data"]
students = ["minji", "junho"]
staff = ["hyunwoo"]
memory_mb = 768
disk_gb = 0.1
"""


@dataclass
class Deployed:
    """The server, the inventory, and what the first run said."""

    server: Server
    inventory: Path
    first: deploy.Run
    notes: dict[str, str] = field(default_factory=dict)

    def play(self, *options: str, playbook: str = "site.yml", root: Path = deploy.ROOT) -> deploy.Run:
        return deploy.play(self.server, self.inventory, playbook, *options, root=root)


def settings() -> str:
    people = "".join(
        f'[[people]]\nuser = "{user}"\nname = {{ ko = "{ko}", en = "{en}" }}\nrole = "{role}"\naccount = "oidc-{user}"\n'
        for user, (ko, en, role) in PEOPLE.items()
    )
    return SETTINGS + people + COHORT


def write_inventory(folder: Path, found: Server, archive: Path) -> Path:
    (folder / "academy.toml").write_text(settings())
    (folder / "login-secret").write_text(SECRET)
    variables = {
        "service_settings": str(folder / "academy.toml"),
        "service_login_secret_file": str(folder / "login-secret"),
        "service_wheels": "/srv/wheels",
        "images_base": f"/srv/images/{archive.name}",
        "images_network": "none",
        "tls_own_ca": True,
    }
    path = folder / "inventory.yml"
    path.write_text(deploy.inventory({"hub.academy.test": found}, variables, {"academy": ["hub.academy.test"]}))
    return path


@pytest.fixture(scope="session")
def deployed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    archive, wheels = docker_images.parts(root)
    folder = tmp_path_factory.mktemp("inventory")
    with server("hub", {wheels: "/srv/wheels", archive.parent: "/srv/images"}) as found:
        path = write_inventory(folder, found, archive)
        with found.network():
            command = [
                find_node(),
                str(root / "tests/fakes/oidc_provider.mjs"),
                str(PROVIDER_PORT),
                f"{HUB}/hub/oauth_callback",
            ]
            provider = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            first = deploy.play(found, path)
            assert first.code == 0, first.said[-5000:]
            yield Deployed(found, path, first)
        finally:
            provider.terminate()
            provider.wait(10)
