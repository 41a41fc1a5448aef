"""견주어 볼 세 가지 답. / Three answers to compare with: `BASELINES[name](train, test)` gives a table of `id` and `soh_400`."""

import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

TARGET = "soh_400"
FEATURES = ["temperature", "c_rate", "depth", "soh_10", "soh_25", "soh_50", "soh_75", "soh_100", "resistance"]


def mean(train, test):
    return pd.DataFrame({"id": test["id"], TARGET: train[TARGET].mean()})


def boosted(train, test):
    model = HistGradientBoostingRegressor(random_state=0).fit(train[FEATURES], train[TARGET])
    return pd.DataFrame({"id": test["id"], TARGET: model.predict(test[FEATURES])})


def ridge(train, test):
    model = make_pipeline(SimpleImputer(), StandardScaler(), Ridge(1e-3)).fit(train[FEATURES], train[TARGET])
    return pd.DataFrame({"id": test["id"], TARGET: model.predict(test[FEATURES])})


BASELINES = {"mean": mean, "boosted": boosted, "ridge": ridge}
