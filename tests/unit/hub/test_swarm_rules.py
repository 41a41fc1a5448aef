"""What the Hub may ask of a swarm: each way out of a lab is one bad body, and the lab itself is the one good one."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bitgoeul.gpus.model import Lease
from bitgoeul.hub import swarm_rules, swarm_services
from bitgoeul.hub.labs import plan
from bitgoeul.hub.policy import Limits
from bitgoeul.hub.swarm_rules import AllowedServices, create, finished, pinned
from bitgoeul.names import UserName
from bitgoeul.profiles import Swarm
from bitgoeul.settings import Academy, Docker, Settings
from tests.fakes.bad_services import BAD, changed

IMAGE = "bitgoeul/notebook:tests"
LIMITS = Limits("c", IMAGE, 1.5, 512, "none", 128, 0, "closed")
ALLOWED = AllowedServices(
    "bitgoeul-swarm",
    frozenset({IMAGE}),
    frozenset({"bitgoeul-swarm", "bitgoeul-swarm-open"}),
    volumes="bitgoeul-swarm-home-",
    courses="/state/courses",
    homes="/shared/homes",
    datasets="/data",
)
MOMENT = datetime(2026, 3, 2, tzinfo=UTC)
LEASE = Lease("l1", "minji", "c", "", "h2", "GPU-1", 0, "whole", "adhoc", MOMENT, MOMENT)


def academy(**changes: Any) -> Settings:
    docker, swarm = Docker(datasets="/data"), Swarm(advertise="10.0.0.5", **changes)
    return Settings(academy=Academy(state=Path("/state")), docker=docker, swarm=swarm)


def good(settings: Settings | None = None, server: str = "", **changes: Any) -> dict[str, Any]:
    settings = settings or academy()
    lab = plan(settings, UserName("minji"), server, ["formgrade-ml"], "ko")
    values: dict[str, Any] = {"user": "minji", "server": server, "image": IMAGE, "network": "bitgoeul-swarm"}
    values |= {"environment": {"A": "b"}, "command": ["true"], **changes}
    return swarm_services.request(settings, lab, LIMITS, **values)


@pytest.mark.parametrize(
    "body",
    [
        good(),
        good(academy(homes="/shared/homes")),
        good(server="ml"),
        good(machine="zu4g2w8ip4uq6sev51uk6az70"),
        good(academy(cpus_kept=0, memory_kept=0)),
    ],
)
def test_a_lab_is_let_through_as_it_is(body: dict[str, Any]) -> None:
    assert create(body, ALLOWED) == (body, [])


def test_a_leased_gpu_is_let_through_and_another_is_not() -> None:
    body = good(lease=LEASE)

    assert create(body, replace(ALLOWED, devices=frozenset({"GPU-1"}))) == (body, [])
    assert "Resources" in create(body, replace(ALLOWED, devices=frozenset({"GPU-2"})))[1][0]
    assert "Resources" in create(body, ALLOWED)[1][0]


def test_there_are_enough_bad_bodies() -> None:
    assert len(BAD) >= 20


@pytest.mark.parametrize("name", BAD)
def test_each_bad_body_has_a_fault(name: str) -> None:
    assert create(changed(good(), name), ALLOWED)[1]


@pytest.mark.parametrize("body", [None, [], "x", 1, {}, {"TaskTemplate": []}, {"TaskTemplate": {"ContainerSpec": 1}}])
def test_nonsense_has_a_fault_and_no_error(body: Any) -> None:
    assert create(body, ALLOWED)[1]


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [{}], [1], {"Limits": 1, "Reservations": 1}])
def test_nonsense_in_any_place_has_a_fault_and_no_error(value: Any) -> None:
    for part in ("TaskTemplate", "Labels", "Mode", "EndpointSpec", "Name"):
        assert create(good() | {part: value}, ALLOWED)[1], part
    for part in ("ContainerSpec", "Resources", "Placement", "Networks", "RestartPolicy", "LogDriver"):
        body = good()
        body["TaskTemplate"][part] = value
        assert create(body, ALLOWED)[1], part


@pytest.mark.parametrize("key", ["CapabilityDrop", "ReadOnly", "Init", "Privileges", "User", "Mounts", "Ulimits"])
def test_no_part_of_the_hardening_may_be_missing(key: str) -> None:
    body = copy.deepcopy(good())
    del body["TaskTemplate"]["ContainerSpec"][key]

    assert f"{key} is missing" in create(body, ALLOWED)[1]


def test_the_hub_has_no_say_in_which_device_is_seen() -> None:
    with_device = finished(good(), image="sha256:1", devices=frozenset({"GPU-1"}))
    without = finished(good(), image="sha256:1", devices=frozenset())

    assert with_device["TaskTemplate"]["ContainerSpec"]["Env"] == ["A=b", "NVIDIA_VISIBLE_DEVICES=GPU-1"]
    assert without["TaskTemplate"]["ContainerSpec"]["Env"] == ["A=b", "NVIDIA_VISIBLE_DEVICES=void"]


@pytest.mark.parametrize(
    ("digests", "wanted"),
    [
        ([], "sha256:1"),
        (None, "sha256:1"),
        (["other/thing@sha256:2"], "sha256:1"),
        (["other/thing@sha256:2", "bitgoeul/notebook@sha256:3"], "bitgoeul/notebook@sha256:3"),
    ],
)
def test_every_machine_runs_the_same_contents(digests: Any, wanted: str) -> None:
    assert pinned("bitgoeul/notebook:latest", {"Id": "sha256:1", "RepoDigests": digests}) == wanted


def test_names_fit_and_no_two_people_share_one() -> None:
    swarm = Swarm()
    people = ["a.b", "a-b", "a@b", "a" * 64, "a" * 63 + "b", "_"]
    names = [swarm_services.name(swarm, user, "") for user in people] + [swarm_services.name(swarm, "a", "b")]
    volumes = [swarm_services.volume(swarm, user) for user in people]

    for found in (names, volumes):
        assert len(set(found)) == len(found)
        assert all(len(name) <= 63 and swarm_rules._NAME.fullmatch(name) for name in found)
