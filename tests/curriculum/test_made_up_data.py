"""Made-up data behave like what they imitate: ranges, hours, seasons, groups, and the flaws put in on purpose.

Each property is one that an exercise or the data card relies on; it has to hold for any seed.
"""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

FILES = Path(__file__).parents[2] / "curriculum/academy/machine-learning/02-leak-free-pipeline/files"
driving = SimpleNamespace(**runpy.run_path(str(FILES / "driving.py")))
household = SimpleNamespace(**runpy.run_path(str(FILES / "household.py")))
SEEDS = (0, 7, 20_250_602)
HOUR = pd.Timedelta(hours=1)


@pytest.fixture(scope="module", params=SEEDS)
def trips(request: pytest.FixtureRequest) -> pd.DataFrame:
    return driving.make(request.param, 100, "train")


@pytest.fixture(scope="module", params=SEEDS)
def meters(request: pytest.FixtureRequest) -> pd.DataFrame:
    return household.make(request.param, 60, "train")


@pytest.mark.parametrize(("make", "split"), [(driving.make, "hidden"), (household.make, "later")])
def test_a_table_is_a_function_of_its_arguments(make: Callable[[int, int, str], pd.DataFrame], split: str) -> None:
    assert make(5, 12, split).equals(make(5, 12, split))
    assert not make(5, 12, split).equals(make(6, 12, split))
    assert not make(5, 12, split).equals(make(5, 12, "train"))


def test_a_driver_has_30_windows_of_a_few_seconds(trips: pd.DataFrame) -> None:
    assert (trips.groupby("driver").size() == driving.WINDOWS).all()
    assert trips["speed"].min() > 0
    assert trips["speed"].max() < 30  # m/s: below 110 km/h
    assert (
        trips[["ax_min", "ax_mean", "ay_peak"]].abs().max().max() < 15
    )  # a tyre holds about 10 m/s², and phones shake
    assert trips["risky"].mean() == pytest.approx(0.45, abs=0.06)


def test_half_of_the_drivers_are_rough_and_hardly_any_in_between(trips: pd.DataFrame) -> None:
    share = trips.groupby("driver")["risky"].mean()

    assert (share > 0.6).mean() == pytest.approx(0.5, abs=0.1)
    assert (share < 0.35).mean() == pytest.approx(0.5, abs=0.1)


def test_a_holder_is_a_drivers_fingerprint(trips: pd.DataFrame) -> None:
    tilt = trips[["pitch", "roll"]].to_numpy()
    order = np.random.default_rng(0).permutation(len(trips))
    known, asked = order[: len(order) // 2], order[len(order) // 2 :]
    nearest = known[((tilt[asked][:, None] - tilt[known][None]) ** 2).sum(axis=2).argmin(axis=1)]
    names = trips["driver"].to_numpy()

    assert (names[nearest] == names[asked]).mean() > 0.8
    assert trips.groupby("driver")["pitch"].std().mean() < 0.5 < 5 < trips.groupby("driver")["pitch"].mean().std()


def test_the_tilt_itself_says_nothing_about_risk() -> None:
    drivers = driving.make(1, 2000, "train").groupby("driver")[["pitch", "roll", "risky"]].mean()

    assert drivers.corr()["risky"][["pitch", "roll"]].abs().max() < 0.08


def test_motion_obeys_mechanics() -> None:
    rng = np.random.default_rng(3)
    ax, ay, yaw, speed = driving._signals(rng, 2000, rng.random(2000) < 0.5, np.ones(2000))
    braked = ax.min(axis=1) < -0.5
    lane = np.abs(ay).max(axis=1) > 0.5

    assert not (braked & lane).any()
    assert (np.abs(ay.sum(axis=1)) / np.abs(ay).sum(axis=1).clip(1e-9))[lane].mean() < 0.05  # there and back
    assert (yaw[lane] * ay[lane] >= 0).all()  # one turns to where one is pulled
    assert (ax <= 0).all()
    assert speed[braked].mean() < speed[~braked].mean()  # braking takes speed away


def test_risky_windows_are_harsher_and_cars_move_each_in_its_way(trips: pd.DataFrame) -> None:
    risky, calm = trips[trips["risky"] == 1], trips[trips["risky"] == 0]
    many = driving.make(11, 600, "train").groupby("car")["ay_peak"].mean()

    assert risky["ax_min"].mean() < calm["ax_min"].mean() - 0.4
    assert risky["ay_peak"].mean() > calm["ay_peak"].mean() + 0.4
    assert many["ev"] > many["sedan"] > many["truck"]


def test_the_drivings_flaws_are_there(trips: pd.DataFrame) -> None:
    new = driving.make(1, 2000, "hidden")

    assert trips["speed"].isna().mean() == pytest.approx(0.06, abs=0.02)
    assert trips.drop(columns="speed").notna().all().all()
    assert "van" not in set(trips["car"])
    assert (new["car"] == "van").mean() == pytest.approx(0.05, abs=0.02)
    assert trips.groupby("road").size().median() == pytest.approx(3.5, abs=1.5)


def test_a_road_is_as_dangerous_for_newcomers() -> None:
    old, new = (driving.make(4, 1500, split).groupby("road")["risky"].mean() for split in ("train", "hidden"))

    assert old.corr(new) > 0.3


def test_homes_use_what_homes_use(meters: pd.DataFrame) -> None:
    means = meters.groupby("home")["kwh"].mean()

    assert 0.3 < meters["kwh"].mean() < 0.5  # 220 to 360 kWh a month
    assert meters["kwh"].min() > 0
    assert meters["kwh"].max() < 6
    assert means.max() > 2 * means.min()


def test_the_day_has_its_shape(meters: pd.DataFrame) -> None:
    hour = meters.groupby(meters["time"].dt.hour)["kwh"].mean()

    assert hour.idxmax() in (18, 19, 20)
    assert hour.idxmin() in range(6)
    assert hour.max() > 4 * hour.min()


def test_homes_live_each_in_its_way(meters: pd.DataFrame) -> None:
    shape = meters.pivot_table(index="home", columns=meters["time"].dt.hour, values="kwh")
    share = shape.div(shape.sum(axis=1), axis=0)

    assert share[10].max() > 2 * share[10].min()  # somebody is at home in the morning, somebody at work
    assert share[3].max() > 1.4 * share[3].median() or share[23].min() < 0.7 * share[23].median()


def test_yesterday_and_last_week_tell_much_and_half_a_day_ago_nothing(meters: pd.DataFrame) -> None:
    known = meters.set_index(["home", "time"])["kwh"]

    def correlation(hours: int) -> float:
        wanted = pd.MultiIndex.from_arrays([meters["home"], meters["time"] - hours * HOUR])
        return float(meters["kwh"].corr(pd.Series(known.reindex(wanted).to_numpy(), index=meters.index)))

    assert correlation(24) > 0.65
    assert correlation(168) > 0.6
    assert correlation(13) < 0.15


def test_it_is_summer_in_gwangju(meters: pd.DataFrame) -> None:
    weather = meters.drop_duplicates("time").set_index("time")["forecast_c"].sort_index()
    hour = weather.groupby(weather.index.hour).mean()

    assert 12 < weather.min() < 22
    assert 29 < weather.max() < 39
    assert hour.idxmax() in range(13, 17)
    assert hour.idxmin() in range(2, 6)
    assert 5 < hour.max() - hour.min() < 11


def test_summers_are_warmer_in_july_than_in_early_june() -> None:
    """One summer may be upside down; twelve are not."""
    june, july = [], []
    for seed in range(12):
        weather = household.make(seed, 2, "train").groupby("time")["forecast_c"].first()
        june.append(weather["2025-06-02":"2025-06-15"].mean())
        july.append(weather["2025-07-01":"2025-07-14"].mean())

    assert np.mean(july) > np.mean(june) + 1.5


def test_cooling_begins_with_the_heat(meters: pd.DataFrame) -> None:
    evening = meters[meters["time"].dt.hour.between(18, 22)]
    kwh = [evening["kwh"][evening["forecast_c"].between(low, low + 3)].mean() for low in (19, 22, 28)]

    assert kwh[1] < 1.4 * kwh[0]
    assert kwh[2] > 1.7 * kwh[1]


def test_the_meters_flaws_are_there(meters: pd.DataFrame) -> None:
    whole = meters["home"].nunique() * household.TRAIN_DAYS * 24
    one = meters[meters["home"] == meters["home"].iloc[0]].sort_values("time")
    jumps = one["time"].diff().dropna() / HOUR

    assert 1 - len(meters) / whole == pytest.approx(0.027, abs=0.008)
    assert not meters.duplicated(["home", "time"]).any()
    assert not meters["time"].is_monotonic_increasing
    assert jumps.max() > 2
    assert meters.notna().all().all()


def test_later_goes_on_where_training_ends_and_strangers_are_others() -> None:
    past, later, others = (household.make(9, 6, split) for split in household.SPLITS)

    assert past["time"].max() < later["time"].min() == household.START + household.TRAIN_DAYS * 24 * HOUR
    assert set(past["home"]) == set(later["home"])
    assert not set(others["home"]) & set(past["home"])
    assert others["time"].nunique() > past["time"].nunique()
