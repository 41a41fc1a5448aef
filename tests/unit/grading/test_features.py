"""What happens with everything that a notebook may do besides plain Python."""

from __future__ import annotations

import json
import os
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bitgoeul.grading.engine import Engine
from bitgoeul.wire import Verdict
from tests.unit.grading import making
from tests.unit.grading.conftest import LIMITS

Outputs = list[dict[str, Any]]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(
        LIMITS.model_copy(update={"memory_mb": 2048, "cell_seconds": 20, "total_seconds": 90, "disk_mb": 256})
    )


def run(engine: Engine, *cells: str, seed: int = 1) -> list[Outputs]:
    """Give the outputs of each cell."""
    done = engine.execute(making.data(*map(making.code, cells)), {}, seed=seed)
    return [cell["outputs"] for cell in json.loads(done.notebook)["cells"]]


def text(outputs: Outputs, name: str = "stdout") -> str:
    return "".join("".join(one["text"]) for one in outputs if one["output_type"] == "stream" and one["name"] == name)


def shown(outputs: Outputs) -> list[str]:
    """The plain text of what was displayed, and the names of errors."""
    kinds = ("display_data", "execute_result", "error")
    found = [one for one in outputs if one["output_type"] in kinds]
    return [one.get("ename") or "".join(one["data"].get("text/plain", [])) for one in found]


def judge(engine: Engine, solution: str, *tests: str, files: dict[str, bytes] | None = None) -> Verdict:
    cells = [making.test_cell(f"t{number}", 1, test) for number, test in enumerate(tests)]
    source = making.data(making.solution("s", f"### BEGIN SOLUTION\n{solution}\n### END SOLUTION"), *cells)
    return engine.judge(source, making.data(making.solution("s", solution), *cells), files or {}).verdict


def test_magics_and_shell_lines_run(engine: Engine) -> None:
    time_line, shell, bash, capture, after = run(
        engine, "%time x = 1", "!echo from a shell", "%%bash\necho from bash", "%%capture got\nprint(5)", "got.stdout"
    )

    assert "Wall time" in text(time_line)
    assert "from a shell" in text(shell)
    assert text(bash) == "from bash\n"
    assert capture == []
    assert shown(after) == ["'5\\n'"]


def test_a_failing_bash_cell_is_an_error(engine: Engine) -> None:
    assert judge(engine, "x = 1", "%%bash\nexit 3", "%%bash\ntrue").score == 1


def test_await_works_at_the_top_and_tasks_go_on_in_later_cells(engine: Engine) -> None:
    begun = (
        "import asyncio\nasync def f():\n    await asyncio.sleep(0.2)\n    return 7\ntask = asyncio.ensure_future(f())"
    )
    verdict = judge(engine, begun, "assert await asyncio.sleep(0, 5) == 5", "assert await task == 7")

    assert (verdict.score, verdict.flags) == (2, ())


def test_displays_are_updated_within_their_cell_and_cleared(engine: Engine) -> None:
    first, second, other, cleared = run(
        engine,
        "from IPython.display import display, clear_output\nh = display('old', display_id='x')\nh.update('new')\nh.update('newer')",
        "h.update('newest')",
        "display('old', display_id='y')\nfor i in range(3): display(i, display_id='y', update=True)",
        "print(1)\nclear_output()\nprint(2)\nclear_output(wait=True)\nprint(3)",
    )

    assert shown(first) == ["'newer'"]  # an earlier cell keeps what it showed at its end; stock would change it
    assert shown(second) == []
    assert shown(other) == ["2"]
    assert text(cleared) == "3\n"


def test_pictures_are_drawn_inline_without_a_magic(engine: Engine) -> None:
    plain, magic = run(
        engine,
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "%matplotlib inline\nplt.plot([2, 1]);",
    )

    for outputs in (plain, magic):
        assert any("image/png" in one.get("data", {}) for one in outputs)


def test_widgets_are_shown_and_capture_what_is_printed_in_them(engine: Engine) -> None:
    slider, capture, value, captured = run(
        engine,
        "import ipywidgets as w\ns = w.IntSlider(3)\ns",
        "out = w.Output()\nwith out:\n    print('inside')\nprint('outside')\nout",
        "s.value = 5\ns.value",
        "out.outputs[0]['text']",
    )

    assert "application/vnd.jupyter.widget-view+json" in slider[0]["data"]
    assert text(capture) == "outside\n"
    assert shown(value) == ["5"]
    assert shown(captured) == ["'inside\\n'"]


@pytest.mark.parametrize("ask", ["input('? ')", "__import__('getpass').getpass()"])
def test_nobody_answers_a_question_and_it_ends_at_once(engine: Engine, ask: str) -> None:
    began = time.monotonic()
    (asked,) = run(engine, f"x = {ask}")

    assert shown(asked) == ["StdinNotImplementedError"]
    assert time.monotonic() - began < 15


def test_threads_print_into_the_cell_that_waits_for_them(engine: Engine) -> None:
    (waited,) = run(
        engine, "import threading\nt = threading.Thread(target=lambda: print('in a thread'))\nt.start()\nt.join()"
    )

    assert text(waited) == "in a thread\n"


PARALLEL = {
    "Pool": "from multiprocessing import Pool\ndef f(x): return x * x\nwith Pool(2) as p: found = p.map(f, range(4))",
    "fork": "import multiprocessing as m\nq = m.Queue()\np = m.Process(target=lambda: q.put([0, 1, 4, 9]))\np.start()\nfound = q.get()\np.join()",
    "spawn": "import multiprocessing as m\nwith m.get_context('spawn').Pool(2) as p: found = p.map(abs, [0, -1, 4, -9])",
    "threads": "from concurrent.futures import ThreadPoolExecutor\nx = ThreadPoolExecutor(2)\nfound = list(x.map(lambda i: i * i, range(4)))",
    "processes": "from concurrent.futures import ProcessPoolExecutor\ndef f(x): return x * x\nwith ProcessPoolExecutor(2) as p: found = list(p.map(f, range(4)))",
    "joblib": "from joblib import Parallel, delayed\nfound = Parallel(n_jobs=2)(delayed(lambda i: i * i)(i) for i in range(4))",
}  # fmt: skip


@pytest.mark.parametrize("name", PARALLEL)
def test_work_is_done_in_parallel(engine: Engine, name: str) -> None:
    verdict = judge(engine, PARALLEL[name], "assert found == [0, 1, 4, 9]")

    assert (verdict.score, verdict.flags) == (1, ()), verdict.cells


def test_a_pool_of_an_earlier_cell_costs_a_test_no_points_and_little_time(engine: Engine) -> None:
    began = time.monotonic()
    pool = "from concurrent.futures import ThreadPoolExecutor\nx = ThreadPoolExecutor(2)\ndef f(): return x.submit(abs, -3).result()"
    verdict = judge(engine, pool, "assert f() == 3", "assert f() == 3")

    assert (verdict.score, verdict.flags) == (2, ())
    assert time.monotonic() - began < 15


def test_torch_loads_data_in_workers_and_repeats_its_random_numbers(engine: Engine) -> None:
    load = (
        "import torch\nfrom torch.utils.data import DataLoader, TensorDataset\n"
        "loader = DataLoader(TensorDataset(torch.arange(8.0)), batch_size=2, num_workers=2)\n"
        "print(sum(b[0].sum().item() for b in loader))\nprint(torch.rand(1).item())"
    )
    first, again, other = (run(engine, load, seed=seed)[0] for seed in (1, 1, 2))

    assert text(first).startswith("28.0\n")
    assert text(first) == text(again)
    assert text(first) != text(other)


def test_random_numbers_are_the_same_with_the_same_seed(engine: Engine) -> None:
    draw = "import random, numpy as np\nprint(random.random(), np.random.rand())"
    first, again, other = (text(run(engine, draw, seed=seed)[0]) for seed in (1, 1, 2))

    assert first == again
    assert first != other


def test_warnings_and_descriptors_land_in_their_streams(engine: Engine) -> None:
    warned, raw, programs = run(
        engine,
        "import warnings\nwarnings.warn('old')",
        "import os\nos.write(1, b'one\\n'); os.write(2, b'two\\n');",
        "import subprocess\nprint('before', flush=True)\nsubprocess.run(['echo', 'between'])\nprint('after');",
    )

    assert "UserWarning: old" in text(warned, "stderr")
    assert (text(raw), text(raw, "stderr")) == ("one\n", "two\n")
    assert sorted(text(programs).split()) == ["after", "before", "between"]


@pytest.mark.parametrize("end", ["import os; os._exit(0)", "import ctypes; ctypes.string_at(0)"])
def test_a_cell_that_ends_the_kernel_spoils_itself_alone(engine: Engine, end: str) -> None:
    before, ended, after = run(engine, "x = 5", end, "x")

    assert before == []
    assert shown(ended) == ["StudentProcessEnded"]
    assert shown(after) == ["5"]


def test_a_recursion_error_is_told_quickly(engine: Engine) -> None:
    run(engine, "1")
    began = time.monotonic()
    (ended,) = run(engine, "def f(): return f()\nf()")

    assert shown(ended) == ["RecursionError"]
    assert time.monotonic() - began < 5


def test_files_beside_the_notebook_are_there_and_what_a_test_writes_is_written_once(engine: Engine) -> None:
    note = "def note(): open('log', 'a').write('x')"
    verdict = judge(
        engine,
        note,
        "note()\nassert open('log').read() == 'x'",
        "note()\nassert open('log').read() == 'xx'",
        "assert open('data/rows.csv').read() == '1,2'",
        files={"data/rows.csv": b"1,2"},
    )

    assert (verdict.score, verdict.flags) == (3, ())


def test_two_notebooks_of_one_assignment_share_files_but_no_variables(engine: Engine) -> None:
    rows = {"rows.csv": b"7"}
    first = judge(
        engine, "x = open('rows.csv').read(); open('rows.csv', 'w').write('8')", "assert x == '7'", files=rows
    )
    second = judge(engine, "y = open('rows.csv').read()", "assert y == '7'", "assert 'x' not in dir()", files=rows)

    assert (first.score, second.score) == (1, 2)


def test_manual_and_task_cells_wait_for_a_person(engine: Engine) -> None:
    source = making.data(
        making.answer("why", 3, "### BEGIN SOLUTION\nso\n### END SOLUTION"), making.task("essay", 4, "!")
    )
    sent = making.data(making.answer("why", 3, "It is."), making.task("essay", 4, "!"))
    verdict = engine.judge(source, sent, {}).verdict

    assert {name: cell.outcome for name, cell in verdict.cells.items()} == {"why": "manual", "essay": "manual"}
    assert verdict.max_score == 7


def test_partial_credit_is_the_number_that_a_test_shows(engine: Engine) -> None:
    source = making.data(
        making.solution("s", "### BEGIN SOLUTION\nf = 1\n### END SOLUTION"),
        making.test_cell("t", 2, "2.0 if f == 1 else 0.5"),
    )
    verdict = engine.judge(source, making.data(making.solution("s", "f = 2"), making.test_cell("t", 2, "")), {}).verdict

    assert verdict.cells["t"].score == 0.5
    assert verdict.cells["t"].message.startswith("partial credit")


# A language of two words: `fail` fails, `end` ends the kernel, everything else is said again.
KERNEL = """
import os, sys
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel
class Echo(Kernel):
    implementation = language = banner = "echo"
    implementation_version = "1"
    language_info = {"name": "echo", "mimetype": "text/plain", "file_extension": ".txt"}
    def do_execute(self, code, silent, *more, **named):
        if code == "end": os._exit(1)
        error = {"ename": "Failed", "evalue": "no", "traceback": ["Failed: no"]}
        if code == "fail":
            self.send_response(self.iopub_socket, "error", error)
            return {"status": "error", "execution_count": self.execution_count, **error}
        self.send_response(self.iopub_socket, "stream", {"name": "stdout", "text": code})
        return {"status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {}}
IPKernelApp.launch_instance(kernel_class=Echo, argv=sys.argv[1:])
"""


@pytest.fixture
def language() -> Iterator[str]:
    """A kernel of another language, installed where the sandbox finds those of this Python."""
    name = f"echo-for-tests-{os.getpid()}"
    folder = Path(sys.prefix) / "share/jupyter/kernels" / name
    folder.mkdir(parents=True)
    argv = [sys.executable, "-c", textwrap.dedent(KERNEL), "-f", "{connection_file}"]
    (folder / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": name, "language": "echo"}))
    yield name
    (folder / "kernel.json").unlink()
    folder.rmdir()


def test_another_language_is_judged_by_its_own_kernel(engine: Engine, language: str) -> None:
    cells = [making.solution("s", "anything"), *(making.test_cell(w, 1, w) for w in ("good", "fail", "end", "after"))]
    made = making.notebook(*cells)
    made.metadata["kernelspec"] = {"name": language, "display_name": "x", "language": "java"}
    judged = engine.judge(making.as_bytes(made), making.as_bytes(made), {})

    assert "good" in making.outputs(judged.notebook)
    assert {name: cell.outcome for name, cell in judged.verdict.cells.items()} == {
        "good": "passed", "fail": "error", "end": "killed", "after": "passed",
    }  # fmt: skip
