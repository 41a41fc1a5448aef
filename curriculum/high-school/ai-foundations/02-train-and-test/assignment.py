# %% [ko]
# # 훈련과 시험: 그 점수를 믿어도 될까요?
#
# 어느 도시의 병원이 세포 사진에서 잰 수치로 **악성 종양**을 먼저 가려 주는 도우미를 사려고 합니다. 회사가 말합니다. "우리 인공지능의 정확도는 **100%** 입니다."
# 거짓말이 아닙니다. 곧 여러분도 다섯 줄로 100%를 만들어 봅니다. 그런데 이 도우미는 내일 처음 오는 환자에게도 100% 맞을까요?
#
# 인공지능을 만드는 일의 절반은 **점수를 정직하게 재는 일**입니다. 오늘 만들 것은 모델이 아니라 그 모델을 믿어도 되는지 알려 주는 **실험**입니다.
#
# | 걸음 | 하는 일 |
# |---|---|
# | 예상 | 100%짜리 모델이 처음 보는 환자에게 몇 점일지 짐작합니다 |
# | 나누기 | 환자를 훈련용과 시험용으로 나눕니다 |
# | 맞추기 | 단위가 다른 수를 견줄 수 있게 표준화합니다. **훈련 자료로만** |
# | 재기 | 정확도와, 병원에 더 중요한 "놓친 비율"을 잽니다 |
# | 믿기 | 실험을 되풀이해 점수가 얼마나 흔들리는지 봅니다 |
#
# **답을 쓰는 방법**: `raise NotImplementedError()`를 지우고 그 자리에 코드를 씁니다. 바로 아래 검사 칸은 여러분을 돕습니다. 선생님은 같은 규칙을 **다른 숫자로도** 검사합니다.

# %% [en]
# # Training and testing: can you trust the score?
#
# A city hospital wants to buy an assistant that sorts out **malignant tumours** from measurements of cell pictures. The company says: "Our AI has an accuracy of **100%**."
# That is no lie. In a moment you will make 100% yourself, in five lines. But will the assistant be right for 100% of the patients who come tomorrow for the first time?
#
# Half of making an AI is **measuring its score honestly**. What you build today is not the model but the **experiment** that tells whether it can be trusted.
#
# | Step | What you do |
# |---|---|
# | Predict | Guess the score of a 100% model on patients it never saw |
# | Split | Divide the patients into training and test |
# | Scale | Standardise, so that numbers in different units can be compared. **From the training data alone** |
# | Measure | Accuracy, and what matters more to a hospital: the share that was missed |
# | Trust | Repeat the experiment and see how much the score wobbles |
#
# **How to answer**: delete `raise NotImplementedError()` and write your code there. The checking cell below it is there to help you. Your teacher checks the same rules **with other numbers**, too.

# %% given="setup"
import koreanize_matplotlib  # 그림에 한글을 씁니다 / Korean letters in pictures
import matplotlib.pyplot as plt
import numpy as np

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#7F7F7F"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 11})

table = np.genfromtxt("tumours.csv", delimiter=",", skip_header=1)
NAMES = open("tumours.csv").readline().strip().split(",")[1:]
y = table[:, 0].astype(int)  # 1 = 악성 malignant, 0 = 양성 benign
X = table[:, 1:]
print("환자 patients:", X.shape[0], "  잰 것 measurements:", X.shape[1], "  악성 malignant:", y.sum())

# %% [ko]
# ## 자료 카드: 세포 사진 569장
#
# **진짜 자료입니다.** 1990년대 미국 위스콘신의 병원에서 가슴에 덩어리가 만져진 569명의 세포를 가는 바늘로 얻어 사진을 찍고 쟀습니다. 이름이나 나이는 들어 있지 않습니다.
#
# | | |
# |---|---|
# | 한 줄 | 한 사람의 사진 한 장 |
# | `y` | 1 = 악성(212명), 0 = 양성(357명). 나중에 확인된 정답 |
# | `X`의 열 10개 | 세포핵의 반지름 `radius`, 밝기의 고르지 않음 `texture`, 둘레 `perimeter`, 넓이 `area`, 매끄럽지 않음 `smoothness`, 빽빽함 `compactness`, 파인 깊이 `concavity`, 파인 곳 `concave_points`, 비대칭 `symmetry`, 테두리의 꼬불거림 `fractal_dimension` |
#
# * 값은 사진에서 가장 크게 나온 세포핵 셋의 평균입니다. 길이의 단위는 원래 자료에 적혀 있지 않습니다.
# * 줄의 순서에 조심합시다. 병원 서류철처럼 **악성 환자의 줄이 앞에** 모여 있습니다.
# * 출처와 이용 조건은 곁에 있는 `tumours.txt`에 있습니다. 30년 전 한 지역의 환자들입니다. 오늘 광주의 환자에게 그대로 쓸 수는 없습니다.

# %% [en]
# ## Data card: 569 pictures of cells
#
# **These data are real.** In the 1990s a hospital in Wisconsin took cells with a fine needle from 569 people with a breast mass, and measured pictures of them. There are no names or ages.
#
# | | |
# |---|---|
# | one row | one picture of one person |
# | `y` | 1 = malignant (212), 0 = benign (357); the answer, confirmed later |
# | the 10 columns of `X` | of the cell nuclei: `radius`, unevenness of brightness `texture`, `perimeter`, `area`, roughness `smoothness`, `compactness`, depth of dents `concavity`, share of dents `concave_points`, asymmetry `symmetry`, winding of the outline `fractal_dimension` |
#
# * Each value is the mean of the three largest nuclei in the picture. The original does not state the unit of length.
# * Mind the order of the rows: as in a filing cabinet, **the malignant patients come first**.
# * Source and licence stand in `tumours.txt` beside this notebook. These are patients of one region, thirty years ago. They cannot simply stand for the patients of Gwangju today.

# %% given="knn"
def knn(X_train, y_train, X_new, k):
    """X_new의 줄마다, X_train에서 가장 가까운 k명의 다수결 (k는 홀수)
    for each row of X_new: what most of the k closest people of X_train are (k is odd)
    """
    answers = []
    for row in X_new:
        distances = ((X_train - row) ** 2).sum(axis=1)
        closest = np.argsort(distances, kind="stable")[:k]
        answers.append(int(y_train[closest].mean() > 0.5))
    return np.array(answers)

# %% [ko]
# ## 1. 예상: 다섯 줄로 만든 100%
#
# 모델은 중학교에서 만든 **k-최근접 이웃**입니다. 가장 가까운 사람 `k`명에게 물어 다수결로 답합니다. 569명 모두로 배우고, **그 569명**에게 다시 물어봅니다.

# %% [en]
# ## 1. Predict: 100% in five lines
#
# The model is the **k nearest neighbours** of middle school: ask the `k` closest people, and go with the majority. It learns from all 569 and is then asked about **the same 569**.

# %%
answers = knn(X, y, X, k=1)
print(f"정확도 accuracy: {(answers == y).mean():.1%}")

# %% [ko]
# 100%입니다. 회사의 말이 사실이었습니다. 이 모델이 **처음 보는 환자** 100명을 만나면 몇 명을 맞힐까요? 까닭을 하나 마음속에 정한 다음 0부터 100까지의 수를 적습니다. **어떤 수를 적어도 점수는 같습니다.**

# %% [en]
# 100%: the company told the truth. Of 100 patients **it never saw**, how many will this model get right? Settle on a reason in your mind, then write a number from 0 to 100. **Every number gets the same point.**

# %% solution="guess"
# 보기 / example: my_guess = 50
### BEGIN SOLUTION
my_guess = 90
### END SOLUTION

# %% test="guess-check" points=1
assert isinstance(my_guess, (int, float)) and 0 <= my_guess <= 100, (
    "0부터 100까지의 수 하나를 따옴표 없이 적어 주세요 / Please write one number from 0 to 100, without quotes"
)

# %% [ko]
# ## 2. 나누기: 시험 문제는 따로 둔다
#
# 왜 100%였을까요? `k = 1`이면 가장 가까운 사람은 **자기 자신**(거리 0)입니다. 답안지를 보고 치른 시험입니다.
# 그래서 배우기 전에 환자를 둘로 나눕니다. **훈련** 환자로 배우고, 배울 때 한 번도 쓰지 않은 **시험** 환자로 점수를 잽니다.
#
# 어떻게 나눌까요? 아래 그림의 한 칸은 환자 한 명입니다. 앞에서부터 자르면 시험에는 양성 환자뿐입니다. 섞어서 뽑아야 시험이 전체를 닮습니다.

# %% [en]
# ## 2. Split: keep the exam questions apart
#
# Why was it 100%? With `k = 1` the closest person is **the patient himself** (distance 0). That exam was taken with the answers on the desk.
# So before learning anything, divide the patients: learn from the **training** patients, and measure on **test** patients that learning never touched.
#
# How to divide? Each square below is a patient. If we simply cut off the end, the test holds benign patients only. Drawn at random, the test resembles the whole.

# %% given="picture-split"
def draw_patients(axes, in_test, title):
    places = np.arange(len(y))
    across, down = places % 95, -(places // 95)
    for kind, colour, name in ((1, ORANGE, "악성 malignant"), (0, BLUE, "양성 benign")):
        for test in (False, True):
            some = (y == kind) & (in_test == test)
            words = f"{name}, {'시험 test' if test else '훈련 train'}"
            axes.scatter(across[some], down[some], s=26, marker="s", color=colour, alpha=1 if test else 0.25, label=words, linewidth=0)
    axes.set_title(f"{title}: 시험 {in_test.sum()}명 가운데 악성 {y[in_test].mean():.0%} / malignant in the test", loc="left")
    axes.axis("off")


shuffled = np.random.default_rng(1).permutation(len(y)) < 150
figure, (above, below) = plt.subplots(2, 1, figsize=(11, 3.6), layout="constrained")
draw_patients(above, np.arange(len(y)) >= len(y) - 150, "끝에서 자름 cut off at the end")
draw_patients(below, shuffled, "섞어서 뽑음 drawn at random")
figure.legend(*below.get_legend_handles_labels(), loc="outside lower center", ncol=4, frameon=False)
plt.show()

# %% [ko]
# **문제 1.** `split(n, n_test, seed)`를 완성합니다. 환자 `n`명의 번호 `0, 1, ..., n-1`을 나누어 `(훈련 번호, 시험 번호)`를 돌려줍니다.
#
# * 시험은 `n_test`명, 나머지 **모두**가 훈련입니다. 두 쪽에 겹치는 사람이 없고 빠지는 사람도 없습니다. (`0 < n_test < n`)
# * 섞어서 뽑습니다. `seed`가 같으면 결과가 같고, `seed`가 다르면 다른 사람이 뽑힙니다.
# * 정수 배열 둘을 돌려줍니다. 배열 안의 순서는 상관없습니다.
#
# | 도구 | 뜻 |
# |---|---|
# | `np.random.default_rng(seed)` | 씨앗이 `seed`인 주사위. 씨앗이 같으면 나오는 수도 같습니다 |
# | `dice.permutation(n)` | `0`부터 `n-1`까지를 섞은 배열 |
# | `order[:3]`, `order[3:]` | 앞의 셋, 나머지 |
#
# 예: `dice.permutation(6)`이 `[4 0 5 2 1 3]`이고 `n_test = 2`이면 시험은 `[4 0]`, 훈련은 `[5 2 1 3]`입니다.

# %% [en]
# **Exercise 1.** Complete `split(n, n_test, seed)`. Divide the numbers `0, 1, ..., n-1` of `n` patients and return `(train, test)`.
#
# * The test has `n_test` patients, training **all** others. Nobody is on both sides, and nobody is left out. (`0 < n_test < n`)
# * Draw at random. The same `seed` gives the same result, another `seed` draws other people.
# * Return two arrays of integers. The order inside an array does not matter.
#
# | Tool | Meaning |
# |---|---|
# | `np.random.default_rng(seed)` | dice with the seed `seed`: the same seed, the same numbers |
# | `dice.permutation(n)` | the numbers `0` to `n-1`, shuffled |
# | `order[:3]`, `order[3:]` | the first three, the rest |
#
# Example: if `dice.permutation(6)` is `[4 0 5 2 1 3]` and `n_test = 2`, the test is `[4 0]` and training is `[5 2 1 3]`.

# %% solution="split"
def split(n, n_test, seed):
    """(훈련 번호, 시험 번호) / (numbers for training, numbers for the test)"""
    ### BEGIN SOLUTION
    order = np.random.default_rng(seed).permutation(n)
    return order[n_test:], order[:n_test]
    ### END SOLUTION

# %% test="split-parts" points=2
assert split(10, 3, 0) is not None, "돌아온 값이 없습니다. return 을 썼나요? / Nothing came back. Did you use return?"
_train, _test = split(569, 150, 0)
assert len(_test) == 150 and len(_train) == 419, (
    "시험은 150명, 훈련은 나머지 419명이어야 합니다. 훈련을 먼저 돌려주었나요?"
    " / The test should have 150 patients, training the other 419. Did you return training first?"
)
assert not set(_train) & set(_test), "훈련과 시험에 같은 사람이 있습니다 / Somebody is both in training and in the test"
assert sorted([*_train, *_test]) == list(range(569)), "빠지거나 두 번 나온 사람이 있습니다 / Somebody is missing or appears twice"
assert 0 < y[_test].mean() < 1, "시험에 한 종류의 환자뿐입니다. 섞었나요? / The test holds one kind of patient only. Did you shuffle?"

# %% test="split-seed" points=1
assert set(split(569, 150, 7)[1]) == set(split(569, 150, 7)[1]), (
    "seed가 같은데 결과가 다릅니다. 주사위에 seed를 심었나요? / The same seed gave another result. Did you give the seed to the dice?"
)
assert set(split(569, 150, 7)[1]) != set(split(569, 150, 8)[1]), (
    "seed를 바꾸어도 같은 사람이 뽑힙니다 / Another seed draws the same people"
)

# %% [ko]
# ## 3. 맞추기: 넓이가 모든 것을 정해 버리는 문제
#
# 넓이 `area`는 200에서 4,000까지, 매끄럽지 않음 `smoothness`는 0.07에서 0.22까지입니다. 거리를 그대로 재면 무슨 일이 생길까요? 별표 환자의 이웃 열다섯을 찾아봅니다.

# %% [en]
# ## 3. Scale: how the area decides everything
#
# `area` runs from 200 to 4,000, `smoothness` from 0.07 to 0.22. What happens if we measure distances just so? Let us look for fifteen neighbours of the patient marked with a star.

# %% given="picture-neighbours"
PAIR = X[:, [NAMES.index("area"), NAMES.index("smoothness")]]
STAR = 259


def draw_neighbours(axes, spread, title):
    gaps = (((PAIR - PAIR[STAR]) / spread) ** 2).sum(axis=1) ** 0.5
    nearest = np.argsort(gaps)[1:16]
    for kind, colour, marker, name in ((0, BLUE, "o", "양성 benign"), (1, ORANGE, "^", "악성 malignant")):
        some = y == kind
        axes.scatter(*PAIR[some].T, s=16, color=colour, marker=marker, alpha=0.35, linewidth=0, label=name)
    axes.scatter(*PAIR[nearest].T, s=75, facecolor="none", edgecolor="black", linewidth=1.4, label="이웃 15명 15 neighbours")
    axes.scatter(*PAIR[STAR], s=230, marker="*", color="black", zorder=5, label="새 환자 new patient")
    turn = np.linspace(0, 2 * np.pi, 200)
    reach = gaps[nearest].max()
    axes.plot(PAIR[STAR, 0] + reach * spread[0] * np.cos(turn), PAIR[STAR, 1] + reach * spread[1] * np.sin(turn), ":", color="black")
    axes.set(xlim=(150, 2000), ylim=(0.065, 0.215), xlabel="넓이 area", title=title)


figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.4), sharey=True, layout="constrained")
draw_neighbours(left, np.array([1.0, 1.0]), "그대로 잰 거리: 넓이만 비슷하면 이웃\nraw distance: a similar area is all it takes")
draw_neighbours(right, PAIR.std(axis=0), "표준화한 거리: 둘 다 비슷해야 이웃\nstandardised: both have to be similar")
left.set_ylabel("매끄럽지 않음 smoothness")
right.legend(loc="upper right", frameon=False)
plt.show()

# %% [ko]
# 왼쪽에서 점선의 "동그라미"가 위아래로 끝없이 길쭉합니다. 매끄럽지 않음이 0.1 다른 것은 넓이가 0.1 다른 것과 **똑같이 하찮게** 여겨집니다. 단위를 바꾸기만 해도 이웃이 달라진다면, 이웃은 환자가 아니라 **단위가 정한 것**입니다.
#
# **표준화**는 열마다 "평균에서 표준편차의 몇 배나 떨어져 있는가?"로 바꾸는 일입니다.
#
# $$ z = \frac{x - \text{평균}}{\text{표준편차}} $$
#
# ### 손으로 푸는 예제
#
# | 환자 | 넓이 | 매끄럽지 않음 |
# |---|---|---|
# | 훈련 가 | 400 | 0.10 |
# | 훈련 나 | 800 | 0.10 |
# | 훈련 다 | 600 | 0.16 |
# | **평균** | 600 | 0.12 |
# | **표준편차** | $\sqrt{(200^2+200^2+0^2)/3} ≈ 163.3$ | $\sqrt{(0.02^2+0.02^2+0.04^2)/3} ≈ 0.0283$ |
#
# 새 환자 (700, 0.13)은 $((700-600)/163.3,\ (0.13-0.12)/0.0283) ≈ (0.61,\ 0.35)$가 됩니다. 이제 두 수는 같은 자로 잰 것입니다.
#
# **문제 2.** `fit_scaler(X)`를 완성합니다. `(평균, 표준편차)`를 돌려주며, 둘 다 **열마다 하나씩**, 열의 수와 길이가 같은 배열입니다.
#
# * 표준편차는 위의 예처럼 **사람 수 $n$으로** 나눕니다(numpy의 기본).
# * 모든 값이 같은 열은 표준편차가 0이라 나눌 수 없습니다. 그런 열의 표준편차는 **1**로 바꿉니다. (검사에 나오는 그런 열은 5.0처럼 딱 떨어지는 수입니다.)
# * `X`를 바꾸지 않습니다.
#
# 도움말: `X.mean()`은 표 전체의 평균 하나입니다. 열마다 구하려면 `axis=0`이라고 적습니다.

# %% [en]
# On the left the dotted "circle" is endlessly long upwards and downwards. A difference of 0.1 in smoothness counts for **as little** as a difference of 0.1 in area. If changing a unit changes the neighbours, then it was not the patients but **the units** that chose them.
#
# **Standardising** asks of each column: "how many standard deviations away from the mean?"
#
# $$ z = \frac{x - \text{mean}}{\text{standard deviation}} $$
#
# ### An example by hand
#
# | Patient | area | smoothness |
# |---|---|---|
# | training A | 400 | 0.10 |
# | training B | 800 | 0.10 |
# | training C | 600 | 0.16 |
# | **mean** | 600 | 0.12 |
# | **standard deviation** | $\sqrt{(200^2+200^2+0^2)/3} ≈ 163.3$ | $\sqrt{(0.02^2+0.02^2+0.04^2)/3} ≈ 0.0283$ |
#
# A new patient (700, 0.13) becomes $((700-600)/163.3,\ (0.13-0.12)/0.0283) ≈ (0.61,\ 0.35)$. Now both numbers are measured with the same ruler.
#
# **Exercise 2.** Complete `fit_scaler(X)`. Return `(mean, standard deviation)`; each is an array with **one number per column**.
#
# * As in the example, the standard deviation divides **by the number of people $n$** (numpy's default).
# * A column in which all values are equal has the standard deviation 0, by which nobody can divide. Turn it into **1** for such a column. (Those in the checks hold exact numbers such as 5.0.)
# * Do not change `X`.
#
# Help: `X.mean()` is a single mean of the whole table. Write `axis=0` to get one for each column.

# %% solution="fit-scaler"
def fit_scaler(X):
    """열마다의 (평균, 표준편차) / (mean, standard deviation) of each column"""
    ### BEGIN SOLUTION
    std = X.std(axis=0)
    return X.mean(axis=0), np.where(std == 0, 1.0, std)
    ### END SOLUTION

# %% test="scaler-columns" points=2
_paper = np.array([[400, 0.10], [800, 0.10], [600, 0.16]])
assert fit_scaler(_paper) is not None, "돌아온 값이 없습니다. return 을 썼나요? / Nothing came back. Did you use return?"
_mean, _std = fit_scaler(_paper)
assert np.shape(_mean) == (2,) and np.shape(_std) == (2,), (
    "열이 두 개이니 평균도 표준편차도 두 개여야 합니다. axis를 살펴봅시다 / Two columns, so two means and two deviations. Look at axis"
)
assert np.allclose(_mean, [600, 0.12]), "평균이 손으로 푼 예제와 다릅니다 / The means differ from the example by hand"
assert np.allclose(_std, [163.29932, 0.0282843], rtol=1e-4), (
    "표준편차가 손으로 푼 예제와 다릅니다. n으로 나누었나요? / The deviations differ from the example by hand. Did you divide by n?"
)

# %% test="scaler-constant" points=1
_mean, _std = fit_scaler(np.array([[5.0, 1.0], [5.0, 3.0]]))
assert np.allclose(_std, [1, 1]), "값이 모두 같은 열의 표준편차는 1로 바꿉니다 / The deviation of a column of equal values becomes 1"

# %% [ko]
# **문제 3.** `scale(X, mean, std)`를 완성합니다. `X`의 열마다 주어진 `mean`을 빼고 `std`로 나눈 **새 배열**을 돌려줍니다. `X`는 그대로 둡니다.
#
# `mean`과 `std`는 `X`에서 다시 구하지 않습니다. **건네받은 것**을 씁니다. 까닭은 다음 문제에 나옵니다.

# %% [en]
# **Exercise 3.** Complete `scale(X, mean, std)`. Return a **new array**: each column of `X` minus the given `mean`, divided by the given `std`. Leave `X` as it is.
#
# Do not compute `mean` and `std` from `X` again. Use **those you are given**. The next exercise shows why.

# %% solution="scale"
def scale(X, mean, std):
    """표준화한 새 배열 / a new array, standardised"""
    ### BEGIN SOLUTION
    return (X - mean) / std
    ### END SOLUTION

# %% test="scale-check" points=1
_new = np.array([[700, 0.13]])
assert scale(_new, np.array([600, 0.12]), np.array([200.0, 0.02])) is not None, (
    "돌아온 값이 없습니다. return 을 썼나요? / Nothing came back. Did you use return?"
)
assert np.allclose(scale(_new, np.array([600, 0.12]), np.array([200.0, 0.02])), [[0.5, 0.5]]), (
    "(700 - 600) / 200 = 0.5, (0.13 - 0.12) / 0.02 = 0.5여야 합니다. 건네받은 mean과 std를 썼나요?"
    " / It should be (700 - 600) / 200 = 0.5 and (0.13 - 0.12) / 0.02 = 0.5. Did you use the mean and std that were given?"
)

# %% test="scale-untouched" points=1
_new = np.array([[700, 0.13], [500, 0.11]])
_before = _new.copy()
scale(_new, np.array([600, 0.12]), np.array([200.0, 0.02]))
assert np.array_equal(_new, _before), (
    "건네받은 X가 바뀌었습니다. -= 나 /= 대신 새 배열을 만듭시다 / The X you were given has changed. Make a new array; no -= or /="
)

# %% [ko]
# ## 4. 무엇으로 맞출까: 훈련 자료로만
#
# 평균과 표준편차도 **자료에서 배운 것**입니다. 어느 자료에서 배워야 할까요? 세 가지 길이 있고, 옳은 길은 하나입니다.

# %% [en]
# ## 4. Scale by what? By the training data alone
#
# Mean and standard deviation, too, are **learned from data**. From which? There are three ways, and one of them is right.

# %% given="picture-ways"
def draw_box(axes, x, y, words, colour, width=1.5):
    axes.add_patch(plt.Rectangle((x - width / 2, y - 0.33), width, 0.66, facecolor="white", edgecolor=colour, linewidth=2, zorder=2))
    axes.text(x, y, words, ha="center", va="center", fontsize=10, zorder=3, linespacing=1.25)


def draw_arrow(axes, start, end, colour, style="-"):
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 2, "linestyle": style, "shrinkA": 0, "shrinkB": 0})


def draw_way(axes, title, learned_from, colour):
    draw_box(axes, 1, 2, "훈련\ntrain", BLUE)
    draw_box(axes, 4, 2, "시험\ntest", ORANGE)
    if learned_from == "each":
        draw_box(axes, 1, 0.6, "평균·표준편차\nmean, std", colour, 1.9)
        draw_box(axes, 4, 0.6, "평균·표준편차\nmean, std", colour, 1.9)
        draw_arrow(axes, (1, 1.67), (1, 0.95), BLUE)
        draw_arrow(axes, (4, 1.67), (4, 0.95), ORANGE)
        draw_arrow(axes, (1, 0.27), (1, -0.45), colour, "--")
        draw_arrow(axes, (4, 0.27), (4, -0.45), colour, "--")
    else:
        draw_box(axes, 2.5, 0.6, "평균·표준편차\nmean, std", colour, 1.9)
        draw_arrow(axes, (1, 1.67), (1.9, 0.95), BLUE)
        if learned_from == "all":
            draw_arrow(axes, (4, 1.67), (3.1, 0.95), ORANGE)
        draw_arrow(axes, (2.1, 0.27), (1.3, -0.45), colour, "--")
        draw_arrow(axes, (2.9, 0.27), (3.7, -0.45), colour, "--")
    draw_box(axes, 1, -0.8, "바꾼 훈련\nscaled train", BLUE, 1.7)
    draw_box(axes, 4, -0.8, "바꾼 시험\nscaled test", ORANGE, 1.7)
    axes.set_title(title, color=colour, weight="bold", linespacing=1.4)
    axes.set(xlim=(-0.1, 5.1), ylim=(-1.25, 2.45))
    axes.axis("off")


figure, panels = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
draw_way(panels[0], "○ 훈련에서 재어 양쪽에\nmeasured on train, applied to both", "train", "#00755B")
draw_way(panels[1], "× 모두 합쳐서 잼\nmeasured on everything", "all", "black")
draw_way(panels[2], "× 따로따로 잼\nmeasured on each by itself", "each", "black")
plt.show()

# %% [ko]
# * **따로따로** 재면, 같은 세포가 훈련 쪽과 시험 쪽에서 **다른 수**가 됩니다. 자를 바꾸어 가며 재는 셈입니다. 게다가 진료실에는 환자가 **한 명씩** 옵니다. 한 명의 평균은 자기 자신이고 표준편차는 0입니다. 누가 와도 (0, 0, ..., 0)이 됩니다!
# * **모두 합쳐** 재면, 내일 올 환자의 값이 오늘 배우는 데 끼어듭니다. 내일의 환자는 아직 모르는데 말입니다. 보통은 점수가 조금 달라질 뿐이지만, 시험 쪽에 오타 하나만 있어도 **다른 모든 환자의 답**이 흔들립니다. 조금 뒤에 눈으로 봅니다.
#
# **문제 4.** `predict_new(X_train, y_train, X_new, k)`를 완성합니다. 표준화한 다음 위에 주어진 `knn`으로, `X_new`의 줄마다 0이나 1을 하나씩 담은 배열을 돌려줍니다.
#
# * `fit_scaler`는 `X_train`에만 씁니다. `scale`은 양쪽에 씁니다.
# * 그러면 저절로 이렇게 됩니다: 한 환자의 답은 **함께 온 다른 환자와 상관없고**, 열의 **단위를 바꾸어도** 그대로입니다. 선생님의 검사는 바로 이것을 봅니다.
# * 건네받은 배열을 바꾸지 않습니다. 정답 `y_train`은 표준화하지 않습니다.

# %% [en]
# * Measured on **each by itself**, the same cell becomes **another number** in training than in the test, as if we changed the ruler in between. Besides, patients enter the surgery **one at a time**. The mean of one patient is that patient, the deviation is 0: whoever comes becomes (0, 0, ..., 0)!
# * Measured on **everything**, tomorrow's patients take part in today's learning, although nobody knows them yet. Mostly this changes the score only a little; but with a single typing error in the test the answers of **all other patients** begin to shift. You will see that in a moment.
#
# **Exercise 4.** Complete `predict_new(X_train, y_train, X_new, k)`. Standardise, then use the given `knn`; return an array with one 0 or 1 for each row of `X_new`.
#
# * Use `fit_scaler` on `X_train` only, and `scale` on both.
# * Then this comes by itself: the answer for a patient **does not depend on the others** who came along, and stays the same when **the unit of a column changes**. That is what your teacher's checks look at.
# * Do not change the arrays you are given. The answers `y_train` are not standardised.

# %% solution="predict-new"
def predict_new(X_train, y_train, X_new, k):
    """새 환자마다 0이나 1 / a 0 or 1 for each new patient"""
    ### BEGIN SOLUTION
    mean, std = fit_scaler(X_train)
    return knn(scale(X_train, mean, std), y_train, scale(X_new, mean, std), k)
    ### END SOLUTION

# %% test="predict-training" points=3
_learn, _new = np.arange(0, 569, 2), np.arange(1, 569, 8)
_together = predict_new(X[_learn], y[_learn], X[_new], 5)
assert _together is not None, "돌아온 값이 없습니다. return 을 썼나요? / Nothing came back. Did you use return?"
assert np.shape(_together) == (len(_new),), "새 환자마다 답이 하나씩 있어야 합니다 / There should be one answer for each new patient"
_alone = [predict_new(X[_learn], y[_learn], X[i : i + 1], 5)[0] for i in _new]
assert list(_together) == list(_alone), (
    "같은 환자인데 혼자 올 때와 여럿이 올 때의 답이 다릅니다. 평균과 표준편차를 X_train에서만 구했나요?"
    " / The same patient gets another answer alone than among others. Are mean and std from X_train only?"
)

# %% test="predict-units" points=1
_units = np.array([1000, 1, 1, 0.001, 1, 1, 60, 1, 1, 1])
assert list(predict_new(X[_learn] * _units, y[_learn], X[_new] * _units, 5)) == list(_together), (
    "단위를 바꾸었더니 답이 달라졌습니다. 훈련과 새 환자를 모두 scale 했나요? / Other units gave other answers. Did you scale both sides?"
)

# %% [ko]
# ### 남의 오타가 내 진단을 바꾼다면
#
# 시험 환자 150명 가운데 몇 명의 기록에 **소수점을 빠뜨린 오타**가 났습니다(한 사람에 한 칸, 1,000배). 오타가 없는 환자 가운데 **답이 바뀐 사람**을 세어 봅니다.
# 여러분의 `predict_new`와, 모두 합쳐서 재는 길을 견줍니다.

# %% [en]
# ### When somebody else's typing error changes my diagnosis
#
# In the records of a few of 150 test patients **a decimal point was forgotten** (one field each, 1,000 times too large). Count, among the patients without an error, those **whose answer changed**.
# We compare your `predict_new` with the way that measures on everything.

# %%
def predict_by_all(X_train, y_train, X_new, k):
    everybody = np.vstack([X_train, X_new])
    everybody = scale(everybody, *fit_scaler(everybody))
    return knn(everybody[: len(X_train)], y_train, everybody[len(X_train) :], k)


train, test = split(len(y), 150, 3)
fields = [7, 3, 1, 6, 4, 8]
changed = {predict_new: [], predict_by_all: []}
for errors in range(7):
    X_typed = X[test].copy()
    for patient in range(errors):
        X_typed[patient, fields[patient]] *= 1000
    for way, counts in changed.items():
        before = way(X[train], y[train], X[test], 5)
        after = way(X[train], y[train], X_typed, 5)
        counts.append((before != after)[errors:].sum())

figure, axes = plt.subplots(figsize=(8, 3.6), layout="constrained")
axes.plot(changed[predict_by_all], "--s", color=ORANGE, label="모두 합쳐서 잼 measured on everything")
axes.plot(changed[predict_new], "-o", color=BLUE, label="훈련에서만 잼 (나의 predict_new) measured on train only (mine)")
axes.set(xlabel="오타가 난 환자의 수 patients with a typing error", ylabel="답이 바뀐 다른 환자\nothers whose answer changed", ylim=(-0.6, None))
axes.legend(frameon=False)
plt.show()

# %% [ko]
# ## 5. 재기: 정확도와 놓친 비율
#
# 569명 가운데 357명이 양성입니다. 세포를 **보지도 않고** 모두 "양성"이라고 답하는 도우미의 정확도는 얼마일까요? 357/569 = 63%입니다. 그리고 암 환자를 **모두** 놓칩니다. 정확도 하나로는 이 둘을 가릴 수 없습니다.
#
# **문제 5.** 두 함수를 완성합니다. `y_true`는 정답, `y_pred`는 답이며 길이가 같은 0과 1의 배열입니다. 적어도 한 명이 들어 있습니다.
#
# * `accuracy`: 맞힌 사람 ÷ **모든** 사람.
# * `missed`: 악성인데 양성이라고 답한 사람 ÷ **악성인** 사람. 악성이 한 명도 없으면 `0`입니다.
# * 둘 다 0과 1 사이의 수입니다. 퍼센트로 바꾸지 않습니다.
#
# | | 가 | 나 | 다 | 라 | 마 |
# |---|---|---|---|---|---|
# | 정답 `y_true` | 1 | 1 | 0 | 0 | 0 |
# | 답 `y_pred` | 1 | **0** | 0 | **1** | 0 |
#
# 다섯 가운데 셋을 맞혔으니 정확도는 0.6입니다. 악성은 가와 나 둘이고 나를 놓쳤으니 놓친 비율은 1/2 = 0.5입니다. 라는 괜히 걱정시킨 사람이며, 놓친 사람이 아닙니다.

# %% [en]
# ## 5. Measure: accuracy, and the share that was missed
#
# 357 of the 569 are benign. What is the accuracy of an assistant that says "benign" to everybody **without looking**? 357/569 = 63%. And it misses **every** cancer. Accuracy alone cannot tell these things apart.
#
# **Exercise 5.** Complete two functions. `y_true` holds the truth, `y_pred` the answers; both are arrays of 0 and 1 of the same length, with at least one person in them.
#
# * `accuracy`: people answered right ÷ **all** people.
# * `missed`: people who are malignant but were called benign ÷ people who **are malignant**. If nobody is malignant, it is `0`.
# * Both are numbers between 0 and 1. Do not turn them into percent.
#
# | | A | B | C | D | E |
# |---|---|---|---|---|---|
# | truth `y_true` | 1 | 1 | 0 | 0 | 0 |
# | answer `y_pred` | 1 | **0** | 0 | **1** | 0 |
#
# Three of five are right: the accuracy is 0.6. Two are malignant, A and B, and B was missed: the share missed is 1/2 = 0.5. D was worried for nothing, but not missed.

# %% solution="accuracy"
def accuracy(y_true, y_pred):
    """맞힌 비율 / the share answered right"""
    ### BEGIN SOLUTION
    return (y_true == y_pred).mean()
    ### END SOLUTION

# %% solution="missed"
def missed(y_true, y_pred):
    """악성 가운데 놓친 비율 / of the malignant, the share missed"""
    ### BEGIN SOLUTION
    malignant = y_true == 1
    if not malignant.any():
        return 0.0
    return (y_pred[malignant] == 0).mean()
    ### END SOLUTION

# %% test="accuracy-check" points=1
_true, _pred = np.array([1, 1, 0, 0, 0]), np.array([1, 0, 0, 1, 0])
assert accuracy(_true, _pred) is not None, "돌아온 값이 없습니다. return 을 썼나요? / Nothing came back. Did you use return?"
assert abs(accuracy(_true, _pred) - 0.6) < 1e-9, "다섯 가운데 셋이 맞으면 0.6입니다 / Three of five right is 0.6"

# %% test="missed-check" points=2
assert missed(_true, _pred) is not None, "돌아온 값이 없습니다. return 을 썼나요? / Nothing came back. Did you use return?"
assert abs(missed(_true, _pred) - 0.5) < 1e-9, (
    "악성 두 명 가운데 한 명을 놓치면 0.5입니다. 악성인 사람의 수로 나누었나요?"
    " / One of two malignant was missed: 0.5. Did you divide by the number of malignant people?"
)
assert missed(np.array([0, 0]), np.array([0, 1])) == 0, "악성이 없으면 놓친 비율은 0입니다 / If nobody is malignant, the share missed is 0"

# %% [ko]
# ## 6. 실험 하나로 잇기
#
# **문제 6.** `experiment(X, y, n_test, k, seed)`를 완성합니다. 앞의 함수들을 차례로 부릅니다.
#
# 1. `split(len(y), n_test, seed)`로 나눕니다. (다른 방법으로 나누지 않습니다.)
# 2. 훈련 환자로 배워 시험 환자를 `predict_new`로 예측합니다.
# 3. **시험 환자**에서 잰 `(정확도, 놓친 비율)`을 돌려줍니다.
#
# **믿을 만한 실험인지 어떻게 알까요?** 멋진 방법이 있습니다. 정답 `y`를 **동전 던지기**로 바꾸어 넣습니다. 배울 것이 아예 없으니 어떤 모델도 반밖에 못 맞힙니다. 그런데도 실험이 60%, 100%라고 말한다면 **실험이 새고 있는 것**입니다. 선생님도 이 방법으로 검사합니다: 동전 열 번의 평균이 **0.6 이하**여야 합니다. 진짜 자료에서는 여덟 번의 평균 정확도가 **0.93 이상**이어야 합니다(`k = 5`, 시험 150명).

# %% [en]
# ## 6. Join it into one experiment
#
# **Exercise 6.** Complete `experiment(X, y, n_test, k, seed)`. Call the functions from above, one after the other.
#
# 1. Divide with `split(len(y), n_test, seed)`. (Not in another way.)
# 2. Learn from the training patients and predict the test patients with `predict_new`.
# 3. Return `(accuracy, share missed)`, measured on **the test patients**.
#
# **How do you know that an experiment can be trusted?** There is a beautiful way. Replace the answers `y` by **the toss of a coin**. There is nothing to learn, so every model is right half of the time. If the experiment still says 60% or 100%, **the experiment leaks**. Your teacher checks in this way, too: the mean of ten rounds of coins has to be **0.6 or less**. On the real data the mean accuracy of eight rounds has to be **0.93 or more** (`k = 5`, 150 in the test).

# %% solution="experiment"
def experiment(X, y, n_test, k, seed):
    """시험 환자에서 잰 (정확도, 놓친 비율) / (accuracy, share missed), measured on the test patients"""
    ### BEGIN SOLUTION
    train, test = split(len(y), n_test, seed)
    answers = predict_new(X[train], y[train], X[test], k)
    return accuracy(y[test], answers), missed(y[test], answers)
    ### END SOLUTION

# %% test="experiment-coin" points=2
_coins = np.random.default_rng(5).integers(0, 2, len(y))
assert experiment(X, _coins, 150, 1, 0) is not None, "돌아온 값이 없습니다. return 을 썼나요? / Nothing came back. Did you use return?"
_mean = np.mean([experiment(X, _coins, 150, 1, seed)[0] for seed in range(4)])
assert 0.4 <= _mean <= 0.6, (
    "동전 던지기의 정확도가 0.5에서 멉니다. 시험 환자가 배우는 데 쓰이지 않았나요?"
    " / The accuracy on tosses of a coin is far from 0.5. Did test patients take part in learning?"
)

# %% test="experiment-score" points=2
_mean = np.mean([experiment(X, y, 150, 5, seed)[0] for seed in range(4)])
assert _mean >= 0.93, (
    "정확도가 0.93보다 낮습니다. 시험 환자의 번호로 X와 y를 모두 골랐나요? / The accuracy is below 0.93. Did you choose both X and y by the test numbers?"
)

# %% [ko]
# ## 7. 믿기: 점수 하나는 점수가 아니다
#
# 씨앗만 바꾸어 실험을 100번 합니다. 점 하나가 실험 한 번입니다. 실행하기 전에 짐작해 봅시다. 얼마나 흩어질까요?

# %% [en]
# ## 7. Trust: one score is no score
#
# Repeat the experiment 100 times with nothing but another seed. Each dot is one experiment. Guess before you run it: how far will they spread?

# %%
scores = np.array([experiment(X, y, 150, 5, seed) for seed in range(100)])

figure, panels = plt.subplots(2, 1, figsize=(10, 4.2), layout="constrained")
for axes, column, colour, name in zip(panels, (0, 1), (BLUE, ORANGE), ("정확도 accuracy", "놓친 비율 share missed")):
    values = scores[:, column]
    height = np.zeros(len(values))
    for value in np.unique(values):
        height[values == value] = np.arange((values == value).sum())
    axes.scatter(values, height, s=30, color=colour, alpha=0.8, linewidth=0)
    axes.axvline(values.mean(), color="black", linewidth=1.5)
    axes.text(values.mean(), height.max() + 1.5, f"평균 mean {values.mean():.3f}", ha="center", va="bottom")
    axes.set(xlabel=name, yticks=[], ylim=(-1, height.max() + 5))
    axes.spines["left"].set_visible(False)
panels[0].axvline(1, color=GREY, linestyle="--")
panels[0].text(0.999, 1, "훈련 자료로 잰 100%\n100%, measured on training", ha="right", color=GREY)
plt.show()

once = np.mean([experiment(X, y, 150, 1, seed)[0] for seed in range(20)])
print(f"k = 1, 처음 보는 환자 never seen: {once:.1%}    나의 짐작 my guess: {my_guess}")
print(f"가장 운 좋은 씨앗 the luckiest seed: {scores[:, 0].max():.1%}   가장 운 나쁜 씨앗 the unluckiest: {scores[:, 0].min():.1%}")

# %% [ko]
# 같은 모델, 같은 자료입니다. 바뀐 것은 **누가 시험에 뽑혔는가**뿐인데 점수가 이만큼 다릅니다. 가장 운 좋은 씨앗만 골라 보고하면 거짓말을 하지 않고도 남을 속일 수 있습니다. 그래서 정직한 보고는 **평균과 흔들림을 함께** 말합니다.
#
# 빨간 쪽도 봅시다. 정확도가 96%쯤이어도 암 환자의 8%쯤, 열두 명에 한 명꼴로 놓칩니다. 의사가 궁금해하는 것은 이 수입니다.
#
# ### 더 해 보기 (점수 없음)
# * `k`를 1, 5, 25, 101로 바꾸면 놓친 비율은 어떻게 됩니까?
# * 열을 셋만 골라 봅시다. 어느 셋이면 96%에 가까워집니까? 그렇게 **시험 점수를 보며** 골랐다면, 그 점수는 아직 정직합니까?

# %% [en]
# The same model, the same data. Nothing changed but **who was drawn for the test**, and the score differs that much. By reporting the luckiest seed one can deceive without telling a lie. So an honest report gives **the mean together with its spread**.
#
# Look at the orange side, too. With an accuracy of about 96%, about 8% of the cancers are missed, one patient in twelve. That is the number a doctor asks for.
#
# ### More to try (no points)
# * Set `k` to 1, 5, 25, 101. What happens to the share missed?
# * Choose three columns only. Which three come close to 96%? If you chose them **by looking at the test score**, is that score still honest?

# %% [ko]
# ## 8. 판단하기 (서술형 5점)
#
# 보건소에 온 어느 회사의 설명서입니다.
#
# > 환자 400명의 자료를 모두 합쳐 표준화한 다음, 무작위로 300명과 100명으로 나누었습니다. 나누는 씨앗을 200번 바꾸어 가장 좋은 결과를 골랐습니다. 시험 정확도는 **99%** 입니다.
# > 참고로 환자 400명 가운데 악성은 20명입니다.
#
# 보건소장에게 짧은 편지(5–8문장)를 씁니다.
#
# 1. 이 99%를 그대로 믿을 수 없는 까닭을 **둘 이상** 찾아, 왜 점수가 실제와 달라지는지 설명합니다. 어느 것이 더 해로운지도 말합니다.
# 2. 사기 전에 회사에 **어떤 실험과 어떤 숫자**를 더 달라고 하겠습니까?

# %% [en]
# ## 8. Judge (written, 5 points)
#
# This is from a brochure that a company sent to a health centre.
#
# > We pooled the data of 400 patients, standardised them, and divided them at random into 300 and 100. We tried 200 seeds for dividing and chose the best result. The test accuracy is **99%**.
# > For your information: 20 of the 400 patients are malignant.
#
# Write a short letter (5 to 8 sentences) to the head of the centre.
#
# 1. Find **at least two** reasons why this 99% cannot be taken as it is, and explain why the score differs from what will really happen. Say which one does more harm.
# 2. Before buying, **which experiment and which numbers** would you ask the company for?

# %% [ko] manual="letter" points=5
# **나의 편지**
#
# ### BEGIN SOLUTION
# 가장 해로운 것은 씨앗을 200번 바꾸어 가장 좋은 것을 고른 일입니다. 점수는 누가 시험에 뽑혔는지에 따라 몇 퍼센트씩 흔들리는데, 운이 가장 좋은 한 번만 말했습니다. 다음 환자 100명은 그렇게 고를 수 없습니다.
# 둘째, 악성이 5%뿐이라 모두 양성이라고 답해도 95%입니다. 99%라는 정확도로는 암 환자를 몇 명 놓쳤는지 알 수 없습니다. 셋째, 나누기 전에 모두 합쳐 표준화해서 시험 환자의 값이 배우는 데 들어갔습니다. 보통은 영향이 작지만 새 환자는 그렇게 할 수 없습니다.
# 훈련 자료로만 표준화한 실험을 씨앗을 정해 두고 여러 번 되풀이해, 정확도와 놓친 비율의 평균과 흔들림을 달라고 하겠습니다. 우리 보건소 환자로 따로 시험한 결과와, 모두 양성이라고 할 때의 점수도 나란히 보여 달라고 하겠습니다.
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# **성취기준 [12인기02-01] [12인기02-04] [12데과02-02]** 자료와 점수가 쓸모에 맞는지 판단하고, 훈련과 시험을 갈라 평가할 수 있는가를 봅니다.
#
# | 요소 | 상 (2점) | 중 (1점) | 하 (0점) |
# |---|---|---|---|
# | 까닭 | 씨앗 고르기, 드문 악성과 정확도, 합쳐서 표준화 가운데 둘 이상을 "처음 보는 환자에게 왜 다른 점수가 나오는지"로 설명하고 해로운 순서를 말함 | 둘을 찾았으나 설명이 흐리거나 하나만 제대로 설명함 | 이름만 옮겨 적음, 또는 없음 |
# | 요구 | 다시 할 실험(훈련으로만 맞춤, 여러 씨앗의 평균과 흔들림, 새 환자 가운데 하나 이상)과 볼 숫자(놓친 비율이나 그와 같은 뜻, 기준 모델)를 모두 구체적으로 말함 | 실험이나 숫자 가운데 하나만 구체적임 | "더 많은 자료"처럼 막연함 |
#
# **기본점수 1점**: 편지를 스스로 쓰기 시작했으면 줍니다. 백지는 0점. 합계 5점.
# 표준화를 가장 해롭다고 쓰면 까닭은 중을 넘지 못합니다(400명이면 영향이 아주 작습니다). 개인정보나 책임에 관한 좋은 생각은 점수 대신 의견으로 격려합니다.
# ### END MARK SCHEME

# %% [en] manual="letter" points=5
# **My letter**
#
# ### BEGIN SOLUTION
# The most harmful thing is choosing the best of 200 seeds. A score wobbles by a few percent with who is drawn for the test, and they report the single luckiest draw. The next 100 patients cannot be chosen like that.
# Second, only 5% are malignant: whoever calls everybody benign has 95%. An accuracy of 99% does not tell how many cancers were missed. Third, they standardised everything before dividing, so values of test patients took part in learning. Mostly that matters little, but it cannot be done with new patients.
# I would ask for an experiment that standardises by training only, repeated with seeds fixed beforehand, and for mean and spread of the accuracy and of the share missed; also for a test on patients of our own centre, beside the score of "everybody is benign".
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# **Achievement standards [12인기02-01] [12인기02-04] [12데과02-02]**: we look whether the student can judge if data and score fit the purpose, and evaluate with training and test kept apart.
#
# | Element | High (2) | Middle (1) | Low (0) |
# |---|---|---|---|
# | Reasons | Explains at least two of: chosen seed, accuracy with rare malignancy, standardising on everything; says why another score comes out for patients never seen, and orders them by harm | Finds two but explains vaguely, or explains one well | Repeats names only, or none |
# | Requests | Names concretely both an experiment (at least one of: scaled by training only, mean and spread over seeds, new patients) and numbers (share missed or its like, a baseline) | Only one of the two is concrete | Vague, such as "more data" |
#
# **Base score 1**: for a letter begun on the student's own. An empty cell gets 0. Total 5.
# Who calls standardising the most harmful gets at most Middle for reasons (with 400 patients its effect is very small). Good thoughts on privacy or responsibility earn praise in the comment, not points.
# ### END MARK SCHEME

# %% [ko]
# ## 이제 말할 수 있는 것
#
# * 배운 자료로 잰 점수는 점수가 아닙니다. **한 번도 쓰지 않은 자료**로 잽니다.
# * 평균과 표준편차도 배운 것입니다. **훈련에서만** 배웁니다.
# * 점수는 흔들립니다. **평균과 흔들림**을 말하고, 무엇을 놓쳤는지도 말합니다.
# * 실험이 의심스러우면 **동전을 던져** 넣어 봅니다.

# %% [en]
# ## What you can now say
#
# * A score on data that was learned from is no score. Measure on **data never used**.
# * Mean and standard deviation are learned, too. Learn them **from training only**.
# * A score wobbles. Tell **mean and spread**, and tell what was missed.
# * If an experiment looks suspicious, **toss coins** into it.
