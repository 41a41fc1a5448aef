"""Many machines: a `dask.distributed` scheduler gives requests to workers, each of which judges in its own sandboxes.

The scheduler and the workers hold nothing that would be missed. When a worker dies, the scheduler gives its work to
another; when the scheduler dies, every request under way ends with `GradersAway` and its job waits in the database.
All parties know each other by one certificate (`keys`), and nothing goes over the line unencrypted.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, cast

import dask
from distributed import Client, KilledWorker, Scheduler, Security, Worker, get_worker
from distributed import Future as Remote

from bitgoeul.errors import BitgoeulError, GraderFailed, GradersAway, SandboxUnavailable
from bitgoeul.grading import requests
from bitgoeul.grading.engine import LEVELS, Judged
from bitgoeul.grading.keys import ClusterKeys
from bitgoeul.grading.pool import Station, no_gpu
from bitgoeul.grading.requests import Request
from bitgoeul.settings import Level

log = logging.getLogger(__name__)
PRIORITIES = {"interactive": 1, "batch": 0}
CONNECT_SECONDS = 5
CANCELLED = (asyncio.CancelledError, concurrent.futures.CancelledError)
LOOK_SECONDS = 5.0  # how often a request that waits looks whether a worker could take it at all
MOST_UNDER_WAY = 256
_ANY_NUMBER = 1e9  # of requests that a worker's level allows at once
_CONFIG = {
    "distributed.admin.large-graph-warning-threshold": "10GB",  # submissions travel in requests, by design
    "distributed.comm.timeouts.connect": f"{CONNECT_SECONDS}s",
    "distributed.scheduler.worker-ttl": "60s",
}


def security(keys: ClusterKeys) -> Security:
    """TLS with the cluster's one certificate, in every role, and nothing without it."""
    own = {"cert": str(keys.certificate), "key": str(keys.key)}
    roles = {f"tls_{role}_{part}": path for role in ("client", "scheduler", "worker") for part, path in own.items()}
    return Security(require_encryption=True, tls_ca_file=str(keys.certificate), **roles)


def resources(request: Request) -> dict[str, float]:
    """What a worker must have to take the request."""
    gpu = {"GPU": 1.0} if request.compute == "gpu" else {}
    return {_level(request.limits.minimum_level): 1.0, **gpu}


def offers(level: Level, gpus: int) -> dict[str, float]:
    """What a worker has: the level that its machine proved with all below, and GPUs."""
    return {**{_level(known): _ANY_NUMBER for known in LEVELS[: LEVELS.index(level) + 1]}, "GPU": float(gpus)}


def _level(level: Level) -> str:
    return f"level {level}"


class ClusterPool:
    """The service's side. A scheduler that is away is looked for again at each request."""

    def __init__(self, address: str, keys: ClusterKeys) -> None:
        self._address, self._security = address, security(keys)
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._failed_at = float("-inf")
        self._threads = ThreadPoolExecutor(MOST_UNDER_WAY, "cluster")
        dask.config.set(_CONFIG)

    def submit(self, request: Request) -> Future[Judged]:
        """Send it on its way."""
        return self._threads.submit(self._judge, request)

    def close(self) -> None:
        """Forget what is under way: its jobs are in the database."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            if self._client is not None:
                self._client.close(timeout=2)
                self._client = None

    def _judge(self, request: Request) -> Judged:
        wanted = resources(request)
        try:
            client = self._connected()
            remote = self._send(client, request, wanted)
            return requests.judged_from(self._wait(client, remote, wanted))
        except BitgoeulError:
            raise
        except KilledWorker as error:
            log.exception("several workers ended with one request")
            raise GraderFailed(
                ko="이 제출물을 맡은 채점기가 거듭 종료되어 기록해 두었습니다. 제출물은 안전합니다. 강사가 다시 채점할 수 있습니다.",
                en="Several graders ended while they had this submission, and this was logged. It is safe; staff can grade it again.",
            ) from error
        except (OSError, TimeoutError, RuntimeError, *CANCELLED) as error:  # a connection that broke ends everything so
            raise _away(repr(error)) from error

    def _send(self, client: Client, request: Request, wanted: Mapping[str, float]) -> Remote[bytes]:
        _require(client, wanted)
        return client.submit(
            judge_here,
            request.pack(),
            key=f"judge-{uuid.uuid4()}",
            pure=False,
            priority=PRIORITIES[request.priority],
            resources=dict(wanted),
        )

    def _wait(self, client: Client, remote: Remote[bytes], wanted: Mapping[str, float]) -> bytes:
        """Wait for the answer; look now and then whether anybody is left who could give it."""
        while True:
            try:
                return bytes(remote.result(timeout=LOOK_SECONDS))
            except TimeoutError:
                if client.status != "running":
                    raise _away(f"the connection is {client.status}") from None
                _require(client, wanted)

    def _connected(self) -> Client:
        """The connection; a client that lost it finds it again by itself, or closes after a few seconds."""
        with self._lock:
            status = self._client.status if self._client is not None else "closed"
            if self._client is not None and status == "running":
                return self._client
            if status == "connecting" or time.monotonic() - self._failed_at < 1.0:
                raise _away(f"the connection is {status}")
            try:
                self._client = Client(
                    self._address, security=self._security, timeout=CONNECT_SECONDS, set_as_default=False
                )
            except (OSError, TimeoutError) as error:
                self._failed_at = time.monotonic()
                raise _away(str(error)) from error
            return self._client


def workers_of(client: Client) -> list[dict[str, float]]:
    """What each connected worker has.

    Not by `client.scheduler_info()`: that shares a cache without workers, which is refreshed every two seconds.
    """
    if client.scheduler is None:
        raise _away("the connection is closed")
    told = client.sync(client.scheduler.identity, n_workers=-1)
    return [worker["resources"] for worker in told["workers"].values()]


def _require(client: Client, wanted: Mapping[str, float]) -> None:
    """Raise what the request waits for, if no worker that is there could take it."""
    there = workers_of(client)
    if not there:
        raise _away("no worker is connected")
    missing = [name for name in wanted if not any(has.get(name, 0) >= wanted[name] for has in there)]
    if "GPU" in missing:
        raise no_gpu()
    if missing:
        level = missing[0].removeprefix("level ")
        raise SandboxUnavailable(
            ko=f"채점에는 격리 수준 {level}이(가) 필요한데 그 수준이 확인된 채점기가 하나도 연결되어 있지 않습니다. 채점기 컴퓨터에서 `bitgoeul doctor`를 실행해 주십시오.",
            en=f"Judging needs the isolation level {level}, and no connected worker has proved it. Run `bitgoeul doctor` on the workers' machines.",
        )


def _away(found: str) -> GradersAway:
    log.warning("the graders are away: %s", found)
    return GradersAway(
        ko="채점기에 잠시 연결할 수 없습니다. 제출물은 안전하고, 다시 연결되면 저절로 채점됩니다.",
        en="The graders cannot be reached for a moment. The submission is safe and is judged by itself when they can.",
    )


# --- the other side ----------------------------------------------------------------------------------------


class GraderWorker(Worker):
    """A worker that judges. It listens to the cluster only; its page of health is on loopback."""

    def __init__(self, address: str, keys: ClusterKeys, *, station: Station, threads: int, **more: Any) -> None:
        super().__init__(
            address,
            nthreads=threads,
            security=security(keys),
            dashboard_address="127.0.0.1:0",
            memory_limit=0,  # what runs here runs in sandboxes, which have limits of their own
            **more,
        )
        self.station = station


def judge_here(data: bytes) -> bytes:
    """Judge on the worker that this runs on."""
    return requests.answer(data, cast(GraderWorker, get_worker()).station)


async def work(
    address: str, keys: ClusterKeys, *, station: Station, threads: int, level: Level, gpus: int = 0, **more: Any
) -> None:
    """Be a worker until cancelled; a scheduler that went away is waited for."""
    has = offers(level, gpus)
    with dask.config.set(_CONFIG):
        while True:
            try:
                async with GraderWorker(
                    address, keys, station=station, threads=threads, resources=has, **more
                ) as worker:
                    log.info("judging for %s: %s threads, %s GPUs, level %s", address, threads, gpus, level)
                    await worker.finished()
            except (OSError, TimeoutError) as error:
                log.warning("the scheduler at %s does not answer: %s", address, error)
            await asyncio.sleep(1)


async def schedule(host: str, port: int, keys: ClusterKeys, *, ready: Callable[[str], None]) -> None:
    """Be the scheduler until cancelled. Its page of health is on loopback."""
    with dask.config.set(_CONFIG):
        async with Scheduler(
            host=host,
            port=port,
            protocol="tls",
            security=security(keys),
            dashboard=False,
            dashboard_address="127.0.0.1:0",
        ) as scheduler:
            ready(scheduler.address)
            await scheduler.finished()
