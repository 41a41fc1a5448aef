# %% [ko]
# # 누설 없는 파이프라인
#
# 자동차 보험사가 조심스럽게 운전하는 사람에게 할인을 주려고 합니다. 동료가 휴대전화 센서로 위험한 조작을 알아내는 모델을 만들었습니다.
# 교차검증 AUC는 0.93입니다. 모두 기뻐했습니다. 그런데 새로 가입한 운전자 150명에게 써 보니 0.84였습니다.
# 코드에는 오류가 없고, 경고도 없습니다. **사라진 9점은 어디로 갔습니까?**
#
# 사라진 것이 아니라 처음부터 없었습니다. 점수를 재는 동안 모델이 실제로 쓰일 때는 알 수 없는 것을 알고 있었습니다. 이것을 **누설**(leak)이라고 합니다.
# 누설은 오류를 내지 않고, 점수를 **올려** 주기 때문에 아무도 찾으려 하지 않습니다. 그래서 습관이 필요합니다. 오늘 내내 물을 것은 하나입니다.
#
# > ### 예측하는 그 순간에, 나는 이것을 알고 있는가?
#
# 앞부분에서는 **사람**의 경계를 지킵니다(처음 보는 운전자). 뒷부분에서는 **시간**의 경계를 지킵니다(아직 오지 않은 내일의 전력).

# %% [en]
# # Leak-free pipelines
#
# A car insurer wants to give a discount to careful drivers. A colleague built a model that finds risky manoeuvres from the
# sensors of a phone. Its cross-validated AUC is 0.93, and everybody was happy. Then 150 new customers came, and it was 0.84.
# The code has no error and gives no warning. **Where did the 9 points go?**
#
# They did not go; they were never there. While it was being scored, the model knew something that it cannot know in use. This
# is a **leak**. A leak raises no error, and because it makes the score **better** nobody goes looking for it. So you need a
# habit. All day we ask one question:
#
# > ### At the moment of prediction, do I know this?
#
# In the first half we guard the border between **people** (drivers never seen before). In the second half we guard the border
# of **time** (tomorrow's electricity, which has not happened yet).

# %% [ko]
# ## 약속
#
# - 답을 쓰는 칸에서는 numpy, pandas, scikit-learn을 마음껏 쓰십시오. 반복문으로 써도 됩니다.
# - 함수는 건네받은 표와 배열을 **바꾸지 않습니다**.
# - 위치(position)는 0부터 세는 행 번호이며 `table.iloc[...]`에 넣는 그 수입니다. 인덱스의 이름표와 다를 수 있습니다.
# - `seed`가 같으면 결과가 같고, `seed`가 다르면 나누는 방식도 달라집니다.
# - 채점에는 **다른 씨앗으로 만든 자료**를 씁니다. 숨은 검사는 보이는 검사와 같은 성질을 그 자료로 확인합니다.
# - 점수의 문턱은 미리 알립니다: 운전자 60명으로 배워 처음 보는 100명에게 잰 AUC가 **0.86 이상**(열두 번의 평균), 운전자 100명으로
#   보고한 점수와 처음 보는 150명의 점수의 차이가 **0.05 이하**(두 번의 평균), 전력 예측의 오차는 "어제 같은 시각과 같다"는 예측보다 **10% 이상** 작을 것.

# %% [en]
# ## Conventions
#
# - In the cells that you write use numpy, pandas and scikit-learn as you like. Loops are fine.
# - Functions **do not change** the tables and arrays they are given.
# - A position is a row number counted from 0, the number that goes into `table.iloc[...]`. It may differ from the index label.
# - The same `seed` gives the same result; another `seed` gives another way of splitting.
# - The marking uses **data made from other seeds**. Hidden tests check on them the same properties as the visible tests.
# - Thresholds are announced: learning from 60 drivers, an AUC of **at least 0.86** on 100 never seen (mean of twelve times); the score
#   you report from 100 drivers within **0.05** of that on 150 never seen (mean of two times); the error of the electricity forecast at
#   least **10%** below that of "the same as yesterday at this hour".

# %% given="setup"
import driving
import household
import koreanize_matplotlib  # noqa: F401  (한글 글꼴 / a Korean font)
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#009E73", "#7F7F7F"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 11})

# %% [ko]
# # 1부. 사람의 경계
#
# ## 자료 카드: 운전 센서
#
# **이 데이터는 만들어 낸 것입니다.** 실제 운전자의 기록은 없습니다. 만드는 방법은 곁에 있는 `driving.py`에 모두 적혀 있습니다.
#
# | | |
# |---|---|
# | 한 줄 | 4초 구간 하나의 요약. 운전자 100명, 한 사람에 30구간 |
# | `ax_*`, `ay_*`, `yaw_*`, `speed` | 앞뒤·좌우 가속도(m/s²), 회전 속도(rad/s), 속도(m/s). 위성 신호가 끊기면 `speed`가 비어 있음 |
# | `pitch`, `roll` | 휴대전화 거치대가 기운 각도(°) |
# | `car`, `road` | 차종과 도로 구간(800곳) |
# | `risky` | 1 = 급제동이나 급차로변경 |
#
# 새 운전자에게는 학습 때 없던 차종이 나타나기도 합니다. 현실에서 늘 있는 일입니다.

# %% [en]
# # Part 1. The border between people
#
# ## Data card: driving sensors
#
# **These data are made up.** They hold no record of a real driver. How they are made stands in full in `driving.py` beside this notebook.
#
# | | |
# |---|---|
# | one row | the summary of a window of 4 seconds; 100 drivers, 30 windows each |
# | `ax_*`, `ay_*`, `yaw_*`, `speed` | forward and sideways acceleration (m/s²), yaw rate (rad/s), speed (m/s); `speed` is empty where GPS failed |
# | `pitch`, `roll` | the tilt of the phone's holder (°) |
# | `car`, `road` | the kind of car and the road segment (800 of them) |
# | `risky` | 1 = harsh braking or an abrupt lane change |
#
# Among new drivers there may be kinds of car that did not occur in training. In real life that happens all the time.

# %%
trips = driving.make(seed=2, n=100, split="train")
trips.head(20).round(2)

# %% [ko]
# ## 동료가 한 일
#
# 아래는 동료의 코드를 그대로 되살린 것입니다. 행을 무작위로 섞어 넷으로 나누었습니다. 교과서에 나오는 그대로입니다.
#
# 그림의 왼쪽을 보십시오. 가로줄 하나가 운전자 한 명, 칸 하나가 구간 하나입니다. 행을 섞으면 **모든 운전자가 훈련에도 시험에도 들어갑니다.** 그러면 모델은 "이 사람은
# 누구인가"를 외워 점수를 올릴 수 있습니다. 거친 사람의 구간은 대부분 위험하니까요. 보험사가 정말로 알고 싶은 것은 가운데 그림, **처음 보는 운전자**에게 얼마나 맞는가입니다.
# 실행하기 전에 맞혀 보십시오. 어느 열이 운전자의 지문 노릇을 할까요?

# %% [en]
# ## What the colleague did
#
# This is the colleague's code brought back to life. Rows were shuffled and cut into four parts, just as in the textbook.
#
# Look at the left of the picture. A line is one driver, a square is one window. When rows are shuffled, **every driver is in
# training and in the test.** The model can then win points by learning "who is this?", since most windows of a rough driver are
# risky. What the insurer wants to know is in the middle: how well it works for **drivers never seen before**.
# Guess before you run it: which columns may serve as a driver's fingerprint?

# %% given="picture-rows"
colleague = make_pipeline(
    ColumnTransformer([("numbers", "passthrough", driving.NUMBERS)]),
    HistGradientBoostingClassifier(max_iter=25, learning_rate=0.3, random_state=0),
)
reported = cross_val_score(colleague, trips[driving.FEATURES], trips["risky"], cv=KFold(4, shuffle=True, random_state=0), scoring="roc_auc").mean()
newcomers = driving.make(seed=2, n=150, split="hidden")
colleague.fit(trips[driving.FEATURES], trips["risky"])
real = roc_auc_score(newcomers["risky"], colleague.predict_proba(newcomers[driving.FEATURES])[:, 1])
del newcomers  # 새 운전자는 점수를 잴 때 한 번만 씁니다 / newcomers serve once, to measure

dice = np.random.default_rng(5)
by_row = dice.random((12, 24)) < 0.25
by_driver = np.zeros((12, 24), dtype=bool)
by_driver[[2, 7, 10]] = True
figure, axes = plt.subplots(1, 3, figsize=(12.5, 3.9), layout="constrained", width_ratios=[1, 1, 1.1])
for axis, mask, title in ((axes[0], by_row, "행을 섞음 / rows shuffled"), (axes[1], by_driver, "운전자를 나눔 / drivers split")):
    axis.imshow(mask, cmap=plt.matplotlib.colors.ListedColormap(["#C9DDEB", ORANGE]), aspect="auto")
    axis.set_xticks(np.arange(25) - 0.5, labels=[])
    axis.set_yticks(np.arange(13) - 0.5, labels=[])
    axis.grid(color="white", lw=1.5)
    axis.tick_params(length=0)
    axis.set(title=title, xlabel="구간 / windows", ylabel="운전자 / drivers")
for name, color in (("훈련 / train", "#C9DDEB"), ("시험 / test", ORANGE)):
    axes[1].plot([], [], "s", color=color, ms=9, label=name)
axes[1].legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.1), ncol=2)
axes[2].plot([real, reported], [0, 0], color=GREY, lw=2, zorder=1)
axes[2].scatter([reported, real], [0, 0], s=130, color=[ORANGE, BLUE], zorder=2)
axes[2].annotate(f"보고한 점수\nreported\n{reported:.3f}", (reported, 0), (0, 16), textcoords="offset points", ha="center", color=ORANGE, weight="bold")
axes[2].annotate(f"새 운전자\nnewcomers\n{real:.3f}", (real, 0), (0, 16), textcoords="offset points", ha="center", color=BLUE, weight="bold")
axes[2].set(xlim=(0.82, 0.96), ylim=(-0.6, 1), yticks=[], xlabel="AUC", title="어느 쪽을 믿겠습니까? / which one do you believe?")
plt.show()

# %% [ko]
# ## 1. 운전자를 나누기
#
# ### 손으로 푸는 예제
#
# | 위치 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |
# |---|---|---|---|---|---|---|---|---|
# | 운전자 | 나 | 가 | 나 | 라 | 가 | 다 | 나 | 라 |
#
# 운전자가 네 명이고 `share = 0.25`이면 **한 명**이 시험으로 갑니다(행의 4분의 1이 아닙니다). `나`가 뽑혔다면 시험의 위치는 0, 2, 6이고 훈련은 1, 3, 4, 5, 7입니다.
# 한 사람의 행은 모두 한쪽에만 있습니다. 다른 씨앗이라면 다른 사람이 뽑힙니다.
#
# **문제 1.** `split_by_driver`를 완성하십시오.
# - `drivers`는 행마다의 운전자를 담은 Series입니다. 행은 섞여 있고 인덱스의 이름표는 아무 값이나 될 수 있습니다.
# - 시험 운전자의 수는 `share × 운전자 수`입니다. 검사에는 딱 떨어지는 값만 쓰며, 1보다 작으면 한 명입니다.
# - `(훈련 위치, 시험 위치)`를 정수 배열 둘로 돌려줍니다. 배열 안의 순서는 상관없습니다.

# %% [en]
# ## 1. Split the drivers
#
# ### An example by hand
#
# | position | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |
# |---|---|---|---|---|---|---|---|---|
# | driver | B | A | B | D | A | C | B | D |
#
# With four drivers and `share = 0.25`, **one driver** goes to the test (not a quarter of the rows). If B is drawn, the test has the
# positions 0, 2, 6 and training has 1, 3, 4, 5, 7. All rows of a person are on one side. Another seed draws another person.
#
# **Exercise 1.** Complete `split_by_driver`.
# - `drivers` is a Series with the driver of each row. Rows are mixed and the index labels may be anything.
# - The number of test drivers is `share × number of drivers`. The tests use values that come out even; below 1 it is one driver.
# - Return `(train positions, test positions)` as two arrays of integers. The order within an array does not matter.

# %% solution="split-drivers"
def split_by_driver(drivers, share, seed):
    """운전자를 나누어 (훈련 위치, 시험 위치)를 / Split the drivers: (train positions, test positions)."""
    ### BEGIN SOLUTION
    drivers = np.asarray(drivers)
    names = np.unique(drivers)
    count = max(1, round(share * len(names)))
    chosen = np.random.default_rng(seed).choice(names, count, replace=False)
    inside = np.isin(drivers, chosen)
    return np.flatnonzero(~inside), np.flatnonzero(inside)
    ### END SOLUTION


# %% test="split-disjoint" points=2
train, test = split_by_driver(trips["driver"], 0.2, 1)

assert len(train) + len(test) == len(trips), "모든 행이 훈련이나 시험 가운데 한쪽에 있어야 합니다 / every row must be in training or in the test"
assert not set(trips["driver"].iloc[train]) & set(trips["driver"].iloc[test]), "훈련과 시험에 같은 운전자가 있습니다 / a driver is in training and in the test"

# %% test="split-share" points=1
train, test = split_by_driver(trips["driver"], 0.2, 1)

assert trips["driver"].iloc[test].nunique() == 20, "운전자 100명의 20%이면 시험 운전자는 20명입니다 / 20% of 100 drivers means 20 test drivers"

# %% test="split-seed" points=1
first, again = split_by_driver(trips["driver"], 0.2, 1)[1], split_by_driver(trips["driver"], 0.2, 1)[1]

assert sorted(first) == sorted(again), "같은 seed인데 결과가 다릅니다 / the same seed gave another result"
assert len({tuple(sorted(split_by_driver(trips["driver"], 0.2, seed)[1])) for seed in range(6)}) > 1, "seed를 바꾸어도 나누는 방식이 그대로입니다 / another seed gives the same split"

# %% [ko]
# ## 2. 정직한 교차검증
#
# 한 번 나누어 잰 점수는 누가 뽑혔는지에 따라 흔들립니다. 그래서 운전자를 몇 무리로 나누고, 무리마다 한 번씩 시험을 맡깁니다.
#
# 여기서 두 번째 길로 샙니다. **나누기 전에 자료 전체에서 배운 것은 모두 누설입니다.** 평균으로 빈칸을 채우는 것도, 표준화의 평균과 표준편차도, 도로마다 위험한
# 비율을 매기는 것도 "배우는" 일입니다. 시험 행까지 넣어 배웠다면 시험이 아닙니다. 얼마나 해로운지는 종류마다 다릅니다.
#
# | 나누기 전에 전체로 한 일 | 새는 것 | 보통 얼마나 |
# |---|---|---|
# | 표준화, 평균으로 채우기 | 시험 행의 평균 | 행이 많으면 아주 조금. 행이 적으면 큼 |
# | 변수 고르기 | 정답과의 관계 | 변수가 많을수록 큼 |
# | 도로를 "그 도로의 위험 비율"로 바꾸기 | **정답 그 자체** | 도로마다 행이 서넛이면 아주 큼. 이 자료에서는 AUC 0.04쯤 |
#
# 그래서 배우는 단계는 모두 **모델 안에**(파이프라인에) 넣고, 교차검증에는 손대지 않은 표를 건넵니다. 그러면 무리마다 훈련 행으로만 처음부터 다시 배웁니다.
#
# **문제 2.** `driver_cv`를 완성하십시오.
# - `X`는 DataFrame, `y`와 `drivers`는 행이 나란한 Series입니다. 열의 이름과 수, 행의 인덱스는 아무 것이나 될 수 있습니다.
# - 운전자를 `n_folds` 무리로 나눕니다(운전자마다 정확히 한 무리, 빈 무리 없음, `seed`로 섞음).
# - 무리마다: `model`의 **복사본**(`clone`)을 나머지 운전자의 행으로 `fit`하고, 그 무리의 행에 `predict_proba`를 써서 AUC를 잽니다.
# - 모델에는 `X`의 행을 **손대지 않고 DataFrame 그대로** 건넵니다. 건네받은 `model` 자체는 학습되지 않은 채로 둡니다.
# - AUC `n_folds`개를 배열로 돌려줍니다. scikit-learn의 도구를 써도 좋습니다.

# %% [en]
# ## 2. Honest cross-validation
#
# A score from one split wobbles with who was drawn. So we put the drivers into a few groups and let each group be the test once.
#
# Here is the second way to leak. **Whatever was learned from all the data before splitting is a leak.** Filling gaps with a mean
# is learning; so are the mean and standard deviation of standardising, and so is the share of risky windows on each road. If the
# test rows took part in it, they are no test. How harmful it is depends.
#
# | done on everything before the split | what leaks | usually how much |
# |---|---|---|
# | standardising, filling with a mean | the mean of the test rows | very little with many rows, much with few |
# | choosing variables | their relation to the answer | the more variables, the more |
# | turning a road into "its share of risky windows" | **the answer itself** | very much when a road has three or four rows; in these data about 0.04 of AUC |
#
# So everything that learns goes **inside the model** (into the pipeline), and cross-validation is given the untouched table. Then
# each round learns afresh, from its training rows only.
#
# **Exercise 2.** Complete `driver_cv`.
# - `X` is a DataFrame, `y` and `drivers` are Series, row by row. Columns may be any, and so may the index labels.
# - Put the drivers into `n_folds` groups (each driver in exactly one, no group empty, shuffled by `seed`).
# - For each group: `fit` a **copy** (`clone`) of `model` on the rows of the other drivers, use `predict_proba` on the group's rows, measure the AUC.
# - The model is given rows of `X` **untouched, as a DataFrame**. The `model` that was handed over stays unfitted.
# - Return the `n_folds` AUCs as an array. scikit-learn's tools are welcome.

# %% solution="driver-cv"
def driver_cv(model, X, y, drivers, n_folds, seed):
    """운전자 무리마다의 AUC / The AUC for each group of drivers."""
    ### BEGIN SOLUTION
    from sklearn.model_selection import GroupKFold

    folds = GroupKFold(n_folds, shuffle=True, random_state=seed)
    return cross_val_score(model, X, y, groups=drivers, cv=folds, scoring="roc_auc")
    ### END SOLUTION


# %% test="cv-drivers" points=2
quick = make_pipeline(ColumnTransformer([("numbers", "passthrough", ["ax_min", "ay_peak"])]), GaussianNB())
scores = driver_cv(quick, trips[driving.FEATURES], trips["risky"], trips["driver"], 4, 0)

assert len(scores) == 4 and all(0 <= score <= 1 for score in scores), "무리마다 0과 1 사이의 AUC가 하나씩 나와야 합니다 / there must be one AUC between 0 and 1 for each group"

# %% test="cv-untouched" points=2
before = trips.copy()
unfitted = make_pipeline(ColumnTransformer([("numbers", "passthrough", ["ax_min", "ay_peak"])]), GaussianNB())
driver_cv(unfitted, trips[driving.FEATURES], trips["risky"], trips["driver"], 3, 0)

assert trips.equals(before), "건네받은 표가 바뀌었습니다 / the table that was handed over has changed"
assert not hasattr(unfitted[-1], "classes_"), "건네받은 모델이 학습되었습니다. clone한 것을 쓰십시오 / the model that was handed over got fitted; use a clone"

# %% test="cv-seed" points=1
quick = make_pipeline(ColumnTransformer([("numbers", "passthrough", ["ax_min", "ay_peak"])]), GaussianNB())
scores = [tuple(np.round(driver_cv(quick, trips[driving.FEATURES], trips["risky"], trips["driver"], 3, seed), 12)) for seed in (0, 0, 1, 2)]

assert scores[0] == scores[1], "같은 seed인데 점수가 다릅니다 / the same seed gave other scores"
assert len(set(scores)) > 1, "seed를 바꾸어도 무리가 그대로입니다 / another seed gives the same groups"

# %% [ko]
# ### 거짓 점수는 틀린 모델을 고르게 합니다
#
# 점수가 부풀려지는 것만이 문제가 아닙니다. 아래 칸은 같은 모델을 열만 바꾸어 가며 두 가지로 잽니다. **행을 섞은 점수는 어느 모델을 고르라고 합니까? 운전자를 나눈 점수는요?**
# 새 운전자에게 통하는 것은 어느 쪽이겠습니까? 여기서 지문을 찾으십시오.

# %% [en]
# ### A false score makes you choose the wrong model
#
# Inflated numbers are not the only harm. The cell below measures the same model with different columns in two ways. **Which model
# do the shuffled rows tell you to choose? And the split drivers?** Which of the two will work for newcomers? Find the fingerprint here.

# %%
families = {"-": "none", "ay_*": "ay", "pitch, roll": ("pitch", "roll")}
print("left out        rows shuffled   drivers split")
for name, prefix in families.items():
    columns = [column for column in driving.NUMBERS if not column.startswith(prefix)]
    model = make_pipeline(
        ColumnTransformer([("numbers", "passthrough", columns)]),
        HistGradientBoostingClassifier(max_iter=20, learning_rate=0.35, random_state=0),
    )
    rows = cross_val_score(model, trips[driving.FEATURES], trips["risky"], cv=KFold(2, shuffle=True, random_state=0), scoring="roc_auc").mean()
    people = np.mean(driver_cv(model, trips[driving.FEATURES], trips["risky"], trips["driver"], 2, 0))
    print(f"{name:<14}{rows:12.3f}{people:16.3f}")

# %% [ko]
# ## 3. 파이프라인 하나로
#
# 이제 여러분의 모델을 만듭니다. `make_model()`은 아직 학습하지 않은 새 모델을 돌려줍니다. 이 모델은 `trips[driving.FEATURES]`를 **있는 그대로** 받아 빈칸도, 글자로 된
# `car`와 `road`도 스스로 처리해야 합니다. 쓰지 않을 열은 모델 안에서 버리면 됩니다. `ColumnTransformer`는 적지 않은 열을 버립니다.
#
# 지킬 성질은 네 가지입니다.
# 1. 부를 때마다 **학습하지 않은 새 모델**이 나오고, `fit`, `predict_proba`, `clone`이 됩니다.
# 2. 한 행의 확률은 **함께 온 다른 행에 좌우되지 않습니다.** 예측할 때 새 표의 평균을 쓰면 어긋납니다.
# 3. **단위를 바꾸어도**(m/s를 다른 단위로, 훈련과 예측에서 똑같이) 예측은 그대로입니다(0.02 이내). 크기에 민감한 모델이라면 표준화도 파이프라인 안에 있어야 합니다.
# 4. 빈칸, 처음 보는 차종, 처음 보는 도로가 와도 0과 1 사이의 확률이 나옵니다.
#
# 그리고 60명으로 배워도 처음 보는 운전자에게 AUC **0.86 이상**이어야 합니다. 이 자료에서 100명으로 배우면 0.89까지는 어렵지 않습니다. 무엇을 넣고 뺄지는 `driver_cv`로 정하십시오.

# %% [en]
# ## 3. All in one pipeline
#
# Now build your own model. `make_model()` returns a new model that has not been fitted. It takes `trips[driving.FEATURES]` **as it is** and
# must deal by itself with the gaps and with `car` and `road`, which are text. Columns you don't want are dropped inside the model:
# a `ColumnTransformer` drops what it does not list.
#
# Four properties to keep.
# 1. Each call gives a **new, unfitted model**, for which `fit`, `predict_proba` and `clone` work.
# 2. The probability of a row **does not depend on the other rows it came with.** Using the mean of the new table in prediction breaks this.
# 3. **Changing units** (m/s into something else, in training and in prediction alike) leaves the predictions as they are (within 0.02). If
#    your model minds sizes, standardising belongs inside the pipeline.
# 4. Gaps, a new kind of car or a new road still give probabilities between 0 and 1.
#
# And on drivers never seen it has to reach an AUC of **0.86**, even when it learns from 60. In these data 0.89 is not hard with 100. Let `driver_cv`
# decide what goes in and what stays out.

# %% solution="model"
def make_model():
    """학습하지 않은 새 모델 / A new model, not fitted."""
    ### BEGIN SOLUTION
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler

    motion = [column for column in driving.NUMBERS if column not in ("pitch", "roll")]
    prepare = ColumnTransformer([
        ("motion", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), motion),
        ("car", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["car"]),
    ])
    return make_pipeline(prepare, PolynomialFeatures(2, include_bias=False), StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
    ### END SOLUTION


# %% test="model-fresh" points=1
one, other = make_model(), make_model()

assert one is not other, "부를 때마다 새 모델이어야 합니다 / each call must give a new model"
clone(one).fit(trips[driving.FEATURES].iloc[:900], trips["risky"].iloc[:900])
p = other.fit(trips[driving.FEATURES].iloc[:900], trips["risky"].iloc[:900]).predict_proba(trips[driving.FEATURES].iloc[900:])
assert p.shape == (len(trips) - 900, 2), "predict_proba는 행마다 두 확률을 돌려주어야 합니다 / predict_proba must return two probabilities per row"
assert np.all(np.isfinite(p)) and np.allclose(p.sum(axis=1), 1), "확률이 비어 있거나 합이 1이 아닙니다 / probabilities are empty or don't add up to 1"

# %% test="model-alone" points=1
fitted = make_model().fit(trips[driving.FEATURES].iloc[:1500], trips["risky"].iloc[:1500])
together, alone = fitted.predict_proba(trips[driving.FEATURES].iloc[1500:1560]), fitted.predict_proba(trips[driving.FEATURES].iloc[1530:1531])

assert np.allclose(together[30], alone[0]), "같은 행인데 함께 온 행에 따라 확률이 달라집니다. 훈련에서 배운 값만 써야 합니다 / the same row gets another probability in other company: use only what training has learned"

# %% test="model-units" points=2
changed = trips.copy()
changed["speed"] = changed["speed"] * 1024
plain = make_model().fit(trips[driving.FEATURES].iloc[:1500], trips["risky"].iloc[:1500]).predict_proba(trips[driving.FEATURES].iloc[1500:])[:, 1]
scaled = make_model().fit(changed[driving.FEATURES].iloc[:1500], changed["risky"].iloc[:1500]).predict_proba(changed[driving.FEATURES].iloc[1500:])[:, 1]

assert np.abs(plain - scaled).max() < 0.02, "속도의 단위를 바꾸었더니 예측이 달라집니다. 표준화를 파이프라인 안에 넣으십시오 / another unit of speed changes the predictions; put standardising inside the pipeline"

# %% test="model-newcomers" points=2
scores = driver_cv(make_model(), trips[driving.FEATURES], trips["risky"], trips["driver"], 3, 0)

assert np.mean(scores) >= 0.83, "운전자를 나눈 AUC가 0.83에 못 미칩니다. 열을 더하고 빼 보십시오 / the AUC with drivers split is below 0.83; try adding and leaving out columns"

# %% test="cv-honest" points=2
scores = np.asarray(driver_cv(make_model(), trips[driving.FEATURES], trips["risky"], trips["driver"], 5, 0))
print(f"AUC {scores.mean():.3f} ± {scores.std(ddof=1) / np.sqrt(len(scores)):.3f}")

assert len(scores) == 5, "무리가 다섯이면 점수도 다섯입니다 / five groups, five scores"

# %% [ko]
# # 2부. 시간의 경계
#
# ## 자료 카드: 가정 전력
#
# **이 데이터도 만들어 낸 것입니다**(`household.py`). 광주의 여름을 흉내 냈습니다.
#
# | | |
# |---|---|
# | 한 줄 | 한 집의 한 시간. 12가구, 2025년 6월 2일부터 56일 |
# | `time` | 그 한 시간이 시작하는 시각(한국 표준시) |
# | `forecast_c` | **전날 발표된** 기온 예보(°C) |
# | `kwh` | 그 한 시간의 사용량 |
#
# 계량기 통신이 끊긴 시간은 **줄이 아예 없고**, 줄은 도착한 순서대로라 **뒤섞여 있습니다.** `(home, time)`은 겹치지 않습니다.
#
# 한전은 하루 전에 시간마다의 사용량을 예측하려고 합니다. 시각 $t$의 사용량은 $t-24$시간에 예측합니다. 다시 묻겠습니다. **그 순간에 나는 무엇을 알고 있습니까?**
# $t-24$시까지의 사용량, 달력, 그리고 기온의 예보입니다. 한 시간 전의 사용량도, 실제 기온도 아직 모릅니다.

# %% [en]
# # Part 2. The border of time
#
# ## Data card: electricity of homes
#
# **These data are made up as well** (`household.py`). They imitate a summer in Gwangju.
#
# | | |
# |---|---|
# | one row | one hour of one home; 12 homes, 56 days from 2 June 2025 |
# | `time` | when the hour begins (Korean standard time) |
# | `forecast_c` | the temperature forecast **issued the day before** (°C) |
# | `kwh` | consumption in that hour |
#
# Hours in which the meter lost its connection **have no row at all**, and rows stand in the order of arrival: **shuffled.** No `(home, time)` occurs twice.
#
# The power company wants a forecast of each hour a day ahead: consumption at time $t$ is predicted at $t-24$ hours. We ask again: **at that
# moment, what do I know?** Consumption up to $t-24$ h, the calendar, and the forecast of the temperature. Not yet the consumption an
# hour before, nor the real temperature.

# %%
meters = household.make(seed=3, n=12, split="train")
meters.head(20)

# %% [ko]
# ## 4. 어제 이 시각: 시차 변수
#
# 가장 좋은 힌트는 어제 같은 시각과 지난주 같은 시각의 사용량입니다. 흔히 `shift(24)`로 "24칸 위"를 가져옵니다. 그런데 24칸 위가 24시간 전이라는 보장이 어디에 있습니까?
#
# 그림은 한 집의 나흘입니다. 회색 띠에서 통신이 끊겨 여섯 줄이 없습니다. `shift(24)`로 가져온 값(주황)은 그 뒤 하루 동안 **여섯 시간씩 밀려** 아침을 새벽으로 압니다.
# 줄을 세지 말고 **시계를 보고** 찾아야 합니다(파랑).

# %% [en]
# ## 4. This hour yesterday: lags
#
# The best hints are the consumption at the same hour yesterday and a week ago. People often write `shift(24)`, "24 rows up". But who says
# that 24 rows up is 24 hours ago?
#
# The picture shows four days of one home. In the grey band the connection was lost and six rows are missing. What `shift(24)` brings (orange)
# is **six hours off** during the next day; it takes the small hours for the morning. Don't count rows; **look at the clock** (blue).

# %% given="picture-lags"
clock = pd.date_range("2025-06-02", periods=96, freq="h")
usual = 0.25 + 0.35 * np.exp(-0.5 * ((clock.hour - 7) / 1.2) ** 2) + 0.75 * np.exp(-0.5 * ((clock.hour - 20) / 2.0) ** 2)
lost = (np.arange(96) >= 34) & (np.arange(96) < 40)
kept = pd.Series(usual.to_numpy(), index=clock)[~lost]
by_rows = kept.shift(24)
by_clock = pd.Series([usual[k - 24] if k >= 24 and not lost[k - 24] else np.nan for k in range(96)], index=clock)[~lost]
figure, axes = plt.subplots(2, 1, figsize=(11, 4.6), sharex=True, sharey=True, layout="constrained")
for axis, lag, color, title in ((axes[0], by_rows, ORANGE, "24칸 위 / 24 rows up"), (axes[1], by_clock, BLUE, "24시간 전 / 24 hours ago")):
    axis.plot(clock, np.where(lost, np.nan, usual), color="#BBBBBB", lw=5, label="kwh")
    axis.plot(lag.reindex(clock), color=color, lw=2, label=title)
    axis.axvspan(clock[34], clock[39], color="#EEEEEE", zorder=0)
    axis.legend(frameon=False, loc="upper left", ncol=2)
    axis.set_ylabel("kWh")
axes[0].text(clock[36], 1.02, "끊김\nlost", ha="center", va="top", fontsize=9)
axes[1].xaxis.set_major_formatter(plt.matplotlib.dates.DateFormatter("%m-%d"))
axes[1].xaxis.set_major_locator(plt.matplotlib.dates.DayLocator())
axes[0].set_ylim(0, 1.3)
plt.show()

# %% [ko]
# ### 손으로 푸는 예제 (`hours=(1, 2)`)
#
# | home | time | kwh | lag_1 | lag_2 | 까닭 |
# |---|---|---|---|---|---|
# | 가 | 00:00 | 1.0 | – | – | 앞이 없음 |
# | 가 | 01:00 | 2.0 | 1.0 | – | |
# | 가 | 03:00 | 4.0 | **–** | 2.0 | 02:00의 줄이 없음. 2.0이 아님 |
# | 나 | 01:00 | 9.0 | **–** | – | `가`의 값은 `나`의 어제가 아님 |
#
# 모르는 값은 `NaN`입니다. **0이 아닙니다.** 0은 "전기를 쓰지 않았다"는 주장이고, 모델은 그것을 믿습니다.
#
# **문제 4.** `add_lags`를 완성하십시오.
# - `hours`의 수 `h`마다, 같은 집의 정확히 `h`시간 전 `kwh`를 담은 열 `lag_h`를 더한 **새 표**를 돌려줍니다.
# - 행의 순서와 인덱스는 받은 그대로입니다. 행은 어떤 순서로든 올 수 있습니다.

# %% [en]
# ### An example by hand (`hours=(1, 2)`)
#
# | home | time | kwh | lag_1 | lag_2 | why |
# |---|---|---|---|---|---|
# | A | 00:00 | 1.0 | – | – | nothing before |
# | A | 01:00 | 2.0 | 1.0 | – | |
# | A | 03:00 | 4.0 | **–** | 2.0 | there is no row for 02:00; it is not 2.0 |
# | B | 01:00 | 9.0 | **–** | – | what A used is not B's past |
#
# What is not known is `NaN`. **It is not 0.** A 0 claims "no electricity was used", and the model will believe it.
#
# **Exercise 4.** Complete `add_lags`.
# - For each number `h` in `hours` add a column `lag_h` with the `kwh` of the same home exactly `h` hours earlier; return a **new table**.
# - Order and index of the rows stay as they came. Rows may come in any order.

# %% solution="lags"
def add_lags(table, hours):
    """같은 집의 h시간 전 사용량을 열로 더함 / Add columns with the same home's consumption h hours earlier."""
    ### BEGIN SOLUTION
    known = table.set_index(["home", "time"])["kwh"]
    result = table.copy()
    for h in hours:
        wanted = pd.MultiIndex.from_arrays([table["home"], table["time"] - pd.Timedelta(hours=h)])
        result[f"lag_{h}"] = known.reindex(wanted).to_numpy()
    return result
    ### END SOLUTION


# %% test="lags-values" points=1
example = pd.DataFrame({
    "home": ["A", "A", "A", "B"],
    "time": pd.to_datetime(["2025-06-02 00:00", "2025-06-02 01:00", "2025-06-02 03:00", "2025-06-02 01:00"]),
    "kwh": [1.0, 2.0, 4.0, 9.0],
})
found = add_lags(example, (1, 2))

assert len(found) == 4 and {"lag_1", "lag_2"} <= set(found.columns), "행의 수는 그대로이고 lag_1, lag_2 열이 있어야 합니다 / the number of rows stays, and there must be columns lag_1 and lag_2"
assert found["lag_1"].iloc[1] == 1.0 and found["lag_2"].iloc[2] == 2.0, "손으로 푼 예제의 값이 아닙니다 / these are not the values of the example by hand"

# %% test="lags-homes" points=1
example = pd.DataFrame({
    "home": ["A", "A", "A", "B"],
    "time": pd.to_datetime(["2025-06-02 00:00", "2025-06-02 01:00", "2025-06-02 03:00", "2025-06-02 01:00"]),
    "kwh": [1.0, 2.0, 4.0, 9.0],
})
found = add_lags(example, (1, 2))

assert not found["lag_1"].iloc[3] == 4.0, "B의 과거에 A의 값이 들어갔습니다 / a value of A got into the past of B"

# %% test="lags-future" points=2
hourly = pd.DataFrame({"home": "A", "time": pd.date_range("2025-06-02", periods=72, freq="h"), "kwh": np.arange(72.0)})
later = hourly.assign(kwh=np.where(hourly.index >= 40, -1.0, hourly["kwh"]))

assert np.array_equal(add_lags(hourly, (24,))["lag_24"].to_numpy()[:40], add_lags(later, (24,))["lag_24"].to_numpy()[:40], equal_nan=True), "나중의 사용량을 바꾸었더니 그 전의 시차 변수가 달라졌습니다. 미래를 보고 있습니다 / changing later consumption changed earlier lags: it looks into the future"
assert add_lags(hourly, (24,))["lag_24"].iloc[30] == 6.0, "30번째 시각의 lag_24는 6번째 시각의 값입니다 / lag_24 at hour 30 is the value of hour 6"

# %% test="lags-order" points=1
mixed = hourly.sample(frac=1, random_state=5)
found = add_lags(mixed, (24,))

assert list(found.index) == list(mixed.index) and found["time"].equals(mixed["time"]), "행의 순서와 인덱스는 받은 그대로여야 합니다 / order and index of the rows must stay as they came"
assert found.loc[30, "lag_24"] == 6.0, "행이 뒤섞여 오면 시차 변수가 틀립니다. 시각을 보고 찾으십시오 / the lags are wrong when rows come shuffled; go by the time"

# %% test="lags-gaps" points=2
gap = hourly[(hourly.index < 20) | (hourly.index >= 26)]
found = add_lags(gap, (24,))

assert found.loc[52, "lag_24"] == 28.0, "여섯 시간이 빠진 뒤의 lag_24가 밀렸습니다. 줄이 아니라 시계를 보십시오 / after six missing hours lag_24 is off; look at the clock, not at the rows"

# %% test="lags-missing" points=1
fresh = pd.DataFrame({
    "home": ["A", "A", "A", "B"],
    "time": pd.to_datetime(["2025-06-02 00:00", "2025-06-02 01:00", "2025-06-02 03:00", "2025-06-02 01:00"]),
    "kwh": [1.0, 2.0, 4.0, 9.0],
})
before = fresh.copy()
found = add_lags(fresh, (1, 2))

assert np.isnan(found["lag_1"].iloc[0]) and np.isnan(found["lag_1"].iloc[2]), "모르는 값은 NaN이어야 합니다. 0이나 평균으로 채우지 마십시오 / what is not known must be NaN; don't fill in 0 or a mean"
assert fresh.equals(before), "건네받은 표가 바뀌었습니다 / the table that was handed over has changed"

# %% [ko]
# ## 5. 과거로 훈련하고 미래로 시험하기
#
# 시간이 있는 자료를 무작위로 섞으면 모델은 **화요일을 맞히려고 수요일에서 배웁니다.** 더운 주간이었는지, 그 집이 휴가를 갔는지를 이미 아는 셈입니다.
# 그래서 실제로 쓰일 때처럼 과거에서 배워 그다음 며칠을 예측하고, 출발점을 밀어 가며 되풀이합니다.
#
# 놓치기 쉬운 것이 **틈**(gap)입니다. 시험 첫 시각의 예측은 24시간 전에 나가야 합니다. 그 뒤의 24시간은 훈련에도 쓸 수 없습니다. 아직 일어나지 않았으니까요.

# %% [en]
# ## 5. Train on the past, test on the future
#
# Shuffle data that has a time, and the model **learns from Wednesday to predict Tuesday.** It already knows whether the week was hot or the
# home was on holiday. So we do as in real use: learn from the past, predict the next days, move the starting point on, repeat.
#
# What is easily missed is the **gap**. The forecast for the first hour of the test goes out 24 hours before. The 24 hours in between
# cannot serve for training either: they have not happened yet.

# %% given="picture-folds"
figure, axes = plt.subplots(2, 1, figsize=(11, 4.4), layout="constrained", height_ratios=[1.7, 1])
for k, start in enumerate((35, 42, 49)):
    axes[0].barh(k, start - 1, color="#C9DDEB", height=0.6)
    axes[0].barh(k, 1, left=start - 1, color="white", edgecolor=GREY, hatch="////", height=0.6)
    axes[0].barh(k, 7, left=start, color=ORANGE, height=0.6)
for name, color, hatch in (("훈련 / train", "#C9DDEB", ""), ("틈 24 h / gap", "white", "////"), ("시험 7일 / test, 7 days", ORANGE, "")):
    axes[0].barh(0, 0, color=color, hatch=hatch, edgecolor=GREY if hatch else color, label=name)
axes[0].set(yticks=[0, 1, 2], yticklabels=["1", "2", "3"], xlim=(0, 74), xticks=range(0, 60, 7), xlabel="날 / day", ylabel="무리 / fold", title="출발점을 밀어 가며 / moving the origin")
axes[0].invert_yaxis()
axes[0].legend(frameon=False, loc="upper right")
axes[1].annotate("", (72, 0), (0, 0), arrowprops={"arrowstyle": "->", "color": "black"})
axes[1].axvspan(0, 24, ymin=0.3, ymax=0.7, color="#C9DDEB")
axes[1].axvspan(24, 48, ymin=0.3, ymax=0.7, facecolor="white", edgecolor=GREY, hatch="////")
axes[1].plot(48, 0, "o", color=ORANGE, ms=12)
axes[1].plot(24, 0, "|", color="black", ms=34, mew=2)
axes[1].text(12, 0.62, "아는 것 / known", ha="center")
axes[1].text(36, 0.62, "아직 모르는 것 / not yet known", ha="center")
axes[1].text(48, -0.95, "$t$: 예측할 시각 / to predict", ha="center", color=ORANGE, weight="bold")
axes[1].text(24, -0.95, "$t-24$ h: 예측하는 순간 / now", ha="center", weight="bold")
axes[1].set(xlim=(0, 74), ylim=(-1.2, 1.1))
axes[1].axis("off")
plt.show()

# %% [ko]
# **문제 5.** `time_folds(times, n_folds, test_days, gap_hours)`를 완성하십시오. `(훈련 위치, 시험 위치)`의 목록을 **이른 것부터** 돌려줍니다.
#
# - 시험은 달력의 하루(0시–24시) 단위로 `test_days`일입니다. 마지막 시험은 `times`에 나오는 마지막 날에 끝나고, 시험끼리는 빈틈없이 이어지며 겹치지 않습니다.
# - 시험 시작을 $s$라 하면 훈련은 `time < s - gap_hours`인 **모든** 행입니다. (같으면 넣지 않습니다.)
# - `times`는 시각의 Series이고, 여러 집의 시각이 뒤섞여 있으며, 인덱스의 이름표는 아무 값이나 될 수 있습니다.
#
# 예: 6월 2일–11일(열흘), `n_folds=2`, `test_days=3`, `gap_hours=24`이면 시험은 6–8일과 9–11일이고, 훈련은 각각 5일 0시 전과 8일 0시 전입니다.

# %% [en]
# **Exercise 5.** Complete `time_folds(times, n_folds, test_days, gap_hours)`. Return a list of `(train positions, test positions)`, **the earliest first**.
#
# - A test is `test_days` whole calendar days (midnight to midnight). The last test ends with the last day that occurs in `times`; tests follow one another without a gap or an overlap.
# - With $s$ the start of the test, training is **every** row with `time < s - gap_hours`. (Not those that are equal.)
# - `times` is a Series of times; the times of several homes are mixed, and the index labels may be anything.
#
# Example: 2–11 June (ten days), `n_folds=2`, `test_days=3`, `gap_hours=24`: the tests are 6–8 and 9–11 June, training is what lies before 5 June 00:00 and before 8 June 00:00.

# %% solution="time-folds"
def time_folds(times, n_folds, test_days, gap_hours=24):
    """과거로 훈련하고 미래로 시험하는 (훈련 위치, 시험 위치)의 목록 / A list of (train, test) positions, past before future."""
    ### BEGIN SOLUTION
    times = pd.Series(times).reset_index(drop=True)
    end = times.max().normalize() + pd.Timedelta(days=1)
    folds = []
    for k in range(n_folds, 0, -1):
        start = end - pd.Timedelta(days=k * test_days)
        train = times < start - pd.Timedelta(hours=gap_hours)
        test = (times >= start) & (times < start + pd.Timedelta(days=test_days))
        folds.append((np.flatnonzero(train), np.flatnonzero(test)))
    return folds
    ### END SOLUTION


# %% test="folds-windows" points=2
ten_days = pd.Series(pd.date_range("2025-06-02", periods=240, freq="h"))
folds = list(time_folds(ten_days, 2, 3, 24))

assert len(folds) == 2, "n_folds만큼의 무리가 있어야 합니다 / there must be n_folds folds"
assert [str(ten_days.iloc[test].min().date()) for _, test in folds] == ["2025-06-06", "2025-06-09"], "예에서 시험은 6월 6일과 9일에 시작합니다 / in the example the tests begin on 6 and 9 June"
assert all(len(test) == 72 for _, test in folds), "예에서 시험은 사흘, 72시간씩입니다 / in the example each test has three days, 72 hours"

# %% test="folds-past" points=2
folds = list(time_folds(meters["time"], 3, 7, 24))

assert all(len(train) and meters["time"].iloc[train].max() < meters["time"].iloc[test].min() for train, test in folds), "훈련에 시험보다 나중이거나 같은 시각의 행이 있습니다 / training holds rows as late as the test or later"

# %% test="folds-gap" points=1
folds = list(time_folds(ten_days, 2, 3, 24))

assert [str(ten_days.iloc[train].max()) for train, _ in folds] == ["2025-06-04 23:00:00", "2025-06-07 23:00:00"], "예에서 훈련은 6월 4일 23시와 7일 23시에 끝납니다. 틈을 두어야 합니다 / in the example training ends on 4 June 23:00 and 7 June 23:00: leave the gap"

# %% [ko]
# ## 6. 하루 앞을 예측하기
#
# `train_forecaster(table)`은 `table`로 학습하고 **함수** `predict(table)`을 돌려줍니다. `predict`가 받는 표에는 과거의 행과 예측할 행이 함께 들어 있고, 행마다 예측을 하나씩(받은 순서대로) 배열로
# 돌려줍니다. 아래는 가장 단순한 예입니다. 모르면 그 집의 중앙값을 씁니다.
#
# ```python
# def train_same_as_yesterday(table):
#     middle = table["kwh"].median()
#     def predict(new):
#         return add_lags(new, (24,))["lag_24"].fillna(middle).to_numpy()
#     return predict
# ```
#
# 지킬 것은 하나입니다. **시각 $t$의 예측은 $t-24$시간보다 나중의 `kwh`에 조금도 좌우되지 않습니다.** 검사는 미래의 `kwh`를 엉뚱한 수나 `NaN`으로 바꾸어 놓고 예측이 그대로인지 봅니다.
# `forecast_c`, 요일, 시각은 하루 전에 아는 것이니 마음껏 쓰십시오.
#
# **문제 6.** `train_forecaster`를 완성하십시오. 모든 행에서 유한한 수가 나와야 하고(과거가 없는 첫날도, 처음 보는 집도), 평균 절대 오차가 "어제 같은 시각"보다 **10% 이상** 작아야 합니다.

# %% [en]
# ## 6. Predict a day ahead
#
# `train_forecaster(table)` learns from `table` and returns a **function** `predict(table)`. The table given to `predict` holds past rows together with the rows to
# predict; it returns one prediction per row, in the order of the rows, as an array. Here is the simplest one: where nothing is known it says the median.
#
# ```python
# def train_same_as_yesterday(table):
#     middle = table["kwh"].median()
#     def predict(new):
#         return add_lags(new, (24,))["lag_24"].fillna(middle).to_numpy()
#     return predict
# ```
#
# One thing to keep: **the prediction for time $t$ does not depend in the least on `kwh` later than $t-24$ hours.** The tests put odd numbers or `NaN` into the
# future's `kwh` and see whether the predictions stay. `forecast_c`, day of the week and hour are known a day ahead: use them freely.
#
# **Exercise 6.** Complete `train_forecaster`. Every row must get a finite number (on the first day without a past as well, and for a home never seen), and the mean
# absolute error must be at least **10%** below that of "the same hour yesterday".

# %% solution="forecaster"
def train_forecaster(table):
    """하루 앞을 예측하는 함수를 학습해 돌려줍니다 / Learn and return a function that predicts a day ahead."""
    ### BEGIN SOLUTION
    from sklearn.ensemble import HistGradientBoostingRegressor

    def features(rows):
        lagged = add_lags(rows, (24, 48, 168))
        past = lagged[["lag_24", "lag_48", "lag_168"]]
        return np.column_stack([
            past, past.mean(axis=1), rows["time"].dt.hour, rows["time"].dt.day_of_week, rows["forecast_c"],
        ])

    model = HistGradientBoostingRegressor(loss="absolute_error", max_iter=30, learning_rate=0.25, random_state=0)
    model.fit(features(table), table["kwh"])
    return lambda rows: model.predict(features(rows))
    ### END SOLUTION


# %% test="forecaster-rows" points=1
month = meters[meters["time"] < "2025-06-30"]
predict = train_forecaster(month)
p = np.asarray(predict(month))

assert p.shape == (len(month),), "행마다 예측이 하나씩 나와야 합니다 / there must be one prediction per row"
assert np.all(np.isfinite(p)), "예측에 NaN이나 inf가 있습니다. 과거가 없는 첫날을 살펴보십시오 / there is NaN or inf among the predictions; look at the first day, which has no past"

# %% test="forecaster-future" points=3
month = meters[meters["time"] < "2025-06-30"]
predict = train_forecaster(month)
p = np.asarray(predict(month))
noon = pd.Timestamp("2025-06-24 12:00")
hidden = month.assign(kwh=month["kwh"].where(month["time"] <= noon))
soon = ((month["time"] > noon) & (month["time"] <= noon + pd.Timedelta(hours=24))).to_numpy()

assert np.allclose(np.asarray(predict(hidden))[soon], p[soon]), "정오 뒤의 kwh를 지웠더니 앞으로 24시간의 예측이 달라졌습니다. 예측하는 순간에 모르는 것을 쓰고 있습니다 / with kwh after noon erased, the predictions for the next 24 hours changed: they use what is not known at the time"

# %% [ko]
# 이제 여러분의 무리와 여러분의 예측기로 점수를 잽니다. 막대의 높이는 "어제 같은 시각"에 견준 오차입니다. 1이면 배운 것이 없다는 뜻입니다. 무리마다 얼마나 다른지도 보십시오. 그 차이가 점수의 불확실성입니다.

# %% [en]
# Now measure with your folds and your forecaster. The height of a bar is the error relative to "the same hour yesterday"; 1 means that nothing was learned.
# Look at how much the folds differ, too: that difference is the uncertainty of the score.

# %%
ratios = []
for train, test in time_folds(meters["time"], 3, 7, 24):
    p = np.asarray(train_forecaster(meters.iloc[train])(meters))[test]
    truth, yesterday = meters["kwh"].to_numpy()[test], add_lags(meters, (24,))["lag_24"].to_numpy()[test]
    known = np.isfinite(yesterday)
    ratios.append(np.abs(p - truth)[known].mean() / np.abs(yesterday - truth)[known].mean())
figure, axis = plt.subplots(figsize=(6, 3), layout="constrained")
axis.bar(["1", "2", "3"], ratios, color=BLUE, width=0.5)
axis.axhline(1, color=GREY, lw=1.5)
axis.axhline(0.9, color=ORANGE, lw=1.5, ls="--")
axis.text(2.45, 1.01, "어제 같은 시각 / same hour yesterday", ha="right", va="bottom", color=GREY)
axis.text(2.45, 0.89, "-10%", ha="right", va="top", color=ORANGE)
axis.set(xlabel="무리 / fold", ylabel="오차의 비 / error ratio", ylim=(0, 1.2))
plt.show()
print("ratio", np.round(ratios, 3), " mean", round(float(np.mean(ratios)), 3))

# %% test="forecaster-later" points=2
last_week = (meters["time"] >= "2025-07-21").to_numpy()
p = np.asarray(train_forecaster(meters[meters["time"] < "2025-07-20"])(meters))
error = np.abs(p - meters["kwh"].to_numpy())[last_week].mean()
print(f"{error:.4f} kWh")

assert error <= 0.112, "마지막 주의 평균 절대 오차가 0.112 kWh를 넘습니다. '어제 같은 시각'은 0.124입니다 / the mean absolute error of the last week exceeds 0.112 kWh; 'the same hour yesterday' has 0.124"

# %% [ko]
# ## 7. 판단하기 (서술형, 8점)
#
# 빛고을 보건소가 당뇨 환자가 90일 안에 다시 올지를 예측하는 모델을 사려고 합니다. 회사의 보고서에는 이렇게 쓰여 있습니다.
#
# > 2024년 1–12월의 방문 12,000건(환자 3,100명)을 사용했습니다. 빈 혈당값은 전체 평균으로 채우고 모든 변수를 표준화했습니다. 우편번호는 그 우편번호의 재방문율로
# > 바꾸었습니다. 변수는 41개이며 나이, 혈당, 처방, 우편번호, 최근 방문 횟수, **다음 예약일까지 남은 날** 등입니다. 그런 다음 방문을 무작위로 8:2로 나누어 시험한 결과 AUC는 **0.98**이었습니다.
# > 2025년 3월부터 쓰실 수 있습니다.
#
# 보건소장에게 보내는 반쪽짜리 의견서를 쓰십시오.
#
# 1. 점수를 믿을 수 없게 하는 것을 **셋 이상** 찾아 해로운 순서로 적고, 하나하나에 "예측하는 그 순간에 나는 이것을 알고 있는가?"로 답하십시오.
# 2. 다시 잰다면 어떻게 하겠습니까? 무엇을 기준으로 나누고, 무엇을 파이프라인 안에 넣고, 숫자를 어떻게 보고할지 적으십시오.
#
# 기본 점수 2점에, 찾기 3점과 다시 재기 3점을 더합니다.

# %% [en]
# ## 7. Judge (written, 8 points)
#
# The Bitgoeul health centre wants to buy a model that predicts whether a patient with diabetes will come back within 90 days. The company's report says:
#
# > We used 12,000 visits (3,100 patients) from January to December 2024. Missing blood sugar values were filled with the overall mean, and all variables were
# > standardised. Post codes were replaced by the rate of return of that post code. There are 41 variables: age, blood sugar, prescriptions, post code, number of recent
# > visits, **days until the next appointment** and others. Visits were then split at random, 8 to 2; the AUC on the test is **0.98**. You can use it from March 2025.
#
# Write half a page to the head of the centre.
#
# 1. Find **at least three** things that make the score untrustworthy, put them in order of harm, and answer for each: "at the moment of prediction, do I know this?"
# 2. How would you measure it again? Say by what you split, what goes inside the pipeline, and how you report the number.
#
# A base of 2 points, plus 3 for finding and 3 for measuring again.

# %% [ko] manual="judge" points=8
# ### BEGIN SOLUTION
# 가장 해로운 것은 '다음 예약일까지 남은 날'입니다. 진료가 끝나야 정해지는 값이고, 예약이 90일 안에 있다는 말은 거의 정답입니다. 예측하는 순간에는 모릅니다. 둘째, 우편번호의 재방문율을 전체로
# 계산해 시험 방문의 정답이 변수 안에 들어갔습니다. 셋째, 한 환자가 평균 네 번쯤 나오는데 방문을 섞어, 시험 환자의 다른 방문을 훈련에서 이미 보았습니다. 넷째, 2024년 안에서 섞어 12월로 3월을
# 맞혔습니다. 평균 채우기와 표준화도 새지만 행이 많아 영향은 작습니다. 다시 잰다면 2024년 1–8월로 배우고 90일의 틈을 둔 뒤 12월 방문으로 시험합니다. 90일이 지나야 정답을 알기 때문입니다. 시험에는 훈련에 없던 환자만
# 넣은 점수도 함께 냅니다. 채우기, 표준화, 우편번호의 비율은 파이프라인 안에서 훈련 행으로만 배웁니다. 달마다 출발점을 밀어 되풀이하고, 평균과 함께 그 흔들림을, 그리고 단순한 기준(지난 방문 간격)의 점수를 나란히 보고합니다.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# 기본 점수 2점: 답을 쓰려고 한 흔적이 있으면 줍니다(백지는 0점). 요소 둘을 3점씩 더합니다.
#
# | 요소 | 3점 | 2점 | 1점 | 0점 |
# |---|---|---|---|---|
# | 찾기 | 다음 가운데 셋 이상을 그 순간의 질문으로 설명하고 순서에 근거가 있음: 다음 예약일(정답의 결과), 우편번호 재방문율(정답이 새어 듦), 같은 환자가 양쪽에, 시간을 섞음, 전체로 채우고 표준화(영향은 작음) | 셋을 찾았으나 까닭이나 순서가 흐림. 또는 둘을 제대로 설명 | 하나를 제대로, 또는 이름만 나열 | 없음 |
# | 다시 재기 | 환자와 시간 둘 다로 나눔, 정답이 늦게 오는 90일의 틈(또는 같은 뜻), 배우는 단계는 파이프라인 안, 흔들림이나 기준 모델과 함께 보고. 넷 가운데 셋 이상 | 넷 가운데 둘 | 하나 | "교차검증을 한다"처럼 막연함 |
#
# 표준화를 가장 해롭다고 쓰면 찾기는 2점을 넘지 못합니다. 개인정보나 공정성에 관한 좋은 지적은 점수 대신 의견으로 격려합니다.
# ### END MARK SCHEME

# %% [en] manual="judge" points=8
# ### BEGIN SOLUTION
# The most harmful is "days until the next appointment": it is settled when the visit ends, and an appointment within 90 days is almost the answer. It is not known at the moment of prediction. Second,
# the rate of return of the post code was computed on everything, so answers of test visits went into a variable. Third, patients occur about four times and visits were shuffled: other visits of the test patients
# were seen in training. Fourth, within 2024 time was shuffled: March was predicted with December. Filling and standardising on everything leak as well, but with so many rows the effect is small. I would train on
# January to August 2024, leave a gap of 90 days because the answer is known only then, and test on December; and also give the score on patients that never occur in training. Filling, standardising and the rates of post codes
# are learned inside the pipeline, from training rows only. Move the origin month by month, report the mean with its spread, beside the score of a simple rule (the interval between past visits).
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# Base score 2: for any attempt at an answer (0 for a blank). Add two elements of up to 3 points each.
#
# | Element | 3 | 2 | 1 | 0 |
# |---|---|---|---|---|
# | Finding | explains at least three of these by the question of the moment, in a reasoned order: next appointment (a consequence of the answer), rate of the post code (the answer leaks in), the same patient on both sides, time shuffled, filling and standardising on everything (small effect) | finds three, but reasons or order are vague; or explains two well | one well, or names only | none |
# | Measuring again | three or more of: split by patient and by time; a gap of 90 days because the answer comes late (or the like); what learns goes inside the pipeline; reported with spread or beside a baseline | two of the four | one | vague, such as "use cross-validation" |
#
# Who calls standardising the most harmful gets at most 2 for finding. Good remarks on privacy or fairness earn praise in the comment, not points.
# ### END MARK SCHEME

# %% [ko]
# ## 이제 말할 수 있는 것
#
# - 누설은 오류를 내지 않고 점수를 올립니다. 점수가 **너무 좋을 때** 가장 먼저 의심하십시오.
# - 나누는 기준은 "이 모델은 누구에게, 언제 쓰이는가?"에서 나옵니다. 처음 보는 사람이면 사람으로, 내일이면 시간으로 나눕니다.
# - 배우는 것은 모두 파이프라인 안에 있습니다. 교차검증에는 손대지 않은 표를 건넵니다.
# - 보고할 것은 숫자 하나가 아니라 숫자와 흔들림과 기준입니다.

# %% [en]
# ## What you can now say
#
# - A leak raises no error; it raises the score. Be most suspicious when a score is **too good**.
# - How to split follows from "for whom and when will this be used?". For people never seen, split by people; for tomorrow, split by time.
# - Everything that learns is inside the pipeline. Cross-validation gets the untouched table.
# - What you report is not a number but a number, its spread and a baseline.
