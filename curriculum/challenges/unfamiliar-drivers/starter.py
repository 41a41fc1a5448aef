# %% [ko]
# # 낯선 운전자의 운전 동작
#
# 4초 동안의 센서 기록으로 무슨 동작이었는지 맞힙니다. 점수는 다섯 동작의 F1의 평균(클수록 좋음)입니다.
# **시험의 운전자는 훈련 자료에 없는 사람들입니다.** 검증도 운전자를 나누어 하십시오.

# %% [en]
# # Manoeuvres of unfamiliar drivers
#
# Tell from four seconds of sensor data what the driver did. The score is the mean F1 of the five manoeuvres (more is better).
# **No driver of the test is in the training data.** Split by driver when you validate, too.

# %%
import pandas as pd
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import GroupKFold, cross_val_score

train = pd.read_csv("train.csv")
test = pd.read_csv("test.csv", dtype={"id": str})
features = [name for name in test.columns if name != "id"]
train["manoeuvre"].value_counts()

# %% [ko]
# 아래 모델을 더 나은 것으로 바꾸십시오.

# %% [en]
# Put a better model here.

# %%
model = DummyClassifier()
folds = GroupKFold(4)
cross_val_score(model, train[features], train["manoeuvre"], groups=train["driver"], cv=folds, scoring="f1_macro").mean()

# %%
model.fit(train[features], train["manoeuvre"])
answer = pd.DataFrame({"id": test["id"], "manoeuvre": model.predict(test[features])})
answer.to_csv("submission.csv", index=False)
