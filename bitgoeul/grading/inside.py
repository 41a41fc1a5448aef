"""The program that runs in the sandbox, before and beside a student's code.

It is started with nothing of ours in sight but `inside_notebook.py` beside it. The job comes as a tar on standard
input: `job.json` first, then the files that belong beside the notebook. What happened is told in JSON lines on
standard output; the reader trusts none of it.

The kernel is a child with closed descriptors, and this process is not dumpable: code in the kernel can end
it, but cannot read the cells that are still to come, or write a line in its name.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import runpy
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any, BinaryIO

PR_SET_DUMPABLE = 4


def harden(kept: int | None = None) -> BinaryIO:
    """Close every inherited descriptor but one, take standard output for ourselves, and lock the door behind us."""
    os.closerange(3, 65536 if kept is None else kept)
    if kept is not None:
        os.closerange(kept + 1, 65536)
        os.set_inheritable(kept, False)
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
        (resource.RLIMIT_NOFILE, 512),
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


def main() -> None:
    """Run the job on standard input."""
    line = int(sys.argv[1]) if sys.argv[1:] else None
    answers = Answers(harden(line))
    job = unpack(sys.stdin.buffer, Path.cwd())
    limit(job["limits"])
    if "program" in job:
        run_probes(job, answers)
    else:  # loaded only now, because the self-test needs none of what it imports
        runpy.run_path(str(Path(__file__).with_name("inside_notebook.py")))["run"](job, answers.say, line)


if __name__ == "__main__":
    main()
