"""A server that is there before its service is: the Hub's question is answered, everybody else waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import httpx
import uvicorn
from fastapi import FastAPI

from bitgoeul.web.early import Early
from tests.fakes.ports import free_port

PREFIX = "/services/bitgoeul/"


@dataclass
class Started:
    """A real server whose service loads once `go` is set."""

    url: str
    early: Early
    thread: threading.Thread
    go: threading.Event
    told: list[str] = field(default_factory=list)


@contextmanager
def started(*, fails: bool = False) -> Iterator[Started]:
    go, port, told = threading.Event(), free_port(), []

    @asynccontextmanager
    async def lifespan(_app):
        told.append("began")
        yield
        told.append("ended")

    def load() -> FastAPI:
        go.wait(20)
        if fails:
            raise RuntimeError("the disk is gone")
        app = FastAPI(lifespan=lifespan)
        app.get(PREFIX)(lambda: "the service")
        app.post(PREFIX + "work")(lambda: "taken")
        return app

    early = Early(PREFIX, load)
    server = uvicorn.Server(uvicorn.Config(early, port=port, log_level="critical", lifespan="on"))
    early.give_up = lambda: setattr(server, "should_exit", True)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield Started(f"http://127.0.0.1:{port}{PREFIX}", early, thread, go, told)
    finally:
        go.set()
        server.should_exit = True
        thread.join(10)


def test_a_stranger_is_answered_before_the_service_has_loaded_and_nobody_else() -> None:
    with started() as server, ThreadPoolExecutor(4) as pool:
        assert httpx.get(server.url, headers={"Accept": "*/*"}).status_code == 401
        asked = [
            pool.submit(httpx.get, server.url, headers={"Accept": "text/html"}, timeout=20),
            pool.submit(httpx.get, server.url, headers={"Authorization": "token x"}, timeout=20),
            pool.submit(httpx.get, server.url, headers={"Cookie": "bitgoeul-session=x"}, timeout=20),
            pool.submit(httpx.post, server.url + "work", timeout=20),
        ]
        time.sleep(0.3)
        waiting = not any(one.done() for one in asked)
        server.go.set()
        answers = [one.result() for one in asked]

    assert waiting
    assert [answer.status_code for answer in answers] == [200] * 4
    assert answers[3].json() == "taken"


def test_the_services_own_beginning_and_end_are_called_once() -> None:
    with started() as server:
        server.go.set()
        assert httpx.get(server.url, headers={"Accept": "text/html"}, timeout=20).json() == "the service"
        assert server.told == ["began"]

    assert server.told == ["began", "ended"]


def test_a_stranger_is_answered_by_the_service_once_it_has_loaded() -> None:
    with started() as server:
        server.go.set()
        httpx.get(server.url, headers={"Accept": "text/html"}, timeout=20)

        assert httpx.get(server.url).json() == "the service"


def test_a_service_that_cannot_load_ends_the_server_with_its_reason() -> None:
    with started(fails=True) as server, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(httpx.get, server.url, headers={"Accept": "text/html"}, timeout=20)
        time.sleep(0.2)
        server.go.set()
        server.thread.join(10)
        answer = asked.result()

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert not server.thread.is_alive()
    assert str(server.early.failure) == "the disk is gone"
