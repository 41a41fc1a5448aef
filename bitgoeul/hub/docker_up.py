"""What `bitgoeul up` does around the Hub when labs are containers: network, walls, proxy before; all labs away after."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import docker as engine
from docker.errors import APIError, DockerException
from requests.exceptions import RequestException

from bitgoeul.hub import docker, homes, services
from bitgoeul.settings import Settings

_WAIT_SECONDS = 30


@contextlib.contextmanager
def ready(settings: Settings, say: Callable[[str], None]) -> Iterator[None]:
    """Make the engine ready for labs; afterwards take away what was started. Nothing happens for another runtime."""
    if settings.hub.runtime == "local":
        yield
        return
    if settings.docker.proxy:
        _answers(settings, lambda: True)
        try:
            yield
        finally:
            _remove_labs(settings)
        return
    if os.geteuid() != 0:
        say(f"{docker.NO_WALLS.ko}\n{docker.NO_WALLS.en}")
    try:
        with _Kept(settings):
            try:
                yield
            finally:
                _remove_labs(settings)
    finally:
        if not settings.hub.keep_labs:
            homes.release(settings.state / "volumes")


class _Kept:
    """Our proxy, started again whenever it ends: labs go on without it, but none starts or stops."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._over = threading.Event()
        self._process = _proxy(settings)

    def __enter__(self) -> None:
        threading.Thread(target=self._keep, daemon=True).start()

    def _keep(self) -> None:
        while not self._over.is_set():
            self._process.wait()
            if not self._over.wait(0.5):
                with contextlib.suppress(docker.EngineFailed):  # its log says why; tried again
                    self._process = _proxy(self._settings)

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._process.terminate()
        self._process.wait(10)


def _proxy(settings: Settings) -> subprocess.Popen[bytes]:
    """Start our proxy and wait until it answers."""
    with (settings.state / "hub" / "docker-proxy.log").open("ab") as log:
        command = [sys.executable, "-m", "bitgoeul.hub.tether", sys.executable, "-m", "bitgoeul", "docker-proxy"]
        process = subprocess.Popen(
            command, env=os.environ | services.environment(settings), stdout=log, stderr=log, start_new_session=True
        )
    try:
        _answers(settings, lambda: process.poll() is None)
    except docker.EngineFailed:
        process.kill()
        raise
    return process


def _answers(settings: Settings, lives: Callable[[], bool]) -> None:
    """Return when the proxy takes a connection, which it does once networks and walls are there."""
    path, log = docker.proxy_path(settings), settings.state / "hub" / "docker-proxy.log"
    until = time.monotonic() + _WAIT_SECONDS
    while lives() and time.monotonic() < until:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as trial:
            trial.connect(str(path))
            return
        time.sleep(0.05)
    said = log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:] if log.exists() else []
    tail = "".join(f"\n  {line}" for line in said)
    raise docker.EngineFailed(
        ko=f"docker-proxy가 {path}에서 답하지 않습니다. 그것이 남긴 말:{tail}",
        en=f"No docker-proxy answers at {path}. What it said:{tail}",
    )


def _remove_labs(settings: Settings) -> None:
    """Remove the labs that the Hub has left, by way of the proxy; a silent engine keeps them, and says nothing."""
    if settings.hub.keep_labs:
        return
    with contextlib.suppress(DockerException, RequestException, docker.EngineFailed):
        _answers(settings, lambda: True)  # the Hub's end took the proxy with it, and `_Kept` brings it back
        client = engine.APIClient(base_url=f"unix://{docker.proxy_path(settings)}", version="auto")
        if settings.hub.runtime == "swarm":
            for service in client.services():
                with contextlib.suppress(APIError):
                    client.remove_service(service["ID"])
        else:
            for container in client.containers(all=True):
                with contextlib.suppress(APIError):
                    client.remove_container(container["Id"], force=True, v=True)
        client.close()
