"""견주어 볼 세 가지 답. / Three answers to compare with: `BASELINES[name](train, test)` gives a table of `id` and `abnormal`."""

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

TARGET = "abnormal"
VOLTS = [f"v{k:03d}" for k in range(180)]


def share(train, test):
    return pd.DataFrame({"id": test["id"], TARGET: train[TARGET].mean()})


def logistic(train, test):
    """250 Hz의 전압을 그대로. / The voltages as they are."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=300)).fit(train[VOLTS], train[TARGET])
    return pd.DataFrame({"id": test["id"], TARGET: model.predict_proba(test[VOLTS])[:, 1]})


def forest(train, test):
    """심장을 아는 사람이 볼 법한 것. / What somebody who knows hearts would look at."""
    model = RandomForestClassifier(200, min_samples_leaf=3, random_state=0).fit(_features(train), train[TARGET])
    return pd.DataFrame({"id": test["id"], TARGET: model.predict_proba(_features(test))[:, 1]})


def _features(table):
    v = table[VOLTS].to_numpy(float)
    v = (v[:, :-4] + v[:, 1:-3] + v[:, 2:-2] + v[:, 3:-1]) / 4  # 16 ms의 평균이 60 Hz를 거의 지웁니다 / takes most of the 60 Hz out
    v = v - np.median(v, axis=1, keepdims=True)
    v = v * np.sign(v[:, 62:76].sum(1, keepdims=True))  # 거꾸로 붙인 전극 / electrodes the wrong way round
    height = v[:, 62:76].max(1)
    before, qrs, late = v[:, 15:50], v[:, 50:100], v[:, 110:160]
    ratio = table["rr_before"] / table["rr_after"].fillna(table["rr_before"].median())
    return np.column_stack([
        table["rr_before"], ratio, height, (np.abs(qrs) > 0.3 * height[:, None]).sum(1), qrs.min(1) / height,
        late.max(1) / height, late.min(1) / height, before.max(1), before.max(1) - before.min(1), before.argmax(1), before.std(1),
    ])


BASELINES = {"share": share, "logistic": logistic, "forest": forest}
