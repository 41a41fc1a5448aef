"""The three assignments of the benchmark, and forty submissions of each: what a class hands in.

Of forty, 20 are right, 8 wrong, 6 crash, one each is empty, never ends, prints without end, writes to stderr, has its
test cells edited and removed, and uses magics, `await`, the shell and `input()`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

Cells = list[dict]
_CRASHES = ("1 / 0", "undefined_name", "[][1]", "def deep(n):\n    return deep(n + 1)\ndeep(0)", "int('x')", "{}['k']")
_KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


@dataclass(frozen=True)
class Question:
    """One answer and its test. `wrong` is an answer that runs and fails the test."""

    name: str
    right: str
    wrong: str
    test: str
    hidden: str = ""
    points: int = 2


@dataclass(frozen=True)
class Assignment:
    """What students get is `released`, what judges is `source`."""

    name: str
    title: str
    given: str
    questions: list[Question] = field(default_factory=list)

    def source(self) -> bytes:
        answers = {one.name: f"### BEGIN SOLUTION\n{one.right}\n### END SOLUTION" for one in self.questions}
        return _notebook(self._cells(answers, hidden=True))

    def submissions(self) -> dict[str, bytes]:
        """Forty notebooks by student, the kind standing in each student's name."""
        right = {one.name: one.right for one in self.questions}
        made = {f"right{n:02}": self._cells(_remark(right, n)) for n in range(20)}
        for n in range(8):
            one = self.questions[n % len(self.questions)]
            made[f"wrong{n}"] = self._cells({**right, one.name: one.wrong})
        for n, crash in enumerate(_CRASHES):
            one = self.questions[n % len(self.questions)]
            made[f"crash{n}"] = self._cells({**right, one.name: f"{one.right}\n{crash}"})
        last = self.questions[-1].name
        made["empty"] = self._cells(dict.fromkeys(right, "raise NotImplementedError()"))
        made["loop"] = self._cells({**right, last: f"while True:\n    pass\n{right[last]}"})
        made["prints"] = self._cells({**right, last: f"{right[last]}\nfor i in range(20_000):\n    print(i, 'x' * 80)"})
        noisy = "import sys, warnings\nprint('progress', file=sys.stderr)\nwarnings.warn('old')"
        made["stderr"] = self._cells({**right, last: f"{right[last]}\n{noisy}"})
        made["edited"] = self._edited(right)
        made["magics"] = self._cells({**right, last: f"{right[last]}\n{_MAGICS}"})
        return {name: _notebook(cells) for name, cells in made.items()}

    def plain(self) -> list[str]:
        """The cells of a right submission with the hidden tests, for whoever runs nothing but them."""
        right = {one.name: one.right for one in self.questions}
        return [cell["source"] for cell in self._cells(right, hidden=True) if cell["cell_type"] == "code"]

    def _cells(self, answers: dict[str, str], *, hidden: bool = False) -> Cells:
        cells = [_cell("markdown", f"# {self.title}\n\n아래 빈칸을 채우십시오."), _cell("code", self.given)]
        for one in self.questions:
            secret = f"\n### BEGIN HIDDEN TESTS\n{one.hidden}\n### END HIDDEN TESTS" if one.hidden and hidden else ""
            cells += [
                _cell("markdown", f"## {one.name}"),
                _cell("code", answers[one.name], one.name, solution=True),
                _cell("code", one.test + secret, f"{one.name}-test", grade=True, locked=True, points=one.points),
            ]
        return cells

    def _edited(self, right: dict[str, str]) -> Cells:
        cells = self._cells(right)
        tests = [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade")]
        tests[0]["source"] = "pass"
        return [cell for cell in cells if cell is not tests[1]]


_MAGICS = """%matplotlib inline
import asyncio
await asyncio.sleep(0.01)
!echo shell
%time sum(range(10))
try:
    input('name?')
except Exception as error:
    print(type(error).__name__)"""


def _remark(answers: dict[str, str], number: int) -> dict[str, str]:
    """No two submissions are the same text."""
    return {name: f"{answer}\n# student {number}" for name, answer in answers.items()}


def _cell(kind: str, source: str, name: str = "", **roles: object) -> dict:
    meta: dict[str, object] = {}
    if name:
        usual = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
        meta = {"nbgrader": {**usual, "grade_id": name, **roles}}
    more = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "source": source, "metadata": meta, **more}


def _notebook(cells: Cells) -> bytes:
    named = [{**cell, "id": f"c{place}"} for place, cell in enumerate(cells)]
    return json.dumps({"cells": named, "metadata": _KERNEL, "nbformat": 4, "nbformat_minor": 5}).encode()


PLAIN = Assignment(
    "plain",
    "A. Plain Python",
    "import math\nfrom collections import Counter",
    [
        Question(
            "squares",
            "def squares(n):\n    return [i * i for i in range(1, n + 1)]",
            "def squares(n):\n    return [i * i for i in range(n)]",
            "assert squares(3) == [1, 4, 9]\nassert squares(0) == []",
            "assert squares(10)[-1] == 100",
        ),
        Question(
            "words",
            "def words(text):\n    return Counter(text.lower().split())",
            "def words(text):\n    return Counter(text.split())",
            "assert words('a b A')['a'] == 2\nassert words('') == {}",
            "assert words('x y x z X')['x'] == 3",
        ),
        Question(
            "primes",
            "def primes(n):\n    return [p for p in range(2, n) if all(p % d for d in range(2, math.isqrt(p) + 1))]",
            "def primes(n):\n    return [p for p in range(2, n) if p % 2]",
            "assert primes(12) == [2, 3, 5, 7, 11]",
            "assert len(primes(1000)) == 168",
        ),
        Question(
            "account",
            "class Account:\n    def __init__(self):\n        self.balance = 0\n\n    def pay(self, n):\n"
            "        if n <= 0:\n            raise ValueError(n)\n        self.balance += n\n        return self.balance",
            "class Account:\n    def __init__(self):\n        self.balance = 0\n\n    def pay(self, n):\n"
            "        self.balance += n\n        return self.balance",
            "account = Account()\nassert account.pay(5) == 5\nassert account.pay(7) == 12\ntry:\n    account.pay(-1)\n"
            "except ValueError:\n    pass\nelse:\n    raise AssertionError('pay(-1) must raise ValueError')",
        ),
        Question(
            "fibonacci",
            "def fibonacci():\n    a, b = 0, 1\n    while True:\n        yield a\n        a, b = b, a + b",
            "def fibonacci():\n    a, b = 1, 2\n    while True:\n        yield a\n        a, b = b, a + b",
            "from itertools import islice\nassert list(islice(fibonacci(), 6)) == [0, 1, 1, 2, 3, 5]",
            "assert next(islice(fibonacci(), 50, None)) == 12586269025",
        ),
        Question(
            "roman",
            "def roman(n):\n    pairs = zip((1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),\n"
            "                'M CM D CD C XC L XL X IX V IV I'.split())\n    text = ''\n    for value, sign in pairs:\n"
            "        text += sign * (n // value)\n        n %= value\n    return text\nprint(roman(2026))",
            "def roman(n):\n    return 'I' * n",
            "points = 0\nfor number, text in ((3, 'III'), (9, 'IX'), (44, 'XLIV'), (2026, 'MMXXVI')):\n"
            "    points += roman(number) == text\npoints",
            points=4,
        ),
    ],
)

DATA = Assignment(
    "data",
    "B. pandas and scikit-learn",
    "import numpy as np\nimport pandas as pd\nimport matplotlib.pyplot as plt\n"
    "from sklearn.linear_model import LinearRegression, LogisticRegression\n"
    "from sklearn.model_selection import cross_val_score, train_test_split\n"
    "from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\n"
    "rng = np.random.default_rng(7)\nn = 600\n"
    "raw = pd.DataFrame({'area': rng.uniform(20, 120, n), 'age': rng.integers(0, 40, n),\n"
    "                    'town': rng.choice(['동구', '서구', '남구', '북구'], n)})\n"
    "raw['price'] = 3 * raw.area - 1.5 * raw.age + rng.normal(0, 5, n)\nraw.loc[::50, 'age'] = np.nan",
    [
        Question(
            "clean",
            "clean = raw.dropna().reset_index(drop=True)\nclean.head()",
            "clean = raw\nclean.head()",
            "assert len(clean) == 588\nassert clean.age.isna().sum() == 0",
            "assert list(clean.index[:3]) == [0, 1, 2]",
        ),
        Question(
            "by_town",
            "by_town = clean.groupby('town').price.mean().sort_values(ascending=False)\nby_town",
            "by_town = clean.groupby('town').price.sum()\nby_town",
            "assert set(by_town.index) == {'동구', '서구', '남구', '북구'}\nassert by_town.is_monotonic_decreasing",
            "assert np.allclose(by_town.mean(), clean.groupby('town').price.mean().mean())",
        ),
        Question(
            "line",
            "X, y = clean[['area', 'age']], clean.price\n"
            "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)\n"
            "line = LinearRegression().fit(X_train, y_train)\nr2 = line.score(X_test, y_test)\nprint(f'{r2:.3f}')",
            "X, y = clean[['area', 'age']], clean.price\nline = LinearRegression().fit(X[['age']].assign(area=0), y)\nr2 = 0.2",
            "assert r2 > 0.95\nassert line.coef_.shape == (2,)",
            "assert np.allclose(line.coef_, [3, -1.5], atol=0.1)",
        ),
        Question(
            "model",
            "dear = clean.price > clean.price.median()\nmodel = make_pipeline(StandardScaler(), LogisticRegression())\n"
            "scores = cross_val_score(model, X, dear, cv=5)\nmodel.fit(X, dear)\nscores.mean()",
            "dear = clean.price > clean.price.median()\nscores = np.array([0.5] * 5)\nmodel = None",
            "assert len(scores) == 5\nassert scores.mean() > 0.9",
            "assert model.score(X, dear) > 0.9",
        ),
        Question(
            "plot",
            "fig, ax = plt.subplots()\nax.scatter(clean.area, clean.price, s=8)\nax.set_xlabel('area')\n"
            "ax.set_ylabel('price')\nax.set_title('price by area')\nplt.show()",
            "fig, ax = plt.subplots()\nax.plot([1, 2])\nplt.show()",
            "assert ax.get_xlabel() == 'area'\nassert ax.get_ylabel() == 'price'",
            "assert len(ax.collections[0].get_offsets()) == len(clean)",
        ),
    ],
)

TORCH = Assignment(
    "torch",
    "C. A training",
    "import torch\nfrom torch import nn\ntorch.manual_seed(0)\nX = torch.randn(2048, 32)\n"
    "y = (X[:, :8].sum(1) * X[:, 8:16].sum(1) > 0).long()",
    [
        Question(
            "network",
            "class Network(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
            "        self.layers = nn.Sequential(nn.Linear(32, 192), nn.ReLU(), nn.Linear(192, 64), nn.ReLU(), nn.Linear(64, 2))\n\n"
            "    def forward(self, x):\n        return self.layers(x)\n\nnetwork = Network()\nnetwork",
            "class Network(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
            "        self.layers = nn.Linear(32, 3)\n\n    def forward(self, x):\n        return self.layers(x)\n\nnetwork = Network()",
            "assert isinstance(network, nn.Module)\nassert network(X[:5]).shape == (5, 2)",
        ),
        Question(
            "training",
            "optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)\nlosses = []\nfor epoch in range(EPOCHS):\n"
            "    for start in range(0, len(X), 128):\n        optimizer.zero_grad()\n"
            "        loss = nn.functional.cross_entropy(network(X[start:start + 128]), y[start:start + 128])\n"
            "        loss.backward()\n        optimizer.step()\n    losses.append(loss.item())\n"
            "print(f'{losses[0]:.2f} -> {losses[-1]:.2f}')".replace("EPOCHS", "64"),
            "losses = [1.0, 2.0]",
            "assert losses[-1] < losses[0]",
            "assert losses[-1] < 0.2, losses[-1]",
        ),
        Question(
            "accuracy",
            "with torch.no_grad():\n    accuracy = (network(X).argmax(1) == y).float().mean().item()\naccuracy",
            "accuracy = 0.5",
            "assert accuracy > 0.8",
            "assert accuracy > 0.95",
        ),
    ],
)

ALL = (PLAIN, DATA, TORCH)
