"""GPUs in containers, end to end: the real Hub, the real engine, and a stand-in for NVIDIA's hook that it runs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bitgoeul.database import Database
from bitgoeul.gpus.model import LABELS, Lease
from bitgoeul.gpus.store import Leases
from tests.fakes.docker_academy import Academy, opened
from tests.fakes.docker_engine import Engine
from tests.fakes.docker_images import Built

DEVICES = ("GPU-aaaa0", "GPU-bbbb1")
PERSON = '[[people]]\nuser = "{0}"\nname = {{ ko = "{0}", en = "{0}" }}\nrole = "student"\n'


@pytest.fixture(scope="module")
def academy(engine: Engine, images: Built, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Academy]:
    text = f"""
[academy]
curriculum = "none"
[hub]
keep_labs = true
[docker]
engine = "{engine.url}"
image = "bitgoeul/notebook:tests"
network = "gpu-labs"
subnet = "172.29.0.0/16"
"""
    text += "".join(f'[[gpus.devices]]\nuuid = "{uuid}"\nname = "NVIDIA H100"\n' for uuid in DEVICES)
    for cohort, gpu, students in (("deep", "whole", ["minji", "junho", "amelia"]), ("plain", "none", ["haneul"])):
        text += f"""
[cohorts.{cohort}]
title = {{ ko = "{cohort}", en = "{cohort}" }}
students = {json.dumps(students)}
gpu = "{gpu}"
memory_mb = 512
disk_gb = 0
network = "closed"
"""
    text += "".join(map(PERSON.format, ("minji", "junho", "amelia", "haneul")))
    with opened(engine, root, tmp_path_factory.mktemp("gpus"), text) as found:
        yield found


def sees(academy: Academy, user: str) -> str | None:
    """The device that the engine's hook was told to give to the person's container, as his programs see it, too."""
    container = academy.container(user)
    if container is None:
        return None
    ask = "print(dict(x.split('=', 1) for x in open('/proc/1/environ').read().split(chr(0)) if x).get('NVIDIA_VISIBLE_DEVICES', ''))"
    inside = academy.inside(container, ask)
    assert academy.engine.given().get(container.id, "") == inside
    return inside


def active(academy: Academy) -> dict[str, Lease]:
    database = Database(f"sqlite:///{academy.state / 'bitgoeul.sqlite'}")
    found = {lease.owner: lease for lease in Leases(database, ()).book().leases if lease.active}
    database.close()
    return found


def until(condition: Callable[[], object], seconds: float = 40) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.2)
    return False


def ask(academy: Academy, user: str) -> str:
    """What the Hub answers to a start, in Korean."""
    visitor = academy.visitor(user)
    korean = {"Accept-Language": "ko"}
    answer = visitor.http.get(f"/hub/spawn/{user}", headers=korean)
    if "spawn-pending" in str(answer.url):
        time.sleep(1)
        answer = visitor.http.get(str(answer.url), headers=korean)
    return answer.text


def test_each_container_gets_exactly_the_device_leased_to_it(academy: Academy) -> None:
    for user in ("minji", "junho"):
        container = academy.lab(user)
        lease = active(academy)[user]
        assert sees(academy, user) == lease.device
        assert container.labels[LABELS[0]] == lease.id

    assert {sees(academy, "minji"), sees(academy, "junho")} == set(DEVICES)


def test_who_has_no_right_to_a_gpu_gets_none(academy: Academy) -> None:
    academy.lab("haneul")

    assert sees(academy, "haneul") == ""
    assert set(active(academy)) == {"minji", "junho"}


def test_the_next_waits_and_gets_it_when_it_is_free(academy: Academy) -> None:
    refused = ask(academy, "amelia")
    assert "대기 순서 1번" in refused
    assert academy.container("amelia") is None
    freed = active(academy)["junho"].device
    academy.end_lab("junho")
    assert until(lambda: "junho" not in active(academy))
    academy.lab("amelia")

    assert sees(academy, "amelia") == freed
    assert active(academy)["amelia"].source == "queue"


def test_labs_and_leases_outlive_a_hub_that_is_killed(academy: Academy, root: Path) -> None:
    before = {user: (academy.container(user).id, sees(academy, user)) for user in ("minji", "amelia")}
    academy.kill()
    assert {user: academy.container(user).id for user in before} == {user: found[0] for user, found in before.items()}
    academy.start(root)

    assert academy.visitor("minji").http.get("/user/minji/api").status_code == 200
    assert {user: (academy.container(user).id, sees(academy, user)) for user in before} == before
    assert {user: lease.device for user, lease in active(academy).items()} == {u: d for u, (_, d) in before.items()}
    assert "대기 순서 1번" in ask(academy, "junho")
    academy.end_lab("minji")
    assert until(lambda: "minji" not in active(academy))
    academy.lab("junho")
    assert sees(academy, "junho") == before["minji"][1]


def test_a_container_that_dies_gives_its_device_back(academy: Academy) -> None:
    device = sees(academy, "amelia")
    academy.container("amelia").kill("SIGKILL")

    assert until(lambda: "amelia" not in active(academy), 60)
    academy.lab("minji")
    assert sees(academy, "minji") == device
