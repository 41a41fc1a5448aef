"""The program that runs in the sandbox, before and beside a student's code.

It is started with nothing of ours in sight: only the standard library, jupyter_client, nbclient and ipykernel.
The job comes as a tar on standard input: `job.json` first, then the files that belong beside the notebook.
Each finished cell is one JSON line on standard output, written before the next cell starts, so that what
happened is known even if everything here is killed in the next moment. The reader trusts none of it.

The kernel is a child with closed descriptors, and this process is not dumpable: code in the kernel can end
it, but cannot read the cells that are still to come, or write a line in its name.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import resource
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any, BinaryIO

PR_SET_DUMPABLE = 4
CUT = "\n... 출력이 너무 길어 여기에서 잘랐습니다. / The output was too long and is cut here. ...\n"
MOST_OUTPUTS = 1000
FLOOD = 50_000_000
LONGEST_RESULT = 10_000
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


def harden() -> BinaryIO:
    """Close every inherited descriptor, take standard output for ourselves, and lock the door behind us."""
    os.closerange(3, 65536)
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return answers


def limit(limits: dict[str, int]) -> None:
    """Set what one process may use; the sum over all of them is watched from outside."""
    megabyte = 1024 * 1024
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_DATA, limits["memory_mb"] * megabyte),
        (resource.RLIMIT_FSIZE, limits["disk_mb"] * megabyte),
        (resource.RLIMIT_CPU, limits["total_seconds"] + 10),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        resource.setrlimit(what, (most, most))


def unpack(stream: BinaryIO, folder: Path) -> dict[str, Any]:
    """Read the job and lay its files down."""
    job: dict[str, Any] = {}
    with tarfile.open(fileobj=stream, mode="r|") as bundle:
        for member in bundle:
            if member.name == "job.json":
                content = bundle.extractfile(member)
                job = json.loads(content.read()) if content else {}
            else:
                member.name = member.name.removeprefix("files/")
                bundle.extract(member, folder, filter="data")
    return job


class Answers:
    """Writes one JSON object a line."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream

    def say(self, **message: object) -> None:
        """Write and flush; whatever cannot be JSON is written as text."""
        self.stream.write(json.dumps(message, default=repr, ensure_ascii=True).encode() + b"\n")
        self.stream.flush()


def run_probes(job: dict[str, Any], answers: Answers) -> None:
    """Run the self-test's program as a kernel would run, and pass its answer on."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", job["program"], json.dumps(job["arguments"])],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=job["limits"]["total_seconds"],
        check=False,
    )
    answers.say(probes=done.stdout.decode(errors="replace")[-100_000:])
    answers.say(end="finished")


def disk_is_full(folder: str) -> bool:
    """Tell whether the job used up its bytes or its number of files."""
    room = os.statvfs(folder)
    return room.f_bavail * room.f_frsize < 65536 or room.f_favail < 1


def make_runner() -> Any:
    """Make the notebook client; its imports are the slow part, so they happen after the cheap refusals."""
    import asyncio

    from nbclient import NotebookClient
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    class Runner(NotebookClient):
        """nbclient, with a limit on what is kept of a cell's output."""

        room = 0
        kept = 0
        seen = 0
        timed_out = False
        stuck = (CellTimeoutError,)
        dead = (DeadKernelError,)

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
                shorten_error(msg["content"])
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
                cell.outputs.append(output("stream", name="stdout", text=head))
            if self.room:
                cell.outputs.append(output("stream", name="stderr", text=CUT))
            self.room = 0

        async def _async_handle_timeout(self, timeout: int, cell: Any = None) -> Any:  # noqa: ASYNC109 (nbclient's)
            self.timed_out = True
            return await super()._async_handle_timeout(timeout, cell)

    return Runner


def weight(message: dict[str, Any]) -> int:
    """The bytes that one message would take in a notebook."""
    content = message["content"]
    if message["msg_type"] == "stream" and isinstance(content.get("text"), str):
        return len(content["text"])
    return len(json.dumps(content, default=repr)) + sum(map(len, message.get("buffers") or ()))


def output(kind: str, **content: Any) -> Any:
    """Make one output of a cell."""
    from nbformat.v4 import new_output

    return new_output(kind, **content)


def shorten_error(content: dict[str, Any]) -> None:
    """Keep an error readable: a hundred lines of traceback, a page of message."""
    lines = [str(line)[:20_000] for line in content.get("traceback") or []]
    if len(lines) > 100:
        lines = [*lines[:50], "... Traceback truncated ...", *lines[-49:]]
    content["traceback"] = lines
    content["ename"] = str(content.get("ename", ""))[:200]
    content["evalue"] = str(content.get("evalue", ""))[:20_000]


class Job:
    """One notebook's run: the kernel, the client and the time that is left."""

    def __init__(self, job: dict[str, Any], answers: Answers) -> None:
        self.limits = job["limits"]
        self.cells = [(int(index), str(source)) for index, source in job["cells"]]
        self.kernel = str(job["kernel"])
        self.answers = answers
        self.deadline = math.inf

    async def run(self) -> None:
        """Start the kernel, run the cells, say how it ended."""
        from jupyter_client.manager import AsyncKernelManager
        from nbformat.v4 import new_code_cell, new_notebook

        manager = AsyncKernelManager(kernel_name=self.kernel, transport="ipc", ip="/tmp/.kernel")  # noqa: S108
        notebook = new_notebook(cells=[new_code_cell(source) for _, source in self.cells])
        client = make_runner()(
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
            client.kc.execute(PREPARE_KERNEL, silent=True, store_history=False)
        self.answers.say(ready=True)
        self.deadline = time.monotonic() + self.limits["total_seconds"]
        self.answers.say(end=await self.run_cells(client))

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
            self.answers.say(start=index)
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
        except client.dead:
            return "killed"
        except client.stuck:
            return "stuck"
        reply = replies[-1]["content"] if replies else {"status": "ok"}
        if client.timed_out:
            return "timeout"
        told = [found for found in cell.outputs if found.output_type == "error"]
        if reply["status"] == "error" and not any(found.ename == reply["ename"] for found in told):
            shorten_error(reply)
            lines = reply["traceback"] or [f"{reply['ename']}: {reply['evalue']}"]
            cell.outputs.append(output("error", ename=reply["ename"], evalue=reply["evalue"], traceback=lines))
            return "error"
        return "error" if told else "ok"

    def tell(self, index: int, cell: Any, ended: str, client: Any) -> None:
        """Send one cell's line."""
        status = "timeout" if client.timed_out else ended
        outputs = list(cell.outputs)
        count = cell.execution_count if isinstance(cell.execution_count, int) else 0
        self.answers.say(
            cell=index,
            status=status,
            count=count,
            disk_full=disk_is_full("."),
            flooded=client.seen > FLOOD,
            outputs=outputs,
        )


def main() -> None:
    """Run the job on standard input."""
    answers = Answers(harden())
    job = unpack(sys.stdin.buffer, Path.cwd())
    limit(job["limits"])
    if "program" in job:
        run_probes(job, answers)
        return
    import asyncio

    asyncio.run(Job(job, answers).run())


if __name__ == "__main__":
    main()
