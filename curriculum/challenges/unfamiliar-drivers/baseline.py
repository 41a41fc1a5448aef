"""견주어 볼 세 가지 답. / Three answers to compare with: `BASELINES[name](train, test)` gives a table of `id` and `manoeuvre`."""

import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

TARGET = "manoeuvre"


def _features(table):
    return table.drop(columns=[name for name in ("id", "driver", TARGET) if name in table])


def most_common(train, test):
    return pd.DataFrame({"id": test["id"], TARGET: train[TARGET].mode()[0]})


def logistic(train, test):
    few = ["ax_mean", "ay_mean", "yaw_mean", "ax_std", "ay_std", "yaw_std", "speed"]
    model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(max_iter=500)).fit(train[few], train[TARGET])
    return pd.DataFrame({"id": test["id"], TARGET: model.predict(test[few])})


def boosted(train, test):
    model = HistGradientBoostingClassifier(max_iter=80, random_state=0).fit(_features(train), train[TARGET])
    return pd.DataFrame({"id": test["id"], TARGET: model.predict(_features(test))})


BASELINES = {"most-common": most_common, "logistic": logistic, "boosted": boosted}
