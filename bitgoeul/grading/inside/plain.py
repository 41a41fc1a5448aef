"""Runs the notebook of another language than Python: its own kernel, driven by nbclient, inside the sandbox.

The kernel is a child of this process. Each finished cell is told at once, before the next one starts, so that what
happened is known even if everything here is killed in the next moment. This process is not dumpable: code in the
kernel can end it, but cannot read the cells that are still to come, or write a line in its name.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import math
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook

from .outputs import FLOOD, Outputs, add_error_of_reply, disk_is_full

_SET_DUMPABLE = 4


class Runner(Outputs):
    """The outputs of a kernel in another process."""

    timed_out = False

    def begin_cell(self, room: int, seconds: float) -> None:
        """Get ready for the next cell."""
        self.begin(room)
        self.timed_out = False
        self.timeout = max(1, math.ceil(seconds))

    def flood(self) -> None:
        """Interrupt a cell that only fills the pipe: what waits in it counts as the job's memory."""
        manager: Any = self.km
        self.interrupting = asyncio.ensure_future(manager.interrupt_kernel())

    async def _async_handle_timeout(self, timeout: int, cell: Any = None) -> Any:  # noqa: ASYNC109 (nbclient's)
        self.timed_out = True
        return await super()._async_handle_timeout(timeout, cell)


class Job:
    """One notebook's run: the kernel, the client and the time that is left."""

    def __init__(self, job: dict[str, Any], line: socket.socket) -> None:
        self.limits = job["limits"]
        self.cells = [(int(index), str(source)) for index, source in job["cells"]]
        self.kernel = str(job["kernel"])
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
            startup_timeout=60,
        )
        await client.async_start_new_kernel(
            cwd=str(Path.cwd()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        await client.async_start_new_kernel_client()
        self.say(ready=True)
        self.deadline = time.monotonic() + self.limits["total_seconds"]
        self.say(end=await self.run_cells(client))

    def say(self, **message: object) -> None:
        """Send one line; whatever cannot be JSON is written as text."""
        self.line.sendall(json.dumps(message, default=repr, ensure_ascii=True).encode() + b"\n")

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
            client.begin_cell(room, min(left, self.limits["cell_seconds"]))
            self.say(start=index)
            ended = await self.run_cell(client, cell, place)
            room = client.left
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
        return "timeout" if client.timed_out else add_error_of_reply(cell, reply)

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


def run(job: dict[str, Any], line: socket.socket) -> None:
    """Run the job's cells; the kernel ends with this process."""
    ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    os.set_inheritable(line.fileno(), False)
    asyncio.run(Job(job, line).run())
