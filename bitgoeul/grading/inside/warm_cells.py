"""The public cells by which a zygote warms each library it knows. Outside, they tell which libraries those are."""

from __future__ import annotations

CELLS: dict[str, tuple[str, ...]] = {
    "numpy": (
        "import numpy as np, numpy.testing, numpy.linalg, numpy.random\nnp.random.default_rng(0).normal(size=(9, 9)) @ np.ones(9)",
    ),
    "scipy": ("import scipy, scipy.stats, scipy.optimize, scipy.signal",),
    "pandas": (
        # A judge may have pyarrow, which labs lack: strings are to be what they are there.
        "import io\nimport pandas as pd, pandas.testing\npd.set_option('mode.string_storage', 'python')\n"
        "_t = pd.read_csv(io.StringIO('a,b\\n1,x\\n2,y\\n3,x\\n'))\n_t.describe(); _t.groupby('b').a.mean(); _t",
    ),
    "matplotlib": (
        "import matplotlib.pyplot as plt\nplt.figure(); plt.plot([1, 2], [3, 4]); plt.title('a'); plt.legend(['b']); plt.show()",
        "fig, ax = plt.subplots(); ax.scatter([1], [2]); ax.bar([1], [2]); ax.set_xlabel('c'); plt.show()",
    ),
    "koreanize_matplotlib": ("import koreanize_matplotlib",),
    "sklearn": (
        "from sklearn import datasets, ensemble, impute, linear_model, metrics, model_selection, neighbors, pipeline, preprocessing, compose, tree\n"
        "_x = [[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [3.0, 0.0]] * 3\n_y = [0, 0, 1, 1] * 3\n"
        "_p = pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.LogisticRegression())\n"
        "model_selection.cross_val_score(_p, _x, _y, cv=2)\nlinear_model.LinearRegression().fit(_x, _y)\n_p.fit(_x, _y)",
    ),
    "torch": (
        "import torch, torch.nn as nn, torch.nn.functional, torch.utils.data\n"
        "_m = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2))\n"
        "for _o in (torch.optim.SGD(_m.parameters(), lr=0.1), torch.optim.Adam(_m.parameters())):\n"
        "    _o.zero_grad(); nn.functional.cross_entropy(_m(torch.ones(4, 2)), torch.tensor([0, 1, 0, 1])).backward(); _o.step()\n"
        "_m.state_dict(), _m",
    ),
}
"""By top-level package, in the order in which they are warmed."""
