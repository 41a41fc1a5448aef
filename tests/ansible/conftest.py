"""One server for all of this folder: the academy is deployed once, as an operator does it, and looked at by every test."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bitgoeul.hub.node import find_node
from tests.fakes import cables, deploy, docker_images
from tests.fakes.openid import CLIENT, SECRET
from tests.fakes.server import Server, server

HUB = "https://hub.academy.test"
PORTAL = "https://bitgoeul--service.hub.academy.test/services/bitgoeul/"
PROVIDER_PORT = 7001
ADDRESS, DESK = "10.78.0.1", "10.78.0.2"
"""The server's at its cable, and that of the desk at which people's browsers are."""
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
    """The server, the inventory, what the first run said, and the way into the network of who comes from outside."""

    server: Server
    inventory: Path
    first: deploy.Run
    outside: cables.Network

    def play(self, *options: str, playbook: str = "site.yml", root: Path = deploy.ROOT) -> deploy.Run:
        return deploy.play(self.server, self.inventory, playbook, *options, root=root)


def settings() -> str:
    people = "".join(
        f'[[people]]\nuser = "{user}"\nname = {{ ko = "{ko}", en = "{en}" }}\nrole = "{role}"\naccount = "oidc-{user}"\n'
        for user, (ko, en, role) in PEOPLE.items()
    )
    return SETTINGS + people + COHORT


def variables(folder: Path, academy: Path | None = None) -> dict[str, object]:
    """What an operator without a network writes into the inventory beside `folder`'s files."""
    return {
        "service_settings": str(academy or folder / "academy.toml"),
        "service_login_secret_file": str(folder / "login-secret"),
        "service_wheels": "/srv/wheels",
        "images_network": "none",
        "tls_own_ca": True,
    }


def write_inventory(folder: Path, found: Server, archive: Path) -> Path:
    (folder / "academy.toml").write_text(settings())
    (folder / "login-secret").write_text(SECRET)
    told = {**variables(folder), "images_base": f"/srv/images/{archive.name}"}
    path = folder / "inventory.yml"
    path.write_text(deploy.inventory({"hub.academy.test": found}, told, {"academy": ["hub.academy.test"]}))
    return path


@contextmanager
def provider(root: Path, found: Server, outside: cables.Network) -> Iterator[None]:
    """The school's sign-in service. It is outside, and the server finds it at the address that browsers know."""
    command = [
        find_node(),
        str(root / "tests/fakes/oidc_provider.mjs"),
        str(PROVIDER_PORT),
        f"{HUB}/hub/oauth_callback",
    ]
    with outside():
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with cables.forwarded(PROVIDER_PORT, listens=found.network, speaks=outside):
            yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="package")
def deployed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    archive, wheels = docker_images.parts(root)
    folder = tmp_path_factory.mktemp("inventory")
    shared = {wheels: "/srv/wheels", archive.parent: "/srv/images"}
    with server("hub", shared) as found, cables.desk() as (desk, outside):
        cables.plug({found.pid: f"{ADDRESS}/24", desk: f"{DESK}/24"})
        path = write_inventory(folder, found, archive)
        with provider(root, found, outside):
            first = deploy.play(found, path)
            assert first.code == 0, first.said[-5000:]
            yield Deployed(found, path, first, outside)
