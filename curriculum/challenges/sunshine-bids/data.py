"""햇빛 발전 자료, 판 1. 이 데이터는 만들어 낸 것입니다. / Solar power data, version 1. These data are made up.

한 줄이 발전소 하나의 한 시간입니다. 발전소는 모두 100 kW입니다. One row is one hour of one plant; each plant has 100 kW.

plant      발전소 / the plant: buk(북구), nam(남구), gwangsan(광산구)
week       몇째 주인지 (훈련 자료에만) / number of the week (in the training data only)
date, hour 날짜와 시각(한국 표준시, 그 시각에 시작하는 한 시간) / day and start of the hour, Korean standard time
elevation  그 시간 한가운데의 태양 고도, ° / the sun's elevation in the middle of the hour, degrees
clear      맑다면 땅에 닿을 햇빛, W/m² / sunlight on the ground under a clear sky
cloud      전날 저녁에 나온 구름 예보, 0~10 / cloud forecast of the evening before, tenths
rain       비 올 확률 예보, % / forecast chance of rain
air        기온 예보, ℃ / temperature forecast, deg C
before     어제 같은 시각의 발전량, kWh (가끔 비어 있음) / output of the same hour yesterday (sometimes missing)
kwh        그 시간의 발전량, kWh: 맞힐 값 / output of the hour: the target

104주를 이어서 만들어 앞의 78주가 훈련, 뒤의 26주가 시험입니다. 시험은 하루걸러만 물어, `before`가 다른 행의 답을 말하지 않습니다.
장마의 주들은 언제나 비공개에 있고, 나머지 시험 주는 씨앗이 나눕니다. 훈련 자료에는 고장으로 멈춘 날이 있습니다.
104 weeks in one piece: the first 78 train, the other 26 are the test. The test asks every other day only, so that `before` tells no
other row's answer. The weeks of the monsoon are always private, the seed parts the others. In the training data plants break down at times.
방법: 북위 35.16°의 태양, Haurwitz(1945)의 맑은 하늘, 세 가지 날씨의 마르코프 사슬. / Method: the sun at 35.16 N, Haurwitz's clear sky (1945), a
Markov chain of three kinds of weather.
"""

import numpy as np
import pandas as pd

VERSION = 1
SPLITS = ("train", "public", "private")
START = pd.Timestamp("2023-09-04")  # 월요일 / a Monday
TRAIN_WEEKS, TEST_WEEKS = 78, 26
HOURS = np.arange(5, 21)
LATITUDE, LONGITUDE, MERIDIAN = np.radians(35.16), 126.85, 135.0
PLANTS = ("buk", "nam", "gwangsan")
TILT, TURN, LOSS = np.radians([22.0, 14.0, 18.0]), np.radians([0.0, -25.0, 20.0]), np.array([0.15, 0.20, 0.17])
MONSOON = (pd.Timestamp("2025-06-19"), pd.Timestamp("2025-07-22"))
RISE = np.array([[0.62, 0.28, 0.10], [0.30, 0.43, 0.27], [0.16, 0.36, 0.48]])  # 맑음, 구름 조금, 흐림 / clear, mixed, grey
WET = np.array([[0.25, 0.40, 0.35], [0.10, 0.35, 0.55], [0.05, 0.25, 0.70]])


def make(seed, n, split):
    """n주의 표. 시험 주는 공개와 비공개를 더해 26주까지입니다. / n weeks; public and private together have at most 26."""
    whole = _two_years(np.random.default_rng([VERSION, seed]))
    rng = np.random.default_rng([VERSION, seed, 1])
    test = np.arange(TRAIN_WEEKS, TRAIN_WEEKS + TEST_WEEKS)
    wet = [w for w in test if MONSOON[0] < START + pd.Timedelta(days=7 * int(w) + 6) and START + pd.Timedelta(days=7 * int(w)) < MONSOON[1]]
    others = rng.permutation(np.setdiff1d(test, wet))
    order = np.concatenate([others, wet])  # 앞에서 공개, 뒤에서 비공개 / public from the front, private from the back
    if n > (TRAIN_WEEKS if split == "train" else TEST_WEEKS - (len(wet) if split == "public" else 0)):
        raise ValueError(f"not so many weeks: {n}")
    weeks = {"train": np.arange(TRAIN_WEEKS)[-n:], "public": order[:n], "private": order[-n:]}[split]
    table = whole[whole["week"].isin(weeks)]
    if split == "train":
        broken = rng.random((len(PLANTS), TRAIN_WEEKS * 7)) < 0.012
        still = broken[table["plant"].map(PLANTS.index).to_numpy(), table["day"].to_numpy()]
        table = table.assign(kwh=np.where(still, 0.0, table["kwh"]))
    else:
        table = table[table["day"] % 2 == 0]
    table = table.assign(week=[f"W{week:03d}" for week in table["week"]], before=table["before"].mask(rng.random(len(table)) < 0.02))
    return table.drop(columns="day").iloc[rng.permutation(len(table))].reset_index(drop=True)


def _two_years(rng):
    days = 7 * (TRAIN_WEEKS + TEST_WEEKS)
    dates = START + pd.to_timedelta(np.arange(days), unit="D")
    cloud, forecast, rain, air = _weather(rng, dates)
    elevation, direct = _sun(dates.dayofyear.to_numpy())
    clear = np.where(elevation > 0, 1098.0 * np.sin(elevation.clip(1e-3)) * np.exp(-0.057 / np.sin(elevation.clip(1e-3))), 0.0)
    share = 1.0 - 0.75 * cloud**3.4  # Kasten과 Czeplak(1980) / Kasten and Czeplak, 1980
    beam = clear * (share - 0.12).clip(0) / 0.88
    local = np.exp(0.05 * rng.normal(size=(len(PLANTS), days, len(HOURS))))
    plane = (clear * share - 0.75 * beam)[None] + 0.75 * beam[None] * direct
    heat = 1.0 - 0.004 * (air[None] + 0.028 * plane - 25.0)
    dust = 1.0 - 0.04 * np.abs(np.sin(np.arange(days) / 23.0))[None, :, None]
    kwh = (plane / 1000.0 * 100.0 * (1.0 - LOSS)[:, None, None] * heat * dust * local).clip(0.0, 92.0)  # 인버터의 끝 / the inverter's end
    kwh = np.where(elevation[None] > 0, kwh, 0.0)
    before = np.concatenate([np.full_like(kwh[:, :1], np.nan), kwh[:, :-1]], axis=1)
    plant, day, hour = (axis.ravel() for axis in np.indices(kwh.shape))
    return pd.DataFrame({
        "plant": np.array(PLANTS)[plant], "week": day // 7, "day": day, "date": dates[day].strftime("%Y-%m-%d"), "hour": HOURS[hour],
        "elevation": np.degrees(elevation)[day, hour].round(1), "clear": clear[day, hour].round(),
        "cloud": forecast[day, hour].round(1), "rain": rain[day], "air": air[day, hour].round(1),
        "before": before.ravel().round(2), "kwh": kwh.ravel().round(2),
    })


def _sun(day):
    """(일, 시): 태양 고도(라디안)와, 발전소마다 판에 닿는 직달광의 배수. / elevation, and each plant's gain of direct light."""
    angle = 2 * np.pi * (day - 81) / 364.0
    late = (9.87 * np.sin(2 * angle) - 7.53 * np.cos(angle) - 1.5 * np.sin(angle)) / 60.0  # 균시차 / equation of time
    declination = np.radians(23.45) * np.sin(2 * np.pi * (284 + day) / 365.0)
    noon = HOURS[None] + 0.5 + (LONGITUDE - MERIDIAN) / 15.0 + late[:, None] - 12.0
    turn, d = np.radians(15.0 * noon), declination[:, None]
    up = np.sin(LATITUDE) * np.sin(d) + np.cos(LATITUDE) * np.cos(d) * np.cos(turn)
    south = np.sin(LATITUDE) * np.cos(d) * np.cos(turn) - np.cos(LATITUDE) * np.sin(d)
    west = np.cos(d) * np.sin(turn)
    tilt, azimuth = TILT[:, None, None], TURN[:, None, None]
    onto = np.cos(tilt) * up + np.sin(tilt) * (np.cos(azimuth) * south + np.sin(azimuth) * west)
    return np.arcsin(up), (onto.clip(0) / up.clip(0.08)).clip(0, 4.0)


def _weather(rng, dates):
    """구름(0~1), 그 예보(0~10), 비 올 확률(%), 기온(℃). / Clouds, their forecast, chance of rain, air temperature."""
    state, states = 0, []
    for date in dates:
        wet = MONSOON[0].dayofyear <= date.dayofyear <= MONSOON[1].dayofyear
        state = rng.choice(3, p=(WET if wet else RISE)[state])
        states.append(state)
    states = np.array(states)
    shape = len(dates), len(HOURS)
    middle, spread = np.array([0.12, 0.5, 0.88])[states], np.array([0.06, 0.15, 0.07])[states]
    swing = np.empty(shape)
    swing[:, 0] = rng.normal(size=shape[0])
    for hour in range(1, shape[1]):
        swing[:, hour] = 0.8 * swing[:, hour - 1] + 0.6 * rng.normal(size=shape[0])
    cloud = (middle[:, None] + spread[:, None] * swing).clip(0, 1)
    wrong = 0.07 * rng.normal(size=(shape[0], 1)) + np.where(rng.random((shape[0], 1)) < 0.06, rng.normal(0, 0.3, (shape[0], 1)), 0.0)
    forecast = (0.5 * cloud + 0.5 * cloud.mean(1, keepdims=True) + wrong + 0.05 * rng.normal(size=shape)).clip(0, 1)
    rain = (10 * np.round(10 * (np.array([0.04, 0.2, 0.62])[states] + 0.1 * rng.normal(size=shape[0])).clip(0, 1))).astype(int)
    season = 14.0 - 12.5 * np.cos(2 * np.pi * (dates.dayofyear.to_numpy() - 22) / 365.0)
    warm = rng.normal(0, 2.2, shape[0])
    daily = 4.5 * np.sin(2 * np.pi * (HOURS - 9.0) / 24.0)
    return cloud, 10 * forecast, rain, season[:, None] + warm[:, None] + daily[None] * (1.2 - cloud)
