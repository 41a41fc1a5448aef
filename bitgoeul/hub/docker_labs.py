"""A lab of the docker runtime: one container a person, as `containers.request` says, started through the proxy."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import docker
from docker.errors import APIError, DockerException, NotFound
from dockerspawner import DockerSpawner
from jupyterhub.spawner import SpawnException
from requests.exceptions import RequestException
from traitlets import Instance
from traitlets.config import Config

from bitgoeul.errors import NotAllowed, Text
from bitgoeul.gpus.model import LABELS, Running
from bitgoeul.hub import containers, homes
from bitgoeul.hub.containers import Place
from bitgoeul.hub.docker import EngineFailed, gateway, network, own_course, proxy_path
from bitgoeul.hub.ending import Ending, ending, last_words
from bitgoeul.hub.gate import GatedSpawner, configure_gate, refusal
from bitgoeul.hub.labs import Lab, arguments, plan, spoken_language
from bitgoeul.hub.turns import stage
from bitgoeul.names import UserName
from bitgoeul.settings import Settings

_THREADS = 16
_OVER = ("exited", "dead")
_EVENTS = {
    "create": (40, Text("컨테이너를 만들었습니다.", "The container has been made.")),
    "start": (
        60,
        Text("컨테이너가 켜졌습니다. JupyterLab을 불러옵니다.", "The container runs; JupyterLab is loading."),
    ),
}
"""What the engine itself reports, by its own word for it."""

_ASKED = (5, Text("Docker 엔진에 부탁했습니다.", "The Docker engine has been asked."))
_PULLING = (
    10,
    Text(
        "이미지를 받고 있습니다. 처음 한 번은 몇 분 걸립니다.",
        "The image is being fetched; the first time this takes minutes.",
    ),
)
_NO_IMAGE = Text(
    "{image} 이미지가 서버에 없고 받을 수도 없습니다. 운영자에게 알리십시오(bitgoeul images build).",
    "The image {image} is not on the server and cannot be fetched. Tell the operator (bitgoeul images build).",
)
_NO_GPU = Text(
    "이 서버에서 GPU를 쓸 수 없습니다. 운영자에게 알리십시오(nvidia-container-toolkit).",
    "This server cannot give a GPU. Tell the operator (nvidia-container-toolkit).",
)
_REFUSED = Text(
    "실습실의 설정을 Docker 프록시가 거절했습니다. 운영자에게 알리십시오: {why}",
    "The Docker proxy refused this lab's make-up. Tell the operator: {why}",
)
_AWAY = Text(
    "Docker 엔진이 답하지 않습니다. 잠시 뒤 다시 켜 보고, 또 그러면 운영자에게 알리십시오: {why}",
    "The Docker engine does not answer. Start again in a moment; if that does not help, tell the operator: {why}",
)


def configure_docker_labs(c: Config, settings: Settings, *, service_port: int) -> None:
    """Let the Hub start labs in containers of one engine."""
    configure_gate(c, settings, partial(running_labs, settings))
    configure_containers(c, settings, AcademyDockerSpawner, Place(gateway(settings), service_port))
    spawner: Any = c.AcademyDockerSpawner
    spawner.network_name = settings.docker.network
    spawner.remove = False  # a removed container cannot tell how it ended
    spawner.pull_policy = "ifnotpresent"
    spawner.name_template = f"{{prefix}}-{settings.docker.network}-{{username}}--{{servername}}"


def configure_containers(c: Config, settings: Settings, spawner_class: type[DockerSpawner], place: Place) -> None:
    """What labs in containers have in common, whoever starts them: the proxy that is asked, and what runs inside."""
    c.JupyterHub.spawner_class = spawner_class
    c.JupyterHub.allow_named_servers = True
    if settings.hub.keep_labs:
        c.JupyterHub.cleanup_servers = False
    spawner: Any = c[spawner_class.__name__]
    spawner.settings = settings
    spawner.place = place
    spawner.client_kwargs = {"base_url": f"unix://{proxy_path(settings)}", "timeout": 120}
    spawner.use_internal_ip = True
    c.Spawner.cmd = ["python", "-m", "jupyterhub.singleuser"]
    c.Spawner.args = arguments(settings, root=False)
    c.Spawner.disable_user_config = True
    c.Spawner.poll_interval = 10  # until the Hub has seen it, a page of a lab that ended hangs


def running_labs(settings: Settings) -> list[Running]:
    """Which leases this academy's containers bear. Raises `EngineFailed` while the engine does not say."""
    try:
        client = docker.APIClient(base_url=f"unix://{proxy_path(settings)}", version="auto", timeout=60)
        try:
            containers = client.containers(all=True, filters={"label": [LABELS[0]]})
        finally:
            client.close()
    except (DockerException, RequestException) as error:
        raise EngineFailed(
            ko=f"Docker 엔진이 어떤 실습실이 켜져 있는지 답하지 않습니다({error}).",
            en=f"The Docker engine does not tell which labs run ({error}).",
        ) from error
    alive = (one for one in containers if one["State"] not in _OVER)
    found = (Running.read(one["Labels"], one["Names"][0].lstrip("/")) for one in alive)
    return [one for one in found if one is not None]


class AcademyDockerSpawner(GatedSpawner, DockerSpawner):  # type: ignore[misc]  # dockerspawner ships no types
    """Starts labs in hardened containers, tells how far they are, and says why one ended."""

    settings = Instance(Settings, help="The academy.").tag(config=True)
    place = Instance(Place, help="Where containers reach us.").tag(config=True)
    lab: Lab | None = None
    _stages: list[tuple[int, Text]]
    _executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="docker")

    @property
    def executor(self) -> ThreadPoolExecutor:
        """Ask the engine many things at a time: stock has one thread for the whole Hub."""
        return self._executor

    async def start(self) -> tuple[str, int]:
        """Make a new container, always: an old one has old limits. Tell in both languages why one does not start."""
        groups = [group.name for group in self.user.groups]
        try:
            self.lab = plan(self.settings, UserName(self.user.name), self.name, groups, spoken_language(self))
        except NotAllowed as error:
            raise refusal(error.text, "not-staff", 403) from None
        self._stages = [_ASKED]
        assert self.limits is not None, "the gate admits before a start"  # noqa: S101
        self.image = self.limits.image or self.settings.docker.image
        self.network_name = network(self.settings, self.limits.network)
        try:
            with self._engine_events():
                return await self._start(self.image)
        except APIError as error:
            raise _translated(error) from error
        except (DockerException, RequestException) as error:
            raise refusal(_AWAY.format(why=error), "engine-away", 503) from error

    async def _start(self, image: str) -> tuple[str, int]:
        try:
            await self.docker("inspect_image", image)
        except NotFound:
            self._stages.append(_PULLING)
            await self._fetch(image)
        with contextlib.suppress(NotFound):
            await self.docker("remove_container", self.container_name, v=True, force=True)
        if self.lab is not None and self.lab.kind == "staff":
            await asyncio.wrap_future(self.executor.submit(own_course, self.lab.root))
        made = await self.create_object()
        self.object_id = made[self.object_id_key]
        await self.start_object()
        address: tuple[str, int] = await self.get_ip_and_port()
        await self._until_it_listens(*address)
        return address

    async def _fetch(self, image: str) -> None:
        try:
            await self.pull_image(image)
        except APIError as error:
            self.log.warning("The image %s cannot be fetched: %s", image, error)
            raise refusal(_NO_IMAGE.format(image=image), "no-image", 503) from error

    async def create_object(self) -> dict[str, Any]:
        """Ask for the container in the engine's own words, so that what is checked is what is sent."""
        assert self.lab is not None, "start() plans the lab first"  # noqa: S101
        assert self.limits is not None, "the gate admits before a start"  # noqa: S101
        user = str(self.user.name)
        own = {**self.get_env(), "USER": user}
        environment = containers.variables(self.settings, self.lab, self.place, own, self.limits, self.lease)
        body = containers.request(
            self.limits,
            image=self.image,
            network=self.network_name,
            binds=containers.binds(self.settings, self.lab, user),
            environment=environment,
            command=await self.get_command(),
            user=user,
            lease=self.lease,
        )
        found: dict[str, Any] = await self.docker("create_container_from_config", body, self.container_name)
        return found

    async def _until_it_listens(self, host: str, port: int) -> None:
        """Look ten times a second: the Hub's own look comes ever more rarely, and cannot see a container that ended."""
        looked = time.monotonic()
        while True:
            try:
                _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 2)
            except (OSError, TimeoutError):
                if time.monotonic() - looked > 1:
                    looked = time.monotonic()
                    if (found := await self._ended()) is not None:
                        await self._tell_the_log()
                        raise refusal(found.text, found.reason, 500) from None
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return

    async def _tell_the_log(self) -> None:
        """Keep the last words of a container that ended while it was starting: it is removed next."""
        with contextlib.suppress(DockerException, RequestException):
            said = await self.docker("logs", self.container_name, tail=30)
            self.log.error("%s said: %s", self.container_name, bytes(said).decode("utf-8", "replace"))

    async def _ended(self) -> Ending | None:
        """How the container ended, or None while it runs or the engine does not say."""
        try:
            found = await self.docker("inspect_container", self.container_name)
        except NotFound:
            return ending({"Status": "removed"}, full=False)
        full = homes.is_full(containers.volume(self.settings, self.user.name))
        return ending(found["State"], full=full)

    async def poll(self) -> str | int | None:
        """Say how the lab ended; an engine that errs or is silent has not said that it did."""
        try:
            found = await self._ended()
        except (APIError, DockerException, RequestException) as error:
            self.log.warning("The engine cannot say how %s is: %s", self.container_name, error)
            return None
        if found is None:
            return None
        last_words[self.user.name, self.name] = found.text
        return found.code

    async def get_object(self) -> dict[str, Any] | None:
        """The container, or None when the engine says that there is none; stock reads a 500 so, too."""
        try:
            found: dict[str, Any] = await self.docker("inspect_container", self.container_name)
        except NotFound:
            self.object_id = ""
            return None
        self.object_id = found[self.object_id_key]
        return found

    async def stop(self, now: bool = False) -> None:
        """Stop the container, then remove it: its end has been read by now, and its home stays."""
        with contextlib.suppress(NotFound):
            await self.docker("stop", self.container_name, timeout=10)
        with contextlib.suppress(NotFound):
            await self.docker("remove_container", self.container_name, v=True, force=True)
        self.object_id = ""
        self.clear_state()

    @contextlib.contextmanager
    def _engine_events(self) -> Any:
        """Listen to what the engine reports of our container while it starts."""
        since = int(time.time())
        filters = {"container": [self.container_name]}
        stream = self.client.events(since=since, filters=filters, decode=True)
        threading.Thread(target=self._listen, args=(stream, self._stages), daemon=True).start()
        try:
            yield
        finally:
            stream.close()

    def _listen(self, stream: Any, stages: list[tuple[int, Text]]) -> None:
        # The stream is closed from the other thread, which its reader learns by whatever error comes first.
        with contextlib.suppress(Exception):
            for event in stream:
                stages.extend(_EVENTS[word] for word in _EVENTS if word == event.get("Action"))

    async def stages(self) -> AsyncIterator[dict[str, Any]]:
        """Tell what the engine has reported so far, in both languages; the page takes its own."""
        told = 0
        while True:
            for percent, text in getattr(self, "_stages", [])[told:]:
                told += 1
                yield stage(percent, text)
            await asyncio.sleep(0.1)


def _translated(error: APIError) -> SpawnException:
    """Put the engine's error into a person's words."""
    why = str(error.explanation or error)
    if "could not select device driver" in why:
        return refusal(_NO_GPU, "no-gpu", 503)
    if error.status_code == 403:
        return refusal(_REFUSED.format(why=why), "refused", 500)
    return refusal(_AWAY.format(why=why), "engine-error", 503)
