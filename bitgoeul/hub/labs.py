"""A lab of the local runtime: one JupyterLab process a user, all of them the person who started the academy.

What a lab may be is decided by `plan`, from the person's Hub groups alone: a student's lab in his own
folder, or, under the name of a course, the lab of that course's staff with nbgrader's formgrader.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import psutil
from jupyterhub.spawner import SimpleLocalProcessSpawner
from traitlets import Instance
from traitlets.config import Config

import bitgoeul
from bitgoeul.errors import InvalidName, NotAllowed, Text, shorten
from bitgoeul.gpus.model import LABELS, Lease, Running
from bitgoeul.hub import processes, tether
from bitgoeul.hub.gate import GatedSpawner, configure_gate, refusal
from bitgoeul.hub.turns import stage
from bitgoeul.names import CourseName, UserName, staff_group, student_group
from bitgoeul.settings import Language, Settings
from bitgoeul.web.language import COOKIE

_PACKAGE = Path(bitgoeul.__file__).parent
ETC = _PACKAGE / "hub" / "etc"
"""What JupyterLab reads: `common`, one folder a kind of lab, one a language."""

NBGRADER = _PACKAGE / "lab" / "etc"
"""What nbgrader reads in a lab, one folder a kind; it takes its variables from the environment."""

SHARE = _PACKAGE / "lab" / "share"
"""Holds what a JupyterLab with a GPU loads besides its own."""

Kind = Literal["student", "staff"]
_START = Text("노트북 서버를 시작합니다.", "Starting your notebook server.")
_LOADING = Text("JupyterLab을 불러오는 중입니다.", "JupyterLab is loading.")
_SLOW = Text(
    "다른 사람들도 함께 시작하고 있어서 조금 더 걸립니다.", "Others are starting too, so this takes a little longer."
)
_DIED = Text(
    "실습실이 켜지다가 꺼졌습니다(종료 코드 {code}). 다시 켜 보고, 또 그러면 운영자에게 알리십시오. 까닭은 hub.log에 있습니다.",
    "The lab ended while it was starting (exit code {code}). Start it again; if that does not help, tell the operator: "
    "the reason is in hub.log.",
)


@dataclass(frozen=True)
class Lab:
    """What one lab is: where it opens, what it reads, what its exchange needs to know."""

    kind: Kind
    root: Path
    home: Path
    opens: str
    language: Language
    courses: tuple[CourseName, ...]

    @property
    def config_path(self) -> str:
        """JUPYTER_CONFIG_PATH: the first folder wins."""
        folders = (ETC / self.kind, NBGRADER / self.kind, ETC / self.language, ETC / "common")
        return os.pathsep.join(str(folder) for folder in folders)


def plan(settings: Settings, user: UserName, server: str, groups: Iterable[str], language: Language) -> Lab:
    """Decide what lab `user` gets under the server's name; raise `NotAllowed` for a course he is not staff of."""
    groups = frozenset(groups)
    home = settings.home_folder(user)
    if not server:
        courses = _courses_of(groups, student_group) + _courses_of(groups, staff_group)
        return Lab("student", home, home, "/lab", language, courses)
    try:
        course = CourseName(server)
    except InvalidName:
        course = None
    if course is None or staff_group(course) not in groups:
        raise NotAllowed(
            ko=f"{shorten(server)} 서버는 그 강좌의 강사만 시작할 수 있습니다. 기본 노트북 서버를 쓰십시오.",
            en=f"The server {shorten(server)} is for staff of that course only. Use your default notebook server.",
        )
    folder = settings.course_folder(course)
    return Lab("staff", folder, home, "/formgrader/manage_assignments", language, (course,))


def _courses_of(groups: frozenset[str], group_of: Callable[[CourseName], str]) -> tuple[CourseName, ...]:
    prefix = group_of(CourseName("x")).removesuffix("x")
    return tuple(CourseName(group.removeprefix(prefix)) for group in sorted(groups) if group.startswith(prefix))


def environment(lab: Lab, settings: Settings, inherited: dict[str, str], *, warns: bool = False) -> dict[str, str]:
    """Give the variables of a lab's process; `inherited` holds what the Hub decided and keeps its word.

    `warns`: the lab holds a GPU, and tells the person before he loses it.
    """
    path = inherited.get("PATH", os.defpath)
    service = f"http://{settings.hub.host}:{settings.hub.port}/services/bitgoeul"
    config = [str(ETC / "gpu"), lab.config_path] if warns else [lab.config_path]
    return {
        **inherited,
        **({"JUPYTER_PATH": str(SHARE)} if warns else {}),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), path]),
        "HOME": str(lab.home),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(config),
        "JUPYTERHUB_ROOT_DIR": str(lab.root),
        "JUPYTERHUB_DEFAULT_URL": lab.opens,
        "JUPYTERHUB_ACTIVITY_INTERVAL": "900",
        "JUPYTERHUB_SINGLEUSER_EXTENSION": "1",
        "BITGOEUL_SERVICE_URL": service,
        "BITGOEUL_LANGUAGE": lab.language,
        "BITGOEUL_COURSES": ",".join(lab.courses),
        "BITGOEUL_LAB": lab.kind,
        processes.MARK: str(settings.state),
        "LANG": "ko_KR.UTF-8" if lab.language == "ko" else "en_US.UTF-8",
        "PYTHONUTF8": "1",
        "PYTHONNOUSERSITE": "1",
    }


def arguments(settings: Settings, *, root: bool) -> list[str]:
    """Give the lab's command line. It stops itself when idle, so no program of ours needs the right to stop labs."""
    idle = settings.hub.idle_minutes * 60
    return [
        *(["--allow-root"] if root else []),
        f"--ServerApp.shutdown_no_activity_timeout={idle}",
        f"--MappingKernelManager.cull_idle_timeout={idle}",
        "--MappingKernelManager.cull_connected=True",
        f"--TerminalManager.cull_inactive_timeout={idle}",
        "--LabApp.news_url=None",
        "--LabApp.extension_manager=readonly",
        "--FileContentsManager.delete_to_trash=False",
        "--IPKernelApp.capture_fd_output=False",
    ]


def devices(lease: Lease | None, *, managed: bool) -> dict[str, str]:
    """Let a lab's process see the device it holds and no other; where nothing is lent, what the machine shows.

    A process can undo this: the local runtime isolates nobody. The variables are also the labels of the lease.
    """
    if not managed:
        return {}
    if lease is None:
        return {"CUDA_VISIBLE_DEVICES": ""}
    labels = {_variable(label): value for label, value in Running.of(lease).labels().items()}
    return {"CUDA_VISIBLE_DEVICES": lease.device, "CUDA_DEVICE_ORDER": "PCI_BUS_ID", **labels}


def running_labs(state: Path) -> list[Running]:
    """Which leases this academy's processes bear: a lab, its kernels and whatever they started count as one."""
    found = set()
    for process in processes.of_academy(state):
        with contextlib.suppress(psutil.Error):
            environ = process.environ()
            found.add(
                Running.read({label: environ[_variable(label)] for label in LABELS if _variable(label) in environ})
            )
    return [running for running in found if running is not None]


def _variable(label: str) -> str:
    return label.replace(".", "_").upper()


def spoken_language(spawner: Any) -> Language:
    """Speak what the person chose in this browser, else what the roster says."""
    chosen = spawner.handler.get_cookie(COOKIE) if spawner.handler else None
    person = spawner.settings.person(spawner.user.name)
    default: Language = person.language if person else spawner.settings.academy.language
    return chosen if chosen in ("ko", "en") else default


def configure_labs(c: Config, settings: Settings) -> None:
    """Let the Hub start local labs."""
    c.JupyterHub.spawner_class = LocalLabSpawner
    c.JupyterHub.allow_named_servers = True
    c.LocalLabSpawner.settings = settings
    configure_gate(c, settings, partial(running_labs, settings.state))
    c.Spawner.ip = "127.0.0.1"
    c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
    c.Spawner.args = arguments(settings, root=os.geteuid() == 0)
    c.Spawner.disable_user_config = True
    c.LocalProcessSpawner.interrupt_timeout = 10
    c.LocalProcessSpawner.term_timeout = 5


class LocalLabSpawner(GatedSpawner, SimpleLocalProcessSpawner):  # type: ignore[misc]  # JupyterHub ships no types
    """Starts labs as `plan` says. No user is isolated from another: the runtime listens on loopback for that."""

    settings = Instance(Settings, help="The academy.").tag(config=True)
    lab: Lab | None = None

    def groups(self) -> list[str]:
        """Name the person's groups, in the Hub's words of now."""
        return [group.name for group in self.user.groups]

    async def start(self) -> tuple[str, int]:
        """Start the process, or tell in both languages why this person gets no such lab."""
        try:
            self.lab = plan(self.settings, UserName(self.user.name), self.name, self.groups(), spoken_language(self))
        except NotAllowed as error:
            raise refusal(error.text, "not-staff", 403) from None
        for folder in (self.lab.home, self.lab.root):
            folder.mkdir(parents=True, exist_ok=True)
        address: tuple[str, int] = await super().start()
        await self._until_it_listens(*address)
        return address

    async def _until_it_listens(self, host: str, port: int) -> None:
        """Look ten times a second: the Hub's own look comes ever more rarely, and cannot see a process that died."""
        while (ended := await self.poll()) is None:
            try:
                _, writer = await asyncio.open_connection(host, port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return
        raise refusal(_DIED.format(code=ended), "died", 500)

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """Give the lab a home of its own, so that nothing of the operator's own Jupyter settings is read."""
        assert self.lab is not None, "start() plans the lab first"  # noqa: S101
        gpus = devices(self.lease, managed=self.settings.gpus.managed)
        own = {**env, **gpus, "USER": self.user.name, "SHELL": "/bin/bash"}
        return environment(self.lab, self.settings, own, warns=self.lease is not None)

    def make_preexec_fn(self, _name: str) -> Callable[[], None]:
        """Tie the process to the Hub and put it into the lab's folder."""
        assert self.lab is not None, "start() plans the lab first"  # noqa: S101
        root, hub = str(self.lab.root), os.getpid()

        def before_exec() -> None:
            tether.die_with(hub)
            tether.default_signals()
            os.chdir(root)

        return before_exec

    async def stages(self) -> AsyncIterator[dict[str, Any]]:
        """Tell what happens, in both languages; the page takes its own."""
        for percent, text in ((20, _START), (50, _LOADING), (80, _SLOW)):
            yield stage(percent, text)
            await asyncio.sleep(1 if percent < 50 else 8)
