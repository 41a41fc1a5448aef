"""Two students who wrote the same in other words, and one who did not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from tests.fakes.academy import LINE, ML, Academy, notebook

OWN = '''
def fit(points, rate):
    """Gradient descent."""
    slope, offset = 0.0, 0.0
    for step in range(1000):
        errors = [slope * x + offset - y for x, y in points]
        slope -= rate * sum(e * x for e, (x, _) in zip(errors, points)) / len(points)
        offset -= rate * sum(errors) / len(points)
    return slope, offset

def predict(model, x):
    if model is None:
        raise ValueError("no model")
    return model[0] * x + model[1]
'''
RENAMED = """
import math

def learn(data, eta):
    a, b = 1.5, 2.5  # start anywhere
    for i in range(50):
        wrong = [a * u + b - v for u, v in data]

        a -= eta * sum(w * u for w, (u, _) in zip(wrong, data)) / len(data)
        b -= (eta * sum(wrong) / len(data))
    return a, b

def best(rows):
    found = None
    while rows:
        row = rows.pop()
        found = row if found is None or row[-1] > found[-1] else found
    return found

def say(m, value):
    if m is None: raise ValueError('nothing')
    return m[0] * value + m[1]
"""
UNLIKE = """
import numpy as np

def fit(points, rate=None):
    table = np.array(points)
    design = np.c_[table[:, 0], np.ones(len(table))]
    answer, *_ = np.linalg.lstsq(design, table[:, 1], rcond=None)
    return tuple(answer)

class Line:
    def __init__(self, slope, offset):
        self.slope = slope
        self.offset = offset

    def __call__(self, x):
        return np.polyval([self.slope, self.offset], x)
"""


def with_code(source: str) -> bytes:
    """A right notebook with a cell of one's own."""
    made = json.loads(notebook("right", "wrong", "why"))
    mark = {"grade": False, "points": 0, "grade_id": "own", "schema_version": 3}
    made["cells"].append(
        {
            "cell_type": "code",
            "source": source,
            "metadata": {"nbgrader": mark},
            "outputs": [],
            "execution_count": None,
        }
    )
    return json.dumps(made).encode()


def handed_in(school: Academy, *, due: timedelta = timedelta(hours=-1)) -> None:
    """Everybody has handed in, and the due date lies so far from now."""
    school.release()
    school.submit("minji", with_code(OWN))
    school.submit("junho", with_code(RENAMED))
    school.submit("amelia", with_code(UNLIKE))
    school.settle()
    school.exchange.set_due(school.caller("seoyeon"), ML, LINE, datetime.now(UTC) + due)
