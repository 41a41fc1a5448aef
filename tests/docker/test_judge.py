"""The judge in a locked-down container on the real engine: its level is proved, and a missing wall is noticed."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bitgoeul.errors import GradersAway, SandboxUnavailable
from bitgoeul.grading.box import BoxPool
from bitgoeul.grading.requests import Request
from bitgoeul.settings import Grading
from tests.fakes.docker_engine import Engine
from tests.fakes.docker_images import Built
from tests.unit.grading import making

STRICT = Grading(minimum_level="container+namespaces")
OPENINGS = "import json; from bitgoeul.grading import enclosure; print(json.dumps(sorted(enclosure.openings())))"


def request(limits: Grading = STRICT, files: dict[str, bytes] | None = None, **cells: str) -> Request:
    return Request(making.assignment(), making.as_bytes(making.submission(**cells)), files or {}, limits=limits)


class Ward:
    """Makes containers as docs/operator/judge.md does, or with one wall left out."""

    def __init__(self, client: Any, root: Path, tag: str) -> None:
        self.client, self.tag = client, tag
        self.profile = json.dumps(json.loads((root / "images/grader/seccomp.json").read_text()))

    @contextlib.contextmanager
    def container(self, command: list[str], binds: dict[str, str] | None = None, **instead: Any) -> Iterator[Any]:
        host: dict[str, Any] = {
            "NetworkMode": "none",
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges", f"seccomp={self.profile}"],
            "MaskedPaths": [],
            "ReadonlyPaths": [],
            "ReadonlyRootfs": True,
            "Tmpfs": {"/tmp": "rw,exec,size=1g,mode=1777", "/run": "rw,size=16m"},
            "PidsLimit": 1000,
            "Memory": 3 << 30,
            "Binds": [f"{outside}:{inside}" for outside, inside in (binds or {}).items()],
            **{name: value for name, value in instead.items() if name != "User"},
        }
        made = self.client.api.create_container(
            f"bitgoeul/grader:{self.tag}", command, user=instead.get("User", "20100:20100"), host_config=host
        )
        container = self.client.containers.get(made["Id"])
        try:
            container.start()
            yield container
        finally:
            container.remove(force=True)

    def openings(self, **instead: Any) -> list[str]:
        with self.container(["python", "-c", OPENINGS], **instead) as container:
            container.wait(timeout=60)
            return list(json.loads(container.logs(stderr=False)))


def pool_of(folder: Path) -> BoxPool:
    """Wait until a judge listens in the folder."""
    until = time.monotonic() + 60
    while not (folder / "judge.sock").exists() and time.monotonic() < until:
        time.sleep(0.1)
    return BoxPool(folder / "judge.sock")


@pytest.fixture(scope="module")
def ward(engine: Engine, images: Built, root: Path) -> Iterator[Ward]:
    with engine.client() as client:
        yield Ward(client, root, images.tag)


@pytest.fixture(scope="module")
def judge(ward: Ward, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[BoxPool, Any]]:
    folder = tmp_path_factory.mktemp("box")
    os.chown(folder, 20100, 20100)
    with ward.container(["bitgoeul", "judge", "/box/judge.sock"], {str(folder): "/box"}) as container:
        pool = pool_of(folder)
        yield pool, container
        pool.close()


def test_work_is_judged_at_the_level_that_was_proved_inside(judge: tuple[BoxPool, Any]) -> None:
    pool, container = judge
    judged = pool.submit(request()).result(180)

    assert judged.verdict.score == 3.0, container.logs()
    assert judged.verdict.isolation == "container+namespaces"


def test_files_lie_beside_the_notebook_with_the_containers_python_too(judge: tuple[BoxPool, Any]) -> None:
    """Debian 12's 3.11.2 knows less than later ones: everybody with files once got 0 points from it."""
    look = "print('FOUND', open('data/a.csv').read())"
    judged = judge[0].submit(request(before=look, files={"data/a.csv": b"1,2"})).result(180)

    assert judged.verdict.score == 3.0
    assert "FOUND 1,2" in making.outputs(judged.notebook)


def test_a_submission_sees_neither_the_socket_nor_the_containers_files(judge: tuple[BoxPool, Any]) -> None:
    look = "import os\nprint('SEEN', [p for p in ('/box', '/home/student', '/opt/build') if os.path.exists(p)])"
    judged = judge[0].submit(request(before=look)).result(180)

    assert "SEEN []" in making.outputs(judged.notebook)


WALLS = {
    "Uid": {"User": "0:0"},
    "CapBnd": {"CapDrop": []},
    "NoNewPrivs": {"SecurityOpt": []},
    "Seccomp": {"SecurityOpt": ["no-new-privileges", "seccomp=unconfined"]},
    "root": {"ReadonlyRootfs": False},
}


def test_with_all_walls_none_is_missing(ward: Ward) -> None:
    assert ward.openings() == []


@pytest.mark.parametrize("wall", WALLS)
def test_a_wall_left_out_is_noticed(ward: Ward, wall: str) -> None:
    assert wall in ward.openings(**WALLS[wall])


def test_with_a_wall_left_out_strict_work_waits(ward: Ward, tmp_path: Path) -> None:
    os.chown(tmp_path, 20100, 20100)
    open_root = {"ReadonlyRootfs": False}
    with ward.container(["bitgoeul", "judge", "/box/judge.sock"], {str(tmp_path): "/box"}, **open_root):
        pool = pool_of(tmp_path)
        with pytest.raises(SandboxUnavailable, match=r"container\+namespaces"):
            pool.submit(request()).result(180)
        plain = pool.submit(request(Grading())).result(180)

    assert plain.verdict.isolation == "namespaces"


def test_a_container_that_is_killed_makes_work_wait(ward: Ward, judge: tuple[BoxPool, Any]) -> None:
    pool, container = judge
    waiting = pool.submit(request(before="import time\ntime.sleep(20)"))
    time.sleep(3)
    container.kill()

    with pytest.raises(GradersAway):
        waiting.result(60)
