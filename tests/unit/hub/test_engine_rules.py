"""What the Hub may ask of the engine: each way out of a lab is one bad body, and the lab itself is the one good one."""

from __future__ import annotations

import copy
from datetime import UTC, datetime

import pytest

from bitgoeul.gpus.model import Lease
from bitgoeul.hub import containers
from bitgoeul.hub.engine_rules import Allowed, create
from bitgoeul.hub.policy import Limits
from tests.fakes.bad_bodies import BAD, changed

IMAGE = "bitgoeul/notebook:tests"
ALLOWED = Allowed(
    frozenset({IMAGE}),
    frozenset({"labs", "labs-open"}),
    "/state/volumes",
    "/state/courses",
    "/data",
    frozenset({"GPU-1"}),
)
LIMITS = Limits("one", IMAGE, 1.0, 512, "none", 128, 0, "closed")


def good(lease: Lease | None = None) -> dict:
    binds = ["/state/volumes/minji:/home/student:rw", "/data:/datasets:ro"]
    return containers.request(
        LIMITS,
        image=IMAGE,
        network="labs",
        binds=binds,
        environment={"A": "b"},
        command=["true"],
        user="minji",
        lease=lease,
    )


def lent(device: str) -> Lease:
    now = datetime.now(UTC)
    return Lease("l1", "minji", "one", "", "h", device, 0, "whole", "adhoc", now, now)


def test_a_lab_is_let_through_as_it_is() -> None:
    assert create(good(), ALLOWED) == (good(), [])


def test_a_leased_gpu_is_let_through_and_another_is_not() -> None:
    assert create(good(lent("GPU-1")), ALLOWED)[1] == []
    assert "DeviceRequests" in create(good(lent("GPU-2")), ALLOWED)[1][0]


@pytest.mark.parametrize("name", BAD)
def test_each_bad_body_has_a_fault(name: str) -> None:
    assert create(changed(good(), name), ALLOWED)[1]


def test_what_says_nothing_is_left_out() -> None:
    body = good() | {"Tty": False, "Volumes": None, "ExposedPorts": {}}
    body["HostConfig"] |= {"Privileged": False, "Devices": [], "PidMode": ""}

    assert create(body, ALLOWED) == (good(), [])


@pytest.mark.parametrize(
    "key", ["CapDrop", "SecurityOpt", "ReadonlyRootfs", "Memory", "MemorySwap", "PidsLimit", "NetworkMode", "IpcMode"]
)
def test_no_part_of_the_hardening_may_be_missing(key: str) -> None:
    body = copy.deepcopy(good())
    del body["HostConfig"][key]

    assert f"{key} is missing" in create(body, ALLOWED)[1]
