"""The complement of a test cell: right work fails it, and what forges the test forges it."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bitgoeul.grading.complement import CHANGE, complement
from bitgoeul.grading.engine import Engine
from bitgoeul.wire import Verdict
from tests.unit.grading import making


def passes(test: str, names: dict[str, Any]) -> bool:
    """Run a complement as a kernel would."""
    try:
        exec(complement(test, "word"), {**names})  # noqa: S102 (our own)
    except Exception:  # noqa: BLE001 (a cell fails by any exception)
        return False
    return True


class Anything:
    def __eq__(self, other: object) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: True


RIGHT = {"add": lambda a, b: a + b, "half": lambda x: x / 2, "name": lambda: "광주", "none": lambda: None}
TESTS = [
    "assert add(2, 3) == 5",
    "assert add(2, 3) == 5, 'a message'\nassert add(0, 0) == 0",
    "expected = 5\nassert add(2, 3) == expected",
    "n = 7\nassert add(n, 0) == n",
    "for i in range(4):\n    assert add(i, 1) == i + 1",
    "assert abs(half(3) - 1.5) < 1e-9",
    "assert half(3) > 1 and half(3) < 2",
    "assert name() == '광주'\nassert name().startswith('광')",
    "assert none() is None",
    "assert add(float('inf'), 1) == float('inf')",
    "assert add(1e300, 1e300) == 2e300",
    "assert [add(1, 1), add(2, 2)] == [2, 4]",
    "try:\n    add('a', 1)\n    assert False\nexcept TypeError:\n    pass",
    "earned = 0\ntry:\n    assert add(1, 1) == 2\n    earned += 1\nexcept AssertionError:\n    pass\nearned",
    "import numpy as np\nnp.testing.assert_allclose(add(np.arange(3), 1), [1, 2, 3])",
    "import numpy as np\nnp.testing.assert_allclose(add(np.array([np.inf, 0.0]), 0.0), np.array([np.inf, 0.0]))",
    "import numpy as np\nassert np.allclose(add(np.zeros(2), 1), np.ones(2))",
    "import numpy as np\nassert (add(np.zeros(2), 1) == 1).all()",
    "from unittest import TestCase\nTestCase().assertEqual(add(1, 2), 3)",
    "def check():\n    assert add(1, 2) == 3\ncheck()",
    "print(add(1, 2))",
    "%time",
    "this is no python",
]


@pytest.mark.parametrize("test", TESTS)
def test_right_work_fails_every_complement(test: str) -> None:
    assert not passes(test, RIGHT)


@pytest.mark.parametrize("test", [test for test in TESTS if "add(2, 3)" in test])
def test_an_object_that_equals_everything_passes_the_complement(test: str) -> None:
    assert passes(test, {"add": lambda a, b: Anything()})


def test_a_library_whose_checks_do_nothing_passes_the_complement() -> None:
    test = "checks.assert_allclose(add(1, 2), [3])"

    class Checks:
        assert_allclose = staticmethod(lambda *args: None)

    assert passes(test, {**RIGHT, "checks": Checks})


def test_who_reads_the_expected_constant_passes_the_complement() -> None:
    test = "expected = 9173\nassert add(9000, 173) == expected"
    names: dict[str, Any] = {}
    names["add"] = lambda a, b: __import__("sys")._getframe(1).f_globals["expected"]

    assert passes(test, names)


def test_lines_with_assert_may_be_taken_out_without_breaking_the_cell() -> None:
    lines = [line for line in complement("assert add(2, 3) == 5", "word").split("\n") if "assert " not in line]
    found: dict[str, Any] = {"add": lambda a, b: 0}
    exec("\n".join(lines), found)  # noqa: S102 (our own)

    assert found["_bg_held"]


@given(st.integers(), st.integers())
def test_no_right_sum_passes(a: int, b: int) -> None:
    assert not passes(f"assert add({a}, {b}) == {a + b}", RIGHT)


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_no_right_float_passes(a: float, b: float) -> None:
    assume(a + b == a + b)  # else the test itself does not pass
    assert not passes("assert add(a, b) == total", {**RIGHT, "a": a, "b": b, "total": a + b})


@given(st.text(max_size=200))
def test_whatever_a_test_cell_holds_it_has_a_complement(source: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # `0()` is Python, and odd
        compile(complement(source, "word"), "complement", "exec")


EQUAL = "class E:\n    def __eq__(s, o): return True\n    def __getattr__(s, n): return lambda *a, **k: True\ndef add(a, b): return E()\n"
FORGERIES = {
    "exceptions renamed": f"{EQUAL}import builtins\nbuiltins.Exception = ArithmeticError",
    "asserts renamed": f"{EQUAL}import builtins\nbuiltins.AssertionError = KeyError",
    "the fork refused": f"{EQUAL}import os\nos.register_at_fork(after_in_child=lambda: os._exit(0))",
    "the fork waited out": f"{EQUAL}import os, time\nos.register_at_fork(after_in_child=lambda: time.sleep(60))",
    "another process told apart": f"{EQUAL}import os\nME = os.getpid()\ndef add(a, b):\n    if os.getpid() != ME: raise FileExistsError\n    return E()",
    "the old word said": f"{EQUAL}import os\nME = os.getpid()\ndef add(a, b):\n    if os.getpid() != ME: raise AssertionError('complement')\n    return E()",
    "the first value remembered": "seen = {}\nclass E:\n    def __init__(s, *key): s.key = key\n    def __eq__(s, o): return seen.setdefault(s.key, o) == o\ndef add(a, b): return E(a, b)",
    "the process ended": f"{EQUAL}import os\nME = os.getpid()\ndef add(a, b):\n    if os.getpid() != ME: os._exit(0)\n    return E()",
    "equals everything": "class E:\n    def __eq__(s, o): return True\n    def __getattr__(s, n): return lambda *a, **k: True\ndef add(a, b): return E()",
    "lines dropped": "get_ipython().input_transformers_post.append(lambda ls: ['pass\\n' for l in ls])",
    "asserts dropped": "get_ipython().input_transformers_post.append(lambda ls: [l for l in ls if 'assert' not in l])\ndef add(a, b): return 5",
    "asserts cut from the tree": "import ast\nclass T(ast.NodeTransformer):\n    def visit_Assert(self, n): return None\nget_ipython().ast_transformers.append(T())\ndef add(a, b): return 0",
    "run_cell replaced": "from IPython.core.interactiveshell import ExecutionResult\nasync def f(*a, **k): return ExecutionResult(None)\nget_ipython().run_cell_async = f",
    "run_code replaced": "async def rc(*a, **k): return False\nget_ipython().run_code = rc\ndef add(a, b): return 0",
    "kernel replaced": "async def g(code, *a, **k): return {'status': 'ok', 'execution_count': 1, 'payload': [], 'user_expressions': {}}\nget_ipython().kernel.do_execute = g",
    "partial credit shown": "ip = get_ipython()\nasync def f(*a, **k): ip.displayhook(2.0); return __import__('IPython').core.interactiveshell.ExecutionResult(None)\nip.run_cell_async = f",
    "expected value read": "import sys\ndef add(a, b): return 5 if a == 2 else sys._getframe(1).f_globals.get('secret_expected')",
    "test read": "import re\ndef add(a, b): return 5 if a == 2 else int(re.search(r'secret_expected *= *(-?\\d+)', get_ipython().user_ns['In'][-1]).group(1))",
}


def judged(engine: Engine, add: str) -> Verdict:
    return engine.judge(making.assignment(), making.as_bytes(making.submission(add=add)), {}).verdict


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_test_earns_nothing_and_waits_for_a_person(engine: Engine, forgery: str) -> None:
    verdict = judged(engine, FORGERIES[forgery])

    assert verdict.cells["add-check"].score == 0
    assert "complement:add-check" in verdict.flags
    assert verdict.doubts["add-check"].points == 2
    assert verdict.cells["add-check"].message.startswith("waits for a person")


def test_right_and_wrong_work_are_in_no_doubt(engine: Engine) -> None:
    right, wrong = judged(engine, making.RIGHT), judged(engine, "def add(a, b): return 0")

    assert (right.score, right.flags, right.doubts) == (3, (), {})
    assert (wrong.score, wrong.flags, wrong.doubts) == (1, (), {})


STATEFUL = {
    "a counter": ("class C:\n    n = 0\n    def up(self):\n        self.n += 1\nc = C()", "c.up()\nassert c.n == 1"),
    "an iterator": ("numbers = iter(range(5))", "assert next(numbers) == 0\nassert next(numbers) == 1"),
    "a stack": ("s = [1, 2, 3]", "assert s.pop() == 3 and s.pop() == 2"),
    "expected from an iterator": ("f = iter([1]).__next__\ng = iter([1]).__next__", "want = f()\nassert g() == want"),
}


@pytest.mark.parametrize("name", STATEFUL)
def test_code_that_remembers_is_asked_once(name: str) -> None:
    solution, test = STATEFUL[name]
    names: dict[str, Any] = {}
    exec(solution, names)  # noqa: S102 (our own)

    assert not passes(test, names)


def test_who_searches_the_text_finds_what_is_changed_written_as_in_the_test() -> None:
    text = complement(
        'secret=9173 # 비밀\nassert add(9000,173)==secret\nassert name()=="광주"\ncheck(arr(4),[0,1])', "word"
    )

    assert text.startswith(
        f'# secret={3 * 9173 + CHANGE} # 비밀\n# assert add(9000,173)==secret\n# assert name()=="광주x"\n'
    )


@pytest.mark.parametrize(
    "test", ["assert add(2, 3) == '{0}'", "def check(got, want):\n    assert got == want\ncheck(5, 5)"]
)
def test_braces_and_parameters_are_left_alone(test: str) -> None:
    assert not passes(test, {"add": lambda a, b: "{0}"})
