"""Runs a notebook's cells in a kernel, inside the sandbox: nbclient, with limits.

`inside.py` loads this file there. Each finished cell is told at once, before the next one starts, so that what
happened is known even if everything here is killed in the next moment.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import runpy
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook, new_output

Say = Callable[..., None]
CUT = "\n... 출력이 너무 길어 여기에서 잘랐습니다. / The output was too long and is cut here. ...\n"
MOST_OUTPUTS = 1000
FLOOD = 50_000_000
LONGEST_RESULT = 1_000
LONGEST_FRAME = 5_000
# Run in the kernel first. A RecursionError has some 3,000 frames, and formatting them costs 20 s; the ends say all
# there is to say. And IPython's `_tee` keeps a copy of all that is printed, while what nobody has read yet piles up
# besides: ours takes its place, keeps nothing, and lets through twenty times what a notebook may hold.
PREPARE_KERNEL = """
def _bound(most):
    import contextlib, sys
    @contextlib.contextmanager
    def tee(channel):
        stream, room = getattr(sys, channel), [most]
        write = stream.write
        def bounded(text, *rest):
            if not isinstance(text, str):
                return write(text, *rest)
            if room[0] > 0:
                write(text[:room[0]])
                room[0] -= len(text)
            return len(text)
        stream.write = bounded
        try:
            yield
        finally:
            stream.write = write
    get_ipython()._tee = tee
_bound(20_000_000)
del _bound
def _prune(ends=15):
    def cut(value, seen):
        while value is not None and id(value) not in seen:
            seen.add(id(value))
            frames, frame = [], value.__traceback__
            while frame is not None:
                frames.append(frame)
                frame = frame.tb_next
            if len(frames) > 2 * ends:
                frames[ends - 1].tb_next = frames[-ends]
            cut(value.__cause__, seen)
            value = value.__context__
    def handler(shell, kind, value, trace, tb_offset=None):
        cut(value, set())
        shell.showtraceback((kind, value, value.__traceback__), tb_offset=tb_offset)
    get_ipython().set_custom_exc((RecursionError,), handler)
_prune()
del _prune
"""


class Runner(NotebookClient):
    """nbclient, with a limit on what is kept of a cell's output."""

    room = 0
    kept = 0
    seen = 0
    timed_out = False

    def begin(self, room: int, seconds: float) -> None:
        """Get ready for the next cell."""
        self.room, self.kept, self.seen, self.timed_out = room, 0, 0, False
        self.timeout = max(1, math.ceil(seconds))

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        """Keep outputs while there is room; errors and short results always."""
        kind = msg["msg_type"]
        if kind in ("stream", "display_data", "execute_result", "update_display_data", "comm_open", "comm_msg"):
            size = weight(msg)
            self.watch_flood(size)
            short_result = kind == "execute_result" and size < LONGEST_RESULT
            if not short_result and (self.kept + size > self.room or len(cell.outputs) >= MOST_OUTPUTS):
                return self.cut(cell, msg["content"] if kind == "stream" else {})
            self.kept += size
        elif kind == "error":
            shorten_error(msg["content"], whole=self.kept + weight(msg) <= self.room)
            self.kept += weight(msg)
        result = super().process_message(msg, cell, cell_index)
        if kind == "clear_output":
            self.kept = 0
        return result

    def watch_flood(self, size: int) -> None:
        """Interrupt a cell that only fills the pipe: what waits in it counts as the job's memory."""
        before, self.seen = self.seen, self.seen + size
        if before <= FLOOD < self.seen:
            manager: Any = self.km
            self.interrupting = asyncio.ensure_future(manager.interrupt_kernel())

    def cut(self, cell: Any, content: dict[str, Any]) -> None:
        """Keep the beginning of a text, and mark once that output is missing; nothing later is kept either."""
        if self.room and (head := str(content.get("text", ""))[: max(0, self.room - self.kept)]):
            cell.outputs.append(new_output("stream", name="stdout", text=head))
        if self.room:
            cell.outputs.append(new_output("stream", name="stderr", text=CUT))
        self.room = 0

    async def _async_handle_timeout(self, timeout: int, cell: Any = None) -> Any:  # noqa: ASYNC109 (nbclient's)
        self.timed_out = True
        return await super()._async_handle_timeout(timeout, cell)


def disk_is_full(folder: str) -> bool:
    """Tell whether the job used up its bytes or its number of files."""
    room = os.statvfs(folder)
    return room.f_bavail * room.f_frsize < 65536 or room.f_favail < 1


def weight(message: dict[str, Any]) -> int:
    """The bytes that one message would take in a notebook."""
    content = message["content"]
    if message["msg_type"] == "stream" and isinstance(content.get("text"), str):
        return len(content["text"])
    return len(json.dumps(content, default=repr)) + sum(map(len, message.get("buffers") or ()))


def shorten_error(content: dict[str, Any], *, whole: bool) -> None:
    """Keep an error readable: a hundred frames at most, and only its last line where there is no room for more."""
    lines = [str(line)[:LONGEST_FRAME] for line in content.get("traceback") or []]
    if len(lines) > 100:
        lines = [*lines[:50], "... Traceback truncated ...", *lines[-49:]]
    content["traceback"] = lines if whole else [line[:LONGEST_RESULT] for line in lines[-1:]]
    content["ename"] = str(content.get("ename", ""))[:200]
    content["evalue"] = str(content.get("evalue", ""))[: LONGEST_FRAME if whole else LONGEST_RESULT]


class Job:
    """One notebook's run: the kernel, the client and the time that is left."""

    def __init__(self, job: dict[str, Any], say: Say, line: int | None = None) -> None:
        self.limits = job["limits"]
        self.cells = [(int(index), str(source)) for index, source in job["cells"]]
        self.kernel = str(job["kernel"])
        self.say = say
        self.line = line
        self.deadline = math.inf

    async def run(self) -> None:
        """Start the kernel, run the cells, say how it ended."""
        manager = AsyncKernelManager(kernel_name=self.kernel, transport="ipc", ip="/tmp/.kernel")  # noqa: S108
        notebook = new_notebook(cells=[new_code_cell(source) for _, source in self.cells])
        client = Runner(
            notebook,
            km=manager,
            allow_errors=True,
            interrupt_on_timeout=True,
            raise_on_iopub_timeout=True,
            error_on_timeout={"ename": "CellTimeoutError", "evalue": "", "traceback": []},
            skip_cells_with_tag="",
            extra_arguments=["--HistoryManager.hist_file=:memory:"],
            startup_timeout=60,
        )
        await client.async_start_new_kernel(
            cwd=str(Path.cwd()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        await client.async_start_new_kernel_client()
        if self.kernel == "python3":
            kernel: Any = client.kc
            kernel.execute(PREPARE_KERNEL, silent=True, store_history=False)
        self.say(ready=True)
        self.deadline = time.monotonic() + self.limits["total_seconds"]
        end = await self.run_cells(client)
        self.say(end=end)
        if self.line is not None and end == "finished":
            talk = runpy.run_path(str(Path(__file__).with_name("inside_talk.py")))["talk"]
            await talk(client.kc, self.line, self.say)

    async def run_cells(self, client: Any) -> str:
        """Run one cell after the other until the end, the time limit, or the kernel's death."""
        room = self.limits["output_mb"] * 1_000_000
        for place, (index, source) in enumerate(self.cells):
            if not source.strip():
                continue
            left = self.deadline - time.monotonic()
            if left <= 0:
                return "total-time"
            cell = client.nb.cells[place]
            client.begin(room, min(left, self.limits["cell_seconds"]))
            self.say(start=index)
            ended = await self.run_cell(client, cell, place)
            room = max(0, client.room - client.kept) if client.room else 0
            self.tell(index, cell, ended, client)
            if ended in ("killed", "stuck"):
                return ended
        return "finished"

    async def run_cell(self, client: Any, cell: Any, place: int) -> str:
        """Run one cell; add the error that a reply tells of when no output does."""
        try:
            replies: list[Any] = []
            client.on_cell_executed = lambda **event: replies.append(event["execute_reply"])
            await client.async_execute_cell(cell, place, execution_count=place + 1)
        except DeadKernelError:
            return "killed"
        except CellTimeoutError:
            return "stuck"
        reply = replies[-1]["content"] if replies else {"status": "ok"}
        if client.timed_out:
            return "timeout"
        told = [found for found in cell.outputs if found.output_type == "error"]
        if reply["status"] == "error" and not any(found.ename == reply["ename"] for found in told):
            shorten_error(reply, whole=True)
            lines = reply["traceback"] or [f"{reply['ename']}: {reply['evalue']}"]
            cell.outputs.append(new_output("error", ename=reply["ename"], evalue=reply["evalue"], traceback=lines))
            return "error"
        return "error" if told else "ok"

    def tell(self, index: int, cell: Any, ended: str, client: Any) -> None:
        """Send one cell's line."""
        status = "timeout" if client.timed_out else ended
        outputs = list(cell.outputs)
        count = cell.execution_count if isinstance(cell.execution_count, int) else 0
        self.say(
            cell=index,
            status=status,
            count=count,
            disk_full=disk_is_full("."),
            flooded=client.seen > FLOOD,
            outputs=outputs,
        )


def run(job: dict[str, Any], say: Say, line: int | None = None) -> None:
    """Run the job's cells, then serve the checker on the line; the kernel ends with the sandbox, which ends with us."""
    asyncio.run(Job(job, say, line).run())
    os._exit(0)
