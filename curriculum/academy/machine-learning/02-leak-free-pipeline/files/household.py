"""가정 전력 사용량, 판 1. 이 데이터는 만들어 낸 것입니다. / Household electricity, version 1. These data are made up.

한 줄이 한 집의 한 시간입니다. / One row is one hour of one home.

home        집 / home
time        시각(한국 표준시, 그 시각에 시작하는 한 시간) / start of the hour, Korean standard time
forecast_c  전날 발표된 기온 예보 / temperature forecast issued the day before, °C
kwh         그 한 시간의 사용량 / consumption in that hour, kWh

계량기 통신이 끊긴 시간은 줄이 없고, 줄은 도착한 순서라 뒤섞여 있습니다.
Hours in which the meter lost its connection have no row, and rows stand in the order of arrival: shuffled.
"""

import numpy as np
import pandas as pd

VERSION = 1
START = pd.Timestamp("2025-06-02")  # 월요일 / a Monday
TRAIN_DAYS, LATER_DAYS = 56, 14
SPLITS = ("train", "later", "strangers")

# 하루 24시간 가운데 집에 사람이 있는 정도: 맞벌이, 가족, 은퇴, 야간 근무 / presence by hour: couple, family, retired, night shift
_PRESENCE = np.array([
    [.6, .6, .6, .6, .6, .6, .9, .8, .2, .1, .1, .1, .1, .1, .1, .1, .1, .2, .6, .9, 1., 1., .9, .7],
    [.7, .7, .7, .7, .7, .7, 1., 1., .6, .4, .4, .5, .5, .4, .4, .6, .8, .9, 1., 1., 1., 1., .9, .8],
    [.6, .6, .6, .6, .7, .9, 1., 1., .9, .8, .7, .9, 1., .9, .7, .7, .8, .9, 1., 1., .9, .8, .7, .6],
    [.2, .1, .1, .1, .1, .1, .2, .6, 1., .9, .7, .6, .6, .6, .6, .7, .8, .9, 1., .9, .7, .4, .3, .2],
])


def make(seed, n, split):
    """n개 집의 표를 만듭니다. train 56일, later는 같은 집의 다음 14일, strangers는 다른 집의 70일.

    n homes: "train" is 56 days, "later" the next 14 days of the same homes, "strangers" all 70 days of other homes.
    """
    hours = 24 * (TRAIN_DAYS + LATER_DAYS)
    time = START + pd.to_timedelta(np.arange(hours), unit="h")
    temperature, forecast = _weather(np.random.default_rng([VERSION, seed, 0]), hours)
    rng = np.random.default_rng([VERSION, seed, 1 + (SPLITS.index(split) == 2)])
    kwh = _consumption(rng, n, time, temperature)
    there = np.ones((n, hours), dtype=bool)
    for home in range(n):
        for start in rng.integers(0, hours, 9):  # 통신이 끊긴 동안 / outages
            there[home, start:start + rng.integers(2, 9)] = False
    border = 24 * TRAIN_DAYS
    there[:, border:] &= split != "train"
    there[:, :border] &= split != "later"
    home, hour = np.nonzero(there)
    letter = "S" if split == "strangers" else "H"
    table = pd.DataFrame({
        "home": [f"{letter}-{k:03d}" for k in home],
        "time": time[hour],
        "forecast_c": forecast[hour].round(1),
        "kwh": kwh[home, hour].round(3),
    })
    return table.iloc[rng.permutation(len(table))].reset_index(drop=True)


def _weather(rng, hours):
    t = np.arange(hours)
    slow = np.zeros(hours // 24 + 1)
    for day in range(1, len(slow)):
        slow[day] = 0.7 * slow[day - 1] + rng.normal(0.0, 1.1)
    season = 22.0 + 4.5 * np.sin(np.pi * t / hours)
    temperature = season + 4.0 * np.sin(2 * np.pi * (t % 24 - 9) / 24) + np.interp(t / 24, np.arange(len(slow)), slow)
    return temperature, temperature + np.repeat(rng.normal(0.0, 0.8, hours // 24), 24)


def _consumption(rng, n, time, temperature):
    hour, weekend = time.hour.to_numpy(), time.day_of_week.to_numpy() >= 5
    kind = rng.integers(0, 4, n)
    size = np.exp(rng.normal(0.0, 0.3, (n, 1)))
    presence = _PRESENCE[kind][:, hour]
    presence = np.where(weekend, 0.6 * presence + 0.35, presence)
    away = np.repeat(rng.random((n, len(hour) // 24)) < 0.04, 24, axis=1)  # 집을 비운 날 / days away
    presence = np.where(away, 0.0, presence)
    light = np.where((hour >= 18) | (hour < 1), 0.30, 0.10)
    cook = np.isin(hour, (7, 12, 18, 19)) * 0.35
    cooling = rng.uniform(0.05, 0.16, (n, 1)) * (rng.random((n, 1)) < 0.85) * np.maximum(temperature - 25.0, 0.0)
    laundry = (rng.random((n, len(hour))) < 0.02) * rng.uniform(0.4, 0.9, (n, len(hour)))
    mean = rng.uniform(0.07, 0.14, (n, 1)) + presence * (size * (light + cook) + cooling)
    return mean * np.exp(rng.normal(0.0, 0.22, mean.shape)) + presence * laundry
