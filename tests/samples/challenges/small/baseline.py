import pandas as pd

BASELINES = {"half": lambda train, test: pd.DataFrame({"id": test["id"], "target": test["x"] * 0.8 + 0.5})}
