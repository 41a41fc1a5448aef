"""What a start and an end are told as, from what the engine says: every state, several tasks, machines that are gone."""

from __future__ import annotations

from typing import Any

import pytest

from bitgoeul.hub import swarm_tasks
from bitgoeul.hub.swarm_tasks import Machine, is_alive, machines, standing, too_late

KNOWN = {
    "n1": Machine("n1", "h1", "10.0.0.1", up=True, takes=True),
    "n2": Machine("n2", "h2", "10.0.0.2", up=False, takes=False),
}
FULL = "no suitable node (insufficient resources on 2 nodes)"


def task(state: str, node: str = "", made: str = "1", port: int = 0, **status: Any) -> dict[str, Any]:
    ports = {"PortStatus": {"Ports": [{"TargetPort": 8888, "PublishedPort": port}]}} if port else {}
    return {"CreatedAt": made, "NodeID": node, "Status": {"State": state, **ports, **status}}


def test_every_state_of_swarms_is_known() -> None:
    starts = {"new", "allocated", "pending", "assigned", "accepted", "preparing", "ready", "starting", "running"}
    ends = {"complete", "shutdown", "failed", "rejected", "remove", "orphaned"}

    assert set(swarm_tasks.STATES) == starts | ends
    for state in sorted(starts | ends):
        assert (standing([task(state, "n1")], KNOWN).ended is not None) is (state in ends), state


def test_a_lab_that_runs_is_reached_by_the_port_of_its_machine() -> None:
    assert standing([task("running", "n1", port=32768)], KNOWN).address == ("10.0.0.1", 32768)
    assert standing([task("running", "n1")], KNOWN).address is None


def test_of_several_tasks_the_youngest_alive_counts() -> None:
    old, new = task("running", "n1", made="1", port=1), task("running", "n1", made="2", port=2)
    failed = task("failed", "n1", made="3", Err="task: non-zero exit (1)")

    assert standing([new, old], KNOWN).address == ("10.0.0.1", 2)
    assert standing([failed, old], KNOWN).address == ("10.0.0.1", 1)
    assert standing([failed], KNOWN).ended is not None


@pytest.mark.parametrize(
    ("found", "reason", "word"),
    [
        (task("rejected", "n1", Err="No such image: x"), "rejected", "No such image: x"),
        (task("failed", "n1", Err="task: non-zero exit (1)", ContainerStatus={"ExitCode": 1}), "ended", "exit (1)"),
        (task("failed", "n1", ContainerStatus={"ExitCode": 137}), "killed", "137"),
        (task("complete", "n1"), "ended", "complete"),
        (task("running", "n2"), "machine-gone", "h2"),
        (task("preparing", "n2"), "machine-gone", "h2"),
        (task("orphaned", "n2"), "machine-gone", "h2"),
        (task("running", "n9"), "machine-gone", "n9"),
    ],
)
def test_each_end_has_its_reason_in_both_languages(found: dict[str, Any], reason: str, word: str) -> None:
    ended = standing([found], KNOWN).ended

    assert ended is not None
    assert ended.reason == reason
    assert word in ended.text.ko
    assert word in ended.text.en
    assert not is_alive(found, KNOWN)


def test_a_start_that_waits_for_room_says_so_and_so_does_its_end() -> None:
    full = standing([task("pending", Err=FULL)], KNOWN)
    nowhere = standing(
        [task("pending", Err="no suitable node (scheduling constraints not satisfied on 2 nodes)")], KNOWN
    )
    slow = standing([task("preparing", "n1")], KNOWN)

    assert "자리를 기다립니다" in full.said.ko
    assert full.address is full.ended is None
    assert [too_late(one, 115)[1] for one in (full, nowhere, slow)] == ["swarm-full", "no-machine", "too-slow"]
    assert "115" in too_late(full, 115)[0].en
    assert FULL in too_late(full, 115)[0].ko


def test_machines_are_read_as_the_engine_tells_them() -> None:
    spec = {"Availability": "active", "Labels": {"bitgoeul.labs": "yes"}}
    nodes = [
        {"ID": "a", "Spec": spec, "Description": {"Hostname": "h1"}, "Status": {"State": "ready", "Addr": "0.0.0.0"}},  # noqa: S104  as engines write it
        {"ID": "b", "Spec": spec, "Description": {"Hostname": "h2"}, "Status": {"State": "down", "Addr": "10.0.0.2"}},
        {"ID": "c", "Spec": {**spec, "Availability": "drain"}, "Status": {"State": "ready", "Addr": "10.0.0.3"}},
        {"ID": "d", "Spec": {"Availability": "active"}, "Status": {"State": "ready", "Addr": "10.0.0.4"}},
    ]

    assert list(machines(nodes, "10.0.0.1").values()) == [
        Machine("a", "h1", "10.0.0.1", up=True, takes=True),
        Machine("b", "h2", "10.0.0.2", up=False, takes=False),
        Machine("c", "c", "10.0.0.3", up=True, takes=False),
        Machine("d", "d", "10.0.0.4", up=True, takes=False),
    ]
