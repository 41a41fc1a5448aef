"""A lab of the swarm runtime: one service a person, as `swarm_services.request` says, on whichever machine has room.

DockerSpawner's SwarmSpawner is not used: what it would give are its loops over a task's states and its mounts, and both
are wrong for named volumes, rejected tasks and several tasks. The start, its words and its ends are those of the docker
runtime.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import docker
from docker.errors import APIError, DockerException, NotFound
from jupyterhub.spawner import SpawnException
from requests.exceptions import RequestException
from traitlets import Instance
from traitlets.config import Config

from bitgoeul.errors import Text
from bitgoeul.gpus.model import Running
from bitgoeul.hub import containers, swarm_services, swarm_tasks
from bitgoeul.hub import swarm as swarm_place
from bitgoeul.hub.containers import Place
from bitgoeul.hub.docker import EngineFailed, own_course, proxy_path
from bitgoeul.hub.docker_labs import AcademyDockerSpawner, configure_containers
from bitgoeul.hub.ending import Ending
from bitgoeul.hub.gate import configure_gate, refusal
from bitgoeul.hub.swarm_homes import KEPT, SHARED, Home, Homes, Start, moved, where
from bitgoeul.hub.swarm_tasks import Machine, Standing, is_alive, machines, standing
from bitgoeul.settings import Settings

Answer = TypeVar("Answer")
_LOOK_SECONDS = 0.5
_BEFORE_TIMEOUT = 5
"""A start that comes to nothing says why before JupyterHub gives it up without a word."""

_ASKED = (5, Text("Docker Swarm에 부탁했습니다.", "Docker Swarm has been asked."))
_COURSES_AWAY = Text(
    "강좌의 파일은 Hub가 도는 컴퓨터에 있는데, 그 컴퓨터에서 실습실을 켤 수 없습니다. 운영자에게 알리십시오.",
    "The course's files are on the Hub's machine, which runs no labs now. Tell the operator.",
)


def configure_swarm_labs(c: Config, settings: Settings, *, service_port: int) -> None:
    """Let the Hub start labs on the machines of a swarm."""
    cluster = Cluster(settings)
    configure_gate(c, settings, cluster.running_labs, cluster.hosts)
    configure_containers(c, settings, AcademySwarmSpawner, Place(settings.swarm.advertise, service_port))
    c.AcademySwarmSpawner.cluster = cluster


class Cluster:
    """The swarm as the Hub sees it. `look` asks for all labs at once, so that many labs are one question."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.homes = Homes(settings.state / "hub" / "swarm-homes")
        self._seen: tuple[float, list[Any], dict[str, Machine]] = (0.0, [], {})
        self._one = asyncio.Lock()
        self._version = "auto"

    def __deepcopy__(self, _memo: dict[int, Any]) -> Cluster:
        """Stay one: traitlets copies what is configured for each spawner."""
        return self

    async def look(self) -> tuple[list[Any], dict[str, Machine]]:
        """Give all labs' tasks and all machines, seen within the last half second."""
        async with self._one:
            if time.monotonic() - self._seen[0] > _LOOK_SECONDS:
                tasks, known = await asyncio.to_thread(self._asked)
                self._seen = (time.monotonic(), tasks, known)
        return self._seen[1], self._seen[2]

    def _asked(self) -> tuple[list[Any], dict[str, Machine]]:
        with self._client() as client:
            tasks = client.tasks()
            return tasks, machines(client.nodes(), self.settings.swarm.advertise)

    def _machines(self) -> dict[str, Machine]:
        with self._client() as client:
            return machines(client.nodes(), self.settings.swarm.advertise)

    @contextlib.contextmanager
    def _client(self) -> Iterator[Any]:
        client = docker.APIClient(base_url=f"unix://{proxy_path(self.settings)}", version=self._version, timeout=60)
        self._version = client.api_version  # asked for once
        try:
            yield client
        finally:
            client.close()

    def running_labs(self) -> list[Running]:
        """Which leases this academy's tasks bear. Raises `EngineFailed` while the engine does not say."""
        tasks, known = self._told(self._asked)
        alive = (task["Spec"]["ContainerSpec"].get("Labels") or {} for task in tasks if is_alive(task, known))
        found = {Running.read(labels, str(labels.get(swarm_services.SERVICE))) for labels in alive}
        return [one for one in found if one is not None]

    def hosts(self) -> frozenset[str]:
        """Which machines may run labs now, by name. Raises `EngineFailed`."""
        known = self._told(self._machines)
        return frozenset(machine.name for machine in known.values() if machine.takes)

    def _told(self, ask: Callable[[], Answer]) -> Answer:
        try:
            return ask()
        except (DockerException, RequestException) as error:
            raise EngineFailed(
                ko=f"Docker Swarm이 어떤 실습실이 켜져 있는지 답하지 않습니다({error}).",
                en=f"Docker Swarm does not tell which labs run ({error}).",
            ) from error


class AcademySwarmSpawner(AcademyDockerSpawner):
    """Starts labs as services, tells how far they are and on which machine, and says why one ended."""

    cluster = Instance(Cluster, help="The swarm.").tag(config=True)
    object_type = "service"
    object_id_key = "ID"

    @property
    def home_host(self) -> str:  # type: ignore[override]  # read, never written
        """The machine that holds the person's files, where a free GPU comes first."""
        home = self._home()
        return home.name if home else ""

    def _home(self) -> Home | None:
        return None if self.settings.swarm.homes else self.cluster.homes.of(self.user.name)

    def _engine_events(self) -> Any:
        """Swarm's progress is in the tasks' states, which the start follows anyhow."""
        return contextlib.nullcontext()

    async def _start(self, image: str) -> tuple[str, int]:
        self._stages = [_ASKED]
        self.object_name = swarm_services.name(self.settings.swarm, self.user.name, self.name)
        _, known = await self.cluster.look()
        start = await self._placed(known)
        with contextlib.suppress(NotFound):
            await self.docker("remove_service", self.object_name)
        if self._is_staff:
            assert self.lab is not None  # noqa: S101  start() plans it
            await asyncio.wrap_future(self.executor.submit(own_course, self.lab.root))
        made = await self._create(image, start.machine)
        self.object_id = made[self.object_id_key]
        try:
            return await self._lands()
        except SpawnException:  # JupyterHub stops only what still runs
            await self.stop()
            raise

    async def _lands(self) -> tuple[str, int]:
        """Follow the lab until it listens; remember which machine holds its home."""
        found = await self._until_it_runs()
        assert found.machine is not None  # noqa: S101  what runs has a machine
        assert found.address is not None  # noqa: S101
        if not self._is_staff and not self.settings.swarm.homes:
            home = moved(self._home(), found.machine)
            await asyncio.to_thread(self.cluster.homes.put, self.user.name, home)
        await self._until_it_listens(*found.address)
        return found.address

    @property
    def _is_staff(self) -> bool:
        return self.lab is not None and self.lab.kind == "staff"

    async def _placed(self, known: dict[str, Machine]) -> Start:
        """Decide which machine will do; refuse once, with the reason, what would begin with an empty home."""
        if self._is_staff:
            own = [one for one in known.values() if one.takes and one.address == self.settings.swarm.advertise]
            if not own:
                raise refusal(_COURSES_AWAY, "courses-away", 503)
            return Start(own[0].id)
        start = where(self._home(), known, self.lease.host if self.lease else "")
        if start.refused is not None:
            await asyncio.to_thread(self.cluster.homes.tell, self.user.name)
            raise refusal(start.refused, "home-away", 503)
        if start.empty is not None:
            self._stages.append((6, start.empty))
        return start

    async def _create(self, image: str, machine: str) -> dict[str, Any]:
        """Ask for the service in the engine's own words, so that what is checked is what is sent."""
        assert self.lab is not None, "start() plans the lab first"  # noqa: S101
        assert self.limits is not None, "the gate admits before a start"  # noqa: S101
        own = {**self.get_env(), "USER": self.user.name}
        body = swarm_services.request(
            self.settings,
            self.lab,
            self.limits,
            user=self.user.name,
            server=self.name,
            image=image,
            network=swarm_place.network(self.settings, self.limits.network),
            environment=containers.variables(self.settings, self.lab, self.place, own, self.limits, self.lease),
            command=await self.get_command(),
            machine=machine,
            lease=self.lease,
        )
        return await asyncio.wrap_future(self.executor.submit(self._post, "/services/create", body))

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """docker-py's own words for a service lack half of what we ask for."""
        client: Any = self.client
        answer = client._post_json(client._url(path), data=body)
        made: dict[str, Any] = client._result(answer, json=True)
        return made

    async def _standing(self) -> Standing:
        tasks, known = await self.cluster.look()
        return standing((task for task in tasks if task.get("ServiceID") == self.object_id), known)

    async def _until_it_runs(self) -> Standing:
        """Follow the task. What ended says why at once; what takes too long says what it waits for."""
        patience = max(5, self.start_timeout - _BEFORE_TIMEOUT)
        until = time.monotonic() + patience
        while True:
            found = await self._standing()
            if found.ended is not None:
                raise refusal(found.ended.text, found.ended.reason, 500)
            if (found.percent, found.said) != self._stages[-1]:
                self._stages.append((found.percent, found.said))
            if found.address is not None:
                return found
            if time.monotonic() > until:
                text, reason = swarm_tasks.too_late(found, patience)
                raise refusal(text, reason, 503)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _ended(self) -> Ending | None:
        """How the lab ended, or None while it runs."""
        found = await self._standing()
        if found.ended is None:
            if found.machine is None and await self.get_object() is None:
                return swarm_tasks.REMOVED
            return None
        if found.ended.reason != "machine-gone":
            return found.ended
        return await self._without_its_machine(found)

    async def _without_its_machine(self, found: Standing) -> Ending:
        assert found.ended is not None  # noqa: S101  the caller looked
        more = (
            SHARED if self.settings.swarm.homes else KEPT.format(machine=found.machine.name if found.machine else "?")
        )
        if not self.settings.swarm.homes:
            await asyncio.to_thread(self.cluster.homes.tell, self.user.name)
        text = Text(found.ended.text.ko + more.ko, found.ended.text.en + more.en)
        return Ending(found.ended.reason, text, found.ended.code)

    async def get_object(self) -> dict[str, Any] | None:
        """The service, or None when the engine says that there is none."""
        if not self.object_id:
            return None
        try:
            found: dict[str, Any] = await self.docker("inspect_service", self.object_id)
        except NotFound:
            self.object_id = ""
            return None
        return found

    async def stop(self, now: bool = False) -> None:
        """Remove the service and wait until its container is gone: a device that it holds is free only then."""
        if self.object_id:
            with contextlib.suppress(NotFound):
                await self.docker("remove_service", self.object_id)
            await self._until_gone()
        self.object_id = ""
        self.clear_state()

    async def _until_gone(self) -> None:
        until = time.monotonic() + 2 * swarm_services.GRACE / 1e9
        while time.monotonic() < until:
            with contextlib.suppress(APIError, DockerException, RequestException):
                tasks, known = await self.cluster.look()
                if not any(task.get("ServiceID") == self.object_id and is_alive(task, known) for task in tasks):
                    return
            await asyncio.sleep(_LOOK_SECONDS)
