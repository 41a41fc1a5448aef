# %% [ko]
# # 전기차 배터리 수명
#
# 처음 100번의 충·방전만 보고, 400번 뒤에 남을 용량(`soh_400`)을 맞힙니다. 점수는 평균 절대 오차(작을수록 좋음)이고,
# 더운 곳에서 쓴 셀은 두 번 셉니다. **훈련 자료에는 32℃를 넘는 셀이 없습니다.**

# %% [en]
# # How long does the battery last?
#
# See the first 100 cycles, predict the capacity left after 400 (`soh_400`). The score is the mean absolute error (less is
# better), and cells used in the heat count twice. **The training data have no cell above 32 deg C.**

# %%
import pandas as pd

train = pd.read_csv("train.csv")
test = pd.read_csv("test.csv", dtype={"id": str})
train.describe().round(3)

# %% [ko]
# 온도를 그려 보십시오. 두 파일이 어떻게 다른가요?

# %% [en]
# Look at the temperatures. How do the two files differ?

# %%
pd.DataFrame({"train": train["temperature"].describe(), "test": test["temperature"].describe()}).round(1)

# %% [ko]
# 가장 단순한 답: 모두에게 평균. 아래 줄을 더 나은 모델로 바꾸십시오.

# %% [en]
# The simplest answer: the mean for everybody. Put a better model here.

# %%
answer = pd.DataFrame({"id": test["id"], "soh_400": train["soh_400"].mean()})
answer.to_csv("submission.csv", index=False)
