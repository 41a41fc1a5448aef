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

from bitgoeul.hub import docker, homes, services
from bitgoeul.hub.containers import LABEL
from bitgoeul.settings import Settings

_WAIT_SECONDS = 30


@contextlib.contextmanager
def ready(settings: Settings, say: Callable[[str], None]) -> Iterator[None]:
    """Make the engine ready for labs; afterwards take away what was started. Nothing happens for another runtime."""
    if settings.hub.runtime != "docker":
        yield
        return
    docker.prepare(settings)
    if not docker.build_walls(settings, (settings.docker.hub_port, settings.docker.service_port)):
        say(
            "root가 아니어서 방화벽 규칙을 넣지 못했습니다. 실습실에서 이 서버의 다른 포트가 보입니다.\n"
            "Not root, so no rules of the firewall were set: labs can reach other ports of this server."
        )
    if settings.docker.proxy:
        try:
            yield
        finally:
            _remove_labs(settings)
        return
    try:
        with _Kept(settings):
            try:
                yield
            finally:
                _remove_labs(settings)
    finally:
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
    until = time.monotonic() + _WAIT_SECONDS
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as trial:
            trial.connect(str(docker.proxy_path(settings)))
            return process
        time.sleep(0.05)
    process.kill()
    raise docker.EngineFailed(
        ko=f"docker-proxy가 시작되지 않습니다. 까닭은 {settings.state / 'hub' / 'docker-proxy.log'}에 있습니다.",
        en=f"The docker-proxy does not start; {settings.state / 'hub' / 'docker-proxy.log'} tells why.",
    )


def _remove_labs(settings: Settings) -> None:
    """Remove the labs of this academy's network that the Hub has left; a silent engine keeps them, and says nothing."""
    filters = {"label": LABEL, "network": settings.docker.network}
    with contextlib.suppress(DockerException):
        client = engine.DockerClient(base_url=settings.docker.engine, version="auto")
        for container in client.containers.list(all=True, filters=filters):
            with contextlib.suppress(APIError):
                container.remove(force=True, v=True)
        client.close()
