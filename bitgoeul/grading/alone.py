"""One request in a process of its own, for work on a GPU: `python -m bitgoeul.grading.alone DEVICE < request > answer`."""

from __future__ import annotations

import ctypes
import signal
import sys
from pathlib import Path

from bitgoeul.grading import launch, requests
from bitgoeul.grading.engine import Engine

_PR_SET_PDEATHSIG = 1


def device_files(number: int, folder: Path = Path("/dev")) -> list[Path]:
    """What a job needs to use one NVIDIA GPU and no other: CUDA lists the cards whose files it can open."""
    names = (f"nvidia{number}", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools")
    return [folder / name for name in names if (folder / name).exists()]


def main() -> None:
    """Read a request, judge it, write the answer; end with the worker that asked."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    launch.GPU_FILES[:] = device_files(int(sys.argv[1]))
    data = sys.stdin.buffer.read()
    sys.stdout.buffer.write(requests.answer(data, lambda request: requests.judge(Engine(request.limits), request)))


if __name__ == "__main__":
    main()
