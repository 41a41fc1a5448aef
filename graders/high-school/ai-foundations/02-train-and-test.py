"""Judges "Training and testing": each rule on numbers drawn anew, in units and an order that no notebook has seen.

Whether statistics come from training alone is judged by what follows from it: a patient's answer depends neither on
who came along nor on the unit of a column, and coins instead of answers bring half of the points.
"""

from pathlib import Path

import numpy as np

from bitgoeul.checks import approx
from bitgoeul.errors import Text

TABLE = Path(__file__).parents[3] / "curriculum/high-school/ai-foundations/02-train-and-test/files/tumours.csv"


def check(student, points):
    check_split(student, points)
    check_scaler(student, points)
    check_scale(student, points)
    check_predict(student, points)
    check_measures(student, points)
    check_experiment(student, points)


def split(student, n, n_test, seed):
    answer = student.call("split", n, n_test, seed)
    assert isinstance(answer, tuple | list) and len(answer) == 2, Text(
        "(훈련 번호, 시험 번호)를 돌려주어야 합니다", "it must return (numbers for training, numbers for the test)"
    )
    train, test = ([int(number) for number in np.asarray(part).ravel()] for part in answer)
    return train, test


def check_split(student, points):
    with points(
        "split-parts",
        message={
            "ko": "나눈 뒤에 겹치거나 빠진 사람이 있거나, 시험의 수가 n_test가 아닙니다",
            "en": "after the split somebody is doubled or missing, or the test does not have n_test people",
        },
    ):
        for n, n_test in ((2, 1), (30, 29), (101, 20), (569, 150)):
            train, test = split(student, n, n_test, student.random.randrange(10_000))
            assert len(test) == n_test
            assert sorted(train + test) == list(range(n))
        runs = [sorted(split(student, 400, 100, seed)[1]) for seed in student.random.sample(range(10_000), 8)]
        assert all(run[-1] - run[0] > 200 for run in runs), {
            "ko": "시험이 이어진 한 토막입니다. 줄의 순서대로 자르지 말고 섞어서 뽑습니다",
            "en": "the test is one stretch of rows; draw at random, do not cut by the order of the rows",
        }
    with points(
        "split-seed",
        message={
            "ko": "같은 seed에서는 같은 사람이, 다른 seed에서는 다른 사람이 뽑혀야 합니다",
            "en": "the same seed has to draw the same people, another seed other people",
        },
    ):
        seeds = student.random.sample(range(10_000), 5)
        drawn = [frozenset(split(student, 300, 90, seed)[1]) for seed in seeds]
        assert drawn == [frozenset(split(student, 300, 90, seed)[1]) for seed in seeds]
        assert len(set(drawn)) == 5


def fit_scaler(student, rows):
    seen = student.observe("fit_scaler", rows)
    assert isinstance(seen.answer, tuple | list) and len(seen.answer) == 2, Text(
        "(평균, 표준편차)를 돌려주어야 합니다", "it must return (mean, standard deviation)"
    )
    assert np.array_equal(seen.arguments[0], rows), Text("건네받은 X가 바뀌었습니다", "the X that was given has changed")
    return [np.asarray(part, dtype=float) for part in seen.answer]


def check_scaler(student, points):
    with points(
        "scaler-columns",
        message={
            "ko": "열마다의 평균과 표준편차가 아닙니다. axis=0, 사람 수 n으로 나누기를 살펴봅시다",
            "en": "not the mean and deviation of each column; look at axis=0 and at dividing by n",
        },
    ):
        for size, width in ((3, 3), (5, 2), (40, 7)):
            rows = student.rng.normal(student.rng.uniform(-50, 50, width), student.rng.uniform(0.01, 90, width), (size, width))
            mean, std = fit_scaler(student, rows)
            assert mean.shape == std.shape == (width,)
            assert mean == approx(rows.mean(axis=0)) and std == approx(rows.std(axis=0))
    with points(
        "scaler-constant",
        message={
            "ko": "값이 모두 같은 열의 표준편차는 1이어야 하고, 다른 열은 그대로여야 합니다",
            "en": "a column of equal values needs the deviation 1, and other columns keep their own",
        },
    ):
        for size in (1, 2, 30):
            rows = student.rng.normal(5, 0.001, (size, 4))
            rows[:, 1], rows[:, 3] = 8.0, 0.0
            mean, std = fit_scaler(student, rows)
            true = rows.std(axis=0)
            assert std == approx(np.where(true == 0, 1.0, true), abs=1e-12)
            assert mean == approx(rows.mean(axis=0))


def check_scale(student, points):
    with points(
        "scale-check",
        message={
            "ko": "열마다 건네받은 mean을 빼고 건네받은 std로 나눈 것이 아닙니다",
            "en": "not each column minus the given mean, divided by the given std",
        },
    ):
        for size, width in ((1, 3), (4, 4), (20, 6)):
            rows = student.rng.normal(20, 6, (size, width))
            mean, std = student.rng.normal(0, 9, width), student.rng.uniform(0.1, 9, width)
            assert student.call("scale", rows, mean, std) == approx((rows - mean) / std)
    with points(
        "scale-untouched",
        message={
            "ko": "건네받은 배열이 바뀌었습니다. 새 배열을 만듭시다",
            "en": "an array that was given has changed; make a new one",
        },
    ):
        rows = student.rng.normal(20, 6, (6, 3))
        mean, std = rows.mean(axis=0), rows.std(axis=0)
        seen = student.observe("scale", rows, mean, std)
        assert all(np.array_equal(now, before) for now, before in zip(seen.arguments, (rows, mean, std), strict=True))
        assert seen.answer == approx((rows - mean) / std)


def standardised(X_train, X_new):
    mean, std = X_train.mean(axis=0), X_train.std(axis=0)
    std = np.where(std == 0, 1.0, std)
    return (X_train - mean) / std, (X_new - mean) / std


def neighbours(X_train, y_train, X_new, k):
    """What the k nearest of the standardised training patients say: the answer that every right solution gives."""
    known, asked = standardised(X_train, X_new)
    gaps = ((known[None] - asked[:, None]) ** 2).sum(axis=2)
    return (y_train[np.argsort(gaps, axis=1, kind="stable")[:, :k]].mean(axis=1) > 0.5).astype(int)


def predict_new(student, X_train, y_train, X_new, k):
    seen = student.observe("predict_new", X_train, y_train, X_new, k)
    answer = np.asarray(seen.answer)
    assert answer.shape == (len(X_new),), Text(
        "새 환자마다 답이 하나씩 있어야 합니다", "there has to be one answer for each new patient"
    )
    given = (X_train, y_train, X_new)
    assert all(np.array_equal(now, before) for now, before in zip(seen.arguments[:3], given, strict=True)), Text(
        "건네받은 배열이 바뀌었습니다", "an array that was given has changed"
    )
    return answer.tolist()


def clinic(student, size, asked, width=4):
    """Two kinds of patients who differ in the first column; the others say nothing."""
    y = student.rng.permutation(np.arange(size + asked) % 2)
    X = student.rng.normal(0, 1, (size + asked, width))
    X[:, 0] += 2.5 * y
    return X[:size], y[:size], X[size:]


def check_predict(student, points):
    with points(
        "predict-training",
        message={
            "ko": "한 환자의 답이 함께 온 다른 환자에 따라 달라집니다. 평균과 표준편차는 X_train에서만 구합니다",
            "en": "the answer for a patient depends on the others who came along; mean and std come from X_train only",
        },
    ):
        for k in (1, 5):
            X_train, y_train, X_new = clinic(student, 60, 30)
            together = predict_new(student, X_train, y_train, X_new, k)
            alone = [predict_new(student, X_train, y_train, X_new[i : i + 1], k)[0] for i in range(12)]
            assert together[:12] == alone
            typed = np.vstack([X_new, X_new[:3]])
            typed[-3:, 0] *= 1e6
            assert predict_new(student, X_train, y_train, typed, k)[:30] == together
            assert together == neighbours(X_train, y_train, X_new, k).tolist(), {
                "ko": "훈련 자료로 표준화한 k-최근접 이웃의 답과 다릅니다. 양쪽을 scale 하고 k를 썼나요?",
                "en": "not the answer of the k nearest neighbours standardised by training; did you scale both and use k?",
            }
    with points(
        "predict-units",
        message={
            "ko": "열의 단위를 바꾸었더니 답이 달라졌습니다. 훈련과 새 환자를 모두 표준화합니다",
            "en": "changing the unit of a column changed the answers; standardise both training and new patients",
        },
    ):
        for _ in range(3):
            X_train, y_train, X_new = clinic(student, 60, 40, width=5)
            X_train[:, 4] = X_new[:, 4] = 3.0
            first = predict_new(student, X_train, y_train, X_new, 3)
            units, zero = np.array([0.001, 50, 1000, 1, 1]), student.rng.integers(-9, 9, 5)
            other = predict_new(student, X_train * units + zero, y_train, X_new * units + zero, 3)
            assert other == first == neighbours(X_train, y_train, X_new, 3).tolist()


def check_measures(student, points):
    with points(
        "accuracy-check",
        message={"ko": "맞힌 사람 ÷ 모든 사람이 아닙니다", "en": "not people answered right ÷ all people"},
    ):
        for size in (1, 7, 60):
            y_true, y_pred = student.rng.integers(0, 2, (2, size))
            assert student.call("accuracy", y_true, y_pred) == approx((y_true == y_pred).mean())
    with points(
        "missed-check",
        message={
            "ko": "악성인데 양성이라고 답한 사람 ÷ 악성인 사람이 아닙니다. 악성이 없으면 0입니다",
            "en": "not people who are malignant but called benign ÷ people who are malignant; without any it is 0",
        },
    ):
        for hits, misses, alarms, calm in ((3, 1, 5, 20), (2, 6, 1, 3), (4, 0, 3, 2), (0, 5, 2, 2), (0, 0, 2, 4)):
            order = student.rng.permutation(hits + misses + alarms + calm)
            y_true = np.repeat([1, 1, 0, 0], [hits, misses, alarms, calm])[order]
            y_pred = np.repeat([1, 0, 1, 0], [hits, misses, alarms, calm])[order]
            share = misses / (hits + misses) if hits + misses else 0.0
            assert student.call("missed", y_true, y_pred) == approx(share)


def experiment(student, X, y, n_test, k, seed):
    answer = student.call("experiment", X, y, n_test, k, seed)
    assert isinstance(answer, tuple | list) and len(answer) == 2, Text(
        "(정확도, 놓친 비율)을 돌려주어야 합니다", "it must return (accuracy, share missed)"
    )
    return answer


def check_experiment(student, points):
    with points(
        "experiment-coin",
        message={
            "ko": "정답이 동전 던지기인데도 맞힙니다. 시험 환자가 배우는 데 쓰였습니다",
            "en": "it is right although the answers are tosses of a coin: test patients took part in learning",
        },
    ):
        rounds = []
        for seed in student.random.sample(range(10_000), 10):
            X, y = student.rng.normal(0, 1, (240, 5)), student.rng.integers(0, 2, 240)
            rounds.append(experiment(student, X, y, 120, 1, seed)[0])
        student.figure("coins", float(np.mean(rounds)), at_most=0.6)
    with points(
        "experiment-score",
        message={
            "ko": "split으로 나눈 시험 환자에서 잰 (정확도, 놓친 비율)이 아닙니다",
            "en": "not the (accuracy, share missed) of the test patients that split chose",
        },
    ):
        table = np.genfromtxt(TABLE, delimiter=",", skip_header=1)
        table = table[student.rng.permutation(len(table))]
        y, X = table[:, 0].astype(int), table[:, 1:][:, student.rng.permutation(10)]
        X = X * student.rng.uniform(0.01, 100, 10)  # nobody has seen these units
        rounds = []
        for seed in student.random.sample(range(10_000), 8):
            found = experiment(student, X, y, 150, 5, seed)
            train, test = split(student, len(y), 150, seed)
            answers = neighbours(X[train], y[train], X[test], 5)
            wrong = answers[y[test] == 1] == 0
            assert found[0] == approx((answers == y[test]).mean())
            assert found[1] == approx(wrong.mean())
            rounds.append(found[0])
        student.figure(
            "accuracy", float(np.mean(rounds)), at_least=0.93, message=Text("정확도가 0.93보다 낮습니다", "the accuracy is below 0.93")
        )
