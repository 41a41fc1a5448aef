# %% [ko]
# # 통계 추론: 붓스트랩, A/B 시험, p-해킹
#
# 시청 에너지과가 600가구에 실험을 했습니다. 제비를 뽑아 300가구에는 늘 보내던 전기 고지서(A)를, 300가구에는 "이웃집보다 많이 쓰셨습니다"라는 그림이 든 고지서(B)를
# 보냈습니다. 한 달 뒤의 보고서입니다.
#
# > B 고지서는 **화요일**의 전기 사용을 뚜렷이 줄입니다 (**p = 0.03**). 내년부터 모든 가정에 B를 보내기를 건의합니다.
#
# 인쇄비는 한 해 4억 원입니다. 여러분이 결재자라면 서명하겠습니까? 왜 하필 화요일입니까?
#
# 오늘은 공식을 외우지 않습니다. **다시 뽑기**와 **섞기** 두 가지만으로 신뢰구간과 p값을 직접 만듭니다. 그리고 통계가 하는 약속을 그대로 믿지 않고, 정답을 아는 세상을 수백 번 만들어
# **약속이 지켜지는지 셉니다.** 마지막에는 거짓말을 한마디도 하지 않고 거짓 결론에 이르는 길을 걸어 봅니다.

# %% [en]
# # Inference: bootstrap, A/B tests, p-hacking
#
# The city's energy office ran a trial with 600 homes. By lot, 300 got the usual electricity bill (A) and 300 got one with a picture that says
# "you used more than your neighbours" (B). A month later the report says:
#
# > Bill B clearly lowers the use of electricity on **Tuesdays** (**p = 0.03**). We propose to send B to every home from next year.
#
# Printing costs 400 million won a year. Would you sign? And why Tuesdays?
#
# Today we learn no formula by heart. With only two moves, **drawing again** and **shuffling**, you build confidence intervals and p-values yourself. And you do not take the promises
# of statistics on trust: you make hundreds of worlds whose truth is known and **count whether the promise is kept**. At the end you walk the road to a false conclusion without telling a single lie.

# %% [ko]
# ## 약속
#
# - numpy를 마음껏 쓰십시오. 반복문도 좋습니다. 함수는 건네받은 배열을 **바꾸지 않습니다.** 배열은 목록이나 Series로 올 수도 있습니다.
# - 무작위는 `seed`로 만든 **자기만의 생성기**(`np.random.default_rng(seed)`)에서만 나옵니다. 같은 `seed`면 같은 답, 다른 `seed`면 (조금) 다른 답입니다. 어떤 난수를 어떤 순서로 쓰는지는 자유입니다.
# - 채점은 여러분의 함수를 **진실을 아는 세상**에서 수백 번 부릅니다. 문턱은 미리 알립니다: 95% 신뢰구간이 진실을 담는 비율 **88–98.5%**(문제 1)와 **89–99%**(문제 3), 폭은 이론값의 **0.85–1.1배**, 효과가 없을 때
#   p값의 평균 **0.43–0.57**과 p ≤ 0.05의 비율 **1–10%**, 훔쳐보기의 거짓 경보율은 참값에서 **±0.03**.

# %% [en]
# ## Conventions
#
# - Use numpy as you like; loops are fine too. Functions **do not change** the arrays they are given. An array may come as a list or a Series.
# - Chance comes only from **a generator of your own**, made from `seed` (`np.random.default_rng(seed)`). The same `seed` gives the same answer, another `seed` a (slightly) different one. Which random numbers you use, and in which order, is up to you.
# - The marking calls your functions hundreds of times in **worlds whose truth is known**. Thresholds are announced: 95% intervals hold the truth in **88-98.5%** of cases (exercise 1) and **89-99%** (exercise 3), widths are **0.85-1.1** times that of theory,
#   without an effect the mean p is **0.43-0.57** and p ≤ 0.05 comes in **1-10%** of cases, the false alarm rate of peeking is within **±0.03** of the true one.

# %% given="setup"
import koreanize_matplotlib  # noqa: F401  (한글 글꼴 / a Korean font)
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_diabetes

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#009E73", "#7F7F7F"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 11})
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

trial = pd.read_csv("notices.csv")
trial["month"] = trial[DAYS].sum(axis=1)
trial.head()

# %% [ko]
# ## 자료 카드
#
# **`notices.csv`는 만들어 낸 것입니다.** 실제 가정의 기록은 없습니다. 라이선스 CC0.
#
# | 열 | 뜻 |
# |---|---|
# | `home`, `district` | 집(600), 구 |
# | `group` | 제비로 정한 고지서. A는 늘 보내던 것, B는 이웃과 견주는 것 |
# | `mon` … `sun` | 그 요일에 쓴 전기가 지난해 같은 달보다 **늘어난 양**(kWh). 줄었으면 음수 |
# | `month` | 요일을 모두 더한 한 달의 변화 |
#
# 당뇨병 자료(442명, 1년 뒤의 진행 정도)는 scikit-learn에 들어 있는 **실제 자료**입니다(Efron 등, 2004).

# %% [en]
# ## Data card
#
# **`notices.csv` is made up.** It holds no record of a real home. Licence CC0.
#
# | Column | Meaning |
# |---|---|
# | `home`, `district` | the home (600), its district |
# | `group` | the bill, settled by lot: A the usual one, B the one that compares with neighbours |
# | `mon` … `sun` | **how much more** electricity (kWh) was used on that weekday than in the same month last year; less is negative |
# | `month` | the change of the whole month: the sum of the weekdays |
#
# The diabetes data (442 patients, progression after a year) are **real** and come with scikit-learn (Efron et al., 2004).

# %% [ko]
# ## 먼저: 95%는 무엇의 95%인가
#
# 아래는 진실을 아는 세상입니다. 어느 도시 가정의 변화량의 평균은 정확히 10입니다(점선). 조사원 60명이 저마다 40가구를 뽑아 구간을 하나씩 그렸습니다. 구간마다 다릅니다. 누구도 틀리게 계산하지 않았는데, 몇몇은 진실을 놓쳤습니다(주황색, ×표).
#
# **95%는 이 구간들 가운데 진실을 담은 것의 비율입니다.** 내 손에 있는 구간 하나에 진실이 들었을 확률이 아닙니다. 그 하나는 담았거나 놓쳤고, 나는 어느 쪽인지 모릅니다. 방법이 한 약속은 "스무 번에 열아홉 번은 맞는 방법이다"입니다.
# 그러니 신뢰구간을 만드는 코드를 검사하는 길은 하나뿐입니다. **여러 번 시켜 보고 세는 것.** 채점도 그렇게 합니다.

# %% [en]
# ## First: 95% of what?
#
# Here is a world whose truth is known. In some city the mean change of a home is exactly 10 (dashed). Sixty field workers drew 40 homes each, and each drew an interval. They all differ. Nobody calculated wrongly, and still a few missed the truth (orange, ×).
#
# **95% is the share of these intervals that hold the truth.** It is not the probability that the one interval in your hand holds it. That one does or does not, and you cannot tell. What the method promises is: "I am right nineteen times in twenty."
# So there is only one way to test code that makes confidence intervals: **let it work many times and count.** That is what the marking does.

# %% given="picture-coverage"
dice = np.random.default_rng(12)
homes = 10 + 30 * (dice.gamma(2.0, 1.0, (60, 40)) - 2)
middle, reach = homes.mean(axis=1), 1.96 * homes.std(axis=1, ddof=1) / np.sqrt(40)
missed = np.abs(middle - 10) > reach
figure, axis = plt.subplots(figsize=(11, 3.4), layout="constrained")
for k in range(60):
    color = ORANGE if missed[k] else BLUE
    axis.plot([k, k], [middle[k] - reach[k], middle[k] + reach[k]], color=color, lw=2)
    axis.plot(k, middle[k], "x" if missed[k] else "o", color=color, ms=7 if missed[k] else 4, mew=2)
axis.axhline(10, color="black", lw=1.5, ls="--")
axis.set(xlabel="조사원 / field worker", ylabel="평균 변화 / mean change (kWh)", title=f"구간 60개 가운데 {60 - missed.sum()}개가 진실을 담음 / {60 - missed.sum()} of 60 intervals hold the truth")
plt.show()

# %% [ko]
# ## 1. 붓스트랩: 표본을 도시로 삼기
#
# 조사를 다시 할 수 있다면 평균이 얼마나 흔들리는지 바로 알 텐데, 돈은 한 번치뿐입니다. 붓스트랩의 생각은 대담합니다. **표본이 도시를 닮았다면, 표본에서 다시 뽑는 것은 도시에서 다시 뽑는 것을 닮았을 것이다.**
#
# ### 손으로 푸는 예제
#
# 표본이 `[2, 4, 9]`(평균 5)라고 합시다. 종이쪽지 셋을 주머니에 넣고, 하나를 뽑아 적고 **다시 넣기**를 세 번 합니다.
#
# | 다시 뽑은 표본 | 평균 |
# |---|---|
# | 4, 9, 9 | 7.33 |
# | 2, 2, 4 | 2.67 |
# | 9, 2, 4 | 5.00 |
# | … (n번) | … |
#
# 다시 넣지 않으면 언제나 `2, 4, 9`가 나오고 평균은 늘 5입니다. 흔들림이 0이니 구간도 점이 됩니다. 이렇게 얻은 평균 n개를 늘어놓고 아래 2.5%와 위 2.5%를 잘라 내면 95% 구간입니다(**백분위수 방법**).
# 평균 대신 중앙값이든 비율이든 **아무 통계량**이나 됩니다. 공식이 없는 것에도 됩니다. 붓스트랩이 세상을 바꾼 까닭입니다.
#
# 흔한 잘못: 표본 **자체**의 2.5%와 97.5%를 쓰는 것. 그것은 "집들이 얼마나 다른가"이지 "평균을 얼마나 아는가"가 아닙니다. 집을 만 배로 늘려도 앞의 것은 줄지 않고 뒤의 것은 100배 줄어듭니다.
#
# **문제 1.** `bootstrap_ci(values, statistic, level, n, seed)`를 완성하십시오.
# - `values`에서 **다시 넣으며** 같은 개수를 뽑는 일을 `n`번 하고, 뽑은 것마다 `statistic`(1차원 numpy 배열을 받아 수를 돌려주는 함수)을 부릅니다.
# - 그 값들의 `(1 - level) / 2`와 `(1 + level) / 2` 분위수(`np.quantile`의 기본 방법)를 `(아래, 위)`로 돌려줍니다.

# %% [en]
# ## 1. Bootstrap: take the sample for the city
#
# If you could repeat the survey you would see how much the mean wobbles, but there is money for one. The idea of the bootstrap is bold: **if the sample is like the city, drawing again from the sample is like drawing again from the city.**
#
# ### An example by hand
#
# Say the sample is `[2, 4, 9]` (mean 5). Put three slips of paper into a bag; three times draw one, write it down and **put it back**.
#
# | drawn again | mean |
# |---|---|
# | 4, 9, 9 | 7.33 |
# | 2, 2, 4 | 2.67 |
# | 9, 2, 4 | 5.00 |
# | … (n times) | … |
#
# Without putting back you always get `2, 4, 9`, and the mean is always 5: no wobble, and the interval is a point. Line up the n means, cut off the lowest and the highest 2.5%, and you have a 95% interval (the **percentile method**).
# Instead of the mean it may be a median, a share, **any statistic**, even one for which there is no formula. That is why the bootstrap changed the trade.
#
# A common mistake is to take the 2.5% and 97.5% of the **sample itself**. That says "how different are homes?", not "how well do we know the mean?". With ten thousand times as many homes the first stays, the second shrinks by a hundred.
#
# **Exercise 1.** Complete `bootstrap_ci(values, statistic, level, n, seed)`.
# - `n` times, draw as many as there are from `values`, **putting back**, and call `statistic` (a function that takes a one-dimensional numpy array and returns a number) on what was drawn.
# - Return the `(1 - level) / 2` and `(1 + level) / 2` quantiles of these numbers (the default method of `np.quantile`) as `(low, high)`.

# %% solution="bootstrap-ci"
def bootstrap_ci(values, statistic, level=0.95, n=2000, seed=0):
    """백분위수 붓스트랩의 (아래, 위) / The (low, high) of a percentile bootstrap."""
    ### BEGIN SOLUTION
    values = np.asarray(values)
    rng = np.random.default_rng(seed)
    drawn = [statistic(values[rng.integers(0, len(values), len(values))]) for _ in range(n)]
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
    ### END SOLUTION


# %% test="ci-draws" points=3
low, high = bootstrap_ci([2, 4, 9], np.mean, 0.95, 2000, 1)

assert 2 <= low < 5 < high <= 9, "예제의 구간은 평균 5를 담고 2와 9 사이에 있습니다 / the interval of the example holds the mean 5 and lies between 2 and 9"
assert low < 3 and high > 7, "구간이 너무 좁습니다. 다시 넣으며 뽑았습니까? / the interval is too narrow; did you put back?"

# %% test="ci-coverage" points=2
month = trial["month"].to_numpy()
low, high = bootstrap_ci(month, np.mean, 0.95, 1000, 1)
theory = 2 * 1.96 * month.std(ddof=1) / np.sqrt(len(month))

assert 0.85 < (high - low) / theory < 1.1, "600가구의 평균에 대한 구간의 폭이 이론값에서 벗어납니다 / the width for the mean of 600 homes is off the theory's"

# %% test="ci-level" points=1
narrow, wide = bootstrap_ci(month, np.mean, 0.5, 1000, 1), bootstrap_ci(month, np.mean, 0.95, 1000, 1)

assert wide[0] < narrow[0] < narrow[1] < wide[1], "수준이 낮으면 구간이 좁아야 합니다 / a lower level must give a narrower interval"

# %% test="ci-seed" points=1
assert bootstrap_ci(month, np.median, 0.95, 200, 7) == bootstrap_ci(month, np.median, 0.95, 200, 7), "같은 seed인데 답이 다릅니다 / the same seed gave another answer"
assert bootstrap_ci(month, np.mean, 0.95, 200, 7) != bootstrap_ci(month, np.mean, 0.95, 200, 8), "다른 seed인데 답이 같습니다 / another seed gave the same answer"

# %% [ko]
# 실제 자료에 써 봅시다. 당뇨병 환자 442명의 진행 정도에서, 공식이 없는 통계량인 **중앙값**과 **상위 10%의 경계**의 95% 구간입니다. 어느 쪽을 더 잘 압니까? 왜 그렇습니까?

# %% [en]
# Try it on real data: 95% intervals for the **median** and for the **border of the top 10%**, statistics without a formula, of the progression of 442 diabetes patients. Which of the two do we know better, and why?

# %%
progress = load_diabetes().target
for name, statistic in (("중앙값 / median", np.median), ("상위 10% / top 10%", lambda x: np.quantile(x, 0.9))):
    low, high = bootstrap_ci(progress, statistic, 0.95, 1000, 0)
    print(f"{name:20} {statistic(progress):6.1f}   [{low:6.1f}, {high:6.1f}]")

# %% [ko]
# ## 2. 순열 검정: 이름표가 아무 뜻도 없다면
#
# 두 고지서에 차이가 **없다면** A와 B라는 이름표는 아무 뜻이 없습니다. 그러면 이름표를 섞어도 달라질 것이 없습니다. 그래서 섞습니다. 섞은 세상에서 나온 차이와 실제의 차이를 견주어, **섞기만 해도 이만한 차이가 얼마나 자주 나오는가**를 셉니다. 그것이 p값입니다.
# p값은 "효과가 없을 확률"이 **아닙니다**. "효과가 없는 세상에서 이만한 것이 나올 확률"입니다.
#
# ### 손으로 푸는 예제
#
# A는 `[1, 2]`, B는 `[3, 4]`, 차이는 2입니다. 네 수를 둘씩 나누는 방법은 여섯 가지입니다.
#
# | A로 간 것 | 1,2 | 1,3 | 1,4 | 2,3 | 2,4 | 3,4 |
# |---|---|---|---|---|---|---|
# | B 평균 − A 평균 | **2** | 1 | 0 | 0 | −1 | **−2** |
#
# 크기가 2 **이상**인 것이 여섯 가운데 둘이니 p는 1/3입니다. 반대쪽(−2)도 셉니다. B가 더 쓰게 만들었더라도 우리는 놀랐을 것이기 때문입니다(**양쪽 검정**). 같은 것(=2)도 셉니다.
#
# 실제로는 다 나누어 볼 수 없으니 `n`번 섞습니다. 이때 p = 횟수 / n으로 하면 0이 나올 수 있습니다. "절대로 일어나지 않는다"는 말은 n번 섞어서는 할 수 없습니다. 실제의 배치도 섞은 것의 하나로 치면 됩니다.
#
# $$ p = \frac{1 + \#\{|d^*| \ge |d|\}}{n + 1} $$
#
# **문제 2.** `permutation_p(a, b, n, seed)`를 완성하십시오. 평균의 차이에 대한 양쪽 순열 검정입니다. 두 무리의 크기는 다를 수 있고, 섞은 뒤에도 크기는 그대로입니다. 덧셈 순서에 따른 반올림 오차 때문에 같은 것을 놓치지 않도록
# $|d^*| \ge |d| - 10^{-9}$로 셉니다.

# %% [en]
# ## 2. Permutation test: if labels meant nothing
#
# If the two bills do **not** differ, the labels A and B mean nothing, and shuffling them changes nothing. So shuffle. Compare the difference you saw with those in shuffled worlds and count **how often shuffling alone gives one as large**. That is the p-value.
# It is **not** "the probability that there is no effect". It is "the probability of such a thing in a world without an effect".
#
# ### An example by hand
#
# A is `[1, 2]`, B is `[3, 4]`, the difference is 2. There are six ways to part the four numbers into twos.
#
# | went to A | 1,2 | 1,3 | 1,4 | 2,3 | 2,4 | 3,4 |
# |---|---|---|---|---|---|---|
# | mean of B − mean of A | **2** | 1 | 0 | 0 | −1 | **−2** |
#
# Two of six have a size of 2 **or more**, so p is 1/3. The other side (−2) counts too, since we would have been surprised as well if B had raised the use (**two-sided**). So do equal ones (= 2).
#
# In practice one cannot try all ways, so shuffle `n` times. With p = count / n you may get 0, but "it never happens" is more than n shuffles can say. Count the real arrangement as one of the shuffles:
#
# $$ p = \frac{1 + \#\{|d^*| \ge |d|\}}{n + 1} $$
#
# **Exercise 2.** Complete `permutation_p(a, b, n, seed)`, the two-sided permutation test for the difference of means. The groups may differ in size, and keep their sizes when shuffled. So that rounding in sums does not lose an equal one, count
# $|d^*| \ge |d| - 10^{-9}$.

# %% solution="permutation-p"
def permutation_p(a, b, n=2000, seed=0):
    """평균의 차이에 대한 양쪽 순열 검정의 p값 / The p-value of a two-sided permutation test of means."""
    ### BEGIN SOLUTION
    both = np.concatenate([np.asarray(a, dtype=float), np.asarray(b, dtype=float)])
    rng, size = np.random.default_rng(seed), len(a)
    seen = abs(both[size:].mean() - both[:size].mean())
    count = 0
    for _ in range(n):
        mixed = rng.permutation(both)
        count += abs(mixed[size:].mean() - mixed[:size].mean()) >= seen - 1e-9
    return (1 + count) / (n + 1)
    ### END SOLUTION


# %% test="perm-exact" points=3
p = permutation_p([1, 2], [3, 4], 3000, 1)

assert abs(p - 1 / 3) < 0.05, "예제에서 p는 1/3쯤입니다. 같은 것과 반대쪽도 세었습니까? / in the example p is about 1/3; did you count equal ones and the other side?"

# %% test="perm-floor" points=1
p = permutation_p(np.zeros(30), np.ones(30), 199, 1)

assert p == 1 / 200, "아주 큰 차이에서도 p는 1/(n+1)보다 작을 수 없습니다 / however large the difference, p cannot be below 1/(n+1)"

# %% test="perm-null" points=2
dice = np.random.default_rng(3)
ps = [permutation_p(dice.normal(size=20), dice.normal(size=20), 99, k) for k in range(60)]

assert 0.3 < np.mean(ps) < 0.7, "효과가 없는 세상에서 p값은 0과 1 사이에 고르게 나와야 합니다 / without an effect p-values must spread evenly between 0 and 1"

# %% [ko]
# 효과가 없는 세상에서 p값은 **고르게** 나옵니다. 그래서 p ≤ 0.05는 효과가 없어도 스무 번에 한 번 나옵니다. 이것을 기억해 두십시오. 보고서의 화요일로 돌아갈 때 필요합니다.
#
# 먼저 한 달 전체를 봅니다.

# %% [en]
# In a world without an effect p-values come out **evenly**. So p ≤ 0.05 comes once in twenty without any effect. Keep it in mind: we need it when we return to the report's Tuesdays.
#
# First, the whole month.

# %%
usual, neighbours = (trial["month"][trial["group"] == group].to_numpy() for group in "AB")
print(f"A {usual.mean():6.2f}   B {neighbours.mean():6.2f}   B - A {neighbours.mean() - usual.mean():6.2f} kWh   p = {permutation_p(usual, neighbours, 2000, 0):.3f}")

# %% [ko]
# ## 3. 차이의 구간: 얼마나 효과가 있을 수 있는가
#
# "p가 0.05보다 크니 효과가 없다"는 흔한 잘못입니다. p가 크다는 것은 **모른다**는 뜻입니다. 무엇을 아직 배제하지 못했는지는 구간이 말해 줍니다. 구간이 `[-12, 4]`이면 "한 달 12 kWh를 아낄 수도, 4 kWh를 더 쓸 수도 있다"이고, `[-0.3, 0.2]`이면 "있어도 쓸모없이 작다"입니다.
# 둘 다 0을 담지만 결재는 전혀 다릅니다.
#
# 두 무리는 따로 뽑혔으니 **따로** 다시 뽑습니다. 한 주머니에 섞어 뽑으면 "차이가 없는 세상"의 흔들림이 되어 구간이 0 둘레에 생깁니다. 두 구간의 끝을 서로 빼는 것도 잘못입니다. 두 평균이 동시에 가장 나쁜 쪽으로 갈 일은 드물어 1.4배쯤 넓어집니다.
#
# **문제 3.** `difference_ci(a, b, level, n, seed)`를 완성하십시오. `mean(b) - mean(a)`의 백분위수 붓스트랩 구간 `(아래, 위)`입니다. `a`와 `b`에서 저마다 같은 개수를 다시 넣으며 뽑습니다. 두 무리에서 서로 상관없이 뽑습니다.

# %% [en]
# ## 3. An interval for the difference: how much effect can there be?
#
# "p is above 0.05, so there is no effect" is a common mistake. A large p means **we do not know**. What is not yet ruled out is told by an interval: `[-12, 4]` says "it may save 12 kWh a month, or cost 4", `[-0.3, 0.2]` says "if there is anything, it is uselessly small".
# Both hold 0, but they call for quite different decisions.
#
# The two groups were drawn apart, so draw again from them **apart**. From one common bag you would get the wobble of a world without a difference, and an interval around 0. To subtract the ends of two intervals is wrong too: both means seldom go to their worst at once, so it is about 1.4 times too wide.
#
# **Exercise 3.** Complete `difference_ci(a, b, level, n, seed)`: the percentile bootstrap interval `(low, high)` for `mean(b) - mean(a)`. Draw as many as there are from `a` and from `b`, putting back, and independently of each other.

# %% solution="difference-ci"
def difference_ci(a, b, level=0.95, n=2000, seed=0):
    """mean(b) - mean(a)의 백분위수 붓스트랩 구간 / A percentile bootstrap interval for mean(b) - mean(a)."""
    ### BEGIN SOLUTION
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    rng = np.random.default_rng(seed)
    drawn_a = a[rng.integers(0, len(a), (n, len(a)))].mean(axis=1)
    drawn_b = b[rng.integers(0, len(b), (n, len(b)))].mean(axis=1)
    low, high = np.quantile(drawn_b - drawn_a, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
    ### END SOLUTION


# %% test="diff-coverage" points=2
low, high = difference_ci(usual, neighbours, 0.95, 1000, 1)

assert low < neighbours.mean() - usual.mean() < high, "구간은 실제의 차이 B - A를 담아야 합니다 / the interval must hold the difference B - A that was seen"
print(f"B - A: [{low:.1f}, {high:.1f}] kWh")

# %% test="diff-width" points=2
theory = 2 * 1.96 * np.sqrt(usual.var(ddof=1) / len(usual) + neighbours.var(ddof=1) / len(neighbours))

assert 0.85 < (high - low) / theory < 1.1, "폭이 이론값에서 벗어납니다 / the width is off the theory's"

# %% test="diff-seed" points=1
assert difference_ci(usual, neighbours, 0.95, 200, 7) == difference_ci(usual, neighbours, 0.95, 200, 7), "같은 seed인데 답이 다릅니다 / the same seed gave another answer"

# %% [ko]
# ## 4. 훔쳐보기
#
# 실험을 하는 사람은 궁금합니다. 매일 p값을 보고, 0.05 아래로 내려간 날 "됐다!"라고 멈춥니다. 거짓말은 한마디도 없습니다. 그런데 **효과가 하나도 없어도** 이렇게 하면 발견하게 됩니다. 얼마나 자주?
#
# 아래는 효과가 **없는** 실험 여덟 개의 $z$값이 날마다 어떻게 움직이는지입니다. $z$가 ±1.96을 넘으면 p < 0.05입니다. 헤매다 보면 언젠가 한 번은 울타리를 건드립니다. 건드린 순간에 멈추는 사람은 그 뒤에 되돌아오는 것을 보지 못합니다.

# %% [en]
# ## 4. Peeking
#
# People who run a trial are curious. They look at p every day, and when it falls below 0.05 they say "there it is!" and stop. Not a lie is told. And yet **without any effect** one discovers things this way. How often?
#
# The picture shows $z$, day by day, in eight trials **without** an effect. Beyond ±1.96, p is below 0.05. Whoever wanders long enough touches the fence some time. Those who stop at the touch never see the line come back.

# %% given="picture-peeking"
dice = np.random.default_rng(24)
days = np.arange(1, 61)
steps = dice.normal(size=(8, 60))
z = np.cumsum(steps, axis=1) / np.sqrt(days)
figure, axis = plt.subplots(figsize=(11, 3.4), layout="constrained")
axis.axhspan(-1.96, 1.96, color="#F0F0F0")
for path in z:
    outside = np.flatnonzero(np.abs(path) > 1.96)
    axis.plot(days, path, color=ORANGE if len(outside) else "#9BBDD4", lw=1.8 if len(outside) else 1)
    if len(outside):
        axis.plot(days[outside[0]], path[outside[0]], "*", color=ORANGE, ms=15, mec="black")
stopped = int((np.abs(z) > 1.96).any(axis=1).sum())
axis.set(xlabel="날 / day", ylabel="z", title=f"효과 없는 실험 8개 가운데 {stopped}개에서 '발견'(★) / a 'discovery' (★) in {stopped} of 8 trials without effect", xlim=(1, 60))
axis.text(60, 0, "p > 0.05", ha="right", va="center", color=GREY)
plt.show()

# %% [ko]
# **문제 4.** `false_alarms(looks, per_look, trials, seed)`를 완성하십시오. 효과가 없는 실험을 `trials`번 흉내 내어, **한 번이라도** p < 0.05를 본 실험의 비율을 돌려줍니다.
# - 볼 때마다 두 무리에 각각 `per_look`가구가 **더 쌓입니다**(앞의 집도 그대로 있습니다). 값은 두 무리 모두 평균 0, 표준편차 1인 정규분포입니다.
# - 한 무리가 $m$가구일 때 $z = (\bar b - \bar a) / \sqrt{2 / m}$이고, $|z| > 1.96$이면 p < 0.05입니다.
# - `looks`번 봅니다. `looks = 1`이면 답은 0.05쯤이어야 합니다. 열 번이면? 먼저 짐작해 적어 두십시오.

# %% [en]
# **Exercise 4.** Complete `false_alarms(looks, per_look, trials, seed)`. Imitate `trials` trials without an effect and return the share of those that saw p < 0.05 **at least once**.
# - At each look `per_look` more homes **have joined** each group (the earlier ones stay). In both groups values are normal with mean 0 and standard deviation 1.
# - With $m$ homes in a group, $z = (\bar b - \bar a) / \sqrt{2 / m}$, and $|z| > 1.96$ means p < 0.05.
# - There are `looks` looks. With `looks = 1` the answer must be about 0.05. With ten? Guess first, and write your guess down.

# %% solution="false-alarms"
def false_alarms(looks, per_look, trials=2000, seed=0):
    """효과가 없는데 한 번이라도 p < 0.05를 보는 비율 / The share of effectless trials that see p < 0.05 at least once."""
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    fresh = rng.normal(size=(2, trials, looks, per_look)).sum(axis=3)
    m = per_look * np.arange(1, looks + 1)
    gap = np.diff(np.cumsum(fresh, axis=2), axis=0)[0] / m
    return float((np.abs(gap) / np.sqrt(2 / m) > 1.96).any(axis=1).mean())
    ### END SOLUTION


# %% test="peek-once" points=1
rate = false_alarms(1, 10, 4000, 1)

assert 0.02 < rate < 0.08, "한 번만 보면 5%쯤이어야 합니다 / with one look it must be about 5%"

# %% test="peek-often" points=3
rates = [false_alarms(looks, 5, 2000, 1) for looks in (1, 2, 5, 10, 20)]

assert all(low < high for low, high in zip(rates, rates[1:])), "자주 볼수록 거짓 경보가 늘어야 합니다 / more looks must give more false alarms"
assert rates[-1] < 0.45, "너무 큽니다. 앞의 집이 그대로 쌓이고 있습니까? / too large; do the earlier homes stay?"
print(dict(zip((1, 2, 5, 10, 20), np.round(rates, 3))))

# %% [ko]
# ## 5. 갈림길의 정원
#
# 이제 화요일입니다. 에너지과의 사람은 한 달 전체에서 뚜렷한 차이를 찾지 못하자 요일마다, 구마다 보았습니다. 열두 번 보았으니, 효과가 하나도 없어도 p ≤ 0.05가 하나쯤 나올 확률은 $1 - 0.95^{12} = 46\%$입니다. 동전 던지기와 다르지 않습니다.
#
# 열두 번 물었으면 문턱도 그만큼 높여야 합니다. **홀름의 방법**은 가장 작은 p에는 12를 곱하고, 다음에는 11을, 그다음에는 10을 곱합니다. 본페로니(모두 12배)만큼 안전하면서 더 많이 찾습니다.
#
# ### 손으로 푸는 예제
#
# p가 `[0.04, 0.001, 0.03]`일 때:
#
# | 작은 것부터 | 곱할 수 | 곱하면 | 앞의 것보다 작아질 수 없음 | 홀름 |
# |---|---|---|---|---|
# | 0.001 | 3 | 0.003 | | 0.003 |
# | 0.03 | 2 | 0.06 | | 0.06 |
# | 0.04 | 1 | 0.04 | 0.06 | 0.06 |
#
# 받은 순서로 돌려주면 `[0.06, 0.003, 0.06]`입니다. 1을 넘으면 1로 합니다.
#
# **문제 5.** `holm(p)`를 완성하십시오. p값의 1차원 배열(비어 있지 않고 순서는 아무렇게나)을 받아, 고친 p값을 **받은 순서로** 배열에 담아 돌려줍니다.

# %% [en]
# ## 5. The garden of forking paths
#
# Now for Tuesdays. When the office found no clear difference in the whole month, somebody looked at each weekday and each district. That is twelve looks, so without any effect the probability that at least one shows p ≤ 0.05 is $1 - 0.95^{12} = 46\%$: a toss of a coin.
#
# Who asks twelve times has to raise the bar. **Holm's method** multiplies the smallest p by 12, the next by 11, the next by 10. It is as safe as Bonferroni's (all times 12) and finds more.
#
# ### An example by hand
#
# Say p is `[0.04, 0.001, 0.03]`:
#
# | from the smallest | times | gives | never below the one before | Holm |
# |---|---|---|---|---|
# | 0.001 | 3 | 0.003 | | 0.003 |
# | 0.03 | 2 | 0.06 | | 0.06 |
# | 0.04 | 1 | 0.04 | 0.06 | 0.06 |
#
# In the order they came: `[0.06, 0.003, 0.06]`. What exceeds 1 becomes 1.
#
# **Exercise 5.** Complete `holm(p)`. It takes a one-dimensional array of p-values (not empty, in any order) and returns the adjusted p-values as an array, **in the order they came**.

# %% solution="holm"
def holm(p):
    """홀름의 방법으로 고친 p값, 받은 순서로 / Holm's adjusted p-values, in the order they came."""
    ### BEGIN SOLUTION
    p = np.asarray(p, dtype=float)
    order = np.argsort(p)
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(raised, 1.0)
    return adjusted
    ### END SOLUTION


# %% test="holm-steps" points=3
assert np.allclose(holm([0.04, 0.001, 0.03]), [0.06, 0.003, 0.06]), "예제와 다릅니다 / it differs from the example"

# %% test="holm-edges" points=1
assert np.allclose(holm([0.9, 0.8]), [1, 1]), "1을 넘으면 1입니다 / what exceeds 1 becomes 1"
assert np.allclose(holm([0.2]), [0.2]), "하나뿐이면 그대로입니다 / a single one stays"

# %% [ko]
# 보고서를 되짚습니다. 왼쪽은 열두 번 본 p값, 오른쪽은 홀름으로 고친 것입니다. 점선은 0.05입니다.

# %% [en]
# Retrace the report. On the left are the twelve p-values, on the right those adjusted by Holm. The dashed line is 0.05.

# %%
cuts = {day: trial[["group", day]].rename(columns={day: "x"}) for day in DAYS}
cuts |= {name: rows[["group", "month"]].rename(columns={"month": "x"}) for name, rows in trial.groupby("district")}
raw = np.array([permutation_p(rows["x"][rows["group"] == "A"], rows["x"][rows["group"] == "B"], 2000, 0) for rows in cuts.values()])
figure, axes = plt.subplots(1, 2, figsize=(12, 3.4), layout="constrained", sharey=True)
for axis, p, title in ((axes[0], raw, "본 그대로 / as seen"), (axes[1], holm(raw), "홀름 / Holm")):
    small = p <= 0.05
    axis.scatter(range(12), p, s=70, color=np.where(small, ORANGE, BLUE), zorder=3)
    axis.vlines(range(12), 0, p, color=np.where(small, ORANGE, "#C9DDEB"))
    for k in np.flatnonzero(small):
        axis.text(k, p[k] + 0.05, f"p = {p[k]:.3f}", ha="center", color="#9A6A00", weight="bold")
    axis.axhline(0.05, color="black", ls="--", lw=1)
    axis.set_xticks(range(12), list(cuts), rotation=45)
    axis.set(title=title, ylabel="p", ylim=(0, 1.08))
plt.show()

# %% [ko]
# ## 6. 판단하기 (서술형, 7점)
#
# 에너지과장에게 답하십시오. 통계를 배우지 않은 사람이 읽습니다.
#
# 1. "화요일에 효과가 있다(p = 0.03)"는 왜 믿을 수 없습니까? 거짓말이 하나도 없는데 무엇이 잘못되었는지 수를 들어 쓰십시오.
# 2. "한 달 전체의 p가 0.05보다 크니 B는 효과가 없다"고 쓰면 안 되는 까닭은 무엇입니까? 여러분이 구한 구간으로 답하십시오. 인쇄비 4억 원을 쓸지 말지에 그 구간은 무엇을 말해 줍니까?
# 3. 다시 실험한다면 **시작하기 전에** 무엇을 적어 두겠습니까? 셋 이상 적고 저마다 무엇을 막는지 쓰십시오.
#
# 기본 점수 1점에 문항마다 2점을 더합니다.

# %% [en]
# ## 6. Judge (written, 7 points)
#
# Answer the head of the energy office, who never learned statistics.
#
# 1. Why is "it works on Tuesdays (p = 0.03)" not to be believed? Nobody lied; say with numbers what went wrong.
# 2. Why must one not write "p of the whole month is above 0.05, so B has no effect"? Answer with your interval. What does that interval say on whether to spend 400 million won on printing?
# 3. If the trial is run again, what would you write down **before it begins**? Name at least three things and what each prevents.
#
# A base of 1 point, plus 2 for each question.

# %% [ko] manual="judge" points=7
# ### BEGIN SOLUTION
# 화요일은 열두 번 들여다본 것 가운데 가장 그럴듯한 하나입니다. 효과가 전혀 없어도 열두 번 가운데 하나쯤 0.05 아래로 나올 확률이 46%이고, 열두 번 물은 값을 치르도록 홀름으로 고치면 화요일의 p는 0.3 안팎이 됩니다. 화요일에만 들을 까닭도 미리 말한 사람이 없습니다.
# 한 달 전체의 구간은 대략 -12에서 +4 kWh입니다. 0을 담지만, 집마다 한 달에 12 kWh를 아끼는 꽤 큰 효과도 아직 담고 있습니다. 그러니 "효과가 없다"가 아니라 "아직 모른다"입니다. 4억 원을 뽑으려면 한 집이 몇 kWh를 아껴야 하는지 셈해, 그 값이 구간 안에 있으면 더 큰 실험을 하고, 구간의 가장 좋은 끝도 그에 못 미치면 그만둡니다. 다시 한다면 첫째, 볼 값은 한 달 사용량 하나라고
# 적어 둡니다(갈림길을 막음). 둘째, 가구 수와 끝나는 날을 정하고 그날 한 번만 봅니다(훔쳐보기를 막음). 셋째, 이사 나간 집처럼 뺄 집의 기준을 정합니다(마음에 드는 쪽으로 빼는 것을 막음). 넷째, 보낼 가치가 있는 가장 작은 효과를 적습니다(작은 효과를 p값만으로 자랑하는 것을 막음).
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# 기본 점수 1점: 답을 쓰려고 한 흔적(백지는 0점).
#
# | 문항 | 2점 | 1점 | 0점 |
# |---|---|---|---|
# | 1 | 여러 번(열두 번) 보고 가장 좋은 것만 말했음을 수와 함께(46%, 또는 고친 p) 설명 | 여러 번 보았다고 하나 수가 없음 | "표본이 작다" 따위, 또는 계산이 틀렸다고 함 |
# | 2 | p가 큰 것은 모른다는 뜻임을 자기 구간의 두 끝으로 설명하고, 비용을 뽑는 효과의 크기와 견줌 | 둘 가운데 하나 | p값을 효과가 없을 확률로 해석, 또는 구간을 쓰지 않음 |
# | 3 | 셋 이상을 저마다 막는 것과 짝지음: 볼 값 하나, 표본의 크기와 끝나는 날, 뺄 기준, 분석 방법, 가장 작은 쓸모 있는 효과 등 | 둘, 또는 까닭 없이 나열 | 하나 이하 |
# ### END MARK SCHEME

# %% [en] manual="judge" points=7
# ### BEGIN SOLUTION
# Tuesday is the best-looking of twelve cuts. Without any effect there is a 46% chance that at least one of twelve falls below 0.05; once the price of asking twelve times is paid by Holm's method, Tuesday's p is about 0.3. Nor had anybody said beforehand why it should work on Tuesdays only.
# The interval for the whole month is about -12 to +4 kWh. It holds 0, but it still holds a saving of 12 kWh a home and month, which would be a lot. So it is not "no effect" but "we do not know yet". Work out how many kWh a home must save to earn 400 million won back: if that lies inside the interval, run a larger trial; if even the best end falls short, drop the plan. Next time I would write down, first,
# that the one outcome is the use of the whole month (against forking paths); second, the number of homes and the last day, with one look on that day (against peeking); third, which homes are left out, such as those that moved (against leaving out to taste); fourth, the smallest effect worth sending bills for (against boasting of a tiny effect with a small p).
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# Base score 1: for any attempt at an answer (0 for a blank).
#
# | Question | 2 | 1 | 0 |
# |---|---|---|---|
# | 1 | the best of many (twelve) looks was told, with a number (46%, or the adjusted p) | many looks, but no number | "the sample is small" and the like, or says that the calculation is wrong |
# | 2 | a large p means not knowing, shown by both ends of the own interval, and compared with the effect that would pay | one of the two | reads p as the probability of no effect, or uses no interval |
# | 3 | three or more, each with what it prevents: one outcome, sample size and last day, rules for leaving out, the analysis, the smallest useful effect | two, or a list without reasons | one or none |
# ### END MARK SCHEME

# %% [ko]
# ## 이제 말할 수 있는 것
#
# - 95%는 방법의 성적이지 내 구간의 확률이 아닙니다. 그래서 여러 번 시켜 보고 셉니다.
# - 다시 뽑기는 "얼마나 아는가"를, 섞기는 "우연만으로 얼마나 자주"를 답합니다. 묻는 것이 다르니 주머니도 다릅니다.
# - p가 크면 모르는 것입니다. 아는 만큼은 구간이 말합니다.
# - 거짓 발견에는 거짓말이 필요 없습니다. 여러 번 보고 한 번만 말하면 됩니다. 막는 길은 **보기 전에 적는 것**입니다.

# %% [en]
# ## What you can now say
#
# - 95% is the record of a method, not the probability of my interval. That is why we let it work many times and count.
# - Drawing again answers "how well do we know?", shuffling answers "how often by chance alone?". Other questions, other bags.
# - A large p means not knowing. How much we do know is told by an interval.
# - A false discovery needs no lie: look many times and tell once. What prevents it is **writing down before looking**.
