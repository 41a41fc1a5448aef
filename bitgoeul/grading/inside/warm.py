"""What a zygote does before its first submission: import a course's libraries, and use each of them once.

Only public code runs here, never a course's own: every child inherits the parent's memory. Much of a library's cost
comes at its first use (the first picture looks for fonts, the first step of an optimizer imports a compiler), so
each is used as a beginner's notebook uses it.
"""

from __future__ import annotations

from typing import Any

from .warm_cells import CELLS

_ALWAYS = (
    "import collections, copy, csv, datetime, functools, itertools, json, math, random, re, statistics, time, warnings",
    "1 / 0",
    "def _f(x):\n    return undefined\n_f(1)",
    "print('a'); 1 + 1",
    "from IPython.display import HTML, display; display(HTML('a'))",
    "assert 1 == 2, 'b'",
)


async def warm(kernel: Any, packages: list[str]) -> None:
    """Run the cells, then make the kernel as new."""
    for source in (*_ALWAYS, *(cell for name in CELLS if name in packages for cell in CELLS[name])):
        await kernel.do_execute(source, silent=False, store_history=True, allow_stdin=False)
    shell = kernel.shell
    shell.reset(new_session=False)
    shell.history_manager.reset(new_session=False)
    shell.execution_count = 1
    shell.displayhook.flush()
    shell._last_traceback = None
