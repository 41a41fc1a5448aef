"""The one way into a lab, whatever starts it: the cohort is chosen, its limits are set, a GPU is leased and given back.

`configure_gate` puts three callables on every spawner: the start page, `admit` before a start, `leave` after an end.
A spawner reads `limits` and `lease`, and tells which containers bear a lease by `runs`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any, Self

from jinja2 import Environment, FileSystemLoader
from jupyterhub.spawner import SpawnException
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config

from bitgoeul.database import Database, busy
from bitgoeul.errors import BitgoeulError, NotAllowed, ServiceBusy, Text
from bitgoeul.gpus import inventory
from bitgoeul.gpus.model import Book, Lease, Running
from bitgoeul.gpus.store import Granted, Leases, Waiting
from bitgoeul.hub import policy
from bitgoeul.hub.bell import Bell
from bitgoeul.hub.language import of_request
from bitgoeul.hub.turns import Turns
from bitgoeul.profiles import MEBIBYTE
from bitgoeul.settings import Language, Settings

_log = logging.getLogger(__name__)
LOOK_SECONDS = 30.0
"""How often the Hub looks at devices, windows and containers."""

PATIENCE_SECONDS = 20.0
"""How long a start waits for the service to have made the tables."""

QUEUE_PAGE = "services/bitgoeul/gpus"
_WAIT = Text(
    "지금은 비어 있는 GPU가 없습니다. 대기 순서 {place}번, 약 {minutes}분 뒤에 차례가 옵니다.",
    "No GPU is free now. You are number {place} in the queue; it may take about {minutes} min.",
)
_ENDING = Text(
    "앞서 켠 실습실이 아직 정리되는 중이라 GPU를 돌려받지 못했습니다. 1분 뒤에 다시 시작하십시오.",
    "Your former lab is still ending, so its GPU is not back yet. Start again in a minute.",
)
_AWAY = Text(
    "그런 GPU가 있는 컴퓨터가 지금 모두 응답하지 않습니다. 운영자에게 알리거나 GPU가 없는 기수로 시작하십시오.",
    "No machine with such a GPU answers now. Tell the operator, or start by a cohort without a GPU.",
)
_SEE_QUEUE = Text("내 차례 보기", "See my turn")


def refusal(text: Text, reason: str, status: int, link: str = "") -> SpawnException:
    """Say it in both languages; the page shows its own (templates/hub.css). `link` leads to the queue."""
    spans = []
    for lang in ("ko", "en"):
        more = f' <a href="{escape(link)}">{escape(_SEE_QUEUE.pick(lang))}</a>' if link else ""
        spans.append(f'<span class="either" lang="{lang}">{escape(text.pick(lang))}{more}</span>')
    said, html = f"{text.ko} / {text.en}", "".join(spans)
    error = SpawnException(said, reason=reason, message_html=html, status_code=status)
    error.jupyterhub_message, error.jupyterhub_html_message = (
        said,
        html,
    )  # the start page and the log of progress read these
    return error


class GatedSpawner:
    """What the gate needs of a spawner; mix it in before JupyterHub's class. It survives a restart of the Hub."""

    limits: policy.Limits | None = None
    lease: Lease | None = None
    lease_id: str = ""
    cohort: str = ""
    turns: Turns | None = None
    home_host: str = ""
    """The machine that holds the person's files, where there is more than one."""

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """Tell the place in line, then how far the runtime is."""
        if self.turns is not None:
            async for event in self.turns.progress(self):
                yield event
        async for event in self.stages():
            yield event

    def stages(self) -> AsyncIterator[dict[str, Any]]:
        """Tell how far the runtime is with a start, in both languages."""
        raise NotImplementedError

    @classmethod
    def runs(cls) -> Iterable[Running] | None:
        """Say what bears a lease's labels on every host; None where the runtime cannot tell: then `poll` is believed."""
        return None

    def get_state(self) -> dict[str, Any]:
        """Keep which cohort the server counts for, and which lease it holds."""
        state: dict[str, Any] = super().get_state()  # type: ignore[misc]  # JupyterHub's, of the class mixed with
        own = {"cohort": self.cohort, "gpu_lease": self.lease_id}
        return {**state, **{name: value for name, value in own.items() if value}}

    def load_state(self, state: dict[str, Any]) -> None:
        """Know it again after a restart of the Hub.

        `clear_state` leaves the lease alone: JupyterHub calls that before the hook after a stop, which needs it.
        """
        super().load_state(state)  # type: ignore[misc]
        self.lease_id, self.cohort = state.get("gpu_lease", ""), state.get("cohort", "")


class Gate:
    """One for the Hub. It opens the database when it is first needed, and nothing at configuration."""

    def __init__(
        self,
        settings: Settings,
        runs: Callable[[], Iterable[Running] | None] = GatedSpawner.runs,
        hosts: Callable[[], frozenset[str]] | None = None,
    ) -> None:
        self.settings = settings
        self.runs = runs
        self.hosts = hosts
        self.measures = True
        self.turns = Turns()
        self._starting: set[str] = set()
        self._watch: asyncio.Task[None] | None = None
        self._looked = asyncio.Event()
        self._pages = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True
        )

    def __deepcopy__(self, _memo: object) -> Self:
        """Stay the one that it is: traitlets copies what a spawner is configured with, and its methods' owners too."""
        return self

    @cached_property
    def leases(self) -> Leases | None:
        """The book; None where no GPU is lent."""
        gpus = self.settings.gpus
        return inventory.open_leases(gpus, Database(self.settings.database_url)) if gpus.managed else None

    def now(self) -> datetime:
        """The present in the academy's zone."""
        return datetime.now(self.settings.zone)

    @property
    def _language(self) -> Language:
        return self.settings.academy.language

    async def offers(self, spawner: Any) -> tuple[policy.Offer, ...]:
        """What each cohort of the person gives now."""
        groups = [group.name for group in spawner.user.groups]
        mine = policy.cohorts_of(self.settings.cohorts, groups)
        book = await self.book() if any(cohort.gpu != "none" for cohort in mine.values()) else None
        return policy.offers(
            mine,
            self.now(),
            user=spawner.user.name,
            book=book,
            servers=_servers(spawner, self.settings),
            ahead=timedelta(minutes=self.settings.hub.bell_minutes),
        )

    async def book(self) -> Book | None:
        """Give the leases of now; None where no GPU is lent, or the book cannot be read."""
        if self.leases is None:
            return None
        try:
            return await asyncio.to_thread(self.leases.book)
        except (BitgoeulError, SQLAlchemyError) as error:
            # The start page then says nothing of GPUs; a start that wants one asks again and tells.
            _log.error("the GPU leases cannot be read: %s", error)
            return None

    async def form(self, spawner: Any) -> str:
        """The start page's choice of a cohort, in the page's language; empty when there is nothing to ask."""
        if spawner.name:
            return ""
        found = await self.offers(spawner)
        if not policy.needs_choice(found):
            return ""
        chosen = policy.choose(found, _chosen(spawner.orm_spawner.user_options or {}))
        page = self._pages.get_template("cohorts.html")
        # After a start that failed JupyterHub asks a new spawner, which knows of no request: the page then picks.
        speak = _in_either if spawner.handler is None else _in(of_request(spawner.handler, self._language))
        return page.render(offers=found, chosen=chosen.cohort, _=speak)

    async def admit(self, spawner: Any) -> None:
        """Before a start: decide what it gets, lease a GPU if it gets one, wait for its turn.

        Raises `SpawnException` with the reason.
        """
        groups = [group.name for group in spawner.user.groups]
        staff = spawner.user.admin or any(group.startswith("formgrade-") for group in groups)
        try:
            limits = policy.choose(await self.offers(spawner), _chosen(spawner.user_options), staff=staff)
        except NotAllowed as error:
            raise refusal(error.text, "no-cohort-open", 403) from None
        if spawner.name:  # a course's staff grade there, and compute elsewhere
            limits = limits.without_gpu()
        spawner.limits, spawner.cohort, spawner.lease, spawner.lease_id = limits, limits.cohort, None, ""
        spawner.mem_limit = limits.memory_mb * MEBIBYTE
        spawner.cpu_limit = limits.cpus
        if limits.gpu != "none" and self.leases is not None:
            spawner.lease = await self._lease(spawner, limits)
            spawner.lease_id = spawner.lease.id
        spawner.turns = self.turns
        await self.turns.take(spawner)

    async def _lease(self, spawner: Any, limits: policy.Limits) -> Lease:
        assert self.leases is not None  # noqa: S101  the caller looked
        try:  # what a killed Hub left is settled before anything is given
            await asyncio.wait_for(self._looked.wait(), PATIENCE_SECONDS)
            found = await asyncio.to_thread(self._acquire, self.leases, limits, spawner)
        except BitgoeulError as error:
            raise refusal(error.text, error.code, error.status) from None
        except (TimeoutError, SQLAlchemyError) as error:
            _log.error("no GPU can be leased: %s", error)
            raise refusal(busy().text, "gpu-leases-busy", 503) from None
        if isinstance(found, Waiting):
            minutes = max(1, round(found.expected.total_seconds() / 60))
            text = _WAIT.format(place=found.place, minutes=minutes) if found.place else _ENDING
            raise refusal(text, "gpu-queue", 503, f"{spawner.hub.base_url.removesuffix('hub/')}{QUEUE_PAGE}")
        self._starting.add(found.lease.id)
        return found.lease

    def _acquire(self, leases: Leases, limits: policy.Limits, spawner: Any) -> Granted | Waiting:
        self._see_hosts(leases)
        if leases.away and all(slot.host in leases.away for slot in leases.slots if slot.kind == limits.gpu):
            raise ServiceBusy(ko=_AWAY.ko, en=_AWAY.en)
        wish = limits.wish(spawner.user.name, spawner.name)
        return leases.acquire(replace(wish, host=getattr(spawner, "home_host", "")))

    def _see_hosts(self, leases: Leases) -> None:
        if self.hosts is not None:
            leases.away = frozenset(slot.host for slot in leases.slots) - self.hosts()

    async def leave(self, spawner: Any) -> None:
        """After the end of a server or a failed start: give the device back, if nothing bears the lease any more.

        JupyterHub calls this even when stopping failed. What still runs keeps its lease until the watch sees it gone.
        """
        lease, spawner.lease = spawner.lease_id, None
        if not lease or self.leases is None:
            return
        spawner.lease_id = ""
        self._starting.discard(lease)
        try:
            running = await asyncio.to_thread(self.runs)
            alive = await spawner.poll() is None if running is None else lease in {r.lease for r in running}
        except BitgoeulError as error:  # an engine that is silent has not said that the container is gone
            _log.warning("whether lease %s has ended is not known yet: %s", lease, error.text.en)
            alive = True
        change = self.leases.ending if alive else self.leases.release
        await asyncio.to_thread(change, lease, "stopped")

    # --- the watch ---------------------------------------------------------------------------------------------

    def begin(self, app: Any) -> None:
        """Look after leases from the Hub's start on, in its own loop; the first look reconciles. `app`: JupyterHub."""
        if self._watch is None and self.settings.gpus.managed:
            self._watch = asyncio.get_running_loop().create_task(self._look_again_and_again(app))

    async def _look_again_and_again(self, app: Any) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS if self._looked.is_set() else 1)
            try:
                await self.look(app.tornado_settings)
            except (BitgoeulError, SQLAlchemyError) as error:
                # The service makes the tables, and may start later than the Hub.
                _log.warning("the GPU leases cannot be read yet: %s", str(error).splitlines()[0])
            except Exception:  # noqa: BLE001 (one failed look may not end the watch)
                _log.exception("looking after the GPU leases failed; it is tried again")
            else:
                self._looked.set()

    async def look(self, hub: dict[str, Any]) -> None:
        """Measure, reconcile, and stop what is due. `hub`: the Hub's settings, which hold its users."""
        if self.leases is None:
            return
        users = hub["users"]
        await asyncio.to_thread(self._measure, self.leases)
        await asyncio.to_thread(self._see_hosts, self.leases)
        starting = self._starting & {s.lease_id for u in users.values() for s in u.spawners.values() if s.pending}
        self._starting = starting
        running = await asyncio.to_thread(self.runs)
        if running is None:
            held = [s for u in users.values() for s in u.spawners.values() if s.active and s.lease_id]
            book = await asyncio.to_thread(self.leases.book)
            active = {s.lease_id for s in held}
            running = [Running.of(lease) for lease in book.leases if lease.active and lease.id in active]
        plan = await asyncio.to_thread(self.leases.reconcile, running, starting)
        for container in plan.stop:
            _log.error("%s holds a device that is lent to somebody else; its server is stopped", container)
        ends = [(r.owner, r.server) for r in plan.stop]
        ends += [(d.lease.owner, d.lease.server) for d in await asyncio.to_thread(self.leases.due)]
        for owner, server in ends:
            await _stop(users, owner, server)

    def _measure(self, leases: Leases) -> None:
        if not self.measures:
            return
        try:
            found = inventory.busy_by_nvml()
        except BitgoeulError as error:
            self.measures = False
            _log.warning("idle GPUs are not noticed: %s", error.text.en)
            return
        places = {(slot.host, slot.device): found[slot.device] for slot in leases.slots if slot.device in found}
        leases.observe(places, seconds=LOOK_SECONDS)


def _in(language: Language) -> Callable[[str, str], str]:
    return lambda ko, en: ko if language == "ko" else en


def _in_either(ko: str, en: str) -> Markup:
    return Markup('<span class="either" lang="ko">{}</span><span class="either" lang="en">{}</span>').format(ko, en)


def _chosen(options: dict[str, Any]) -> str:
    """The cohort that the form, the address or the API names, now or the last time; queries come as lists."""
    found = options.get("cohort", "")
    return str(found[0] if isinstance(found, list) and found else found)


def _servers(spawner: Any, settings: Settings) -> Counter[str]:
    """Count the servers of each cohort with a limit, but for this one."""
    if not any(cohort.max_servers for cohort in settings.cohorts.values()):
        return Counter()
    users = spawner.user.settings.get("users", {})
    others = (s for user in users.values() for s in user.spawners.values() if s is not spawner and s.active)
    return Counter(s.cohort for s in others)


async def _stop(users: Any, owner: str, server: str) -> None:
    user = next((user for user in users.values() if user.name == owner), None)
    spawner = user.spawners.get(server) if user is not None else None
    if user is not None and spawner is not None and spawner.active and not spawner.pending:
        await user.stop(server)


def configure_gate(
    c: Config,
    settings: Settings,
    runs: Callable[[], Iterable[Running] | None],
    hosts: Callable[[], frozenset[str]] | None = None,
) -> Gate:
    """Let every spawner start by the gate. `hosts`: which machines of several may run labs now."""
    gate = Gate(settings, runs, hosts)
    bell = Bell(settings, gate)
    c.RosterGate.begins = [gate.begin, bell.begin]
    if bell.rings:
        bell.configure(c)
    c.Spawner.options_form = gate.form
    c.Spawner.options_from_form = lambda data: {"cohort": data["cohort"][0]} if data.get("cohort") else {}
    c.Spawner.apply_user_options = lambda _spawner, _options: None  # `admit` reads the cohort
    c.Spawner.pre_spawn_hook = gate.admit
    c.Spawner.post_stop_hook = gate.leave
    return gate
