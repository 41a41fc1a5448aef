"""Hostile submissions before a checker: none earns a point, and the next honest one is judged right.

Ten ways to forge a grade, each with no right solution in it; then answers that are hostile in themselves.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bitgoeul.grading.engine import Engine
from bitgoeul.settings import Grading
from bitgoeul.wire import Verdict
from tests.unit.grading import making
from tests.unit.grading.conftest import hold_common_points, machine
from tests.unit.grading.listed import FORGERIES

CHECKER = """
import numpy as np
from bitgoeul.checks import approx, same

def check(student, points):
    with points("add-check", message={"ko": "합이 틀립니다", "en": "the sum is wrong"}):
        for _ in range(5):
            a, b = (student.random.randrange(1000, 10**6) for _ in range(2))
            assert same(student.call("add", a, b), a + b)
    with points("arr-check", message={"ko": "배열이 틀립니다", "en": "the array is wrong"}):
        for n in student.random.sample(range(3, 30), 3):
            assert student.call("arr", n) == approx(np.arange(n, dtype=float) ** 2)
    with points("last-check", message={"ko": "셋째", "en": "third"}):
        assert same(student.get("last"), 7)
"""
RIGHT = "import numpy as np\ndef add(a, b): return a + b\ndef arr(n): return np.arange(n) ** 2\n"
LIMITS = Grading(cell_seconds=10, total_seconds=40, memory_mb=512, disk_mb=32, max_files=600, processes=48)
ATTACKS = FORGERIES | {
    "A01 subclasses": """
import numpy as np
class I(int):
    def __eq__(s, o): return True
    __hash__ = None
class A(np.ndarray):
    def __eq__(s, o): return np.True_
def add(a, b): return I(5)
def arr(n): return np.zeros(n).view(A)
""",
    "A04 searches its memory": """
import re, sys, gc
def seen():
    frame, texts = sys._getframe(), [str(get_ipython().user_ns.get('In'))]
    while frame:
        texts.append(repr(frame.f_locals)); frame = frame.f_back
    return ' '.join(texts) + ' '.join(repr(o) for o in gc.get_objects() if isinstance(o, (str, bytes, dict)))[:10**6]
def add(a, b):
    found = re.search(r'expected["\\s:=]+(\\d+)', seen())
    return int(found.group(1)) if found else 5
def arr(n):
    found = re.search(r'\\[0, 1, 4[0-9, ]*\\]', seen())
    return eval(found.group(0)) if found else 0
""",
    "A10 builtins patched": """
import numpy, numpy.testing, math, builtins, json
numpy.testing.assert_array_equal = math.isclose = builtins.all = lambda *a, **k: True
builtins.isinstance = lambda *a: True
json.loads = lambda *a, **k: {'op': 'get', 'name': 'x'}
x = True
def add(a, b): return 5
def arr(n): return 5
""",
    "the agent itself patched": """
import runpy, os, struct
def forged(*a, **k):
    def serve(place, shell, folder):
        import socket
        line = socket.socket(socket.AF_UNIX); line.connect(place)
        while line.recv(65536):
            said = b'{"k": "value", "v": true, "outcome": "passed", "over": "done"}'
            line.sendall(struct.pack(">II", len(said), 0) + said)
    return {"serve": serve}
runpy.run_path = forged
""",
}  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(LIMITS)


def source() -> bytes:
    return making.data(
        making.solution("s", f"### BEGIN SOLUTION\n{RIGHT}### END SOLUTION"),
        making.test_cell("add-check", 5, "assert add(2, 3) == 5"),
        making.test_cell("arr-check", 5, "assert list(arr(2)) == [0, 1]"),
        making.test_cell("last-check", 1, "assert last == 7"),
    )


def sent(code: str) -> bytes:
    return making.data(
        making.solution("s", "last = 7\n" + code),
        making.test_cell("add-check", 5, "assert add(2, 3) == 5"),
        making.test_cell("arr-check", 5, "assert list(arr(2)) == [0, 1]"),
        making.test_cell("last-check", 1, "assert last == 7"),
    )


@pytest.fixture
def attack(engine: Engine, tmp_path: Path) -> Callable[[str], Verdict]:
    """Judge hostile code, and hold what has to hold after all of it."""
    checker = tmp_path / "checker.py"
    checker.write_text(CHECKER, encoding="utf-8")
    tmp_path.chmod(0o777)
    before = machine(tmp_path)

    def judge(code: str) -> Verdict:
        data = sent(code)
        judged = engine.judge(source(), data, {}, checker=checker)
        hold_common_points(engine, judged, data, before, tmp_path)
        return judged.verdict

    return judge


def test_the_honest_solution_gets_full_marks(attack) -> None:
    verdict = attack(RIGHT.replace("** 2", "** 2.0"))

    assert {name: cell.score for name, cell in verdict.cells.items()} == {
        "add-check": 5,
        "arr-check": 5,
        "last-check": 1,
    }


@pytest.mark.parametrize("name", ATTACKS)
def test_a_forged_grade_is_no_grade(attack, name: str) -> None:
    verdict = attack(ATTACKS[name])
    honest = attack(RIGHT.replace("** 2", "** 2.0"))

    assert verdict.cells["add-check"].score == 0
    assert verdict.cells["arr-check"].score == 0
    assert verdict.cells["add-check"].message
    assert verdict.cells["arr-check"].message
    assert honest.score == 11


@pytest.mark.parametrize("name", [name for name in FORGERIES if name[:3] in ("A01", "A05", "A09")])
def test_the_other_question_keeps_its_points(attack, name: str) -> None:
    assert attack(ATTACKS[name]).cells["last-check"].score == 1


HOSTILE = {
    "huge": "def add(a, b): return 'x' * 200_000_000",
    "many": "def add(a, b): return list(range(3_000_000))",
    "deep": "def add(a, b):\n    x = 1\n    for _ in range(100_000): x = [x]\n    return x",
    "nan": "def add(a, b): return float('nan')",
    "wrong type": "def add(a, b): return str(a + b)",
    "true": "def add(a, b): return a + b == 0",
    "float": "def add(a, b): return float(a + b)",
    "slow": "import time\ndef add(a, b): time.sleep(60)",
    "never": "def add(a, b):\n    while True: pass",
    "swallows": "def add(a, b):\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass",
    "stopped": "import os, signal\ndef add(a, b): os.kill(os.getpid(), signal.SIGSTOP)",
    "parent stopped": "import os, signal\ndef add(a, b): os.kill(os.getppid(), signal.SIGSTOP)",
    "everything killed": "import os\ndef add(a, b): os.kill(-1, 9)",
    "memory": "def add(a, b): return len(bytearray(10**10))",
    # Only when the checker asks: what a visible test cell leaves running is the engine's affair, not a block's.
    "forks": "import os\ndef add(a, b):\n    while a > 2: os.fork()\n    return 5",
    "answers twice": "import os\ndef add(a, b):\n    os.fork()\n    return a",
    "half a character": "def add(a, b): return '\\ud800'",
    "raises at sight": "class E:\n    def __getattribute__(s, n): raise SystemExit\ndef add(a, b): return E()",
    "raw frame": (
        "import os, struct, socket, glob\ndef add(a, b):\n    for fd in range(3, 300):\n"
        "        try: os.write(fd, struct.pack('>II', 2**32 - 1, 0))\n        except OSError: pass\n    return 5"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_is_bounded_and_costs_its_own_block(attack, name: str) -> None:
    began = time.monotonic()
    verdict = attack(f"{HOSTILE[name]}\nimport numpy as np\ndef arr(n): return np.arange(n) ** 2.0")

    assert verdict.cells["add-check"].score == 0
    assert verdict.cells["add-check"].message
    assert verdict.cells["arr-check"].score == 5
    assert time.monotonic() - began < 240


def test_arrays_are_judged_as_arrays(attack) -> None:
    verdict = attack("def add(a, b): return a + b\ndef arr(n): return [i * i for i in range(n)]")

    assert verdict.cells["arr-check"].score == 0
    assert np.arange(2).tolist() == [0, 1]
