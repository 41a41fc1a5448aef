"""A checker outside asks the student's process for values; only those decide."""

from __future__ import annotations

import logging
import os
import textwrap
import time
from pathlib import Path

import pytest

from bitgoeul.errors import InputError
from bitgoeul.grading import watch
from bitgoeul.grading.engine import Engine, Judged
from bitgoeul.settings import Grading
from bitgoeul.wire import CellVerdict
from tests.unit.grading import making

MESSAGE = '{"ko": "틀렸습니다", "en": "this is wrong"}'


ROOMY = Grading(cell_seconds=60, total_seconds=120)


@pytest.fixture(scope="module")
def engine() -> Engine:
    """Imports of large libraries take their time on a busy machine."""
    return Engine(ROOMY)


@pytest.fixture
def judge(engine: Engine, tmp_path: Path):
    """Judge one cell of student code by the body of one block."""

    def run(code: str, body: str, *, seed: int = 0, files: dict[str, bytes] | None = None) -> CellVerdict:
        return judge_by(engine, tmp_path, code, body, seed=seed, files=files).verdict.cells["t"]

    return run


def judge_by(
    engine: Engine,
    folder: Path,
    code: str,
    *bodies: str,
    weights: tuple[int, ...] = (1, 1),
    seed: int = 0,
    files: dict[str, bytes] | None = None,
) -> Judged:
    """Judge by a checker with one block for each body, all of them for the cell `t` of four points."""
    text = "from bitgoeul.checks import approx, same\n\ndef check(student, points):\n"
    for body, weight in zip(bodies, weights, strict=False):
        text += f"    with points('t', message={MESSAGE}, weight={weight}):\n"
        text += textwrap.indent(textwrap.dedent(body).strip("\n"), "        ") + "\n"
    checker = folder / "checker.py"
    checker.write_text(text, encoding="utf-8")
    cells = making.solution("s", "### BEGIN SOLUTION\n### END SOLUTION"), making.test_cell("t", 4, "1")
    sent = making.notebook(making.solution("s", code), making.test_cell("t", 4, "1"))
    for place, cell in enumerate(sent.cells):
        cell["id"] = f"cell-{place}"
    return engine.judge(making.data(*cells), making.as_bytes(sent), files or {}, seed=seed, checker=checker)


LANGUAGE = """
import collections, asyncio
def add(a, b): return a + b
def boom(kind): raise {"v": ValueError, "k": KeyError}[kind]("secret 5")
def squares():
    n = 0
    while True:
        yield n * n
        n += 1
class Stack:
    def __init__(self, *items): self.items = list(items)
    def push(self, item): self.items.append(item); return self
    def pop(self): return self.items.pop()
def sort(values): values.sort(); print("sorted"); return values
def apply(f, x): return f(x)
def adder(n): return lambda x: x + n
async def later(x):
    await asyncio.sleep(0)
    return x
def truth(): return True
total = 5
"""


def test_functions_variables_objects_generators_and_exceptions(judge) -> None:
    found = judge(
        LANGUAGE,
        """
        assert same(student.call("add", 2, b=3), 5)
        assert student.call("add", (1,), (2,)) == (1, 2)
        assert same(student.get("total"), 5)
        assert student.take(4, "squares") == [0, 1, 4, 9]
        series = student.keep("squares")
        assert (series.take(2), series.take(2)) == ([0, 1], [4, 9])
        stack = student.new("Stack", 1)
        stack.keep("push", [2])
        assert stack.call("pop") == [2]
        assert stack.get("items") == [1]
        with student.raises("LookupError"):
            student.call("boom", "k")
        seen = student.observe("sort", [3, 1])
        assert (seen.answer, seen.arguments, seen.printed, seen.warnings) == ([1, 3], ([1, 3],), "sorted\\n", ())
        assert student.call("apply", student.make("lambda x: x * n", n=3), 5) == 15
        assert student.keep("adder", 3)(4) == 7
        assert student.call("apply", student.handle("Stack"), 1) is not None
        assert student.call("later", 9) == 9
        assert not same(student.call("truth"), 1)
        student.run("def twice(x): return add(x, x)")
        assert student.call("twice", 4) == 8
        """,
    )

    assert (found.outcome, found.message, found.score, found.hidden) == ("passed", "", 4.0, True)


def test_arrays_tables_and_figures(judge) -> None:
    code = """
        import numpy as np, pandas as pd, matplotlib.pyplot as plt
        def double(a): return a * 2
        def table(): return pd.DataFrame({"a": [1, 2], "b": ["x", None]}, index=["r", "s"])
        def noisy(a): return np.log(a)
        figure, axes = plt.subplots()
        axes.bar(["kim", "lee"], [3, 4], label="n"); axes.set(title="T", xlabel="x", ylim=(0, 5))
        axes.plot([0, 1], [2.5, 3.5], color="red", label="line"); axes.legend()
    """
    found = judge(
        textwrap.dedent(code),
        """
        import numpy as np
        import pandas as pd
        a = student.rng.normal(size=(3, 2))
        assert student.call("double", a) == approx(2 * a)
        assert student.observe("noisy", np.array([0.0])).warnings[0].startswith("RuntimeWarning: ")
        pd.testing.assert_frame_equal(student.call("table"), pd.DataFrame({"a": [1, 2], "b": ["x", None]}, index=["r", "s"]))
        axes, = student.get("figure").axes
        assert (axes["title"], axes["xlabel"], axes["ylim"]) == ("T", "x", [0.0, 5.0])
        assert [bar["height"] for bar in axes["bars"]] == [3.0, 4.0]
        assert axes["lines"][0]["y"] == [2.5, 3.5] and axes["lines"][0]["color"] == "#ff0000ff"
        assert axes["legend"] == ["line", "n"] or axes["legend"] == ["n", "line"]
        """,
    )

    assert found.outcome == "passed", found.message


def test_files_that_the_notebook_wrote(judge) -> None:
    code = "open('out.csv', 'w').write(open('in.csv').read() + ',2'); import os; os.chdir('/tmp')"
    found = judge(
        code,
        "assert student.file('out.csv') == b'1,2'\nassert student.files() == ['in.csv', 'out.csv']",
        files={"in.csv": b"1"},
    )

    assert found.outcome == "passed", found.message


@pytest.mark.parametrize(
    ("code", "body", "outcome", "begins"),
    [
        ("def f(): return 2", "assert student.call('f') == 1", "failed", "AssertionError: 틀렸습니다 / this is wrong"),
        ("def f(): return 2", "assert student.call('f') == 1, {'ko': '하나', 'en': 'one'}", "failed", "AssertionError: 하나 / one"),
        ("def f(): return 2", "assert student.call('f') == 1, 'the hidden 17'", "failed", "AssertionError: 틀렸습니다 / this"),
        ("def f(): raise ValueError('17')", "student.call('f')", "error", "ValueError: 틀렸습니다 (코드가 ValueError 오류로"),
        ("x = 1", "student.call('f')", "error", "NameError: 틀렸습니다"),
        ("def f(): pass", "with student.raises('ValueError'): student.call('f')", "failed", "AssertionError: 틀렸습니다"),
        ("import sys\ndef f(): sys.exit(0)", "student.call('f')", "killed", "student process ended"),
        ("import os\ndef f(): os._exit(0)", "student.call('f')", "killed", "student process ended"),
        ("import os, signal\ndef f(): os.kill(os.getpid(), 9)", "student.call('f')", "killed", "student process ended"),
        ("import time\ndef f(): time.sleep(99)", "with student.limit(0.5): student.call('f')", "timeout", "time limit"),
        ("x = 1", "student.file('none.csv')", "error", "FileNotFoundError: 틀렸습니다"),
        ("def f(): return [0] * 2_000_000", "student.call('f')", "error", "InvalidAnswer"),
        ("def f():\n  x = []\n  x.append(x)\n  return x", "student.call('f')", "error", "InvalidAnswer"),
        ("def f(): return b'x' * 10**8", "student.call('f')", "error", "InvalidAnswer"),
        ("def f(): return 10**40000", "student.call('f')", "error", "InvalidAnswer"),
        ("def f():\n  while True: yield 1", "student.call('f') == 1 or 1/0", "error", "ZeroDivisionError: 틀렸습니다"),
        ("def f(): return float('nan')", "assert student.call('f') == approx(1.0)", "failed", "AssertionError"),
    ],
)  # fmt: skip
def test_each_failure_has_its_outcome_and_never_tells_a_hidden_input(judge, code, body, outcome, begins) -> None:
    found = judge(code, body)

    assert (found.score, found.outcome) == (0.0, outcome)
    assert found.message.startswith(begins)
    assert "17" not in found.message


def test_blocks_of_one_cell_share_its_points_by_weight(engine: Engine, tmp_path: Path) -> None:
    bodies = 'assert student.call("f") == 1', 'assert student.call("f") == 2'
    one = judge_by(engine, tmp_path, "def f(): return 1", *bodies, weights=(1, 3)).verdict
    two = judge_by(engine, tmp_path, "def f(): return 2", *bodies, weights=(1, 3)).verdict

    assert (one.score, two.score) == (1.0, 3.0)
    assert one.cells["t"].outcome == "failed"


def test_what_ends_the_whole_sandbox_costs_one_block_and_others_are_judged(engine: Engine, tmp_path: Path) -> None:
    code = "import os\ndef bomb(): os.kill(-1, 9)\ndef f(): return 1"
    verdict = judge_by(engine, tmp_path, code, 'student.call("bomb")', 'assert student.call("f") == 1').verdict

    assert verdict.score == 2.0
    assert verdict.cells["t"].outcome == "killed"


def test_a_block_does_not_spoil_the_next_one(engine: Engine, tmp_path: Path) -> None:
    code = "n = 0\ndef count():\n    global n\n    n += 1\n    return n"
    verdict = judge_by(engine, tmp_path, code, *['assert student.call("count") == 1'] * 2).verdict

    assert verdict.score == 4.0


def test_the_seed_is_fresh_is_told_and_gives_the_same_again(engine: Engine, tmp_path: Path) -> None:
    body = "assert student.call('f', student.random.random(), float(student.rng.random())) == student.seed % 2"
    first, second = (judge_by(engine, tmp_path, "def f(a, b): return 1", body).verdict for _ in range(2))
    again = judge_by(engine, tmp_path, "def f(a, b): return 1", body, seed=first.seed).verdict

    assert first.seed != second.seed
    assert again == first


def test_the_sandbox_never_gets_the_seed_or_the_checker(judge) -> None:
    code = """
        import glob, os
        def everything():
            found = [repr(dict(os.environ)), repr(globals())]
            for path in glob.glob("/proc/[0-9]*/*") + glob.glob("/run/**", recursive=True) + glob.glob("/tmp/.*") + glob.glob("*"):
                if path.rsplit("/", 1)[-1] in ("cmdline", "environ") or not path.startswith("/proc"):
                    try: found.append(open(path, "rb").read().decode(errors="replace"))
                    except OSError: pass
            return "\\n".join(found)
    """
    body = """
        said = student.call("everything")
        assert "PYTHONHASHSEED" in said
        for secret in (str(student.seed), hex(student.seed)[2:], "틀렸습니다", "points(", "expected"):
            assert secret not in said or secret == "expected"
    """
    found = judge(textwrap.dedent(code), body, seed=7_340_033_777_123)

    assert found.outcome == "passed", found.message


def test_visible_asserts_carry_no_points_where_a_checker_judges(engine: Engine, tmp_path: Path) -> None:
    checker = tmp_path / "c.py"
    checker.write_text(
        "def check(student, points):\n    with points('add-check', message={'ko': '합', 'en': 'sum'}):\n"
        "        assert student.call('add', 40, 2) == 42\n"
    )
    hard = making.submission(add="def add(a, b): return 5")
    verdict = engine.judge(making.assignment(), making.as_bytes(hard), {}, checker=checker).verdict
    shown = engine.judge(making.assignment(), making.as_bytes(making.submission()), {}, checker=checker)

    assert {name: cell.score for name, cell in verdict.cells.items()} == {"add-check": 0, "last-check": 1, "why": 0}
    assert shown.verdict.score == 3
    assert "secret_expected" not in shown.notebook.decode()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def check(student, points): pass", "no function"),
        ("x = (", "was never closed"),
        ("def check(student, points):\n    with points(name): pass", "line 2"),
        ("def check(student, points):\n    with points('t', weight=x): pass", "weight="),
        ("def check(student, points):\n    with points('other', message={}): pass", "points for other"),
        ("def check(student, points):\n    with points('t', message={}): pass", "message="),
        ("def check(student, points):\n    student.get('x')\n    points('t')", "ask inside"),
        (
            "def check(student, points):\n    for _ in 'ab':\n        with points('t', message={'ko': '', 'en': ''}): pass",
            "write the loop inside",
        ),
        ("import nothing_of_this_name\ndef check(student, points):\n    points('t')", "nothing_of_this_name"),
        ("raise SystemExit(3)\ndef check(student, points):\n    points('t')", "exit code 3"),
    ],
)
def test_a_checker_that_is_none_is_told_to_its_author(engine: Engine, tmp_path: Path, text: str, told: str) -> None:
    checker = tmp_path / "c.py"
    checker.write_text(text)
    source = making.data(making.test_cell("t", 1, "1"))

    with pytest.raises(InputError) as caught:
        engine.judge(source, source, {}, checker=checker)
    assert told in caught.value.text.en
    assert "c.py" in caught.value.text.ko


def test_a_checker_that_trips_over_an_answer_is_flagged_and_tells_its_author_where(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    body = "assert student.call('f') + 1 == 2"
    with caplog.at_level(logging.WARNING):
        verdict = judge_by(engine, tmp_path, "def f(): pass", body).verdict

    assert verdict.flags == ("checker-error:t",)
    assert verdict.cells["t"].message.startswith("TypeError: 틀렸습니다")
    assert "checker.py" in caplog.text


def test_a_checker_that_never_ends_is_ended(tmp_path: Path) -> None:
    engine = Engine(ROOMY.model_copy(update={"total_seconds": 5, "cell_seconds": 2}))
    before = set(watch.descendants(os.getpid()))
    began = time.monotonic()
    judged = judge_by(engine, tmp_path, "x = 1", "while True: pass")

    assert judged.verdict.flags == ("checker-unfinished",)
    assert judged.verdict.cells["t"].outcome == "not_run"
    assert time.monotonic() - began < 200
    assert set(watch.descendants(os.getpid())) <= before
