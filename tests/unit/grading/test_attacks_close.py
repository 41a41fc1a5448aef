"""Other attacks of the listed kinds: lines forged, memory hidden, odd values, siblings, the walls from inside."""

from __future__ import annotations

import json
import threading
from typing import Any

import psutil
import pytest

from bitgoeul.grading import cgroups, zygotes
from bitgoeul.grading.engine import Engine
from tests.unit.grading import making
from tests.unit.grading.conftest import Attack, still_running

TOKEN = (
    "import gc, json, os, sys, threading\n"
    "def token():\n    f = sys._getframe()\n    while f and 'token' not in f.f_locals: f = f.f_back\n"
    "    return f.f_locals['token'] if f else None\n"
    "def say(**told): os.write(3, json.dumps(told).encode() + b'\\n')\n"
)
WRONG = "def add(a, b): return 0\n"
FIELDS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "status": {"status": {}},
    "outputs": {"outputs": "x"},
    "an output": {"outputs": [None, 5, [], {"output_type": "nope"}]},
    "a name": {"status": "error", "outputs": [{"output_type": "error", "ename": 5, "evalue": [], "traceback": {}}]},
    "count": {"outputs": [], "count": "9" * 50},
    "a large count": {"outputs": [], "count": 10**30},
    "not a number": {"outputs": [{"output_type": "display_data", "metadata": {"a": float("nan")}, "data": {}}]},
    "flags": {"outputs": [], "disk_full": 1, "flooded": [], "idle": {}},
    "half a character": {"outputs": [{"output_type": "stream", "name": "stdout", "text": "\ud800"}]},
    "much": {},
    "brackets": {},
    "place": {"cell": [0]},
    "ready": {"ready": True},
    "end": {"end": "finished"},
    "time": {"end": "total-time"},
    "killed": {"status": "killed"},
}  # fmt: skip


LARGE = {
    "much": "{'cell': 2, 'status': 'ok', 'outputs': [{'output_type': 'stream', 'name': 'stdout', 'text': 'x' * 9_000_000}]}",
    "brackets": "{'cell': 2, 'status': 'ok', 'outputs': [[]] * 1_500_000}",
}


@pytest.mark.parametrize("name", FIELDS)
def test_a_line_with_the_tests_own_token_earns_nothing_and_breaks_nothing(attack: Attack, name: str) -> None:
    forged = LARGE.get(name, f"json.loads({json.dumps({'cell': 2, 'status': 'ok', **FIELDS[name]})!r})")
    before = psutil.Process().memory_info().rss
    judged = attack(making.submission(add=f"{TOKEN}def add(a, b):\n    say(**{forged}, token=token())\n    return 0"))

    assert judged.verdict.cells["add-check"].score == 0
    assert judged.verdict.cells["last-check"].score == 1
    assert len(judged.notebook) < 2_000_000
    assert psutil.Process().memory_info().rss - before < 60_000_000
    json.loads(judged.notebook, parse_constant=lambda word: pytest.fail(word))


FORGERS = {
    "a thread that writes on the line": "def run():\n    while True: say(cell=3, status='ok', outputs=[]); say(ready=True)\nthreading.Thread(target=run, daemon=True).start()\n",
    "empty lines without end": "def run():\n    while True: os.write(3, b'1\\n' * 9999)\nthreading.Thread(target=run, daemon=True).start()\n",
    "no line end at all": "def run():\n    while True: os.write(3, b'[' * 9999)\nthreading.Thread(target=run, daemon=True).start()\n",
    "half a line": "os.write(3, b'{\"cell\": ')\n",
    "the line closed": "os.close(3)\n",
    "the line shut": "import socket\nsocket.socket(fileno=os.dup(3)).shutdown(2)\n",
    "descriptors sent along": "import socket\ns = socket.socket(fileno=os.dup(3))\nsocket.send_fds(s, [b'{}\\n'], [0, 1, 2] * 20)\n",
    "an exit hook": "import atexit\natexit.register(lambda: say(cell=3, status='ok', outputs=[]))\n",
    "a child that goes on": "if os.fork() == 0: pass\n",
    "a child that listens": "import socket\nif os.fork() == 0:\n    s = socket.socket(fileno=3)\n    while True:\n        for got in s.recv(99999).splitlines():\n            m = json.loads(got); say(**{**m, 'status': 'ok', 'outputs': [], 'passed': True})\n",
    "asserts dropped by a hook": "import ast\nget_ipython().events.register('pre_run_cell', lambda i: None)\nclass T(ast.NodeTransformer):\n    def visit_Assert(self, node): return ast.Pass()\nget_ipython().ast_transformers.append(T())\n",
    "builtins replaced": "import builtins\njson.dumps = lambda *a, **k: '{\"status\": \"ok\"}'\nbuiltins.open = builtins.print = builtins.len = lambda *a, **k: 0\n",
    "our modules patched": "import importlib.abc\nfor name, module in list(sys.modules.items()):\n    if name.startswith('bitgoeul_inside'):\n        for key, value in list(vars(module).items()):\n            if key in ('add_error_of_reply', 'disk_is_full', 'weight'): setattr(module, key, lambda *a, **k: 'ok')\n",
    "exceptions swallowed": "sys.excepthook = lambda *a: None\nip = get_ipython()\nip.showtraceback = lambda *a, **k: None\nip.set_custom_exc((BaseException,), lambda *a, **k: None)\n",
    "a success always": "from IPython.core.interactiveshell import ExecutionResult\nExecutionResult.success = property(lambda s: True)\nExecutionResult.error_in_exec = property(lambda s: None, lambda s, v: None)\n",
    "a tracer that jumps": "def jump(f, e, a):\n    if e == 'line' and f.f_code.co_name == '<module>':\n        try: f.f_lineno = f.f_lineno + 1\n        except ValueError: pass\n    return jump\nsys.settrace(jump)\n",
    "the caller's names": "def add(a, b):\n    g = sys._getframe(1).f_globals\n    g['secret_expected'] = 0\n    return 5 if a == 2 else 0\n",
    "not in a fork": "P = os.getpid()\nclass E:\n    def __eq__(s, o): return True\ndef add(a, b):\n    if os.getpid() != P: raise ValueError\n    return E()\n",
    "true twice": "class E:\n    n = 0\n    def __eq__(s, o): E.n += 1; return E.n < 3\ndef add(a, b): return E()\n",
    "compiled to nothing": "ip = get_ipython(); o = ip.compile\nclass C(type(o)):\n    def __call__(s, code, *a):\n        import ast\n        return o(ast.Module([], []), *a)\nip.compile = C()\n",
    "the test's constants in the code object": "def add(a, b):\n    c = sys._getframe(1).f_code.co_consts\n    found = [x for x in c if type(x) is int and x > 9000]\n    return 5 if a == 2 else found[-1]\n",
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERS)
def test_forgers_of_other_kinds_earn_nothing(attack: Attack, name: str) -> None:
    add = FORGERS[name] if "def add" in FORGERS[name] else WRONG + FORGERS[name]
    judged = attack(making.submission(add=TOKEN + add))

    cell = judged.verdict.cells["add-check"]
    assert cell.score == 0, (cell, judged.verdict.flags)


FORGED_NUMBERS = {
    "by the formatter": "get_ipython().display_formatter.formatters['text/plain'].for_type(float, lambda o, p, c: p.text('2.0'))",
    "afterwards": "ip = get_ipython()\nip.events.register('post_run_cell', lambda *a: ip.displayhook(2.0))",
    "before": "get_ipython().displayhook(2.0)",
    "by a string": "get_ipython().displayhook(type('S', (str,), {'__repr__': lambda s: '2.0'})())",
}


@pytest.mark.parametrize("name", FORGED_NUMBERS)
def test_a08_a_number_shown_by_the_student_is_no_partial_credit(attack: Attack, name: str) -> None:
    source = making.data(
        making.solution("s", "### BEGIN SOLUTION\ndef f(): return 1\n### END SOLUTION"),
        making.test_cell("t", 2, "2.0 if f() == 1 else 0.5"),
    )
    code = "def f():\n" + "".join(f"    {line}\n" for line in FORGED_NUMBERS[name].split("\n")) + "    return 2\n"
    if name == "by the formatter":
        code = f"{FORGED_NUMBERS[name]}\ndef f(): return 2\n"
    sent = making.notebook(making.solution("s", code), making.test_cell("t", 2, ""))
    verdict = attack(sent, source).verdict

    assert verdict.cells["t"].score == 0
    assert verdict.flags


HOARDS = {
    "/dev/shm": "for i in range(40): open(f'/dev/shm/{i}', 'wb').write(bytes(10**7))",
    "memfd": "fds = [os.memfd_create(str(i)) for i in range(40)]\nfor fd in fds: os.write(fd, bytes(3 * 10**7))",
    "shared": "import mmap\nfor i in range(60):\n    m = mmap.mmap(-1, 20 * 2**20)\n    for j in range(0, len(m), 4096): m[j] = 1\n    globals()[f'm{i}'] = m",
    "pipes": "import fcntl\nkeep = []\nfor i in range(240):\n    r, w = os.pipe(); fcntl.fcntl(w, 1031, 2**20); os.set_blocking(w, False); os.write(w, bytes(2**20)); keep.append(w)\nfor i in range(40):\n    if os.fork() == 0:\n        for i in range(200):\n            r, w = os.pipe(); os.set_blocking(w, False); os.write(w, bytes(2**20))\n        import time; time.sleep(60)\nimport time; time.sleep(1)",
    "sockets": "import socket, time\nfor k in range(40):\n    if os.fork() == 0:\n        keep = []\n        for i in range(240):\n            a, b = socket.socketpair(); keep += [a, b]\n            for s in (a, b):\n                s.setblocking(False)\n                try:\n                    while True: s.send(bytes(10**5))\n                except OSError: pass\n        time.sleep(60)\ntime.sleep(3)",
    "small processes": "import time\nfor i in range(40):\n    if os.fork() == 0:\n        keep = bytearray(os.urandom(1)) * (30 * 2**20); time.sleep(60)\ntime.sleep(3)",
}  # fmt: skip


@pytest.mark.parametrize("group", ["with a memory group", "without"])
@pytest.mark.parametrize("name", HOARDS)
def test_a14_memory_held_in_other_ways_is_limited_too(
    attack: Attack, monkeypatch: pytest.MonkeyPatch, name: str, group: str
) -> None:
    if group == "without":  # as for a service that is not root
        monkeypatch.setattr(cgroups, "make", lambda *_: None)
    code = "".join(f"    {line}\n" for line in ("import os", *HOARDS[name].split("\n")))
    judged = attack(making.submission(add=f"def add(a, b):\n{code}    return a + b"))

    cell = judged.verdict.cells["add-check"]
    assert (cell.score, cell.outcome) in ((0, "killed"), (0, "error")), cell
    assert judged.verdict.cells["last-check"].score == 1


WALLS = """
import ctypes, os, signal, socket, glob
libc = ctypes.CDLL(None, use_errno=True)
found = []
def tried(what, call):
    try: got = call()
    except (OSError, ValueError) as error: return
    if got is None or (isinstance(got, int) and got != -1): found.append(what)
for kind in os.listdir('/proc/1/ns'):
    tried('setns ' + kind, lambda: libc.setns(os.open('/proc/1/ns/' + kind, 0), 0))
tried('ptrace', lambda: libc.ptrace(16, 1, None, None))
tried('traceme', lambda: libc.ptrace(0, 0, None, None))
tried('mount', lambda: libc.mount(b'x', b'/tmp', b'tmpfs', 0, None))
tried('remount', lambda: libc.mount(None, b'/usr', None, 32 | 4096, None))
tried('umount', lambda: libc.umount2(b'/proc', 2))
for name, number in {'userfaultfd': 323, 'io_uring': 425, 'bpf': 321, 'keyctl': 250, 'open_tree': 428, 'fsopen': 430,
                     'pidfd_getfd': 438, 'memfd_secret': 447, 'perf': 298, 'x32 getpid': 0x40000027}.items():
    tried(name, lambda: libc.syscall(number, 0, 0, 0, 0, 0))
tried('clone3', lambda: libc.syscall(435, 0, 0))
tried('new user', lambda: libc.unshare(0x10000000))
for name in ('mem', 'environ', 'maps', 'fd/0', 'cwd/x', 'root/etc'):
    tried('/proc/1/' + name, lambda: os.close(os.open('/proc/1/' + name, os.O_RDONLY)))
for place in ('/proc/sysrq-trigger', '/proc/sys/kernel/core_pattern', '/proc/sys/vm/drop_caches', '/proc/self/uid_map'):
    tried('write ' + place, lambda: os.write(os.open(place, os.O_WRONLY), b'x'))
tried('setuid', lambda: os.setuid(0))
tried('chroot', lambda: os.chroot('/tmp'))
tried('raise limit', lambda: __import__('resource').setrlimit(6, (10**6, 10**6)))
tried('raw', lambda: socket.socket(2, 3, 1).close())
tried('tty', lambda: os.close(os.open('/dev/tty', 0)))
tried('parent', lambda: os.kill(os.getppid(), 0) if os.getppid() else -1)
print('GOT', sorted(set(found)))
"""


def test_a20_no_wall_gives_way_from_inside(attack: Attack) -> None:
    told = making.outputs(attack(making.submission(before=WALLS)).notebook)

    assert "GOT []" in told, told


def test_a21_signals_to_the_first_process_end_nothing_but_the_job(attack: Attack) -> None:
    attack(making.submission())
    before = set(zygotes.shared.descendants())
    signals = "import os\ndef add(a, b):\n    for s in range(1, 65):\n        try: os.kill(1, s)\n        except OSError: pass\n    return a + b"
    judged = attack(making.submission(add=signals))

    assert judged.verdict.cells["last-check"].score == 1
    assert {process for process in before if process in zygotes.shared.descendants()}


ODD_FILES = (
    "import os, socket\nos.mkfifo('pipe'); os.symlink('/etc/passwd', 'link'); os.symlink('.', 'loop'); os.symlink('gone', 'nowhere')\n"
    "os.mkdir('shut', 0); s = socket.socket(socket.AF_UNIX); s.bind('sock')\n"
    "for i in range(20): os.makedirs('d' * 200, exist_ok=True); os.chdir('d' * 200)\n"
    "os.chdir('/work' if os.path.isdir('/work') else '/job'); open('\\udcff', 'w').close(); os.chmod('.', 0o500)\n"
)


def test_odd_files_in_the_jobs_folder_cost_nobody_anything(attack: Attack) -> None:
    judged = attack(making.submission(before=ODD_FILES))

    assert judged.verdict.score == 3
    assert judged.verdict.flags == ()


def test_a13_a_fork_bomb_leaves_the_jobs_beside_it_alone(engine: Engine) -> None:
    bomb = making.as_bytes(
        making.submission(
            add="import os\ndef add(a, b):\n    while True:\n        try: os.fork()\n        except OSError: pass"
        )
    )
    many = "import subprocess\ndef add(a, b):\n    for _ in range(10): subprocess.run(['/usr/bin/true'], check=True)\n    return a + b"
    honest = making.as_bytes(making.submission(add=many))
    scores: list[tuple[str, float]] = []

    def judge(name: str, sent: bytes) -> None:
        scores.append((name, engine.judge(making.assignment(), sent, {}).verdict.score))

    threads = [threading.Thread(target=judge, args=each) for each in [("bomb", bomb), *[("honest", honest)] * 3]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(scores) == [("bomb", 1.0), *[("honest", 3.0)] * 3]
    assert still_running() == []


SIBLING = """
import glob, os, socket, time
mine = os.urandom(4).hex()
s = socket.socket(socket.AF_UNIX); s.bind('\\0sibling'); s.listen()
for folder in ('.', '/tmp', '/dev/shm'): open(f'{folder}/here', 'x').write(mine)
end = time.monotonic() + 2
while time.monotonic() < end:
    for p in range(1, 400):
        if not os.path.exists(f'/proc/self/task/{p}'):
            try: os.kill(p, 9)
            except OSError: pass
    time.sleep(0.05)
print('ALIVE', mine == open('/tmp/here').read(), len(glob.glob('/proc/[0-9]*')), os.listdir('/dev/shm'))
"""


def test_submissions_at_the_same_time_see_nothing_of_each_other(engine: Engine) -> None:
    sent = making.as_bytes(making.submission(before=SIBLING))
    told: list[str] = []

    def judge() -> None:
        told.append(making.outputs(engine.judge(making.assignment(), sent, {}).notebook))

    threads = [threading.Thread(target=judge) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ["ALIVE True 2 ['here']" in one for one in told] == [True] * 3, told
