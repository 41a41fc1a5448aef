"""One request in a process of its own, for work on a GPU: `python -m bitgoeul.grading.alone DEVICE < request > answer`."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

from bitgoeul.grading import requests
from bitgoeul.grading.engine import Engine

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Read a request, judge it, write the answer; end with the worker that asked."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.environ["CUDA_VISIBLE_DEVICES"] = sys.argv[1]
    data = sys.stdin.buffer.read()
    sys.stdout.buffer.write(requests.answer(data, lambda request: requests.judge(Engine(request.limits), request)))


if __name__ == "__main__":
    main()
