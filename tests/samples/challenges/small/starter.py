# %% [ko]
# # 작은 챌린지

# %% [en]
# # A small challenge

# %%
import pandas as pd

test = pd.read_csv("test.csv", dtype={"id": str})
answer = pd.DataFrame({"id": test["id"], "target": test["x"]})
answer.to_csv("submission.csv", index=False)
