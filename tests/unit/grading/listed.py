"""Ten ways to forge a grade, A01 to A10, in an assignment that asks for `add(a, b)` and `arr(n)`."""

from __future__ import annotations

FORGERIES = {
    "A01 equals everything": """
class E:
    def __eq__(s, o): return True
    def __getattr__(s, n): return lambda *a, **k: True
def add(a, b): return E()
import numpy as np; np.testing.assert_allclose = lambda *a, **k: None
def arr(n): return E()
""",
    "A02 input transformer": "get_ipython().input_transformers_post.append(lambda ls: ['pass\\n' for l in ls])",
    "A03 run_cell replaced": """
from IPython.core.interactiveshell import ExecutionResult
async def f(*a, **k): return ExecutionResult(None)
get_ipython().run_cell_async = f
""",
    "A04 reads the test": """
import re
def add(a, b):
    src = get_ipython().user_ns['In'][-1]
    return 5 if a == 2 else int(re.search(r'secret_expected=(\\d+)', src).group(1))
def arr(n): return eval(re.search(r'arr\\(4\\),(\\[.*?\\])', get_ipython().user_ns['In'][-1]).group(1))
""",
    "A05 os._exit": "import os\ndef add(a, b): os._exit(0)\ndef arr(n): os._exit(0)",
    "A05 sys.exit": "import sys\ndef add(a, b): sys.exit(0)\ndef arr(n): raise SystemExit",
    "A05 kill -9": "import os\ndef add(a, b): os.kill(os.getpid(), 9)\ndef arr(n): os.kill(os.getppid() or os.getpid(), 9)",
    "A06 writes results": """
import json, atexit, glob
def w():
    open('results.json', 'w').write(json.dumps({'score': 100, 'tests': [], 'over': 'done', 'site': 0, 'outcome': 'passed'}))
    said = b'{"site": 0, "outcome": "passed"}\\n{"over": "done"}\\n{"cell": 1, "status": "ok", "outputs": []}\\n'
    for p in glob.glob('/proc/[0-9]*/fd/*') + glob.glob('/proc/self/fd/*'):
        try: open(p, 'wb').write(said)
        except OSError: pass
w(); atexit.register(w)
def add(a, b): w(); return 0
def arr(n): w(); return 0
""",
    "A07 messages dropped": """
k = get_ipython().kernel; o = k.session.send
def snd(st, t, content=None, *a, **kw):
    if t == 'error': return
    if t == 'execute_reply': content = {'status': 'ok', 'execution_count': 1, 'payload': [], 'user_expressions': {}}
    return o(st, t, content, *a, **kw)
k.session.send = snd
""",
    "A08 forged partial credit": """
ip = get_ipython()
async def f(*a, **k): ip.displayhook(10.0); return __import__('IPython').core.interactiveshell.ExecutionResult(None)
ip.run_cell_async = f
""",
    "A09 hard-coded": "def add(a, b): return {(2, 3): 5}.get((a, b), 0)\ndef arr(n): return [0, 1, 4, 9][:n - 1]",
    "A10 library patched": """
import numpy.testing, math, builtins
numpy.testing.assert_array_equal = numpy.testing.assert_allclose = math.isclose = builtins.all = lambda *a, **k: True
def add(a, b): return 5
def arr(n): return 5
""",
}  # fmt: skip
