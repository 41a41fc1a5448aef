"""How long the report of similar work takes: 300 submissions of 200 lines, ten of them copied and renamed.

They are put together from the standard library's functions. `alone`: each chose his own. `lesson`: each has the
same thirteen functions, in one of three ways and with a line of one's own in it: everybody shares much, which is
what an assignment looks like.
"""

from __future__ import annotations

import ast
import json
import random
import sysconfig
import time
from pathlib import Path

from bitgoeul.grading.similarity import compare, read_given, read_work

STUDENTS, LINES, COPIES = 300, 200, 10


def library() -> list[str]:
    paths = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    nodes = (node for path in paths for node in ast.walk(ast.parse(path.read_bytes())))
    functions = (node for node in nodes if isinstance(node, ast.FunctionDef))
    return [ast.unparse(node) for node in functions if 8 <= (node.end_lineno or 0) - node.lineno <= 30]


def alone(functions: list[str], draw: random.Random) -> str:
    made: list[str] = []
    while sum(source.count("\n") + 1 for source in made) < LINES:
        made.append(draw.choice(functions))
    return "\n".join(made)


def lesson(functions: list[str], draw: random.Random) -> str:
    usual = random.Random(1)
    made = []
    for ways in [[usual.choice(functions) for _ in range(3)] for _ in range(13)]:
        lines = draw.choice(ways).split("\n")
        at = draw.randrange(1, len(lines))
        own = " + ".join(draw.choice(["x", "y(1)", "z[2]", "w.q"]) for _ in range(4))
        made += [*lines[:at], f"    a = {own}", *lines[at:]]
    return "\n".join(made)


def notebook(source: str) -> bytes:
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def measure(name: str, sources: list[str]) -> None:
    sources[-COPIES:] = [source.replace("self", "me") for source in sources[:COPIES]]
    given = read_given({})
    began = time.process_time()
    works = [read_work(f"s{n:03}", {"x.ipynb": notebook(text)}, given) for n, text in enumerate(sources)]
    read = time.process_time()
    report = compare(works)
    done = time.process_time()
    found = sum(pair.similarity == 1 for pair in report.pairs)
    print(
        f"{name}: {STUDENTS} x {LINES} lines, {sum(work.size for work in works) // len(works)} tokens each: reading "
        f"{read - began:.1f} s, comparing {done - read:.1f} s of CPU; {len(report.pairs)} pairs, {found} of {COPIES} copies"
    )


if __name__ == "__main__":
    functions = library()
    for kind in (alone, lesson):
        measure(kind.__name__, [kind(functions, random.Random(seed)) for seed in range(STUDENTS)])
