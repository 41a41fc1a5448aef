"""The kernel of a student's notebook: ipykernel's own, without ZeroMQ, in a process forked from a warm parent.

It is built once, in the zygote, before a course's libraries are imported. What it would send over a socket it puts
into the cell's outputs at once. Cells come one at a time, as JSON lines: code that runs knows nothing of later ones.
Everything in this process is the student's to patch. Whoever reads its lines takes none of them on trust.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import random
import shutil
import signal
import socket
import sys
import threading
import time
import warnings
from collections import defaultdict
from types import SimpleNamespace
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from jupyter_client.jsonutil import json_default
from jupyter_client.session import Session
from nbformat import from_dict
from nbformat.v4 import new_notebook
from traitlets.config import Config

from . import agent, copies, outputs
from .streams import Pump, Stream

MOST_TOLD = 1 << 20  # bytes that a fork may tell


class Kept(outputs.Outputs):
    """The outputs of the kernel in this very process."""

    def flood(self) -> None:
        """Interrupt ourselves: whoever prints that much is in the middle of printing."""
        signal.raise_signal(signal.SIGINT)


class PipeSession(Session):
    """A session that hands its messages to a function instead of a socket."""

    deliver: Any = None

    def send(  # type: ignore[override]
        self, stream: Any, msg_or_type: Any, content: Any = None, parent: Any = None, **more: Any
    ) -> Any:
        """Deliver one message as ZeroMQ would."""
        message = msg_or_type
        if not isinstance(message, dict):
            message = self.msg(message, content=content, parent=parent, metadata=more.get("metadata"))
        if message["msg_type"].startswith("comm"):  # whoever reads them expects what JSON makes of them
            message["content"] = json.loads(json.dumps(message["content"], default=json_default))
        if more.get("buffers"):
            message["buffers"] = [bytes(part) for part in more["buffers"]]
        if self.deliver is not None:
            self.deliver(message)
        return message


class PipeKernel(IPythonKernel):
    """An ipykernel whose messages become outputs of the present cell."""

    shell: Any
    session: Any
    io_loop: Any

    def __init__(self, **traits: Any) -> None:
        self.process = os.getpid()
        self.lock = threading.RLock()
        self.pending: list[str] = []
        self.pending_name = ""
        self.pending_size = 0
        self.cell: Any = code_cell("")
        self.place = 0
        self.client: Any = Kept(new_notebook())
        self.answers: list[dict[str, Any]] = []
        # Here a widget that captures output says what it has captured.
        mimic = SimpleNamespace(session=Session(), shell_channel=SimpleNamespace(send=self.answers.append))
        vars(self.client)["kc"] = mimic
        super().__init__(session=PipeSession(), shell_channel_thread=SimpleNamespace(), **traits)  # type: ignore[no-untyped-call]
        self.session.deliver = self.deliver

    def _publish_status(self, *args: Any, **kwargs: Any) -> None:
        """Nobody asks."""

    def put_text(self, name: str, text: str) -> None:
        """Collect text; a change of stream ends an output."""
        with self.lock:
            if name != self.pending_name:
                self.flush_text()
                self.pending_name = name
            self.pending.append(text)
            self.pending_size += len(text)
            if self.pending_size > 1 << 16:
                self.flush_text()

    def flush_text(self) -> None:
        """Make one output of what was collected."""
        with self.lock:
            text, self.pending, self.pending_size = "".join(self.pending), [], 0
            if text:
                self.take("stream", {"name": self.pending_name, "text": text})

    def take(self, kind: str, content: dict[str, Any]) -> None:
        """Put one message into the outputs."""
        message = {
            "msg_type": kind,
            "header": {"msg_type": kind},
            "content": content,
            "parent_header": self.header(),
        }
        self.show(message)

    def show(self, message: dict[str, Any]) -> None:
        """Put a message into the outputs; one that nbclient trips over is no fault of the code that sent it."""
        with contextlib.suppress(Exception):
            self.client.process_message(message, self.cell, self.place)

    def begin(self, source: str, place: int, room: int) -> None:
        """Begin a cell. Only its own displays can be updated: those of others are told already."""
        with self.lock:
            self.cell, self.place = code_cell(source), place
            dict.__setitem__(self.client.nb, "cells", defaultdict(lambda: code_cell(""), {place: self.cell}))
            self.client.begin(room)

    def answer(self) -> None:
        """Take what widgets have to be told of their output."""
        manager: Any = self.comm_manager
        for message in self.answers:
            with contextlib.suppress(Exception):
                manager.comm_msg(None, None, {**message, "buffers": []})
        self.answers.clear()

    def header(self) -> dict[str, Any]:
        """What messages of the present cell name as their parent."""
        return {"msg_id": f"cell-{self.place}", "session": self.session.session}

    def deliver(self, message: dict[str, Any]) -> None:
        """Take a message of the kernel."""
        with self.lock:
            self.flush_text()
            self.show(message)


def code_cell(source: str) -> Any:
    """Make a code cell; nbformat's own way checks it against the format's schema, which takes as long as running it."""
    return from_dict({"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None})


def build() -> PipeKernel:
    """Build the kernel as `ipykernel_launcher` would, with no thread and no file."""
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    config = Config()
    config.HistoryManager.enabled = False  # its database has a thread of its own; `In` and `Out` work without
    config.HistoryManager.hist_file = ":memory:"
    kernel = PipeKernel.instance(config=config, log=logging.getLogger("kernel"))
    IPKernelApp.instance().kernel = kernel  # by which `%matplotlib` and others find it
    shell: Any = kernel.shell
    sys.path.insert(0, "")
    shell._tee = lambda channel: contextlib.nullcontext()  # else IPython keeps a copy of all that is printed
    outputs.prune_recursion(shell)
    return kernel


class Job:
    """One submission's life in this process."""

    def __init__(self, kernel: PipeKernel, job: dict[str, Any], line: socket.socket) -> None:
        self.kernel: Any = kernel
        self.line = line
        self.folder = os.getcwd()  # noqa: PTH109 (a string is what is wanted)
        self.room = job["limits"]["output_mb"] * 1_000_000
        self.waiting = bytearray()
        self.passed: list[int] = []
        self.fork: tuple[int, int, int] | None = None
        self.copy = ""
        kernel.process = os.getpid()
        self.pump = Pump(kernel)
        sys.stdout, sys.stderr = Stream(kernel, "stdout", 1), Stream(kernel, "stderr", 2)
        kernel.shell_channel_thread.parent_thread = threading.current_thread()
        reseed(job["seed"])

    async def serve(self) -> None:
        """Run what comes until the other side is gone."""
        loop = asyncio.get_running_loop()
        self.kernel.io_loop = SimpleNamespace(add_callback=loop.call_soon_threadsafe)
        self.say(ready=True)
        while command := await self.command():
            if "try" in command:
                self.say(**{"try": command["try"]}, tried=self.end_fork(command["steps"]), token=command["token"])
            elif "cell" in command:
                if command["keep"]:
                    self.end_fork()
                    self.keep_fork()
                await self.run_cell(int(command["cell"]), str(command["source"]), str(command["token"]))
            else:
                self.end_fork()
                with socket.socket(fileno=self.passed.pop()) as checker:
                    agent.serve(checker, self.kernel.shell, self.folder)
                return

    async def command(self) -> dict[str, Any]:
        """Wait for a line, letting a student's own tasks run on meanwhile."""
        loop = asyncio.get_running_loop()
        while b"\n" not in self.waiting:
            readable = asyncio.Event()
            loop.add_reader(self.line, readable.set)
            await readable.wait()
            loop.remove_reader(self.line)
            chunk, passed, _, _ = socket.recv_fds(self.line, 1 << 20, 1)
            if not chunk:
                return {}
            self.waiting += chunk
            self.passed += passed
        text, _, rest = bytes(self.waiting).partition(b"\n")
        self.waiting = bytearray(rest)
        return dict(json.loads(text))

    def say(self, **message: object) -> None:
        """Send one line; whatever cannot be JSON is written as text."""
        self.line.sendall(json.dumps(message, default=repr, ensure_ascii=True).encode() + b"\n")

    def keep_fork(self) -> None:
        """Fork, and let the fork wait for what it is to run, with a copy of the job's files as they are now.

        It has seen no test that runs from now on: what it is asked later it cannot have learned from one.
        """
        self.copy = copies.copied(self.folder)
        (read, write), (back, tell) = os.pipe(), os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of threads, which a fork leaves behind
            child = os.fork()
        if child == 0:
            try:
                os.close(write)
                os.close(back)
                with os.fdopen(read, "rb") as told:
                    steps = told.read()
                self.run_steps(json.loads(steps or b"[]"), tell)
            finally:
                os._exit(0)
        os.close(read)
        os.close(tell)
        self.fork = child, write, back

    def end_fork(self, steps: Any = ()) -> list[Any]:
        """Have the fork run these, and give what it tells; without any it is not needed."""
        if self.fork is None:
            return []
        (child, write, back), self.fork = self.fork, None
        told = bytearray()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            with os.fdopen(write, "wb") as tell:
                tell.write(json.dumps(list(steps)).encode())
            while steps and len(told) < MOST_TOLD and (chunk := os.read(back, 1 << 16)):
                told += chunk
        except (KeyboardInterrupt, OSError):  # it takes too long, or is gone; what it has told is told
            pass
        finally:
            ignore_interrupts()
            os.close(back)
            with contextlib.suppress(OSError):
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
            shutil.rmtree(self.copy or "/nowhere", ignore_errors=True)
        return [json.loads(line) for line in told.split(b"\n")[:-1]]

    def run_steps(self, steps: list[Any], tell: int) -> None:
        """In the fork: run a student's cells and complements as plain code; only magics and `await` need the shell."""
        kernel, loop = self.kernel, asyncio.new_event_loop()  # the one that was running is the parent's
        agent.lead_nowhere()
        if self.copy:
            copies.move_to(self.copy, self.folder)
        kernel.process = os.getpid()
        kernel.shell.InteractiveTB.set_mode(mode="Minimal")  # nobody reads its tracebacks, and long ones take long
        for place, source in steps:
            kernel.begin(source, kernel.place, 10_000)
            said = how_it_ends(source, kernel.shell.user_ns)
            if place is not None:
                os.write(tell, json.dumps([place, said]).encode() + b"\n")
            elif said is None:
                run = kernel.do_execute(source, silent=False, store_history=True, allow_stdin=False)
                loop.run_until_complete(run)

    async def run_cell(self, place: int, source: str, token: str) -> None:
        """Run one cell and tell what it did."""
        kernel, client = self.kernel, self.kernel.client
        kernel.begin(source, place, self.room)
        kernel.set_parent([b""], {"header": kernel.header(), "content": {}})
        interrupted, began, worked = False, time.monotonic(), time.process_time()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            reply = await kernel.do_execute(source, silent=False, store_history=True, allow_stdin=False)
        except KeyboardInterrupt:  # it came too late for the cell, or before it had begun
            interrupted = True
            reply = {"status": "ok", "execution_count": kernel.shell.execution_count}
        finally:
            if os.getpid() != kernel.process:
                os._exit(0)  # a fork that the cell forgot to end: two would answer, and share what is asked next
            ignore_interrupts()
        kernel.answer()
        self.pump.drain()
        kernel.flush_text()
        cell = kernel.cell
        status = outputs.add_error_of_reply(cell, reply)
        self.room = client.left
        count = reply.get("execution_count")
        self.say(
            cell=place,
            token=token,
            status="error" if interrupted else status,
            count=count if isinstance(count, int) else 0,
            disk_full=outputs.disk_is_full(self.folder),
            flooded=client.seen > outputs.FLOOD,
            idle=time.process_time() - worked < (time.monotonic() - began) / 2,
            outputs=list(cell.outputs),
        )


def how_it_ends(source: str, names: dict[str, Any]) -> str | None:
    """Run plain code, and give the text of the exception that ends it; `None` when it is not plain."""
    try:
        code = compile(source, "<cell>", "exec")
    except (SyntaxError, ValueError):
        return None
    try:
        exec(code, names)  # noqa: S102 (what this process is for)
    except BaseException as error:  # noqa: BLE001 (a student's code may raise anything)
        return str(error)[:200]
    return ""


def reseed(seed: int) -> None:
    """Begin random numbers anew: forks of one parent would all draw the same, and a replay has to draw them again."""
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed % 2**32)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)


def ignore_interrupts() -> None:
    """Between cells nobody is to be interrupted; a handler of ours it has to be, or the kernel would ask no one."""
    signal.signal(signal.SIGINT, lambda *_: None)


def run(kernel: PipeKernel, job: dict[str, Any], line: socket.socket) -> None:
    """Serve the submission; this process ends with it. `asyncio.run` would take interrupts for itself."""
    ignore_interrupts()
    asyncio.new_event_loop().run_until_complete(Job(kernel, job, line).serve())
