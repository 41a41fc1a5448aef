"""The gate's watch, on a real database: what is due is stopped, what is gone is free, what is starting is left alone."""

from __future__ import annotations

import asyncio
import copy
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub.spawner import SpawnException
from traitlets.config import Config

from bitgoeul.gpus.model import Running
from bitgoeul.hub import gate as gating
from bitgoeul.hub.docker import EngineFailed
from bitgoeul.hub.labs import devices
from bitgoeul.migrations import migrate
from bitgoeul.profiles import Device, Gpus
from bitgoeul.settings import Academy, Bilingual, Cohort, Settings

TITLE = Bilingual(ko="하나", en="One")


class World:
    """Users and spawners as far as the gate sees them; `runs` is what the engine says."""

    def __init__(self, folder: Path, **cohort: Any) -> None:
        gpus = Gpus(devices=(Device(uuid="GPU-a"),))
        profile = Cohort(title=TITLE, **{"gpu": "whole", **cohort})
        settings = Settings(academy=Academy(state=folder), gpus=gpus, cohorts={"one": profile})
        self.runs: list[Running] = []
        self.gate = gating.Gate(settings, lambda: self.runs)
        self.gate.measures = False
        self.gate._watch = SimpleNamespace(cancel=lambda: None)  # a test looks by itself, and nobody beside it
        assert self.gate.leases is not None
        self.leases = self.gate.leases
        migrate(self.leases.database)
        self.users: dict[int, Any] = {}
        self.stopped: list[str] = []

    def spawner(self, name: str, groups: tuple[str, ...] = ("cohort-one",), server: str = "") -> Any:
        user = SimpleNamespace(name=name, groups=[SimpleNamespace(name=g) for g in groups], admin=False)
        user.settings = {"users": self.users}
        found = SimpleNamespace(
            user=user, name=server, user_options={}, hub=SimpleNamespace(base_url="/hub/"), lease=None, lease_id="",
            limits=None, cohort="", active=False, pending=None, poll=None, mem_limit=None, cpu_limit=None,
        )  # fmt: skip
        user.spawners = {server: found}
        self.users[len(self.users)] = user

        async def stop(_server: str) -> None:
            self.stopped.append(name)
            found.active = False
            self.runs = [running for running in self.runs if running.owner != name]
            await self.gate.leave(found)

        user.stop = stop
        return found

    async def start(self, spawner: Any) -> None:
        self.gate._looked.set()
        await self.gate.admit(spawner)
        spawner.active = True
        if spawner.lease:
            self.runs.append(Running.of(spawner.lease))

    async def look(self) -> None:
        await self.gate.look({"users": self.users})

    def later(self, by: timedelta) -> None:
        clock = self.leases._now
        self.leases._now = lambda: clock() + by

    def close(self) -> None:
        if self.gate._watch:
            self.gate._watch.cancel()
        self.leases.database.close()


def run(folder: Path, story: Any, **cohort: Any) -> World:
    async def told() -> World:
        world = World(folder, **cohort)
        try:
            await story(world)
        finally:
            world.close()
        return world

    return asyncio.run(told())


def active(world: World) -> list[str]:
    return [lease.owner for lease in world.leases.book().leases if lease.active]


def test_a_start_gets_its_cohorts_limits_and_a_device(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        minji = world.spawner("minji")
        await world.start(minji)
        assert (minji.mem_limit, minji.cpu_limit, minji.limits.cohort) == (3000 * 1024 * 1024, 2.0, "one")
        assert devices(minji.lease, managed=True)["CUDA_VISIBLE_DEVICES"] == "GPU-a"
        assert devices(None, managed=True) == {"CUDA_VISIBLE_DEVICES": ""}
        assert devices(None, managed=False) == {}

    run(tmp_path, story, memory_mb=3000)


def test_the_server_of_a_course_holds_no_device_and_strangers_start_nothing(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        staff = world.spawner("seoyeon", ("cohort-one", "formgrade-ml"), server="ml")
        await world.start(staff)
        assert staff.limits.gpu == "none"
        with pytest.raises(SpawnException) as refused:
            await world.start(world.spawner("stranger", ("cohort-other",)))
        assert refused.value.status_code == 403
        assert active(world) == []

    run(tmp_path, story)


def test_a_full_house_refuses_with_the_place_in_the_queue(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.start(world.spawner("minji"))
        with pytest.raises(SpawnException) as refused:
            await world.start(world.spawner("junho"))
        assert (refused.value.reason, refused.value.status_code) == ("gpu-queue", 503)
        assert 'href="/services/bitgoeul/gpus"' in refused.value.jupyterhub_html_message
        assert "대기 순서 1번" in refused.value.jupyterhub_message

    run(tmp_path, story)


def test_no_device_of_a_machine_that_is_away_is_given(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.gate.hosts = lambda: frozenset({"another"})
        with pytest.raises(SpawnException, match="지금 모두 응답하지 않습니다"):
            await world.start(world.spawner("minji"))
        assert world.leases.book().slots == ()
        world.gate.hosts = lambda: frozenset({"localhost"})
        await world.start(world.spawner("minji"))
        assert active(world) == ["minji"]

    run(tmp_path, story)


def test_what_is_due_is_stopped_and_its_device_is_free(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.start(world.spawner("minji"))
        await world.look()
        assert (world.stopped, active(world)) == ([], ["minji"])
        world.later(timedelta(hours=9))
        await world.look()
        assert (world.stopped, active(world)) == (["minji"], [])

    run(tmp_path, story)


def test_a_server_that_will_not_end_keeps_its_device_until_the_engine_says_it_is_gone(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        minji = world.spawner("minji")
        await world.start(minji)
        await world.gate.leave(minji)  # JupyterHub calls it even when stopping has failed
        assert active(world) == ["minji"]
        world.later(timedelta(minutes=2))
        await world.look()
        assert active(world) == ["minji"]
        world.runs = []
        await world.look()
        assert active(world) == []

    run(tmp_path, story)


def test_a_start_that_takes_long_is_not_called_lost(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        minji = world.spawner("minji")
        await world.start(minji)
        world.runs, minji.pending = [], "spawn"
        world.later(timedelta(minutes=10))
        await world.look()
        assert active(world) == ["minji"]
        minji.pending = None
        await world.look()
        assert active(world) == []

    run(tmp_path, story)


def test_a_cohort_has_no_more_servers_than_its_limit(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.start(world.spawner("minji"))
        with pytest.raises(SpawnException) as refused:
            await world.start(world.spawner("junho"))
        assert "1개가 모두 켜져 있습니다" in str(refused.value.jupyterhub_message)

    run(tmp_path, story, gpu="none", max_servers=1)


def test_every_spawner_goes_through_the_gate(tmp_path: Path) -> None:
    config = Config()
    gate = gating.configure_gate(config, Settings(academy=Academy(state=tmp_path)), lambda: None)

    assert config.Spawner.pre_spawn_hook == gate.admit
    assert config.Spawner.post_stop_hook == gate.leave
    assert config.Spawner.options_from_form({"cohort": ["one"]}) == {"cohort": "one"}
    assert not list(tmp_path.iterdir())  # configuring opens nothing


class Kept:
    """JupyterHub's part of a spawner's memory."""

    def get_state(self) -> dict[str, Any]:
        return {"pid": 7}

    def load_state(self, state: dict[str, Any]) -> None:
        self.pid = state["pid"]


class Gated(gating.GatedSpawner, Kept):
    pre_spawn_hook: Any = None


def test_a_hub_that_comes_back_knows_the_lease_and_looks_at_once(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.gate._watch = None
        before, after = Gated(), Gated()
        before.lease_id, before.cohort = "l1", "one"
        after.load_state(before.get_state())
        assert (after.lease_id, after.cohort, after.pid) == ("l1", "one", 7)
        world.gate.begin(SimpleNamespace(tornado_settings={"users": {}}))
        await asyncio.wait_for(world.gate._looked.wait(), 10)

    run(tmp_path, story)


def test_there_is_one_gate_however_often_traitlets_copies_its_hooks(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        assert copy.deepcopy(world.gate.admit).__self__ is world.gate

    run(tmp_path, story)


def test_an_engine_that_is_silent_frees_nothing(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        minji = world.spawner("minji")
        await world.start(minji)

        def silent() -> list[Running]:
            raise EngineFailed(ko="엔진이 답하지 않습니다.", en="The engine is silent.")

        world.gate.runs = silent
        minji.active = False
        await world.gate.leave(minji)
        assert active(world) == ["minji"]
        with pytest.raises(EngineFailed):
            await world.look()
        assert active(world) == ["minji"]

    run(tmp_path, story)
