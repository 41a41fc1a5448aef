"""Judges "Linear and logistic regression from scratch" by properties, on numbers drawn anew for each submission."""

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bitgoeul.checks import approx
from bitgoeul.errors import Text

ONE_NUMBER = Text("손실은 배열이 아니라 숫자 하나여야 합니다", "the loss must be a single number, not an array")
SHAPE_OF_W = Text(
    "gw의 크기는 w와 같고 gb는 숫자 하나여야 합니다", "gw must have the shape of w, gb must be a single number"
)
WARNED = Text("넘침이나 0으로 나누기 경고가 나왔습니다", "there was a warning of overflow or of division by zero")
EXAMPLE = np.array([[1.0], [2.0], [4.0]]), np.array([2.0, 3.0, 7.0])


def number(value, message=ONE_NUMBER):
    assert np.ndim(value) == 0 and np.issubdtype(np.asarray(value).dtype, np.number), message
    return float(value)


def gradient(student, name, *arguments):
    answer = student.call(name, *arguments)
    assert isinstance(answer, tuple | list) and len(answer) == 2, SHAPE_OF_W
    gw, gb = answer
    assert np.shape(gw) == np.shape(arguments[2]), SHAPE_OF_W
    return np.asarray(gw, dtype=float), number(gb, SHAPE_OF_W)


def quiet(student, name, *arguments):
    """Call, and see that nothing was warned of."""
    seen = student.observe(name, *arguments)
    assert not seen.warnings, WARNED
    return seen.answer


def measured(loss, w, b, h=1e-5):
    steps = h * np.eye(len(w))
    return [(loss(w + s, b) - loss(w - s, b)) / (2 * h) for s in steps], (loss(w, b + h) - loss(w, b - h)) / (2 * h)


def table(rng, n, d, *, labels=False):
    y = rng.integers(0, 2, size=n).astype(float) if labels else rng.normal(size=n) * 5
    return rng.normal(size=(n, d)), y, rng.normal(size=d), 1.0 + float(rng.random()) * 3


def check(student, points):
    check_linear_loss(student, points)
    check_linear_gradient(student, points)
    check_descend(student, points)
    check_ridge(student, points)
    check_sigmoid(student, points)
    check_logistic_loss(student, points)
    check_logistic_gradient(student, points)
    check_classifier(student, points)


def check_linear_loss(student, points):
    with points(
        "linear-loss-data",
        message={
            "ko": "손실이 정의와 다릅니다. 1/(2n)과 제곱을 확인하십시오",
            "en": "the loss differs from its definition; check 1/(2n) and the squares",
        },
    ):
        example = number(student.call("linear_loss", *EXAMPLE, np.array([1.5]), 0.0, 0.0))
        assert example == approx(1.25 / 6), Text(
            "손으로 푼 예제의 자료 손실은 0.2083입니다", "in the example by hand the loss of the data is 0.2083"
        )
        for n, d in ((1, 1), (7, 3), (60, 10)):
            X, y, w, b = table(student.rng, n, d)
            once = number(student.call("linear_loss", X, y, w, b, 0.0))
            twice = number(student.call("linear_loss", np.vstack([X, X]), np.hstack([y, y]), w, b, 0.0))
            moved = number(student.call("linear_loss", X, y + 5.0, w, b + 5.0, 0.0))
            assert twice == approx(once), Text(
                "같은 자료를 두 번 이어 붙이면 평균은 그대로여야 합니다(합이 아니라 평균)",
                "the same data twice must give the same loss: a mean, not a sum",
            )
            assert moved == approx(once), Text(
                "y와 b에 같은 수를 더하면 손실은 그대로여야 합니다",
                "adding the same number to y and to b must not change the loss",
            )
            assert once == approx(np.sum((X @ w + b - y) ** 2) / (2 * n))
    with points(
        "linear-loss-penalty",
        message={
            "ko": "벌점은 (l2/2)·‖w‖²이며 n으로 나누지 않습니다",
            "en": "the penalty is (l2/2)·‖w‖², not divided by n",
        },
    ):
        example = number(student.call("linear_loss", *EXAMPLE, np.array([1.5]), 0.0, 0.1))
        assert example == approx(1.25 / 6 + 0.1125)
        for n, d in ((4, 2), (90, 6)):
            X, y, w, b = table(student.rng, n, d)
            free, held = (number(student.call("linear_loss", X, y, w, b, l2)) for l2 in (0.0, 0.6))
            flat = [number(student.call("linear_loss", X, y, np.zeros(d), b, l2)) for l2 in (0.0, 0.6)]
            assert flat[0] == approx(flat[1]), Text(
                "w가 0이면 벌점도 0이어야 합니다. 절편 b는 벌하지 않습니다",
                "with w = 0 there is no penalty: the bias is not penalised",
            )
            assert held - free == approx(0.3 * np.sum(w**2))


def check_linear_gradient(student, points):
    with points(
        "linear-gradient-data",
        message={
            "ko": "기울기가 숫자로 잰 것과 다릅니다(벌점 없음). 부호와 1/n을 확인하십시오",
            "en": "the gradient differs from the one measured with numbers (no penalty); check the sign and 1/n",
        },
    ):
        for n, d in ((1, 2), (9, 4), (80, 10)):
            X, y, w, b = table(student.rng, n, d)
            gw, gb = gradient(student, "linear_gradient", X, y, w, b, 0.0)
            nw, nb = measured(lambda w, b, X=X, y=y: 0.5 * np.mean((X @ w + b - y) ** 2), w, b)
            assert np.allclose(gw, nw, rtol=1e-5, atol=1e-6)
            assert np.isclose(gb, nb, rtol=1e-5, atol=1e-6), Text(
                "gb가 숫자로 잰 기울기와 다릅니다", "gb differs from the gradient measured with numbers"
            )
    with points(
        "linear-gradient-penalty",
        message={
            "ko": "(l2/2)·‖w‖²의 기울기가 아닙니다. 2와 n과 부호를 확인하십시오",
            "en": "this is not the gradient of (l2/2)·‖w‖²; check 2, n and the sign",
        },
    ):
        assert gradient(student, "linear_gradient", *EXAMPLE, np.array([1.5]), 0.0, 0.1)[0] == approx(np.array([-1.35]))
        for n, d in ((5, 3), (70, 8)):
            X, y, w, b = table(student.rng, n, d)
            assert_penalty(student, "linear_gradient", X, y, w, b)


def assert_penalty(student, name, X, y, w, b):
    gw, gb = gradient(student, name, X, y, w, b, 0.7)
    gw0, gb0 = gradient(student, name, X, y, w, b, 0.0)
    assert gb == approx(gb0), Text(
        "벌점이 절편의 기울기를 바꾸면 안 됩니다", "the penalty must not change the gradient of the bias"
    )
    assert np.allclose(gw - gw0, 0.7 * w, rtol=1e-8)


BOWL_LOSS = "lambda w, b: 0.5 * float(w @ A @ w) - float(c @ w) + 0.5 * k * (b - m) ** 2"
BOWL_GRADIENT = "lambda w, b: (A @ w - c, k * (b - m))"


def check_descend(student, points):
    with points(
        "descend-step",
        message={
            "ko": "걸음이 다릅니다. w와 b는 같은 자리에서 잰 기울기로 함께, 기울기의 반대쪽으로 rate만큼 움직입니다",
            "en": "the steps differ: w and b move together, by gradients measured at the same place, against the gradient by rate",
        },
    ):
        A = student.rng.normal(size=(12, 3))
        A = A.T @ A / 12 + np.eye(3) * 0.3
        given = {"A": A, "c": student.rng.normal(size=3), "k": 0.5, "m": float(student.rng.normal())}
        joint = "lambda w, b: ((A @ w - c) * (1 + 0 * b) + b, k * (b - m) + float(w.sum()))"
        total = "lambda w, b: 0.5 * float(w @ A @ w) - float(c @ w) + 0.5 * k * (b - m) ** 2 + float(b * w.sum())"
        loss, grad = student.make(total, **given), student.make(joint, **given)
        for steps in (0, 1, 6):
            walk(student, loss, grad, given, steps)
    with points(
        "descend-pure",
        message={
            "ko": "건네받은 출발점이 바뀌었습니다. w -= ... 를 확인하십시오",
            "en": "the start that was handed over has changed; look for w -= ...",
        },
    ):
        start = np.array([1.0, 5.0, -2.0]) * (1 + student.rng.random())
        given = {"A": np.eye(3), "c": np.zeros(3), "k": 4.0, "m": -3.0}
        loss, grad = student.make(BOWL_LOSS, **given), student.make(BOWL_GRADIENT, **given)
        seen = [student.observe("descend", loss, grad, start, 0.5, 0.1, 25) for _ in range(2)]
        ends = [np.asarray(one.answer[0], dtype=float) for one in seen]
        assert np.abs(ends[0]).max() < np.abs(start).max() / 4, Text(
            "스물다섯 걸음이면 바닥 가까이 와야 합니다", "twenty-five steps must come close to the bottom"
        )
        assert np.array_equal(seen[0].arguments[2], start)
        assert np.allclose(*ends), Text(
            "같은 출발점에서 두 번 걸으면 같은 곳에 도착해야 합니다",
            "two walks from the same start must end in the same place",
        )


def walk(student, loss, grad, given, steps):
    rate, w, b = 0.2, np.array([2.0, -1.0, 0.5]), 3.0
    A, c, k, m = (given[name] for name in "Ackm")
    trace = []
    for turn in range(steps + 1):
        trace.append(0.5 * w @ A @ w - c @ w + 0.5 * k * (b - m) ** 2 + b * w.sum())
        if turn < steps:
            w, b = w - rate * (A @ w - c + b), b - rate * (k * (b - m) + w.sum())
    answer = student.call("descend", loss, grad, np.array([2.0, -1.0, 0.5]), 3.0, rate, steps)
    assert isinstance(answer, tuple | list) and len(answer) == 3, Text(
        "(w, b, losses)를 돌려주어야 합니다", "it must return (w, b, losses)"
    )
    assert len(answer[2]) == steps + 1, Text(
        "losses는 출발점의 손실부터 steps + 1개입니다", "losses begins at the start and holds steps + 1 numbers"
    )
    assert np.allclose(np.asarray(answer[2], dtype=float), trace, rtol=1e-9)
    assert np.allclose(answer[0], w) and np.isclose(number(answer[1]), b), Text(
        "돌려준 (w, b)가 마지막 걸음의 자리가 아닙니다", "the returned (w, b) is not where the last step led"
    )


def check_ridge(student, points):
    with points(
        "linear-equals-ridge",
        message={
            "ko": "scikit-learn의 Ridge와 답이 달라집니다",
            "en": "the answer differs from scikit-learn's Ridge",
        },
    ):
        diabetes = load_diabetes(scaled=False)
        tables = [(StandardScaler().fit_transform(diabetes.data), diabetes.target, 0.1, 0.24, 300, 0.05)]
        X, y = student.rng.normal(size=(150, 5)), student.rng.normal(size=150) * 4 + 30
        tables += [(X, y, l2, 0.25, 120, 1e-3) for l2 in (0.0, 0.02, 2.0)]
        far = []
        for X, y, l2, rate, steps, near in tables:
            ridge = Ridge(alpha=len(y) * l2).fit(X, y)
            loss = student.make("lambda w, b: linear_loss(X, y, w, b, l2)", X=X, y=y, l2=l2)
            grad = student.make("lambda w, b: linear_gradient(X, y, w, b, l2)", X=X, y=y, l2=l2)
            w, b, _ = student.call("descend", loss, grad, np.zeros(X.shape[1]), 0.0, rate, steps)
            assert np.shape(w) == ridge.coef_.shape
            far.append(max(np.abs(w - ridge.coef_).max(), abs(number(b) - ridge.intercept_)) / near)
        assert far[0] <= 1
        student.figure("distance-from-ridge", max(far[1:]), at_most=1)


def check_sigmoid(student, points):
    with points(
        "sigmoid-values",
        message={
            "ko": "보통 크기의 점수에서 시그모이드의 값이 다릅니다",
            "en": "the values differ from the sigmoid at ordinary scores",
        },
    ):
        assert number(student.call("sigmoid", 0.0)) == approx(0.5), Text(
            "점수 0의 확률은 0.5입니다", "a score of 0 means a probability of 0.5"
        )
        assert np.shape(student.call("sigmoid", np.zeros((2, 3)))) == (2, 3), Text(
            "배열의 크기가 유지되어야 합니다", "the shape of an array must be kept"
        )
        z = student.rng.normal(size=400) * 6
        assert np.allclose(student.call("sigmoid", z), 1 / (1 + np.exp(-z)), rtol=1e-10)
        assert np.isclose(student.call("sigmoid", -30.0), np.exp(-30.0), rtol=1e-6), Text(
            "아주 작은 확률이 0으로 뭉개졌습니다", "a very small probability was flattened to 0"
        )
    with points(
        "sigmoid-stable",
        message={
            "ko": "큰 점수에서 값이 틀리거나 경고가 나왔습니다. 양의 큰 수의 exp를 계산하지 않도록 하십시오",
            "en": "large scores gave a wrong value or a warning: avoid exp of a large positive number",
        },
    ):
        assert np.allclose(quiet(student, "sigmoid", np.array([-1000.0, 0.0, 1000.0])), [0.0, 0.5, 1.0])
        found = [quiet(student, "sigmoid", z) for z in (-1e3, -745.0, -1e6, 1e3, 1e6)]
        many = quiet(student, "sigmoid", np.linspace(-1e3, 1e3, 4001))
        assert np.all(np.isfinite(found)) and np.all(np.isfinite(many))
        assert np.all(np.diff(many) >= 0) and many.min() >= 0 and many.max() <= 1, Text(
            "점수가 커질 때 확률이 줄어들거나 0과 1을 벗어났습니다",
            "the probability fell while the score rose, or left the interval from 0 to 1",
        )


def check_logistic_loss(student, points):
    with points(
        "logistic-loss-values",
        message={
            "ko": "손실이 scikit-learn의 log_loss와 다릅니다",
            "en": "the loss differs from scikit-learn's log_loss",
        },
    ):
        flat = student.call("logistic_loss", np.ones((4, 2)), np.array([0.0, 1.0, 1.0, 0.0]), np.zeros(2), 0.0, 0.5)
        assert number(flat) == approx(np.log(2)), Text(
            "w = 0, b = 0이면 손실은 log 2입니다", "with w = 0 and b = 0 the loss is log 2"
        )
        for n, d in ((1, 1), (12, 3), (90, 7)):
            X, y, w, b = table(student.rng, n, d, labels=True)
            free, held = (number(student.call("logistic_loss", X, y, w, b, l2)) for l2 in (0.0, 0.8))
            turned = number(student.call("logistic_loss", -X, 1.0 - y, w, -b, 0.0))
            assert np.isclose(free, log_loss(y, 1 / (1 + np.exp(-(X @ w + b))), labels=[0, 1]), rtol=1e-9)
            assert free == approx(turned), Text(
                "정답과 점수의 부호를 함께 뒤집으면 손실은 그대로여야 합니다",
                "turning both the labels and the scores must not change the loss",
            )
            assert held - free == approx(0.4 * np.sum(w**2)), Text(
                "벌점은 (l2/2)·‖w‖²이며 절편과 n은 들어가지 않습니다",
                "the penalty is (l2/2)·‖w‖², without the bias and without n",
            )
    with points(
        "logistic-loss-stable",
        message={
            "ko": "큰 점수에서 손실이 틀립니다. 확률을 잘라 내지 마십시오",
            "en": "the loss is wrong at large scores; don't clip the probability",
        },
    ):
        far = np.array([[1000.0], [-1000.0]])
        right, wrong = (
            number(quiet(student, "logistic_loss", far, y, np.array([1.0]), 0.0, 0.0))
            for y in (np.array([1.0, 0.0]), np.array([0.0, 1.0]))
        )
        mixed = np.array([[1000.0], [-800.0], [0.0], [60.0]]), np.array([0.0, 0.0, 1.0, 0.0])
        assert right == approx(0.0), Text(
            "옳게 확신할 때(z = ±1000) 손실은 0이어야 합니다",
            "when the model is sure and right (z = ±1000) the loss must be 0",
        )
        assert wrong == approx(1000.0), Text(
            "틀렸는데 확신하면(z = ±1000) 손실은 1000이어야 합니다. 확률을 잘라 내지 마십시오",
            "sure but wrong (z = ±1000) must cost 1000; don't clip the probability",
        )
        assert number(quiet(student, "logistic_loss", *mixed, np.array([1.0]), 0.0, 0.0)) == approx(
            (1060 + np.log(2)) / 4
        )


def check_logistic_gradient(student, points):
    with points(
        "logistic-gradient-data",
        message={
            "ko": "기울기가 숫자로 잰 로그 손실의 기울기와 다릅니다",
            "en": "the gradient differs from the measured gradient of the log loss",
        },
    ):
        for n, d in ((1, 2), (10, 4), (80, 9)):
            X, y, w, b = table(student.rng, n, d, labels=True)
            gw, gb = gradient(student, "logistic_gradient", X, y, w, b, 0.0)
            nw, nb = measured(lambda w, b, X=X, y=y: np.mean(np.log1p(np.exp(X @ w + b)) - y * (X @ w + b)), w, b)
            assert np.allclose(gw, nw, rtol=1e-5, atol=1e-7) and np.isclose(gb, nb, rtol=1e-5, atol=1e-7)
        gw, gb = quiet(
            student, "logistic_gradient", np.array([[1000.0], [-1000.0]]), np.zeros(2), np.array([1.0]), 0.0, 0.0
        )
        assert np.allclose(gw, [500.0]) and np.isclose(gb, 0.5), Text(
            "틀렸는데 확신할 때 기울기가 사라지거나 틀립니다",
            "the gradient vanishes or is wrong where the model is sure but wrong",
        )
    with points(
        "logistic-gradient-penalty",
        message={
            "ko": "(l2/2)·‖w‖²의 기울기가 아닙니다",
            "en": "this is not the gradient of (l2/2)·‖w‖²",
        },
    ):
        assert_penalty(student, "logistic_gradient", *table(student.rng, 40, 5, labels=True))


def library(X, y, l2):
    return make_pipeline(StandardScaler(), LogisticRegression(C=1 / (len(y) * l2), tol=1e-8, max_iter=5000)).fit(X, y)


def probabilities(predict, X):
    p = np.asarray(predict(X), dtype=float)
    assert p.shape == (len(X),), Text("행마다 확률이 하나씩 나와야 합니다", "there must be one probability per row")
    return p


def check_classifier(student, points):
    cancer = load_breast_cancer()
    X, y = cancer.data, 1.0 - cancer.target
    with points(
        "classifier-equals-sklearn",
        message={
            "ko": "확률이 scikit-learn과 0.01 넘게 다릅니다. 걸음 수와 l2를 확인하십시오",
            "en": "probabilities differ from scikit-learn's by more than 0.01; check the number of steps and l2",
        },
    ):
        far, right = [], []
        for l2 in (0.01, 0.5):
            order = student.rng.permutation(len(y))
            train, test = order[:380], order[380:]
            p = probabilities(student.keep("train_classifier", X[train], y[train], l2), X[test])
            far.append(np.abs(p - library(X[train], y[train], l2).predict_proba(X[test])[:, 1]).max())
            right.append(np.mean((p >= 0.5) == y[test]))
        student.figure("distance-from-sklearn", max(far), at_most=0.01)
        accuracy = Text(
            "처음 보는 환자에서 정확도가 0.93을 넘지 못합니다", "accuracy on unseen patients does not exceed 0.93"
        )
        student.figure("accuracy", right[0], at_least=0.93, message=accuracy)
    with points(
        "classifier-one-patient",
        message={
            "ko": "같은 환자인데 함께 온 사람에 따라 확률이 달라집니다. 학습 때의 평균과 표준편차를 쓰십시오",
            "en": "the same patient gets another probability in other company: use the mean and standard deviation from training",
        },
    ):
        rows = student.rng.permutation(len(y))
        few, first, rest = X[:, :8], rows[:150], rows[150:]
        student.run("def _train(X, y):\n    return [train_classifier(X, y, 0.1), X]")
        both = student.keep("_train", few[first], y[first])
        predict, after = both.keep("__getitem__", 0), both.call("__getitem__", 1)
        assert np.array_equal(after, few[first]), Text(
            "받은 표가 바뀌었습니다", "the table that was handed over has changed"
        )
        together = probabilities(predict, few[rest])
        assert np.allclose(together[:50], probabilities(predict, few[rest[:50]]))
        assert np.allclose(together[2:3], probabilities(predict, few[rest[2:3]]))
        student.keep("train_classifier", few[rest], y[rest], 0.1)
        assert np.allclose(together, probabilities(predict, few[rest])), Text(
            "다른 모델을 학습한 뒤에 먼젓번 모델의 예측이 달라졌습니다",
            "training another model changed the predictions of the first",
        )
    with points(
        "classifier-constant",
        message={
            "ko": "값이 모두 같은 열이 있으면 예측이 바뀌거나 nan이나 경고가 나옵니다",
            "en": "a column of equal values changes the predictions, or gives nan or a warning",
        },
    ):
        few = X[:300, :5]
        without = probabilities(student.keep("train_classifier", few, y[:300], 0.1), few)
        student.run("def _train_and_predict(X, y, l2):\n    return train_classifier(X, y, l2)(X)")
        for column, place in ((7.0, 5), (0.1, 0)):
            odd = np.insert(few, place, column, axis=1)
            p = np.asarray(quiet(student, "_train_and_predict", odd, y[:300], 0.1), dtype=float)
            assert np.all(np.isfinite(p)) and np.abs(p - without).max() < 0.01
