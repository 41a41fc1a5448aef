"""Made-up charging sessions behave like what they imitate, and the records hold the flaws put in on purpose."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bitgoeul.datasets import charging

HANDED_OUT = Path(__file__).parents[2] / "curriculum/academy/python-and-data/01-charging-log/files/charging.csv"
SEEDS = (0, 7, 20_250_601)


@pytest.fixture(scope="module", params=SEEDS)
def truth(request: pytest.FixtureRequest) -> pd.DataFrame:
    return charging.sessions(request.param, 1500, "train")


def test_a_table_is_a_function_of_its_arguments() -> None:
    assert charging.make(5, 90, "train").equals(charging.make(5, 90, "train"))
    assert not charging.make(5, 90, "train").equals(charging.make(6, 90, "train"))
    assert not charging.make(5, 90, "train").equals(charging.make(5, 90, "hidden"))


def test_what_students_get_is_what_the_generator_makes() -> None:
    made = charging.make(2025, 1500, "train").to_csv(index=False)

    assert HANDED_OUT.read_text(encoding="utf-8") == made


def test_nothing_charges_faster_than_its_rating_and_batteries_are_car_sized(truth: pd.DataFrame) -> None:
    hours = (truth["end"] - truth["start"]).dt.total_seconds() / 3600

    assert (truth["kwh"] / hours / truth["rated_kw"]).max() < 1
    assert truth["kwh"].between(1.5, 80).sum() == truth["kwh"].notna().sum()
    assert 20 < truth["kwh"].mean() < 35


def test_slow_chargers_begin_in_the_evening_and_fast_ones_by_day(truth: pd.DataFrame) -> None:
    hour, slow = truth["start"].dt.hour, truth["rated_kw"] < 10
    evening, day, night = hour.between(18, 21), hour.between(9, 16), hour.between(2, 5)

    assert evening[slow].mean() > evening[~slow].mean() + 0.08
    assert day[~slow].mean() > day[slow].mean() + 0.1
    assert night.mean() < 0.12
    assert str(truth["start"].dt.tz) == charging.KST


def test_the_flaws_are_there(truth: pd.DataFrame) -> None:
    assert truth["kwh"].isna().mean() == pytest.approx(0.02, abs=0.015)
    assert truth["end"].isna().mean() == pytest.approx(0.015, abs=0.012)
    assert truth["mislabelled"].mean() == pytest.approx(0.022, abs=0.018)
    assert not (truth["mislabelled"] & (truth["style"] != 0)).any()
    assert truth["swapped"].any()


@pytest.mark.parametrize("seed", SEEDS)
def test_about_one_in_a_hundred_came_twice_and_no_two_records_are_alike(seed: int) -> None:
    raw = charging.make(seed, 1500, "train")
    again = raw[raw.duplicated("session", keep=False)].sort_values("received")

    assert len(raw) - 1500 == pytest.approx(18, abs=14)
    assert raw["received"].is_unique
    assert not raw.duplicated().any()
    assert again.groupby("session")["energy"].apply(lambda told: told.isna().iloc[0]).any()
    assert {text[-1] for text in raw["started"] if text[10] == "T"} >= {"Z", "0"}
