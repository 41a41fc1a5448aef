"""견주어 볼 세 가지 답. / Three answers to compare with: `BASELINES[name](train, test)` gives a table of `id` and `kwh`."""

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression

TARGET = "kwh"


def _features(table):
    clear, cloud = table["clear"] / 1000.0, table["cloud"] / 10.0
    found = pd.DataFrame({"clear": clear, "grey": clear * cloud, "greyer": clear * cloud**3, "heat": clear * table["air"] / 100.0})
    morning = clear * (table["hour"] < 12)
    for plant in ("buk", "nam", "gwangsan"):
        there = table["plant"] == plant
        found = found.assign(**{plant: clear * there, f"{plant}-early": morning * there})
    return found.assign(season=clear * np.cos(np.radians(table["elevation"])), before=table["before"].fillna(0.0), hour=table["hour"],
                        elevation=table["elevation"], cloud=cloud, rain=table["rain"])


def _working(train):
    """고장으로 멈춘 시간을 뺀 것. / Without the hours in which a plant stood still."""
    return train[(train[TARGET] > 0) | (train["clear"] < 200)]


def yesterday(train, test):
    return pd.DataFrame({"id": test["id"], TARGET: test["before"].fillna(test["clear"] * 0.05)})


def linear(train, test):
    train = _working(train)
    straight = [name for name in _features(train) if name not in ("hour", "elevation", "cloud", "rain")]
    model = LinearRegression().fit(_features(train)[straight], train[TARGET])
    return pd.DataFrame({"id": test["id"], TARGET: model.predict(_features(test)[straight]).clip(0)})


def boosted(train, test):
    train = _working(train)
    model = HistGradientBoostingRegressor(max_iter=120, random_state=0).fit(_features(train), train[TARGET])
    return pd.DataFrame({"id": test["id"], TARGET: model.predict(_features(test)).clip(0)})


BASELINES = {"yesterday": yesterday, "linear": linear, "boosted": boosted}
