"""Every process of an academy: found by the variable that all of them carry, and ended."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import psutil

MARK = "BITGOEUL_RUN"
"""The state folder of the academy that started a process; children inherit it, through sessions too."""

_Gone = (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess)


def of_academy(state: Path) -> list[psutil.Process]:
    """Find every process that an `up` on this state folder has started, but never ourselves or our parents."""
    ours = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    return [process for process in psutil.process_iter() if process.pid not in ours and _mark(process) == str(state)]


def _mark(process: psutil.Process) -> str | None:
    try:
        mark: str | None = process.environ().get(MARK)
    except (*_Gone, OSError):
        return None
    return mark


def descendants() -> list[psutil.Process]:
    """List the children of this process and theirs, adopted orphans included."""
    found: list[psutil.Process] = psutil.Process().children(recursive=True)
    return found


def reap(keep: int) -> None:
    """Take leave of adopted orphans that have ended; `keep` is the child whose end somebody else waits for."""
    for child in psutil.Process().children():
        try:
            if child.pid != keep and child.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(child.pid, os.WNOHANG)
        except (*_Gone, ChildProcessError):
            continue


def end(processes: Iterable[psutil.Process], *, patience: float = 5.0) -> None:
    """Ask each to end, wait, and kill what is left."""
    processes = list(processes)
    for process in processes:
        _send(process, kill=False)
    _, alive = psutil.wait_procs(processes, timeout=patience)
    for process in alive:
        _send(process, kill=True)
    psutil.wait_procs(alive, timeout=patience)


def _send(process: psutil.Process, *, kill: bool) -> None:
    try:
        if kill:
            process.kill()
        else:
            process.terminate()
    except _Gone:
        return


def holder_of(port: int) -> str | None:
    """Name the program that listens on a port, `node (12345)`, as far as the system tells."""
    try:
        connections = psutil.net_connections("tcp")
    except (psutil.AccessDenied, OSError):
        return None
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
            try:
                return f"{psutil.Process(connection.pid).name()} ({connection.pid})"
            except _Gone:
                return f"({connection.pid})"
    return None
