# %% [ko]
# # 가까운 이웃에게 물어보기: k-최근접 이웃 손으로 만들기
#
# 처음 보는 펭귄이 한 마리 있습니다. 어떤 종일까요?
# 전문가가 옆에 없어도 방법은 있습니다. **이미 종을 아는 펭귄 가운데 가장 닮은 펭귄을 찾아보는 것**입니다.
# 오늘은 이 생각 하나로 움직이는 인공지능을 여러분 손으로 만듭니다. 남이 만든 것을 불러오지 않고, 처음부터 끝까지 직접 씁니다.
#
# | 걸음 | 하는 일 |
# |---|---|
# | 예상 | 그림을 보고 먼저 짐작합니다 |
# | 실행 | 사람이 규칙을 정해 준 로봇을 돌려 봅니다 |
# | 살펴보기 | 종이 위에서 손으로 계산합니다 |
# | 고치기 | 함수 다섯 개를 하나씩 채웁니다 |
# | 만들기 | 나만의 펭귄 인공지능을 만듭니다 |
#
# **답을 쓰는 방법**: `raise NotImplementedError()` 줄을 지우고 그 자리에 코드를 씁니다.
# 바로 아래에 검사 칸이 있습니다. 실행했을 때 아무 말이 없으면 통과입니다. 말이 나오면 벌이 아니라 힌트입니다.
# 선생님은 같은 규칙을 다른 숫자로도 검사합니다. 그러니 보이는 예에만 맞추지 말고 규칙대로 만들어 봅시다.

# %% [en]
# # Ask the neighbours: k-nearest neighbours by hand
#
# Here is a penguin nobody has seen before. Which species is it?
# There is a way even when no expert is around: **look for the most similar penguins among those whose species we already know**.
# Today you build an artificial intelligence that runs on this one idea. You borrow nothing; you write it yourself, from start to end.
#
# | Step | What you do |
# |---|---|
# | Predict | Look at a picture and guess first |
# | Run | Run a robot whose rule was made by a person |
# | Investigate | Work it out on paper |
# | Modify | Fill in five functions, one by one |
# | Make | Make your own penguin AI |
#
# **How to answer**: delete the line `raise NotImplementedError()` and write your code there.
# A checking cell follows. If it says nothing, you passed. If it says something, that is a hint and no punishment.
# Your teacher checks the same rules with other numbers too. So build the rule, not only the answer to the example you see.

# %% given="setup"
import csv
import math
import random

import matplotlib.pyplot as plt
import koreanize_matplotlib  # 그림에 한글을 씁니다 / Korean letters in pictures

# %% [ko]
# ## 자료: 남극에서 온 숫자
#
# `penguins.csv`에는 진짜 펭귄 342마리가 한 줄에 한 마리씩 들어 있습니다.
# 크리스틴 고먼 박사와 파머 기지의 연구자들이 2007–2009년 남극 파머 제도에서 한 마리씩 재었습니다. 누구나 쓸 수 있는 자료(CC0)입니다.
#
# | 이름 | 뜻 |
# |---|---|
# | `bill_length_mm` | 부리 길이 (mm) |
# | `bill_depth_mm` | 부리 두께, 위아래 높이 (mm) |
# | `body_mass_g` | 몸무게 (g) |
# | `species` | 종: 아델리(Adelie), 턱끈(Chinstrap), 젠투(Gentoo) |
#
# 펭귄을 두 무리로 나눕니다.
# * `known` (282마리): 종을 **아는** 펭귄. 인공지능이 보고 배울 자료입니다.
# * `new` (60마리): 종을 **모르는 척**할 펭귄. 인공지능을 시험할 때만 씁니다.
#
# 왜 나눌까요? 시험 문제의 답을 미리 보고 치른 시험은 실력을 말해 주지 않기 때문입니다.
#
# 펭귄 한 마리는 `(종, 특징)`으로 적습니다. 특징은 숫자 묶음입니다. 보기: `("Adelie", (39.1, 18.7))`

# %% [en]
# ## The data: numbers from Antarctica
#
# `penguins.csv` holds 342 real penguins, one a line.
# Dr Kristen Gorman and the researchers of Palmer Station measured them one by one in the Palmer Archipelago, Antarctica, in 2007-2009. Everybody may use the data (CC0).
#
# | Name | Meaning |
# |---|---|
# | `bill_length_mm` | length of the bill (mm) |
# | `bill_depth_mm` | depth of the bill, from top to bottom (mm) |
# | `body_mass_g` | body mass (g) |
# | `species` | Adelie, Chinstrap or Gentoo |
#
# We split the penguins in two groups.
# * `known` (282): penguins whose species we **know**. The AI learns from these.
# * `new` (60): penguins whose species we **pretend not to know**. We use them only to test the AI.
#
# Why split? If you saw the answers before an exam, its result says nothing about what you can do.
#
# One penguin is written as `(species, features)`. The features are a group of numbers. Example: `("Adelie", (39.1, 18.7))`

# %% given="data"
def read_penguins(features):
    """[(종, (특징, 특징)), ...] / [(species, (feature, feature)), ...]"""
    table = []
    with open("penguins.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            numbers = [float(row[name]) for name in features]
            table.append((row["species"], tuple(numbers)))
    return table


penguins = read_penguins(["bill_length_mm", "bill_depth_mm"])
new, known = penguins[:60], penguins[60:]

print("known:", len(known), "/ new:", len(new))
for penguin in known[:3]:
    print(penguin)

# %% [ko]
# ## 1. 예상: 별은 어떤 펭귄일까요?
#
# 점 하나가 펭귄 한 마리입니다. 오른쪽으로 갈수록 부리가 길고, 위로 갈수록 부리가 두껍습니다.
# 별(★)은 처음 보는 펭귄입니다. 칸을 실행해 그림을 봅시다. (그림을 그리는 코드는 읽지 않아도 됩니다.)

# %% [en]
# ## 1. Predict: which penguin is the star?
#
# Each mark is one penguin. The further right, the longer the bill; the higher up, the deeper the bill.
# The star (★) is a penguin nobody has seen before. Run the cell and look. (You need not read the code that draws.)

# %% given="picture-map"
LOOKS = {
    "Adelie": ("o", "#E69F00", "아델리 Adelie"),
    "Chinstrap": ("^", "#0072B2", "턱끈 Chinstrap"),
    "Gentoo": ("s", "#009E73", "젠투 Gentoo"),
}
STAR = (44.5, 18.5)


def draw_penguins(axes, rows, size=28, alpha=0.75):
    for species, (marker, colour, label) in LOOKS.items():
        points = [features for name, features in rows if name == species]
        if points:
            axes.scatter(*zip(*points), s=size, marker=marker, color=colour, alpha=alpha,
                         edgecolor="white", linewidth=0.5, label=label)
    axes.set_xlabel("부리 길이 bill length (mm)")
    axes.set_ylabel("부리 두께 bill depth (mm)")


figure, axes = plt.subplots(figsize=(7.5, 5))
draw_penguins(axes, known)
axes.scatter(*STAR, s=320, marker="*", color="black", zorder=5, label="누구일까? who is it?")
axes.legend(fontsize=11)
axes.set_title("종을 아는 펭귄 282마리와 ★ / 282 known penguins and ★")
plt.show()

# %% [ko]
# 별은 어떤 종일까요? 아래에 `"Adelie"`, `"Chinstrap"`, `"Gentoo"` 가운데 하나를 적습니다.
# **어느 것을 골라도 점수는 같습니다.** 먼저 마음을 정해 두면 나중에 왜 맞고 왜 틀렸는지 볼 수 있습니다.

# %% [en]
# Which species is the star? Write one of `"Adelie"`, `"Chinstrap"`, `"Gentoo"` below.
# **Every choice gets the same point.** If you decide first, you can see later why you were right or wrong.

# %% solution="guess"
# 보기 / example: my_guess = "Gentoo"
### BEGIN SOLUTION
my_guess = "Chinstrap"
### END SOLUTION

# %% test="guess-check" points=1
assert my_guess in ("Adelie", "Chinstrap", "Gentoo"), (
    "세 이름 가운데 하나를 따옴표 안에 똑같이 적어 주세요 / Please write exactly one of the three names, in quotes"
)

# %% [ko]
# ## 2. 실행: 사람이 규칙을 정해 준 로봇
#
# 먼저 배우지 **않는** 로봇을 돌려 봅시다. 사람이 그림을 보고 규칙 하나를 정해 주었습니다.
#
# > 부리가 44 mm보다 짧으면 아델리, 아니면 젠투.
#
# 실행하기 전에 짐작해 봅시다. 60마리 가운데 몇 마리를 맞힐까요? 그리고 이 로봇이 **절대로 맞힐 수 없는** 펭귄은 누구일까요?

# %% [en]
# ## 2. Run: a robot whose rule was made by a person
#
# First run a robot that does **not** learn. A person looked at the picture and gave it one rule:
#
# > If the bill is shorter than 44 mm say Adelie, otherwise Gentoo.
#
# Guess before you run it. How many of the 60 does it get right? And which penguin can this robot **never** get right?

# %%
def rule_robot(features):
    bill_length, bill_depth = features
    if bill_length < 44:
        return "Adelie"
    return "Gentoo"


right = 0
missed = {"Adelie": 0, "Chinstrap": 0, "Gentoo": 0}
for species, features in new:
    if rule_robot(features) == species:
        right = right + 1
    else:
        missed[species] = missed[species] + 1
print("맞힘 right:", right, "/ 60")
print("놓침 missed:", missed)

# %% [ko]
# 턱끈펭귄은 한 마리도 맞히지 못했습니다. 규칙에 그 이름이 없으니까요.
# 규칙을 더 붙일 수도 있습니다. 하지만 펭귄이 300종이라면 어떨까요? 사람이 규칙을 다 쓰기는 어렵습니다.
# 그래서 생각을 바꿉니다. **규칙을 쓰는 대신 보기를 모으고, 보기와 얼마나 가까운지 재게 합니다.** 이것이 자료로 배우는 인공지능입니다.
#
# ## 3. 살펴보기: 종이 위의 k-최근접 이웃
#
# 연습용 펭귄 다섯 마리입니다. (계산하기 쉽게 지어낸 숫자입니다.) 새 펭귄 ★은 `(45, 17)`입니다.
# ★에서 각 펭귄까지 **자로 잰 거리**를 구합니다.
# 가로 차이와 세로 차이를 두 변으로 하는 직각삼각형을 그리면, 거리는 가장 긴 변입니다.
#
# | 펭귄 | 특징 | 가로 차이 | 세로 차이 | 제곱해서 더하기 | 거리 |
# |---|---|---|---|---|---|
# | 아델리 | (42, 13) | 3 | 4 | 9 + 16 = 25 | **5** |
# | 젠투 | (45, 15) | 0 | 2 | 0 + 4 = 4 | **2** |
# | 아델리 | (45, 20) | 0 | 3 | 0 + 9 = 9 | **3** |
# | 아델리 | (49, 17) | 4 | 0 | 16 + 0 = 16 | **4** |
# | 젠투 | (50, 29) | 5 | 12 | 25 + 144 = 169 | **13** |
#
# 마지막 걸음은 제곱하면 그 수가 되는 수를 찾는 것입니다(제곱근). 5 × 5 = 25이니 25의 제곱근은 5입니다. 파이썬에서는 `math.sqrt(25)`라고 씁니다.
#
# 이제 가까운 순서로 세우고 앞에서 `k`마리에게 묻습니다. 많이 나온 이름이 답입니다.
# * `k = 1`: 젠투(2) → **젠투**
# * `k = 3`: 젠투(2), 아델리(3), 아델리(4) → 아델리 2표, 젠투 1표 → **아델리**
#
# 같은 펭귄인데 `k`에 따라 답이 달라졌습니다. 그래서 `k`가 이름에 들어갑니다.

# %% [en]
# It got no chinstrap right. That name is not in its rule.
# We could add rules. But what if there were 300 species? It is hard for people to write every rule.
# So we turn the idea around. **Instead of writing rules we collect examples, and measure how close the examples are.** This is AI that learns from data.
#
# ## 3. Investigate: k-nearest neighbours on paper
#
# Here are five practice penguins. (We made the numbers up, to keep the sums easy.) The new penguin ★ is `(45, 17)`.
# We want the **straight-line distance**, as with a ruler, from ★ to each penguin.
# Draw a right-angled triangle whose sides are the difference across and the difference up. The distance is its longest side.
#
# | Penguin | Features | Across | Up | Square and add | Distance |
# |---|---|---|---|---|---|
# | Adelie | (42, 13) | 3 | 4 | 9 + 16 = 25 | **5** |
# | Gentoo | (45, 15) | 0 | 2 | 0 + 4 = 4 | **2** |
# | Adelie | (45, 20) | 0 | 3 | 0 + 9 = 9 | **3** |
# | Adelie | (49, 17) | 4 | 0 | 16 + 0 = 16 | **4** |
# | Gentoo | (50, 29) | 5 | 12 | 25 + 144 = 169 | **13** |
#
# The last step finds the number whose square it is (the square root). 5 × 5 = 25, so the square root of 25 is 5. In Python: `math.sqrt(25)`.
#
# Now line them up from near to far and ask the first `k`. The name said most often is the answer.
# * `k = 1`: Gentoo(2) → **Gentoo**
# * `k = 3`: Gentoo(2), Adelie(3), Adelie(4) → 2 votes for Adelie, 1 for Gentoo → **Adelie**
#
# It is the same penguin, but the answer depends on `k`. That is why `k` is part of the name.

# %% given="picture-distance"
practice = [
    ("Adelie", (42, 13)),
    ("Gentoo", (45, 15)),
    ("Adelie", (45, 20)),
    ("Adelie", (49, 17)),
    ("Gentoo", (50, 29)),
]

figure, (left, right_side) = plt.subplots(1, 2, figsize=(11, 4.6))
left.plot([0, 3], [0, 4], color="#D55E00", linewidth=3)
left.plot([0, 3, 3], [0, 0, 4], color="gray", linewidth=2, linestyle="--")
left.scatter(0, 0, s=320, marker="*", color="black", zorder=5)
left.scatter(3, 4, s=110, marker="o", color="#E69F00", zorder=5)
left.text(0.35, 2.3, "5", color="#D55E00", fontsize=22)
left.text(1.4, -0.55, "3", color="gray", fontsize=18)
left.text(3.15, 1.9, "4", color="gray", fontsize=18)
left.set(xlim=(-1, 5), ylim=(-1, 5), aspect="equal")
left.set_title("자로 잰 거리 straight line: 5\n(길 따라 걷기 walking: 3 + 4 = 7)", linespacing=1.5)
draw_penguins(right_side, practice[:4], size=110, alpha=1)
right_side.scatter(45, 17, s=320, marker="*", color="black", zorder=5)
for k, radius in ((1, 2), (3, 4)):
    right_side.add_patch(plt.Circle((45, 17), radius, fill=False, linestyle=":", linewidth=2))
    right_side.text(45 + radius * 0.72, 17 - radius * 0.72 - 0.5, f"k={k}", fontsize=13)
right_side.set(xlim=(39, 51), ylim=(12, 22), aspect="equal")
right_side.set_title("원을 키우며 이웃을 모읍니다\ngrow the circle until it holds k neighbours", linespacing=1.5)
right_side.legend(fontsize=10, loc="upper right")
plt.tight_layout()
plt.show()

# %% [ko]
# ## 4. 고치기 (1) 거리 `distance`
#
# 두 특징 `a`, `b` 사이의 **자로 잰 거리**를 돌려줍니다.
# * 짝이 되는 숫자끼리 빼고, 제곱하고, 모두 더한 뒤, 제곱근을 구합니다.
# * 특징이 2개가 아니라 1개, 3개, 4개여도 **모든 특징**을 써야 합니다. `a`와 `b`의 길이는 언제나 같습니다.
# * 도움말: `for x, y in zip(a, b):`라고 쓰면 짝을 하나씩 꺼냅니다.
#
# | 도구 | 결과 |
# |---|---|
# | `math.sqrt(16)` | `4.0` |
# | `3 ** 2` | `9` |

# %% [en]
# ## 4. Modify (1) `distance`
#
# Return the **straight-line distance** between the features `a` and `b`.
# * Subtract the numbers that belong together, square, add everything up, then take the square root.
# * It must use **all features**, even when there are 1, 3 or 4 of them and not 2. `a` and `b` always have the same length.
# * Help: `for x, y in zip(a, b):` takes out one pair after the other.
#
# | Tool | Result |
# |---|---|
# | `math.sqrt(16)` | `4.0` |
# | `3 ** 2` | `9` |

# %% solution="distance"
def distance(a, b):
    """a와 b 사이의 거리 / the distance between a and b"""
    ### BEGIN SOLUTION
    total = 0
    for x, y in zip(a, b):
        total = total + (x - y) ** 2
    return math.sqrt(total)
    ### END SOLUTION

# %% test="distance-check" points=2
assert distance((0, 0), (3, 4)) is not None, (
    "돌아온 값이 없습니다. print 대신 return 을 써 봅시다 / Nothing came back. Try return and not print"
)
assert abs(distance((0, 0), (3, 4)) - 5) < 1e-9, (
    "가로 3, 세로 4이면 자로 잰 거리는 5입니다. 3 + 4 = 7은 길을 따라 걸은 거리입니다"
    " / 3 across and 4 up is 5 in a straight line. 3 + 4 = 7 would be walking along the streets"
)
assert abs(distance((42, 13), (45, 17)) - 5) < 1e-9, (
    "표의 첫 줄과 다릅니다. 먼저 빼고, 그다음에 제곱했나요?"
    " / This differs from the first line of the table. Did you subtract first and square afterwards?"
)
assert abs(distance((7, 7), (7, 7))) < 1e-9, "자기 자신까지의 거리는 0입니다 / The distance to yourself is 0"
assert abs(distance((0, 0, 0), (2, 3, 6)) - 7) < 1e-9, (
    "특징이 3개일 때 쓰지 않은 특징이 있습니다 / With 3 features, some feature is not used"
)

# %% [ko]
# ## 4. 고치기 (2) 가까운 이웃 `nearest`
#
# `data`에서 `point`에 가장 가까운 `k`마리를 **가까운 순서로** 담은 목록을 돌려줍니다.
# * 목록에는 `data`에 있던 `(종, 특징)`을 그대로 담습니다.
# * `k`는 언제나 1 이상이고 `data`의 길이 이하입니다.
# * **비김 규칙**: 거리가 똑같으면 `data`에서 **앞에 있던** 펭귄이 먼저입니다.
#   왜 정할까요? 정하지 않으면 같은 자료로도 사람마다 답이 달라집니다.
# * `data`의 순서를 **바꾸면 안 됩니다**. 자료는 다음에 또 씁니다.
#
# 도움말: `sorted(목록, key=함수)`는 새 목록을 만들어 작은 것부터 늘어놓습니다. 값이 같으면 원래 순서를 지켜 줍니다. 앞에서 3개는 `목록[:3]`입니다.

# %% [en]
# ## 4. Modify (2) `nearest`
#
# Return a list of the `k` rows of `data` that are closest to `point`, **from near to far**.
# * The list holds the `(species, features)` rows just as they are in `data`.
# * `k` is always at least 1 and at most the length of `data`.
# * **Tie rule**: when two distances are equal, the penguin that comes **earlier** in `data` goes first.
#   Why a rule? Without it, the same data would give different people different answers.
# * **Do not change** the order of `data`. We need it again.
#
# Help: `sorted(rows, key=function)` makes a new list, smallest first. Equal ones keep their order. The first 3 are `rows[:3]`.

# %% solution="nearest"
def nearest(data, point, k):
    """point에 가장 가까운 k줄, 가까운 순서 / the k rows closest to point, near to far"""
    ### BEGIN SOLUTION
    def how_far(row):
        species, features = row
        return distance(features, point)

    return sorted(data, key=how_far)[:k]
    ### END SOLUTION

# %% test="nearest-check" points=2
assert nearest(practice, (45, 17), 1) is not None, (
    "돌아온 값이 없습니다. return 을 썼나요? / Nothing came back. Did you use return?"
)
assert len(nearest(practice, (45, 17), 1)) == 1, "k = 1이면 한 마리만 / k = 1 means one penguin only"
assert len(nearest(practice, (45, 17), 4)) == 4, "k = 4이면 네 마리 / k = 4 means four penguins"
assert list(nearest(practice, (45, 17), 1)) == [("Gentoo", (45, 15))], (
    "가장 가까운 펭귄은 거리 2인 젠투입니다. 먼 것부터 늘어놓지는 않았나요?"
    " / The closest penguin is the Gentoo at distance 2. Did you perhaps start with the far ones?"
)
assert list(nearest(practice, (45, 17), 3)) == [practice[1], practice[2], practice[3]], (
    "가까운 순서로 거리 2, 3, 4인 펭귄이어야 합니다 / It should be the penguins at distances 2, 3 and 4, in this order"
)

# %% test="nearest-tie" points=1
_tied = [("Gentoo", (3, 0)), ("Adelie", (0, 3)), ("Chinstrap", (1, 0)), ("Adelie", (-3, 0))]
_before = list(_tied)
assert list(nearest(_tied, (0, 0), 2)) == [("Chinstrap", (1, 0)), ("Gentoo", (3, 0))], (
    "거리 3에서 셋이 비겼습니다. 자료에서 앞에 있던 펭귄이 먼저입니다"
    " / Three penguins tie at distance 3. The one that comes earlier in the data goes first"
)
assert _tied == _before, (
    "data의 순서나 내용이 바뀌었습니다. 새 목록을 만들어 봅시다 / data itself was changed. Make a new list instead"
)

# %% [ko]
# ## 4. 고치기 (3) 투표 `vote`
#
# 이름 목록 `labels`에서 **가장 많이 나온 이름**을 돌려줍니다.
# * `labels`는 가까운 순서이고, 적어도 하나는 들어 있습니다.
# * **비김 규칙**: 표가 같으면 그 가운데 목록에서 **가장 먼저 나온** 이름, 곧 더 가까운 이웃의 이름입니다.
# * 이름이 꼭 펭귄이 아니어도 됩니다. 과일 이름이 와도 세어야 합니다.
#
# 생각해 봅시다: 이름에 번호를 붙여 **평균**을 내면 안 될까요? 아델리 1, 턱끈 2, 젠투 3이라 하고 이웃이 아델리와 젠투라면,
# 평균은 2, 턱끈펭귄입니다. 이웃 가운데 아무도 턱끈이라고 하지 않았는데 말입니다. 이름은 크기가 아니라 **종류**입니다.
#
# 도움말: `labels.count("Adelie")`는 그 이름이 몇 번 나왔는지 셉니다.

# %% [en]
# ## 4. Modify (3) `vote`
#
# Return the name that appears **most often** in the list `labels`.
# * `labels` is in order from near to far, and holds at least one name.
# * **Tie rule**: with equal votes, the one of them that **comes first** in the list wins; that is the closer neighbour's name.
# * The names need not be penguins. It has to count fruit as well.
#
# Think: could we number the names and take the **mean**? Say Adelie 1, Chinstrap 2, Gentoo 3, and the neighbours are an Adelie and a Gentoo.
# The mean is 2, a chinstrap. But no neighbour said chinstrap! A name is a **kind**, not a size.
#
# Help: `labels.count("Adelie")` counts how often that name appears.

# %% solution="vote"
def vote(labels):
    """가장 많이 나온 이름, 비기면 먼저 나온 이름 / the most frequent name; a tie goes to the one that comes first"""
    ### BEGIN SOLUTION
    winner = labels[0]
    for name in labels:
        if labels.count(name) > labels.count(winner):
            winner = name
    return winner
    ### END SOLUTION

# %% test="vote-check" points=2
assert vote(["Gentoo"]) is not None, "돌아온 값이 없습니다. return 을 썼나요? / Nothing came back. Did you use return?"
assert vote(["Gentoo"]) == "Gentoo", "한 표뿐이면 그 이름입니다 / With a single vote it is that name"
assert vote(["Gentoo", "Adelie", "Adelie"]) == "Adelie", (
    "아델리 2표, 젠투 1표이면 아델리입니다. 첫 이웃의 이름만 보지는 않았나요?"
    " / 2 votes for Adelie and 1 for Gentoo make Adelie. Did you look at the first neighbour only?"
)
assert vote(["Adelie", "Gentoo", "Gentoo", "Adelie", "Gentoo"]) == "Gentoo", (
    "젠투 3표, 아델리 2표이면 젠투입니다. 평균이 아니라 표를 셉니다"
    " / 3 votes for Gentoo and 2 for Adelie make Gentoo. Count votes; do not take a mean"
)

# %% test="vote-tie" points=1
assert vote(["Gentoo", "Adelie"]) == "Gentoo", (
    "1표씩 비겼습니다. 먼저 나온(더 가까운) 젠투가 이깁니다 / One vote each. The first (closer) one, Gentoo, wins"
)
assert vote(["Adelie", "Gentoo"]) == "Adelie", (
    "1표씩 비겼습니다. 먼저 나온(더 가까운) 아델리가 이깁니다 / One vote each. The first (closer) one, Adelie, wins"
)

# %% [ko]
# ## 4. 고치기 (4) 예측 `predict`
#
# 세 조각을 잇습니다. `point`의 이웃 `k`마리를 찾고(`nearest`), 그 이름만 모아(`labels`), 투표합니다(`vote`).
# * `k`를 꼭 써야 합니다. `k`가 바뀌면 답이 바뀔 수 있습니다.
# * 비김 규칙은 앞에서 정한 둘을 그대로 따릅니다.

# %% [en]
# ## 4. Modify (4) `predict`
#
# Join the three pieces. Find the `k` neighbours of `point` (`nearest`), collect only their names, and let them `vote`.
# * Do use `k`. When `k` changes, the answer may change.
# * For ties, the two rules from above hold.

# %% solution="predict"
def predict(data, point, k):
    """이웃 k마리의 투표로 정한 이름 / the name decided by the vote of k neighbours"""
    ### BEGIN SOLUTION
    labels = []
    for species, features in nearest(data, point, k):
        labels.append(species)
    return vote(labels)
    ### END SOLUTION

# %% test="predict-check" points=3
assert predict(practice, (45, 17), 1) == "Gentoo", (
    "종이 계산과 다릅니다: k = 1이면 젠투입니다 / It differs from the sum on paper: k = 1 gives Gentoo"
)
assert predict(practice, (45, 17), 3) == "Adelie", (
    "종이 계산과 다릅니다: k = 3이면 아델리입니다. k를 정말 썼나요?"
    " / It differs from the sum on paper: k = 3 gives Adelie. Did you really use k?"
)
assert predict([("귤", (1, 1)), ("감", (9, 9))], (8, 8), 1) == "감", (
    "자료에 있는 이름 가운데서 답해야 합니다 / The answer has to be a name from the data"
)

# %% [ko]
# ### 별의 정체
# 이제 여러분의 인공지능이 별에게 이름을 붙입니다. 처음에 적은 짐작과 같나요?
#
# 원은 별에서 `k`번째 이웃까지입니다. `k = 7`을 잘 봅시다. 아델리 3표, 턱끈 3표, 젠투 1표입니다.
# 비겼으니 **더 가까운** 아델리가 이겼습니다. 비김 규칙은 정말로 쓰입니다.

# %% [en]
# ### Who is the star?
# Now your AI names the star. Is it what you guessed at the beginning?
#
# The circle reaches from the star to neighbour number `k`. Look at `k = 7`: 3 votes for Adelie, 3 for Chinstrap, 1 for Gentoo.
# It is a tie, so the **closer** one, Adelie, wins. Tie rules really are needed.

# %%
figure, panels = plt.subplots(1, 3, figsize=(12.5, 4.6), sharey=True)
for axes, k in zip(panels, (1, 3, 7)):
    neighbours = nearest(known, STAR, k)
    draw_penguins(axes, known, size=22, alpha=0.25)
    draw_penguins(axes, neighbours, size=110, alpha=1)
    axes.scatter(*STAR, s=240, marker="*", color="black", zorder=5)
    radius = distance(neighbours[-1][1], STAR) + 0.05
    axes.add_patch(plt.Circle(STAR, radius, fill=False, linestyle=":", linewidth=2))
    axes.set(xlim=(42.2, 46.8), ylim=(16.4, 20.6), aspect="equal")
    axes.set_title(f"k = {k}: {predict(known, STAR, k)}")
plt.tight_layout()
plt.show()
print("나의 짐작 my guess:", my_guess)

# %% [ko]
# ## 4. 고치기 (5) 정확도 `accuracy`
#
# 인공지능이 얼마나 믿을 만한지 **처음 보는 펭귄**으로 시험합니다.
# `questions`의 펭귄마다 `data`를 보고 `predict`로 답하게 하고, **맞힌 수 ÷ 문제 수**를 돌려줍니다.
# * 0과 1 사이의 수입니다. 모두 맞히면 `1`, 반만 맞히면 `0.5`입니다. (퍼센트로 바꾸지 않습니다.)
# * 이웃은 `data`에서만 찾습니다. 시험 문제는 `questions`에서만 냅니다.
# * `questions`에는 적어도 한 마리가 있습니다.

# %% [en]
# ## 4. Modify (5) `accuracy`
#
# We test with **penguins it has never seen** how far the AI can be trusted.
# For each penguin of `questions`, let `predict` answer by looking at `data`, and return **right answers ÷ questions**.
# * It is a number between 0 and 1. All right is `1`, half right is `0.5`. (Do not turn it into percent.)
# * Neighbours come only from `data`. Questions come only from `questions`.
# * `questions` holds at least one penguin.

# %% solution="accuracy"
def accuracy(data, questions, k):
    """questions를 맞힌 비율 / the share of questions answered right"""
    ### BEGIN SOLUTION
    right = 0
    for species, features in questions:
        if predict(data, features, k) == species:
            right = right + 1
    return right / len(questions)
    ### END SOLUTION

# %% test="accuracy-check" points=2
_questions = [("Gentoo", (45, 16)), ("Adelie", (44, 21)), ("Adelie", (48, 17)), ("Chinstrap", (42, 12))]
assert accuracy(practice, _questions, 1) is not None, (
    "돌아온 값이 없습니다. return 을 썼나요? / Nothing came back. Did you use return?"
)
assert abs(accuracy(practice, _questions, 1) - 0.75) < 1e-9, (
    "네 문제 가운데 셋을 맞히면 3 ÷ 4 = 0.75입니다. 문제는 questions에서만 냅니다"
    " / 3 right out of 4 is 3 ÷ 4 = 0.75. Questions come only from questions"
)
assert abs(accuracy(practice, _questions[:1], 1) - 1) < 1e-9, (
    "모두 맞히면 1입니다. 100이 아닙니다 / All right is 1, not 100"
)

# %% [ko]
# ### 여러분의 인공지능은 몇 점일까요?
# 규칙 로봇은 60마리 가운데 45마리(0.75)를 맞혔습니다. 여러분의 인공지능은 어떨까요? **예상하고 실행합시다.**
#
# 두 줄을 견주어 봅시다.
# * 파란 줄: 처음 보는 펭귄(`new`)으로 시험
# * 회색 점선: **보고 배운 펭귄**(`known`)으로 시험. `k = 1`에서 왜 만점일까요? 자기 자신이 거리 0인 이웃이기 때문입니다. 답을 보고 치른 시험입니다.
#
# `k`가 너무 크면 왜 나빠질까요? `k = 282`이면 **모두에게** 묻는 셈이라, 누구를 데려와도 가장 수가 많은 아델리라고 답합니다.

# %% [en]
# ### How good is your AI?
# The rule robot got 45 of 60 right (0.75). What about your AI? **Predict, then run.**
#
# Compare the two lines.
# * Blue line: tested on penguins it never saw (`new`)
# * Grey dashes: tested on **the penguins it learned from** (`known`). Why full marks at `k = 1`? Because each penguin is its own neighbour at distance 0. That exam was taken with the answers on the desk.
#
# Why does a very large `k` hurt? With `k = 282` we ask **everybody**, so whoever comes, the answer is Adelie, the most frequent one.

# %%
ks = [1, 3, 7, 15, 61, 282]
on_new = [accuracy(known, new, k) for k in ks]
on_known = [accuracy(known, known[:60], k) for k in ks]
figure, axes = plt.subplots(figsize=(7.5, 4.2))
axes.plot(range(len(ks)), on_known, "--s", color="gray", label="보고 배운 펭귄 seen before (known)")
axes.plot(range(len(ks)), on_new, "-o", color="#0072B2", linewidth=2.5, label="처음 보는 펭귄 never seen (new)")
axes.axhline(0.75, color="#D55E00", linestyle=":", label="규칙 로봇 rule robot")
axes.set_xticks(range(len(ks)), ks)
axes.set(xlabel="k", ylabel="정확도 accuracy", ylim=(0, 1.05))
axes.legend(loc="lower left")
plt.show()
print({k: round(score, 3) for k, score in zip(ks, on_new)})

# %% [ko]
# ### 인공지능이 나눈 땅
# 빈 자리마다 "여기에 펭귄이 있다면?" 하고 물어 색을 칠했습니다. 왼쪽은 `k = 1`, 오른쪽은 `k = 15`입니다.
# 왼쪽에는 한 마리 때문에 생긴 **섬**이 있습니다. 오른쪽은 경계가 부드럽습니다. 숫자 `15`를 바꾸어 다시 실행해 봅시다.

# %% [en]
# ### The land as your AI divides it
# At each empty place we asked "what if a penguin were here?" and painted the answer. Left `k = 1`, right `k = 15`.
# On the left there are **islands** made by one single penguin. On the right the borders are smooth. Change the `15` and run again.

# %%
def draw_land(axes, k):
    names = list(LOOKS)
    xs = [32.5 + 1.2 * i for i in range(23)]
    ys = [13.2 + 0.6 * i for i in range(15)]
    land = [[names.index(predict(known, (x, y), k)) for x in xs] for y in ys]
    colours = plt.matplotlib.colors.ListedColormap([LOOKS[name][1] for name in names])
    axes.pcolormesh(xs, ys, land, cmap=colours, vmin=-0.5, vmax=2.5, alpha=0.3, shading="nearest", linewidth=0)
    draw_penguins(axes, known, size=16, alpha=1)
    axes.set(title=f"k = {k}", xlim=(31.9, 59.5), ylim=(12.9, 21.9))


figure, (left, right_side) = plt.subplots(1, 2, figsize=(12.5, 4.8), sharey=True)
draw_land(left, 1)
draw_land(right_side, 15)
left.legend(fontsize=10)
plt.tight_layout()
plt.show()

# %% [ko]
# ## 5. 만들기: 나만의 펭귄 인공지능
#
# 특징을 고르고 `k`를 고릅니다. `"bill_length_mm"`, `"bill_depth_mm"`, `"body_mass_g"` 가운데 마음대로 넣고 빼 봅시다.
# 가장 좋은 점수를 찾아보세요. 세 개를 다 넣으면 언제나 가장 좋을까요?

# %% [en]
# ## 5. Make: your own penguin AI
#
# Choose features and choose `k`. Put in or take out `"bill_length_mm"`, `"bill_depth_mm"`, `"body_mass_g"` as you like.
# Look for the best score. Is it always best to use all three?

# %%
my_features = ["bill_length_mm", "bill_depth_mm"]
my_k = 3

my_penguins = read_penguins(my_features)
print(my_features, "k =", my_k, "→", round(accuracy(my_penguins[60:], my_penguins[:60], my_k), 3))

# %% [ko]
# ### 생각을 글로 (선생님이 읽습니다, 6점)
# 친구가 말합니다. "부리 두께 대신 **몸무게**를 쓰자. 젠투는 무거우니까 더 잘 맞힐 거야." 아래 칸이 그 결과입니다.

# %% [en]
# ### Put your thoughts in writing (your teacher reads it, 6 points)
# A friend says: "Let's use **body mass** and not the depth of the bill. Gentoos are heavy, so it should work better." The cell below shows what happened.

# %%
heavy = read_penguins(["bill_length_mm", "body_mass_g"])
print("부리 길이 + 부리 두께 / bill length + bill depth:", round(accuracy(known, new, 3), 3))
print("부리 길이 + 몸무게    / bill length + body mass: ", round(accuracy(heavy[60:], heavy[:60], 3), 3))
print("두 펭귄 two penguins:", heavy[60], heavy[61], "→ 거리 distance", round(distance(heavy[60][1], heavy[61][1]), 1))

# %% [ko]
# 아래 칸을 두 번 눌러 답을 씁니다.
# 1. 몸무게를 넣었더니 정확도가 **왜** 떨어졌을까요? 거리를 만드는 데 부리 길이와 몸무게가 각각 얼마나 쓰였는지 **숫자를 들어** 설명합니다.
# 2. 몸무게도 쓰면서 정확도를 되살리려면 자료를 **어떻게** 바꾸면 좋을까요?

# %% [en]
# Double-click the cell below and write your answer.
# 1. **Why** did the accuracy fall with body mass? Explain **with numbers** how much bill length and body mass each count in the distance.
# 2. **How** could we change the data to keep body mass and still get the accuracy back?

# %% [ko] manual="why-scale" points=6
# **나의 답** (1. 왜? 2. 어떻게?)
#
# ### BEGIN SOLUTION
# 1. 보기 두 마리는 부리 길이가 14.7 mm, 몸무게가 275 g 다릅니다. 제곱하면 216과 75,625입니다. 더해도 거의 몸무게뿐이라
#    거리가 몸무게로만 정해집니다. 부리 길이가 알려 주던 것이 사라지니 정확도가 0.983에서 0.767로 떨어졌습니다.
# 2. 두 특징의 크기를 비슷하게 맞춥니다. 예를 들어 몸무게를 100 g을 한 칸으로 세면 27–63이 되어 부리 길이(32–58)와 비슷해집니다.
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# **성취기준 [9정04-03]** 자료를 써서 인공지능 시스템을 만들고 적용한다. 자료의 특징이 결과에 어떤 영향을 주는지 설명할 수 있는가를 봅니다.
#
# | 요소 | 상 (2점) | 중 (1점) | 하 (0점) |
# |---|---|---|---|
# | 까닭 | 단위(크기)가 다름을 숫자로 보인다. 보기: 부리는 몇 mm, 몸무게는 몇백 g 차이가 나서 거리가 거의 몸무게로만 정해진다 | "몸무게 숫자가 크다"처럼 방향은 맞으나 거리와 이어 설명하지 못하거나 숫자가 없다 | 까닭이 없거나 "몸무게는 쓸모없다"처럼 자료의 크기와 관계없는 까닭 |
# | 해결 | 두 특징의 크기를 비슷하게 하는 방법을 말하고 왜 되는지 잇는다. 보기: 100 g 단위로 세기(0.933), 0–1로 맞추기(0.917), 표준화(0.917) | 방법은 있으나 왜 되는지 없음, 또는 까닭 없이 "kg으로 바꾼다"만 씀 (0.767에서 0.883으로 오르지만, 이번에는 부리 길이가 거의 다 정함) | 방법이 없거나 "몸무게를 뺀다"만 씀 |
#
# **기본점수 2점**: 두 물음에 스스로 답하려 한 글이 있으면 줍니다. 백지는 0점. 합계 6점.
# 맞춤법과 글의 길이는 보지 않습니다. 그림이나 표로 답해도 같은 기준으로 봅니다.
# ### END MARK SCHEME

# %% [en] manual="why-scale" points=6
# **My answer** (1. Why? 2. How?)
#
# ### BEGIN SOLUTION
# 1. The two penguins differ by 14.7 mm in bill length and by 275 g in mass. The squares are 216 and 75,625. In their sum there is
#    hardly anything but mass, so mass alone decides the distance. What the bill could tell is lost, so the accuracy fell from 0.983 to 0.767.
# 2. Make both features similar in size. If we count mass in steps of 100 g, it runs from 27 to 63, much like bill length (32 to 58).
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# **Achievement standard [9정04-03]**: build an AI system from data and apply it. We look whether the pupil can explain how a feature of the data affects the result.
#
# | Element | High (2) | Middle (1) | Low (0) |
# |---|---|---|---|
# | Reason | Shows with numbers that units (sizes) differ. Example: bills differ by a few mm, masses by hundreds of g, so mass alone nearly decides the distance | The direction is right, such as "the mass numbers are large", but not linked to distance, or no numbers | No reason, or one that has nothing to do with size, such as "mass is useless" |
# | Remedy | Names a way to make the two features similar in size, and says why it works. Example: count mass in 100 g (0.933), stretch both to 0-1 (0.917), standardise (0.917) | A way without why, or only "use kg" without a reason (it rises from 0.767 to 0.883, but now the bill nearly decides alone) | No way, or only "leave mass out" |
#
# **Base score 2**: for any text that tries to answer both questions. An empty cell gets 0. Total 6.
# Spelling and length do not count. An answer as a drawing or table is marked by the same levels.
# ### END MARK SCHEME

# %% [ko]
# ## 마치며
# * 여러분은 **거리, 이웃, 투표**라는 세 조각으로 배우는 인공지능을 만들었습니다. 이것을 k-최근접 이웃(k-NN)이라고 부릅니다.
# * 이 인공지능은 자료에 있는 이름만 말할 수 있습니다. 황제펭귄을 데려와도 셋 가운데 하나라고 답합니다. 언제 믿지 말아야 하는지 아는 것도 실력입니다.
# * 사람의 얼굴이나 키로 이런 것을 만들고 싶다면, 먼저 그 사람의 허락과 까닭이 있는지 물어야 합니다.
#
# 자료: Gorman KB, Williams TD, Fraser WR (2014), PLoS ONE 9(3): e90081; Horst AM, Hill AP, Gorman KB (2020), palmerpenguins. CC0.
# 재지 못한 펭귄 2마리는 뺐고 줄의 순서는 섞었습니다.

# %% [en]
# ## In the end
# * From three pieces, **distance, neighbours and vote**, you built an AI that learns. It is called k-nearest neighbours (k-NN).
# * It can only say names that are in its data. Show it an emperor penguin, and it still answers one of the three. Knowing when not to trust it is a skill too.
# * If you want to build such a thing from people's faces or heights, first ask whether they agree and whether there is a good reason.
#
# Data: Gorman KB, Williams TD, Fraser WR (2014), PLoS ONE 9(3): e90081; Horst AM, Hill AP, Gorman KB (2020), palmerpenguins. CC0.
# Two penguins that could not be measured were left out, and the lines were shuffled.
