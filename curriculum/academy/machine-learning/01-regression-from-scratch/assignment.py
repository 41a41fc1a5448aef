# %% [ko]
# # 선형·로지스틱 회귀를 처음부터
#
# scikit-learn을 쓰면 한 줄로 끝나는 일을 오늘은 손으로 만듭니다. 손실이 갑자기 `nan`이 되거나, 라이브러리를 바꾸었더니
# 계수가 달라지거나, 모델이 틀린 답을 99.9% 확신할 때가 있습니다. 원인은 거의 언제나 아래 네 조각 가운데 하나에 있고,
# 네 조각을 만들어 본 사람만 그것을 찾아냅니다.
#
# | 조각 | 묻는 것 |
# |---|---|
# | **모델** | 입력에서 예측을 어떻게 만드는가? |
# | **손실** | 얼마나 틀렸는지를 어떻게 숫자 하나로 재는가? |
# | **기울기** | 어느 쪽으로 고치면 손실이 줄어드는가? |
# | **걸음** | 한 번에 얼마나 고치는가? |
#
# 먼저 당뇨병이 1년 동안 얼마나 진행되는지 예측합니다(선형 회귀). 그런 다음 모델과 손실, 두 조각만 갈아 끼워 종양이 악성인지
# 가려냅니다(로지스틱 회귀). 마지막에는 scikit-learn과 같은 답에 도착했는지 확인합니다. 답이 같아지려면 한 가지를 더
# 알아야 합니다. 라이브러리마다 **1/n과 벌점을 쓰는 방식이 다르다**는 사실입니다.

# %% [en]
# # Linear and logistic regression from scratch
#
# With scikit-learn this is one line. Today you build it by hand, because one day a loss turns into `nan`, or the
# coefficients change when you change the library, or a model is 99.9% sure of a wrong answer. The cause is nearly
# always in one of these four pieces, and those who have built the four pieces can find it.
#
# | Piece | What it answers |
# |---|---|
# | **Model** | How does an input become a prediction? |
# | **Loss** | How do we put "how wrong" into one number? |
# | **Gradient** | In which direction does the loss go down? |
# | **Step** | How far do we move at a time? |
#
# First you predict how far diabetes will have progressed in a year (linear regression). Then you swap just two pieces,
# the model and the loss, and tell malignant tumours from benign ones (logistic regression). At the end you check that
# you arrived where scikit-learn arrives. For that you need to know one more thing: **libraries differ in where they put
# 1/n and the penalty.**

# %% [ko]
# ## 약속
#
# 같은 수학도 쓰는 사람마다 기호가 조금씩 다릅니다. 이 과제에서는 다음과 같이 정하며, 채점도 이 약속을 따릅니다.
#
# | 기호 | 뜻 |
# |---|---|
# | `X` | 크기 `(n, d)`인 표. 행 하나가 환자 한 명입니다 |
# | `y` | 크기 `(n,)`. 선형에서는 실수, 로지스틱에서는 0 또는 1 (1 = 악성) |
# | `w`, `b` | 가중치 `(d,)`와 절편(숫자 하나). 점수는 `X @ w + b`입니다 |
# | `l2` | 벌점의 세기. 손실에 $\frac{l2}{2}\lVert w\rVert^2$을 더합니다. **1/n을 곱하지 않으며, 절편 `b`에는 벌점을 주지 않습니다** |
#
# - 자료에서 나오는 손실은 **합이 아니라 평균**(1/n)입니다.
# - 함수는 받은 배열을 **바꾸지 않습니다**.
# - 계산 도중 넘침(overflow)이나 0으로 나누기 **경고가 나오면 틀린 것으로 봅니다**.
# - 답을 쓰는 칸에서는 numpy(와 원하면 scipy)만 씁니다. scikit-learn은 답을 맞춰 볼 때만 씁니다.
# - 반복문으로 써도, 행렬로 써도 됩니다. 점수는 같습니다.
# - 보이는 검사 뒤에는 숨은 검사가 더 있습니다. 같은 성질을 다른 숫자로 확인하는 것이므로, 위의 약속만 지키면 통과합니다.

# %% [en]
# ## Conventions
#
# The same mathematics is written in slightly different ways. Here we fix the following, and the marking keeps to it.
#
# | Symbol | Meaning |
# |---|---|
# | `X` | a table of shape `(n, d)`; one row is one patient |
# | `y` | shape `(n,)`; real numbers in the linear part, 0 or 1 in the logistic part (1 = malignant) |
# | `w`, `b` | the weights `(d,)` and the bias (one number); the score is `X @ w + b` |
# | `l2` | the strength of the penalty: we add $\frac{l2}{2}\lVert w\rVert^2$ to the loss. **It is not multiplied by 1/n, and the bias `b` is not penalised** |
#
# - The part of the loss that comes from the data is a **mean, not a sum** (1/n).
# - Functions **do not change** the arrays they are given.
# - A **warning** of overflow or of division by zero during the computation **counts as wrong**.
# - In the cells that you write, use numpy only (and scipy if you like). scikit-learn is for comparing answers.
# - Write loops or write matrices: the marks are the same.
# - Behind the tests you can see there are hidden ones. They check the same properties with other numbers, so keeping
#   to the conventions above is enough to pass.

# %% given="setup"
import warnings

import koreanize_matplotlib  # noqa: F401  (한글 글꼴 / a Korean font)
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#009E73", "#7F7F7F"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 11})

# %% [ko]
# ## 자료
#
# 둘 다 실제 환자의 기록이며 scikit-learn에 들어 있습니다.
#
# - **당뇨병** 환자 442명: 나이, 성별, 체질량지수(`bmi`), 혈압, 혈액 검사 여섯 가지와 1년 뒤의 진행 정도(25–346)
# - **유방 종양** 569건: 가는 바늘로 뽑은 세포 사진에서 잰 30가지 수치와 진단. scikit-learn은 0을 악성, 1을 양성(良性)으로
#   적어 두었습니다. 우리는 **찾으려는 쪽을 1**로 두는 관례를 따라 뒤집습니다. 받은 자료의 1이 무엇인지는 늘 확인하십시오.
#
# 열마다 단위가 다르므로 평균 0, 표준편차 1로 맞춥니다. 이것이 왜 필요한지는 3장에서 그림으로 봅니다.

# %% [en]
# ## Data
#
# Both are records of real patients and come with scikit-learn.
#
# - **Diabetes**, 442 patients: age, sex, body mass index (`bmi`), blood pressure, six blood values, and how far the
#   disease had progressed a year later (25–346).
# - **Breast tumours**, 569 cases: 30 measurements of cells drawn with a fine needle, and the diagnosis. scikit-learn
#   stores 0 for malignant and 1 for benign. We turn it round, by the custom that **1 is what we are looking for**.
#   Always check what 1 means in the data you are handed.
#
# The columns have different units, so we bring each to mean 0 and standard deviation 1. Section 3 shows in a picture why.

# %% given="data"
diabetes = load_diabetes(as_frame=True, scaled=False)
diabetes_names = list(diabetes.data.columns)
X_diabetes = diabetes.data.to_numpy(dtype=float)
X_diabetes = (X_diabetes - X_diabetes.mean(axis=0)) / X_diabetes.std(axis=0)
y_diabetes = diabetes.target.to_numpy(dtype=float)

cancer = load_breast_cancer()
X_cancer = cancer.data
y_cancer = 1.0 - cancer.target  # 1 = 악성 / malignant

example_X, example_y = np.array([[1.0], [2.0], [4.0]]), np.array([2.0, 3.0, 7.0])  # 손으로 풀 예제 / the example by hand

print("diabetes", X_diabetes.shape, " cancer", X_cancer.shape, f" malignant {y_cancer.mean():.1%}")

# %% [ko]
# ## 1. 손실: 틀린 만큼을 숫자 하나로
#
# 체질량지수 하나로 진행 정도를 예측하는 직선을 생각합시다. 기울기 `w`와 절편 `b`를 정할 때마다 직선이 하나 나옵니다.
# 어느 직선이 나은지 견주려면 숫자가 하나 필요합니다. 예측과 실제의 차이(잔차)를 제곱해 평균 낸 값의 절반을 씁니다.
#
# $$J(w,b)=\frac{1}{2n}\sum_{i=1}^{n}\bigl(\underbrace{x_i^\top w+b}_{\text{예측}}-y_i\bigr)^2+\frac{l2}{2}\lVert w\rVert^2$$
#
# - **왜 제곱입니까?** 양의 오차와 음의 오차가 서로 지워지지 않고, 큰 오차를 더 무겁게 벌하며, 어디에서나 미분됩니다.
# - **왜 평균입니까?** 합이면 환자가 두 배일 때 손실도 두 배가 되어 `l2`와 걸음의 크기를 다시 정해야 합니다.
# - **왜 절반입니까?** 미분할 때 내려오는 2를 지우려는 것뿐입니다.
# - **왜 벌점입니까?** 가중치가 크면 입력이 조금만 흔들려도 예측이 크게 흔들립니다. 절편은 모두를 똑같이 올리고 내릴 뿐이므로 벌하지 않습니다.
#   만일 벌하면, 진행 정도를 재는 눈금의 0점을 옮기는 것만으로 모델이 달라집니다.
#
# 아래 그림의 왼쪽에는 직선 셋이 있고, 오른쪽에는 같은 셋이 **점** 셋으로 있습니다. 왼쪽은 자료의 세계, 오른쪽은 `(w, b)`의 세계입니다.
# 학습이란 오른쪽 그릇에서 바닥을 찾는 일입니다. 먼저 맞혀 보십시오. 직선 B를 더 가파르게 하면 오른쪽의 점은 어디로 갈까요?

# %% [en]
# ## 1. Loss: how wrong, in one number
#
# Think of a straight line that predicts progression from the body mass index alone. Every choice of a slope `w` and a
# bias `b` gives a line. To say which line is better we need one number: half the mean of the squared differences
# (residuals) between prediction and truth.
#
# $$J(w,b)=\frac{1}{2n}\sum_{i=1}^{n}\bigl(\underbrace{x_i^\top w+b}_{\text{prediction}}-y_i\bigr)^2+\frac{l2}{2}\lVert w\rVert^2$$
#
# - **Why squares?** Errors up and down don't cancel, big errors weigh more, and the result can be differentiated everywhere.
# - **Why a mean?** With a sum, twice the patients would double the loss, and `l2` and the step size would need new values.
# - **Why a half?** Only to remove the 2 that comes down when we differentiate.
# - **Why a penalty?** With big weights a small wobble of the input makes a big wobble of the prediction. The bias moves
#   everybody up or down alike, so it goes free: if we penalised it, merely moving the zero of the scale on which
#   progression is written down would change the model.
#
# In the picture, the left side shows three lines and the right side shows the same three as **points**. The left is the
# world of the data, the right is the world of `(w, b)`. To learn is to find the bottom of the bowl on the right. Guess
# before you look: if line B gets steeper, where does its point go?

# %% given="picture-bowl"
bmi = X_diabetes[:, diabetes_names.index("bmi")]
lines = {"A": (0.0, 120.0, GREY), "B": (20.0, 152.0, ORANGE), "C": (45.2, 152.1, BLUE)}
W, B = np.meshgrid(np.linspace(-10, 100, 120), np.linspace(90, 215, 120))
bowl = 0.5 * np.mean((W[..., None] * bmi + B[..., None] - y_diabetes) ** 2, axis=-1)

figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.3), layout="constrained")
left.scatter(bmi, y_diabetes, s=9, color="#BBBBBB")
right.contour(W, B, bowl, levels=np.quantile(bowl, np.linspace(0.01, 0.95, 13)), colors="#CCCCCC", linewidths=0.9)
for name, (slope, bias, color) in lines.items():
    height = 0.5 * np.mean((slope * bmi + bias - y_diabetes) ** 2)
    left.plot([-2.3, 4], [slope * -2.3 + bias, slope * 4 + bias], color=color, lw=2.5)
    left.text(4.08, slope * 4 + bias, name, color=color, fontsize=14, weight="bold", va="center")
    right.plot(slope, bias, "o", color=color, ms=10)
    right.annotate(f"{name}   J = {height:.0f}", (slope, bias), (9, 7), textcoords="offset points", color=color, weight="bold")
left.set(xlabel="bmi (표준화 / standardised)", ylabel="진행 정도 y / progression y", title="자료의 세계: 직선 / world of data: lines")
right.set(xlabel="w", ylabel="b", title="(w, b)의 세계: 점 / world of (w, b): points")
plt.show()

# %% [ko]
# ### 손으로 풀어 보는 예제
#
# 환자 셋, 특성 하나입니다. $x=(1,2,4)$, $y=(2,3,7)$, $w=1.5$, $b=0$, $l2=0.1$로 두겠습니다.
#
# | | 1 | 2 | 3 |
# |---|---|---|---|
# | 예측 $1.5x$ | 1.5 | 3.0 | 6.0 |
# | 잔차 $r=$ 예측 − 실제 | −0.5 | 0.0 | −1.0 |
# | 제곱 | 0.25 | 0 | 1 |
#
# 자료의 손실은 $\frac{1}{2\cdot 3}(0.25+0+1)=0.2083$, 벌점은 $\frac{0.1}{2}\cdot 1.5^2=0.1125$, 합은 $0.3208$입니다.
#
# **문제 1.** `linear_loss`를 완성하십시오. 결과는 숫자 하나입니다.

# %% [en]
# ### An example by hand
#
# Three patients, one feature: $x=(1,2,4)$, $y=(2,3,7)$, and $w=1.5$, $b=0$, $l2=0.1$.
#
# | | 1 | 2 | 3 |
# |---|---|---|---|
# | prediction $1.5x$ | 1.5 | 3.0 | 6.0 |
# | residual $r=$ prediction − truth | −0.5 | 0.0 | −1.0 |
# | squared | 0.25 | 0 | 1 |
#
# The loss of the data is $\frac{1}{2\cdot 3}(0.25+0+1)=0.2083$, the penalty is $\frac{0.1}{2}\cdot 1.5^2=0.1125$, together $0.3208$.
#
# **Exercise 1.** Complete `linear_loss`. The result is a single number.

# %% solution="linear-loss"
def linear_loss(X, y, w, b, l2):
    """선형 회귀의 손실 / The loss of linear regression."""
    ### BEGIN SOLUTION
    residual = X @ w + b - y
    return 0.5 * np.mean(residual**2) + 0.5 * l2 * np.sum(w**2)
    ### END SOLUTION


# %% test="linear-loss-data" points=2
found = linear_loss(example_X, example_y, np.array([1.5]), 0.0, 0.0)

assert np.ndim(found) == 0, "손실은 배열이 아니라 숫자 하나여야 합니다 / the loss must be a single number, not an array"
assert abs(found - 1.25 / 6) < 1e-9, "손으로 푼 예제의 자료 손실은 0.2083입니다. 1/(2n)과 제곱을 확인하십시오 / in the example by hand the loss of the data is 0.2083; check 1/(2n) and the squares"

# %% test="linear-loss-penalty" points=1
found = linear_loss(example_X, example_y, np.array([1.5]), 0.0, 0.1)

assert np.ndim(found) == 0, "손실은 배열이 아니라 숫자 하나여야 합니다 / the loss must be a single number, not an array"
assert abs(found - (1.25 / 6 + 0.1125)) < 1e-9, "손으로 푼 예제의 손실은 벌점을 더하면 0.3208입니다 / in the example by hand the loss with its penalty is 0.3208"

# %% [ko]
# ## 2. 기울기: 어느 쪽이 내리막인가
#
# 가중치 하나 $w_j$를 조금 움직이면 손실은 얼마나 변할까요? 합성함수의 미분으로
#
# $$\frac{\partial J}{\partial w_j}=\frac1n\sum_i \underbrace{(x_i^\top w+b-y_i)}_{\text{잔차 } r_i}\,x_{ij}\;+\;l2\cdot w_j$$
#
# 입니다. 뜻을 읽어 보십시오. **잔차와 특성을 곱해 평균 낸 값**입니다. 체질량지수가 큰 사람마다 예측이 너무 높다면(둘 다 양수)
# 이 값은 양수가 되고, 체질량지수의 가중치를 내리라는 신호가 됩니다. 잔차와 특성 사이에 아무 관계도 남지 않으면 0이 되고, 배울 것도 더는 없습니다.
#
# 위의 예제를 이어 가면 $r=(-0.5,0,-1)$이므로 $\frac13(-0.5\cdot1+0\cdot2-1\cdot4)+0.1\cdot1.5=-1.5+0.15=-1.35$입니다. 음수이니 `w`를 키우면 손실이 줄어듭니다.
# 절편의 기울기는 직접 구해 보십시오. 절편은 모든 행에서 값이 1인 특성의 가중치라고 볼 수 있습니다(단, 벌점은 없습니다).
#
# ### 자기 자신을 의심하는 도구
#
# 미분 공식은 틀리기 쉽고, 틀려도 프로그램은 멈추지 않습니다. 손실이 느리게라도 줄면 아무도 알아채지 못합니다. 그래서 기울기를 쓰면 반드시
# **숫자로 검산**합니다. 변수 하나를 $\pm h$만큼 움직여 손실의 차이를 잽니다.
#
# $$\frac{\partial J}{\partial w_j}\approx\frac{J(w_j+h)-J(w_j-h)}{2h}$$
#
# 한쪽만 움직이면 오차가 $h$에 비례하고, 양쪽을 움직이면 $h^2$에 비례합니다. 아래 `numeric_gradient`가 그 일을 합니다. 변수마다 손실을 두 번씩
# 재므로 학습에 쓰기에는 느리지만, 검산에는 이보다 나은 것이 없습니다. **손실이 맞아야 검산도 맞습니다.**

# %% [en]
# ## 2. Gradient: which way is down
#
# How does the loss change when one weight $w_j$ moves a little? By the chain rule
#
# $$\frac{\partial J}{\partial w_j}=\frac1n\sum_i \underbrace{(x_i^\top w+b-y_i)}_{\text{residual } r_i}\,x_{ij}\;+\;l2\cdot w_j$$
#
# Read what it says: it is the **mean of residual times feature**. If predictions are too high for everybody with a high
# body mass index (both positive), the value is positive, a signal to lower that weight. When nothing is left in common
# between the residuals and the feature, it is 0 and there is nothing more to learn.
#
# In the example above $r=(-0.5,0,-1)$, so we get $\frac13(-0.5\cdot1+0\cdot2-1\cdot4)+0.1\cdot1.5=-1.5+0.15=-1.35$. It
# is negative: the loss falls when `w` grows. Find the gradient of the bias yourself. You may see the bias as the weight
# of a feature that is 1 in every row (but goes without a penalty).
#
# ### A tool for doubting yourself
#
# It is easy to get a derivative wrong, and the program does not stop when you do. As long as the loss creeps down nobody
# notices. So whoever writes a gradient **checks it with numbers**: move one variable by $\pm h$ and measure the difference.
#
# $$\frac{\partial J}{\partial w_j}\approx\frac{J(w_j+h)-J(w_j-h)}{2h}$$
#
# Moving to one side only has an error proportional to $h$; moving to both sides, to $h^2$. `numeric_gradient` below does
# this. It measures the loss twice for each variable, too slow for learning, but there is no better check. **The check is
# only as right as your loss is.**

# %% given="numeric-gradient"
def numeric_gradient(loss, w, b, h=1e-5):
    """loss(w, b)의 기울기를 숫자로 재어 (gw, gb)로 돌려줍니다 / Measure the gradient of loss(w, b) as (gw, gb)."""
    gw = np.zeros(len(w))
    for j in range(len(w)):
        step = np.zeros(len(w))
        step[j] = h
        gw[j] = (loss(w + step, b) - loss(w - step, b)) / (2 * h)
    gb = (loss(w, b + h) - loss(w, b - h)) / (2 * h)
    return gw, gb


# %% [ko]
# **문제 2.** `linear_gradient`를 완성하십시오. `(gw, gb)`를 돌려줍니다. `gw`의 크기는 `w`와 같고, `gb`는 숫자 하나입니다.

# %% [en]
# **Exercise 2.** Complete `linear_gradient`. It returns `(gw, gb)`: `gw` has the shape of `w`, `gb` is a single number.

# %% solution="linear-gradient"
def linear_gradient(X, y, w, b, l2):
    """linear_loss의 기울기 (gw, gb) / The gradient (gw, gb) of linear_loss."""
    ### BEGIN SOLUTION
    residual = X @ w + b - y
    return X.T @ residual / len(y) + l2 * w, np.mean(residual)
    ### END SOLUTION


# %% test="linear-gradient-data" points=3
gw, gb = linear_gradient(example_X, example_y, np.array([1.5]), 0.0, 0.0)

assert np.shape(gw) == (1,), "gw의 크기는 w와 같아야 합니다 / gw must have the shape of w"
assert np.ndim(gb) == 0, "gb는 숫자 하나여야 합니다 / gb must be a single number"
assert abs(gw[0] - (-1.5)) < 1e-9, "손으로 푼 예제에서 벌점이 없는 gw는 -1.5입니다. 부호와 1/n을 확인하십시오 / in the example by hand gw without penalty is -1.5; check the sign and 1/n"

# %% test="linear-gradient-penalty" points=2
gw, gb = linear_gradient(example_X, example_y, np.array([1.5]), 0.0, 0.1)

assert abs(gw[0] - (-1.35)) < 1e-9, "손으로 푼 예제에서 벌점을 넣은 gw는 -1.35입니다 / in the example by hand gw with its penalty is -1.35"

# %% [ko]
# ## 3. 걸음: 한 번에 얼마나
#
# 기울기의 반대쪽으로 걷습니다. `rate`는 걸음의 크기입니다.
#
# $$w\leftarrow w-\text{rate}\cdot g_w,\qquad b\leftarrow b-\text{rate}\cdot g_b$$
#
# 너무 작으면 끝나지 않고, 너무 크면 골짜기를 건너뛰어 더 높은 곳에 떨어집니다. 기준은 그릇이 **굽은 정도**입니다. 가장 가파르게 굽은 방향의
# 곡률을 $L$이라 하면 `rate`가 $2/L$을 넘는 순간 튕겨 나가고, $1/L$이면 언제나 안전합니다.
#
# 오른쪽 두 그림은 표준화가 왜 필요한지 보여 줍니다. 한 특성의 단위가 다섯 배 크면 그릇이 길쭉해집니다. 가파른 쪽에 맞추어 걸음을 줄여야 하니
# 완만한 쪽은 하염없이 남습니다. 표준화하면 그릇이 둥글어지고 몇 걸음이면 바닥입니다.

# %% [en]
# ## 3. Step: how far at a time
#
# Walk against the gradient; `rate` is the size of the step.
#
# $$w\leftarrow w-\text{rate}\cdot g_w,\qquad b\leftarrow b-\text{rate}\cdot g_b$$
#
# Too small, and you never arrive; too large, and you leap across the valley and land higher than before. The yardstick is
# how strongly the bowl is **curved**. Let $L$ be the curvature in the steepest direction: beyond a `rate` of $2/L$ you are
# thrown out, and $1/L$ is always safe.
#
# The two pictures on the right show why we standardise. If the unit of one feature is five times as big, the bowl is
# stretched. The step must suit the steep direction, so the flat direction takes forever. After standardising the bowl is
# round and a few steps reach the bottom.

# %% given="picture-steps"
def walk_on_bowl(curvature, start, rate, steps):
    """곡률이 정해진 그릇을 걸은 자취 / The trail of a walk on a bowl of given curvature."""
    trail = [np.array(start, dtype=float)]
    for _ in range(steps):
        trail.append(trail[-1] - rate * np.array(curvature) * trail[-1])
    return np.array(trail)


figure, axes = plt.subplots(1, 4, figsize=(13, 3.4), layout="constrained")
grid = np.linspace(-3.2, 3.2, 100)
for axis, rate, title in ((axes[0], 0.15, "rate = 0.15 / L"), (axes[1], 2.1, "rate = 2.1 / L")):
    trail = walk_on_bowl([1.0], [2.2], rate, 8 if rate < 1 else 3)[:, 0]
    axis.plot(grid, grid**2 / 2, color="#CCCCCC")
    axis.plot(trail, trail**2 / 2, "o-", color=BLUE if rate < 1 else ORANGE, ms=5, lw=1.2)
    axis.set(title=title, xlabel="w", ylabel="J", ylim=(-0.2, 5.4))
for axis, curvature, title in ((axes[2], (0.04, 1.0), "단위가 다름 / different units"), (axes[3], (0.7, 1.0), "표준화 / standardised")):
    U, V = np.meshgrid(grid, grid)
    trail = walk_on_bowl(curvature, (2.6, 2.2), 1.0 if curvature[0] > 0.5 else 1.6, 12)
    axis.contour(U, V, (curvature[0] * U**2 + curvature[1] * V**2) / 2, levels=np.array([0.02, 0.1, 0.3, 0.7, 1.3, 2.2, 3.4]), colors="#CCCCCC", linewidths=0.9)
    axis.plot(trail[:, 0], trail[:, 1], "o-", color=BLUE if curvature[0] > 0.5 else ORANGE, ms=5, lw=1.2)
    axis.plot(0, 0, "*", color=GREEN, ms=14)
    axis.set(title=title, xlabel="$w_1$", ylabel="$w_2$", xlim=(-3.2, 3.2), ylim=(-3.2, 3.2))
plt.show()

# %% [ko]
# **문제 3.** 어떤 손실에도 쓸 수 있는 `descend`를 완성하십시오. `loss(w, b)`와 `gradient(w, b)`는 **함수**로 건네받습니다.
#
# - `steps`번 걷고 `(w, b, losses)`를 돌려줍니다.
# - `losses`에는 출발점의 손실부터 마지막 손실까지 `steps + 1`개가 순서대로 들어갑니다.
# - 한 걸음에서 `w`와 `b`는 **같은 자리에서 잰 기울기**로 함께 움직입니다.
# - 건네받은 출발점 `w`를 바꾸지 않습니다. (`w -= ...`는 남의 배열까지 바꿉니다. `w = w - ...`와 견주어 보십시오.)

# %% [en]
# **Exercise 3.** Complete `descend`, which serves for any loss. `loss(w, b)` and `gradient(w, b)` are handed over as **functions**.
#
# - It takes `steps` steps and returns `(w, b, losses)`.
# - `losses` holds `steps + 1` numbers in order, from the loss at the start to the last one.
# - Within one step `w` and `b` move together, by gradients measured **at the same place**.
# - The start `w` that was handed over is not changed. (`w -= ...` changes the caller's array too; compare `w = w - ...`.)

# %% solution="descend"
def descend(loss, gradient, w, b, rate, steps):
    """경사 하강: (w, b, losses) / Gradient descent: (w, b, losses)."""
    ### BEGIN SOLUTION
    losses = [loss(w, b)]
    for _ in range(steps):
        gw, gb = gradient(w, b)
        w = w - rate * gw
        b = b - rate * gb
        losses.append(loss(w, b))
    return w, b, losses
    ### END SOLUTION


# %% test="descend-step" points=2
bowl_loss = lambda w, b: 0.5 * float(w @ w) + 0.5 * (b - 1.0) ** 2
bowl_gradient = lambda w, b: (w, b - 1.0)
w1, b1, losses = descend(bowl_loss, bowl_gradient, np.array([2.0, -4.0]), 0.0, 0.5, 1)

assert np.allclose(w1, [1.0, -2.0]), "기울기의 반대쪽으로 rate만큼: w는 (2, -4)에서 (1, -2)로 가야 합니다 / against the gradient by rate: w must go from (2, -4) to (1, -2)"
assert np.isclose(b1, 0.5), "절편도 함께 움직여야 합니다: 0에서 0.5로 / the bias must move too: from 0 to 0.5"
assert np.allclose(losses, [10.5, 2.625]), "losses는 출발점의 손실부터 steps + 1개입니다: [10.5, 2.625] / losses begins at the start and holds steps + 1 numbers: [10.5, 2.625]"

# %% test="descend-pure" points=1
start = np.array([2.0, -4.0])
bowl_loss = lambda w, b: 0.5 * float(w @ w) + 0.5 * (b - 1.0) ** 2
bowl_gradient = lambda w, b: (w, b - 1.0)
moved, _, _ = descend(bowl_loss, bowl_gradient, start, 0.0, 0.5, 3)

assert np.abs(moved).max() < 0.6, "세 걸음이면 바닥 가까이 와야 합니다 / three steps must come close to the bottom"
assert np.array_equal(start, [2.0, -4.0]), "건네받은 출발점이 바뀌었습니다. w -= ... 를 확인하십시오 / the start that was handed over has changed; look for w -= ..."

# %% [ko]
# ### scikit-learn과 맞춰 보기
#
# `Ridge(alpha)`는 $\lVert Xw+b-y\rVert^2+\alpha\lVert w\rVert^2$을 줄입니다. 우리의 $J$와 견주면 정확히 $2n$배이고, 따라서 **`alpha = n · l2`** 입니다.
# 같은 0.1이라도 어느 라이브러리의 0.1인지에 따라 전혀 다른 모델이 되는 까닭이 이것입니다. 아래 칸은 여러분의 함수로 당뇨병 모델을 학습합니다.

# %% [en]
# ### Compare with scikit-learn
#
# `Ridge(alpha)` minimises $\lVert Xw+b-y\rVert^2+\alpha\lVert w\rVert^2$. That is exactly $2n$ times our $J$, so **`alpha = n · l2`**. This is
# why the same 0.1 gives an entirely different model depending on whose 0.1 it is. The cell below trains the diabetes
# model with your functions.

# %%
l2 = 0.1
w, b, losses = descend(
    lambda w, b: linear_loss(X_diabetes, y_diabetes, w, b, l2),
    lambda w, b: linear_gradient(X_diabetes, y_diabetes, w, b, l2),
    np.zeros(X_diabetes.shape[1]), 0.0, rate=0.24, steps=300,
)
print(f"loss {losses[0]:.0f} -> {losses[-1]:.0f}")
for j in np.argsort(-np.abs(w)):
    print(f"{diabetes_names[j]:>4} {w[j]:+7.2f}")

# %% test="linear-equals-ridge" points=2
from sklearn.linear_model import Ridge

ridge = Ridge(alpha=len(y_diabetes) * 0.1).fit(X_diabetes, y_diabetes)
w, b, losses = descend(
    lambda w, b: linear_loss(X_diabetes, y_diabetes, w, b, 0.1),
    lambda w, b: linear_gradient(X_diabetes, y_diabetes, w, b, 0.1),
    np.zeros(10), 0.0, 0.24, 300,
)

assert np.allclose(w, ridge.coef_, atol=0.05), "당뇨병 자료의 가중치가 scikit-learn의 Ridge와 다릅니다 / the weights for the diabetes data differ from scikit-learn's Ridge"
assert np.isclose(b, ridge.intercept_, atol=0.05), "절편이 scikit-learn의 Ridge와 다릅니다 / the bias differs from scikit-learn's Ridge"

# %% [ko]
# ## 4. 점수를 확률로
#
# 이제 예측할 것은 "악성인가?"입니다. 점수 $z=x^\top w+b$는 어떤 실수도 될 수 있지만 확률은 0과 1 사이입니다. 둘을 잇는 다리가 **승산(odds)의 로그**입니다.
# $\log\frac{p}{1-p}=z$로 두고 $p$에 대해 풀면 시그모이드가 나옵니다. 점수가 1 늘 때마다 승산이 $e\approx2.7$배가 된다는 뜻입니다.
#
# $$p=\sigma(z)=\frac{1}{1+e^{-z}}=\frac{e^{z}}{1+e^{z}}$$
#
# 두 식은 수학에서는 같지만 컴퓨터에서는 다릅니다. 배정밀도 실수는 $e^{709}$쯤에서 넘칩니다. 점수 1000은 이상한 값이 아닙니다. 단위를 맞추지 않은 특성이 하나만
# 있어도, 걸음이 조금만 커도 나옵니다. 아래 칸을 실행하고, 두 식 가운데 **어느 쪽이 어느 `z`에서 안전한지** 생각해 보십시오.

# %% [en]
# ## 4. From a score to a probability
#
# Now the question is "is it malignant?". The score $z=x^\top w+b$ can be any real number, but a probability lies between 0 and 1.
# The bridge between them is the **logarithm of the odds**: put $\log\frac{p}{1-p}=z$, solve for $p$, and the sigmoid comes
# out. Each time the score grows by 1, the odds are multiplied by $e\approx2.7$.
#
# $$p=\sigma(z)=\frac{1}{1+e^{-z}}=\frac{e^{z}}{1+e^{z}}$$
#
# The two forms are the same to a mathematician, but not to a computer. Double precision overflows at about $e^{709}$. And a
# score of 1000 is nothing strange: one feature whose unit was not brought into line is enough, or a step slightly too
# large. Run the cell below and think about **which form is safe for which `z`**.

# %%
with np.errstate(all="ignore"):
    for z in (-1000.0, -10.0, 0.0, 10.0, 1000.0):
        print(f"z = {z:7.0f}   exp(-z) = {np.exp(-z):10.3g}   1/(1+exp(-z)) = {1 / (1 + np.exp(-z)):.6f}   exp(z)/(1+exp(z)) = {np.exp(z) / (1 + np.exp(z)):.6f}")

# %% [ko]
# **문제 4.** `sigmoid`를 완성하십시오. 숫자 하나를 받으면 숫자 하나를, 배열을 받으면 같은 크기의 배열을 돌려줍니다.
# $z=\pm1000$에서도 경고 없이 1과 0이 나와야 합니다. (힌트: `np.where(조건, 식1, 식2)`는 두 식을 **모두** 계산합니다.)

# %% [en]
# **Exercise 4.** Complete `sigmoid`. A number gives a number, an array gives an array of the same shape. At $z=\pm1000$ it must
# give 1 and 0 without a warning. (Hint: `np.where(condition, one, other)` computes **both** expressions.)

# %% solution="sigmoid"
def sigmoid(z):
    """점수를 확률로, 넘침 없이 / From scores to probabilities, without overflow."""
    ### BEGIN SOLUTION
    small = np.exp(-np.abs(z))
    return np.where(np.asarray(z) >= 0, 1.0, small) / (1.0 + small)
    ### END SOLUTION


# %% test="sigmoid-values" points=1
assert np.isclose(sigmoid(0.0), 0.5), "점수 0의 확률은 0.5입니다 / a score of 0 means a probability of 0.5"
assert np.allclose(sigmoid(np.array([np.log(3.0), -np.log(3.0)])), [0.75, 0.25]), "승산이 3 대 1이면 확률은 0.75입니다 / odds of 3 to 1 mean a probability of 0.75"
assert np.shape(sigmoid(np.zeros((2, 3)))) == (2, 3), "배열의 크기가 유지되어야 합니다 / the shape of an array must be kept"

# %% test="sigmoid-stable" points=2
with warnings.catch_warnings(record=True) as caught, np.errstate(over="warn", invalid="warn", divide="warn"):
    warnings.simplefilter("always")
    found = sigmoid(np.array([-1000.0, 0.0, 1000.0]))

assert np.allclose(found, [0.0, 0.5, 1.0]), "z = -1000, 0, 1000의 확률은 0, 0.5, 1이어야 합니다 / for z = -1000, 0, 1000 the probabilities must be 0, 0.5, 1"
assert not caught, "큰 점수에서 경고가 나왔습니다. 양의 큰 수의 exp를 계산하지 않도록 하십시오 / large scores gave a warning: avoid exp of a large positive number"

# %% [ko]
# ## 5. 확률의 손실
#
# 제곱 오차를 그대로 쓰면 안 될까요? 먼저 다른 길로 가 봅시다. 모델이 말한 확률 아래에서 **실제로 일어난 일이 일어났을 확률**(가능도)을 가장 크게 하려고 합니다.
# 곱은 다루기 어려우니 로그를 취하고, 줄이는 문제로 바꾸려고 부호를 뒤집고, 평균을 내면 로그 손실입니다.
#
# $$J=-\frac1n\sum_i\Bigl[y_i\log p_i+(1-y_i)\log(1-p_i)\Bigr]+\frac{l2}{2}\lVert w\rVert^2$$
#
# 그림은 정답이 1일 때 두 손실을 점수 $z$의 함수로 그린 것입니다. 왼쪽 끝은 **완전히 틀렸는데 확신하는** 곳입니다. 아래 그림에서 그곳의 기울기를 보십시오.
# 제곱 오차는 "고칠 것이 없다"고 하고, 로그 손실은 "힘껏 고치라"고 합니다. 마지막 서술형 문제에서 그 까닭을 식으로 보이게 됩니다.

# %% [en]
# ## 5. A loss for probabilities
#
# Why not keep the squared error? Let us come from another side. We want to make **the probability of what really happened**
# (the likelihood), according to the model, as large as possible. Products are awkward, so take the logarithm; turn the
# sign, to have something to minimise; take the mean: that is the log loss.
#
# $$J=-\frac1n\sum_i\Bigl[y_i\log p_i+(1-y_i)\log(1-p_i)\Bigr]+\frac{l2}{2}\lVert w\rVert^2$$
#
# The picture shows both losses as functions of the score $z$ when the truth is 1. The left end is where the model is
# **sure and entirely wrong**. Look at the slope there, in the lower picture. The squared error says "nothing to mend", the
# log loss says "mend it with full force". In the last, written question you will show with formulas why.

# %% given="picture-losses"
z = np.linspace(-8, 8, 321)
p = 1 / (1 + np.exp(-z))
slopes = {"제곱 오차 / squared": ((p - 1) ** 2 / 2, ORANGE), "로그 손실 / log loss": (np.log(1 + np.exp(-z)), BLUE)}
figure, (top, bottom) = plt.subplots(2, 1, figsize=(7.5, 5), sharex=True, layout="constrained")
for label, (values, color) in slopes.items():
    top.plot(z, values, color=color, lw=2.5, label=label)
    bottom.plot(z[1:-1], (values[2:] - values[:-2]) / (z[2] - z[0]), color=color, lw=2.5)
for axis in (top, bottom):
    axis.axvspan(-8, -4, color="#FBE9E7", zorder=0)
top.text(-7.9, 1.0, "확신하는데 틀림\nsure but wrong", fontsize=9, va="bottom")
top.set(ylabel="J  (y = 1)", title="정답이 1일 때 / when the truth is 1")
top.legend(frameon=False, loc="upper right")
bottom.set(xlabel="z", ylabel="기울기 dJ/dz / slope")
plt.show()

# %% [ko]
# ### 넘치지 않는 손실
#
# 식을 그대로 옮기면 $p=0$에서 $\log 0$을 만납니다. 흔히 $p$를 $10^{-15}$ 같은 수로 잘라 막지만, 그러면 점수가 −1000이든 −35든 손실이 같아지고 기울기가 사라집니다.
# 자르지 말고 **점수에서 바로** 계산하십시오. $p=\sigma(z)$를 넣고 정리하면 한 행의 손실은 이렇게 줄어듭니다.
#
# $$-\bigl[y\log\sigma(z)+(1-y)\log(1-\sigma(z))\bigr]=\log(1+e^{z})-y\,z$$
#
# 남은 일은 $\log(1+e^{z})$를 넘침 없이 쓰는 것입니다. $z$가 클 때 $e^z$를 밖으로 꺼내면 $\log(1+e^z)=z+\log(1+e^{-z})$입니다.
#
# 예를 들어 $z=(0,2)$, $y=(1,1)$이면 손실은 $\frac12\bigl(\log 2+\log(1+e^{-2})\bigr)=\frac12(0.6931+0.1269)=0.4100$입니다. $w=0$, $b=0$이면 어떤 자료에서든 $\log 2=0.6931$입니다.
# 아무것도 모를 때의 손실이므로 외워 두면 쓸모가 많습니다.
#
# **문제 5.** `logistic_loss`를 완성하십시오.

# %% [en]
# ### A loss that does not overflow
#
# Typed as it stands, the formula meets $\log 0$ at $p=0$. A common patch clips $p$ at something like $10^{-15}$; but then a score
# of −1000 costs as much as one of −35, and the slope is gone. Don't clip: compute **straight from the score**. Put in
# $p=\sigma(z)$, tidy up, and the loss of one row shrinks to
#
# $$-\bigl[y\log\sigma(z)+(1-y)\log(1-\sigma(z))\bigr]=\log(1+e^{z})-y\,z$$
#
# What remains is to write $\log(1+e^{z})$ without overflow. For large $z$, pull $e^z$ out: $\log(1+e^z)=z+\log(1+e^{-z})$.
#
# For example, $z=(0,2)$ and $y=(1,1)$ give $\frac12\bigl(\log 2+\log(1+e^{-2})\bigr)=\frac12(0.6931+0.1269)=0.4100$. With $w=0$, $b=0$ the loss is
# $\log 2=0.6931$ on any data: the loss of knowing nothing, a number worth remembering.
#
# **Exercise 5.** Complete `logistic_loss`.

# %% solution="logistic-loss"
def logistic_loss(X, y, w, b, l2):
    """로지스틱 회귀의 손실, 넘침 없이 / The loss of logistic regression, without overflow."""
    ### BEGIN SOLUTION
    z = X @ w + b
    return np.mean(np.logaddexp(0.0, z) - y * z) + 0.5 * l2 * np.sum(w**2)
    ### END SOLUTION


# %% test="logistic-loss-values" points=2
found = logistic_loss(np.array([[0.0], [1.0]]), np.array([1.0, 1.0]), np.array([2.0]), 0.0, 0.0)

assert np.ndim(found) == 0, "손실은 숫자 하나여야 합니다 / the loss must be a single number"
assert abs(found - 0.41003759) < 1e-7, "예제(z = 0, 2, 정답 1, 1)의 손실은 0.4100입니다 / in the example (z = 0, 2, truth 1, 1) the loss is 0.4100"
assert np.isclose(logistic_loss(np.ones((4, 2)), np.array([0.0, 1.0, 1.0, 0.0]), np.zeros(2), 0.0, 0.5), np.log(2)), "w = 0, b = 0이면 손실은 log 2입니다 / with w = 0 and b = 0 the loss is log 2"

# %% test="logistic-loss-stable" points=2
with warnings.catch_warnings(record=True) as caught, np.errstate(over="warn", invalid="warn", divide="warn"):
    warnings.simplefilter("always")
    found = logistic_loss(np.array([[1000.0], [-1000.0]]), np.array([1.0, 0.0]), np.array([1.0]), 0.0, 0.0)

assert np.isfinite(found) and abs(found) < 1e-9, "옳게 확신할 때(z = ±1000) 손실은 0이어야 합니다 / when the model is sure and right (z = ±1000) the loss must be 0"
assert not caught, "큰 점수에서 경고가 나왔습니다 / large scores gave a warning"

# %% [ko]
# ## 6. 로지스틱의 기울기
#
# 이번에는 공식을 적어 드리지 않습니다. 종이를 꺼내 직접 구하십시오. 필요한 것은 둘뿐입니다.
#
# 1. 연쇄 법칙: $\dfrac{\partial J}{\partial w_j}=\dfrac1n\sum_i\dfrac{\partial \ell_i}{\partial z_i}\,x_{ij}+\dots$ 여기서 $\ell_i=\log(1+e^{z_i})-y_iz_i$
# 2. $\dfrac{d}{dz}\log(1+e^{z})=\;?$ (4장에 나온 식 가운데 하나입니다.)
#
# 결과를 2장의 식과 나란히 놓아 보십시오. 놀라셨다면 제대로 구한 것입니다. 그리고 `numeric_gradient`로 검산하십시오. 예를 들어
#
# ```python
# f = lambda w, b: logistic_loss(X, y, w, b, l2)
# numeric_gradient(f, w, b), logistic_gradient(X, y, w, b, l2)
# ```
#
# **문제 6.** `logistic_gradient`를 완성하십시오. `(gw, gb)`를 돌려주며, 큰 점수에서도 경고가 없어야 합니다.

# %% [en]
# ## 6. The gradient of the logistic loss
#
# This time you are not given the formula. Take paper and find it. You need two things only.
#
# 1. The chain rule: $\dfrac{\partial J}{\partial w_j}=\dfrac1n\sum_i\dfrac{\partial \ell_i}{\partial z_i}\,x_{ij}+\dots$ where $\ell_i=\log(1+e^{z_i})-y_iz_i$
# 2. $\dfrac{d}{dz}\log(1+e^{z})=\;?$ (One of the formulas of section 4.)
#
# Put the result beside the formula of section 2. If you are surprised, you got it right. Then check it with
# `numeric_gradient`, for example
#
# ```python
# f = lambda w, b: logistic_loss(X, y, w, b, l2)
# numeric_gradient(f, w, b), logistic_gradient(X, y, w, b, l2)
# ```
#
# **Exercise 6.** Complete `logistic_gradient`. It returns `(gw, gb)`, without a warning even at large scores.

# %% solution="logistic-gradient"
def logistic_gradient(X, y, w, b, l2):
    """logistic_loss의 기울기 (gw, gb) / The gradient (gw, gb) of logistic_loss."""
    ### BEGIN SOLUTION
    error = sigmoid(X @ w + b) - y
    return X.T @ error / len(y) + l2 * w, np.mean(error)
    ### END SOLUTION


# %% test="logistic-gradient-data" points=3
gw, gb = logistic_gradient(np.array([[1.0], [3.0]]), np.array([1.0, 0.0]), np.array([0.0]), 0.0, 0.0)

assert np.shape(gw) == (1,) and np.ndim(gb) == 0, "gw의 크기는 w와 같고 gb는 숫자 하나여야 합니다 / gw must have the shape of w, gb must be a single number"
assert gw[0] > 0, "여기서는 w가 커지면 손실이 커집니다. 부호를 확인하십시오 / here the loss grows with w; check the sign"

# %% test="logistic-gradient-penalty" points=1
free = logistic_gradient(np.array([[1.0], [3.0]]), np.array([1.0, 0.0]), np.array([2.0]), 0.5, 0.0)
held = logistic_gradient(np.array([[1.0], [3.0]]), np.array([1.0, 0.0]), np.array([2.0]), 0.5, 0.3)

assert np.isclose(held[0][0] - free[0][0], 0.6), "벌점이 gw에 더하는 양은 l2·w입니다 / the penalty adds l2·w to gw"

# %% [ko]
# ## 7. 모두 모아 판별기로
#
# 이제 남이 쓸 수 있는 물건을 만듭니다. `train_classifier(X, y, l2)`는 **원래 단위의 표**를 받아 학습하고, 원래 단위의 새 표를 받으면 악성일 확률을 돌려주는
# **함수**를 돌려줍니다. 함수가 함수를 돌려주는 것이 낯설다면 다음을 보십시오.
#
# ```python
# def learn_mean(values):
#     mean = sum(values) / len(values)
#     def predict(new):            # mean을 기억한 채로 나간다 / leaves with mean in its pocket
#         return [mean for _ in new]
#     return predict
# ```
#
# 지킬 것은 네 가지입니다.
#
# 1. **표준화의 평균과 표준편차는 학습할 때 정해** 예측할 때 그대로 씁니다. 환자 한 명만 와도, 천 명이 함께 와도 한 사람의 확률은 같아야 합니다. (`ddof`는 0이든 1이든 좋습니다.)
# 2. 값이 모두 같은 열이 있어도 0으로 나누지 않습니다. 그 열은 없는 셈 칩니다.
# 3. **충분히 내려갑니다.** scikit-learn과 확률 차이가 0.01을 넘지 않아야 합니다(`l2`는 0.01 이상). scikit-learn의 `C`는 우리의 `1 / (n · l2)`입니다.
#    표준화한 열이 $d$개면 곡률은 $(d+1)/4+l2$를 넘지 않으므로 `rate = 1 / ((d + 1) / 4 + l2)`는 언제나 안전합니다. 그러나 몇 걸음이 필요한지는 여러분이 정해야 합니다.
# 4. 꼭 경사 하강이 아니어도 됩니다. 뉴턴 방법이나 `scipy.optimize.minimize`도 좋습니다. 받은 표를 바꾸지 마십시오.
#
# **문제 7.** `train_classifier`를 완성하십시오.

# %% [en]
# ## 7. Put together: a classifier
#
# Now you make a thing that others can use. `train_classifier(X, y, l2)` learns from a table **in its original units** and returns a
# **function** which takes a new table in original units and returns the probabilities of being malignant. In case functions
# that return functions are new to you:
#
# ```python
# def learn_mean(values):
#     mean = sum(values) / len(values)
#     def predict(new):            # mean을 기억한 채로 나간다 / leaves with mean in its pocket
#         return [mean for _ in new]
#     return predict
# ```
#
# Four things to keep.
#
# 1. **Mean and standard deviation are fixed in training** and used as they are in prediction. Whether one patient comes or a
#    thousand come together, the probability of one person is the same. (`ddof` 0 or 1, as you like.)
# 2. A column in which all values are equal must not lead to a division by zero. It counts as absent.
# 3. **Go down far enough.** Probabilities must agree with scikit-learn's within 0.01 (for `l2` of 0.01 or more). Its `C` is our
#    `1 / (n · l2)`. With $d$ standardised columns the curvature is at most $(d+1)/4+l2$, so `rate = 1 / ((d + 1) / 4 + l2)` is always
#    safe. How many steps it takes is for you to find out.
# 4. It need not be gradient descent: Newton's method or `scipy.optimize.minimize` are welcome. Don't change the table you are given.
#
# **Exercise 7.** Complete `train_classifier`.

# %% solution="classifier"
def train_classifier(X, y, l2):
    """확률을 예측하는 함수를 학습해 돌려줍니다 / Learn and return a function that predicts probabilities."""
    ### BEGIN SOLUTION
    mean, scale = X.mean(axis=0), X.std(axis=0)
    scale = np.where(scale > 1e-12 * (1.0 + np.abs(mean)), scale, np.inf)
    S = (X - mean) / scale
    rate = 1.0 / ((S.shape[1] + 1) / 4 + l2)
    w, b = np.zeros(S.shape[1]), 0.0
    for _ in range(20_000):
        gw, gb = logistic_gradient(S, y, w, b, l2)
        w, b = w - rate * gw, b - rate * gb
        if max(np.abs(gw).max(), abs(gb)) < 1e-5:
            break

    def predict(table):
        return sigmoid((table - mean) / scale @ w + b)

    return predict
    ### END SOLUTION


# %% [ko]
# 569명을 섞어 400명으로 학습하고 나머지 169명을 예측합니다. 그림에서 점 하나가 환자 한 명입니다.
# 어떤 실수가 더 나쁩니까? 악성을 놓치는 것과 양성을 악성이라 하는 것의 값이 다르다면 0.5에서 자를 이유도 없습니다. 그 이야기는 다음 단원에서 합니다.

# %% [en]
# We shuffle the 569 cases, train on 400 and predict the other 169. Each dot of the picture is one patient.
# Which mistake is worse? If missing a malignant tumour and alarming over a benign one don't cost the same, there is no
# reason to cut at 0.5. That is the story of the next unit.

# %%
order = np.random.default_rng(0).permutation(len(y_cancer))
train, test = order[:400], order[400:]
predict = train_classifier(X_cancer[train], y_cancer[train], l2=0.01)
p, truth = np.asarray(predict(X_cancer[test])), y_cancer[test]
print(f"accuracy {np.mean((p >= 0.5) == truth):.3f}   missed {np.sum((p < 0.5) & (truth == 1))}   false alarms {np.sum((p >= 0.5) & (truth == 0))}")

rank = np.argsort(np.argsort(p))
figure, axis = plt.subplots(figsize=(9, 3.4), layout="constrained")
axis.axhline(0.5, color="#CCCCCC", lw=1)
for value, color, marker, label in ((0, BLUE, "o", "양성 / benign"), (1, ORANGE, "^", "악성 / malignant")):
    axis.scatter(rank[truth == value], p[truth == value], s=22, color=color, marker=marker, label=label, alpha=0.8)
axis.set(xlabel="확률 순서로 놓은 환자 / patients in order of probability", ylabel="악성일 확률 p / p(malignant)")
axis.legend(frameon=False, loc="upper left")
plt.show()

# %% test="classifier-equals-sklearn" points=3
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

predict = train_classifier(X_cancer[:400], y_cancer[:400], 0.05)
p = np.asarray(predict(X_cancer[400:]))
library = make_pipeline(StandardScaler(), LogisticRegression(C=1 / (400 * 0.05), tol=1e-8, max_iter=5000)).fit(X_cancer[:400], y_cancer[:400])

assert p.shape == (169,), "행마다 확률이 하나씩 나와야 합니다 / there must be one probability per row"
assert np.abs(p - library.predict_proba(X_cancer[400:])[:, 1]).max() < 0.01, "확률이 scikit-learn과 0.01 넘게 다릅니다. 걸음 수와 l2를 확인하십시오 / probabilities differ from scikit-learn's by more than 0.01; check the number of steps and l2"

# %% test="classifier-one-patient" points=2
predict = train_classifier(X_cancer[:400], y_cancer[:400], 0.05)
together, alone = np.asarray(predict(X_cancer[400:405])), np.asarray(predict(X_cancer[402:403]))

assert alone.shape == (1,), "환자 한 명이면 확률도 하나입니다 / one patient, one probability"
assert np.isclose(together[2], alone[0]), "같은 환자인데 함께 온 사람에 따라 확률이 달라집니다. 학습 때의 평균과 표준편차를 쓰십시오 / the same patient gets another probability in other company: use the mean and standard deviation from training"

# %% test="classifier-constant" points=1
flat = np.column_stack([X_cancer[:300, :5], np.full(300, 7.0)])
with warnings.catch_warnings(record=True) as caught, np.errstate(over="warn", invalid="warn", divide="warn"):
    warnings.simplefilter("always")
    p = np.asarray(train_classifier(flat, y_cancer[:300], 0.1)(flat))

assert np.all(np.isfinite(p)), "값이 모두 같은 열이 있으면 nan이 나옵니다 / a column of equal values gives nan"
assert not caught, "값이 모두 같은 열이 있으면 경고가 나옵니다 / a column of equal values gives a warning"

# %% [ko]
# ## 8. 설명하기 (서술형, 8점)
#
# 동료가 이렇게 말합니다. "로지스틱 회귀도 예측값 $p$와 정답 $y$의 차이를 보는 것이니, 제곱 오차 $\frac{1}{2n}\sum(p_i-y_i)^2$를 줄이면 되지 않습니까?"
# 동료가 알아듣게 답하십시오. 식은 LaTeX로 쓰거나 손으로 쓴 것을 찍어 붙입니다. 식을 건너뛰고 글만 읽는 사람도 요점을 알 수 있어야 합니다.
#
# 1. 로그 손실의 기울기 $\partial J/\partial w$를 $\ell=\log(1+e^z)-yz$에서 시작해 한 단계씩 유도하십시오.
# 2. 제곱 오차를 썼을 때의 기울기도 유도해 두 식을 나란히 놓으십시오. 어느 항이 다르며, 그 항은 **언제** 학습을 멈추게 합니까? 5장의 그림과 이어 설명하십시오.
#
# 기본 점수 2점에, 유도 3점과 비교·해석 3점을 더합니다.

# %% [en]
# ## 8. Explain (written, 8 points)
#
# A colleague says: "Logistic regression, too, looks at the difference between the prediction $p$ and the truth $y$. Why not minimise
# the squared error $\frac{1}{2n}\sum(p_i-y_i)^2$?" Answer so that the colleague understands. Write formulas in LaTeX or attach a
# photo of your handwriting. Somebody who skips the formulas should get the point from the words.
#
# 1. Derive the gradient $\partial J/\partial w$ of the log loss step by step, starting from $\ell=\log(1+e^z)-yz$.
# 2. Derive the gradient for the squared error as well and put the two side by side. Which factor differs, and **when** does that
#    factor bring learning to a halt? Refer to the picture of section 5.
#
# A base of 2 points, plus 3 for the derivation and 3 for the comparison and its meaning.

# %% [ko] manual="derivation" points=8
# ### BEGIN SOLUTION
# 한 행의 손실은 $\ell=\log(1+e^{z})-yz$이고 $z=x^\top w+b$입니다. $\frac{d}{dz}\log(1+e^z)=\frac{e^z}{1+e^z}=\sigma(z)=p$이므로 $\frac{d\ell}{dz}=p-y$입니다.
# $\frac{\partial z}{\partial w_j}=x_j$이니 모든 행을 평균하고 벌점의 미분을 더하면 $\frac{\partial J}{\partial w}=\frac1nX^\top(p-y)+l2\,w$이고, $\frac{\partial J}{\partial b}$는 $p-y$의 평균입니다.
#
# 제곱 오차라면 $\frac{d}{dz}\frac12(p-y)^2=(p-y)\,\sigma'(z)=(p-y)\,p(1-p)$입니다. $p(1-p)$가 하나 더 붙습니다. 악성($y=1$)인데 $p\approx0$이라고 확신하면
# $p-y\approx-1$로 크게 틀렸는데도 $p(1-p)\approx0$이라 기울기가 사라집니다. 그림 왼쪽 끝에서 주황색 기울기가 0에 붙어 있는 것이 이것입니다.
# 가장 고쳐야 할 곳에서 고치지 않습니다. 로그 손실에는 그 항이 없어 가장 크게 틀린 곳에서 가장 세게 고칩니다. 게다가 제곱 오차는 $z$에 대해 볼록하지 않습니다.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# 기본 점수 2점: 답을 쓰려고 한 흔적이 있으면 줍니다(백지는 0점). 요소 둘을 3점씩 더합니다.
#
# | 요소 | 3점 | 2점 | 1점 | 0점 |
# |---|---|---|---|---|
# | 유도 | dℓ/dz = σ(z) − y를 근거와 함께 얻고, 연쇄 법칙으로 (1/n)Xᵀ(p − y) + l2·w에 이름. 1/n, 벌점, 절편이 모두 맞음 | 식은 맞으나 한 단계(log(1+eᶻ)의 미분, 벌점 등)의 근거가 빠짐 | 연쇄 법칙을 쓰려 했으나 부호나 항이 틀림 | 결과만 옮겨 적음 |
# | 비교와 해석 | 제곱 오차의 기울기에 p(1 − p)가 더 있음을 보이고, 틀렸는데 확신하는 곳(p→0, y=1)에서 그 항이 0이 되어 고침이 멈춘다고 그림과 이어 설명 (볼록하지 않다는 말은 덤) | 항은 찾았으나 언제 문제가 되는지 모호함 | "로그 손실이 확률에 맞다" 같은 일반론 | 비교가 없음 |
#
# 사진이 흐려 읽을 수 없으면 채점을 미루고 다시 받습니다. 정답을 −1/+1로 쓰는 등 다른 표기도 앞뒤가 맞으면 만점입니다.
# ### END MARK SCHEME

# %% [en] manual="derivation" points=8
# ### BEGIN SOLUTION
# The loss of one row is $\ell=\log(1+e^{z})-yz$ with $z=x^\top w+b$. As $\frac{d}{dz}\log(1+e^z)=\frac{e^z}{1+e^z}=\sigma(z)=p$, we have $\frac{d\ell}{dz}=p-y$.
# With $\frac{\partial z}{\partial w_j}=x_j$, the mean over all rows plus the derivative of the penalty is $\frac{\partial J}{\partial w}=\frac1nX^\top(p-y)+l2\,w$; $\frac{\partial J}{\partial b}$ is the mean of $p-y$.
#
# For the squared error $\frac{d}{dz}\frac12(p-y)^2=(p-y)\,\sigma'(z)=(p-y)\,p(1-p)$: one more factor, $p(1-p)$. If the model is sure of $p\approx0$ for a malignant case ($y=1$), it
# is badly wrong, $p-y\approx-1$, and yet $p(1-p)\approx0$ makes the gradient vanish. That is the orange slope lying on 0 at the left end of the picture: nothing is
# mended where most needs mending. The log loss lacks the factor and mends hardest where it is most wrong. Besides, the squared error is not convex in $z$.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# Base score 2: for any attempt at an answer (0 for a blank). Add two elements of up to 3 points each.
#
# | Element | 3 | 2 | 1 | 0 |
# |---|---|---|---|---|
# | Derivation | dℓ/dz = σ(z) − y with a reason, then by the chain rule (1/n)Xᵀ(p − y) + l2·w; 1/n, penalty and bias all right | the formula is right but the reason for one step is missing (the derivative of log(1+eᶻ), the penalty) | tries the chain rule, but a sign or a term is wrong | only the result, copied |
# | Comparison and meaning | shows that the squared error has the extra factor p(1 − p) and, with the picture, that it goes to 0 where the model is sure but wrong (p→0, y=1), so that mending stops (that it is not convex is a bonus) | finds the factor but is vague about when it matters | generalities such as "log loss suits probabilities" | no comparison |
#
# If a photo cannot be read, wait with the mark and ask for a better one. Another notation (labels −1/+1) earns full marks when consistent.
# ### END MARK SCHEME

# %% [ko]
# ## 이제 말할 수 있는 것
#
# - 손실의 1/n과 벌점의 자리를 알면 `Ridge`의 `alpha`, `LogisticRegression`의 `C`, 우리의 `l2`를 서로 바꿀 수 있습니다.
# - 기울기는 숫자로 검산합니다. 손실이 줄어든다는 것은 기울기가 맞다는 증거가 아닙니다.
# - `nan`은 운이 나빠서가 아니라 $e^{710}$이나 $\log 0$이나 $0/0$ 때문에 나옵니다.
# - 제곱 오차와 시그모이드처럼 짝이 맞지 않는 모델과 손실은, 가장 크게 틀린 곳에서 배우기를 멈춥니다.

# %% [en]
# ## What you can now say
#
# - Knowing where the loss keeps its 1/n and its penalty, you can convert between `Ridge`'s `alpha`, `LogisticRegression`'s `C` and our `l2`.
# - A gradient is checked with numbers. A falling loss is no proof of a right gradient.
# - `nan` is not bad luck: it comes from $e^{710}$, from $\log 0$ or from $0/0$.
# - A model and a loss that do not suit each other, such as the sigmoid and the squared error, stop learning where they are most wrong.
