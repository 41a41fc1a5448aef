# %% [ko]
# # 길 찾기 로봇: 광주 지하철과 버스
#
# 지도 앱은 어떻게 눈 깜짝할 사이에 가장 짧은 길을 찾을까요? 지도를 "한눈에" 보는 것일까요?
# 컴퓨터에게는 눈이 없습니다. 역마다 **"여기서 바로 갈 수 있는 곳은 어디?"** 하고 물어볼 수 있을 뿐입니다.
# 이 물음 하나만으로 언제나 가장 짧은 길을 찾는 로봇을 만듭니다. 이 방법은 지도뿐 아니라 퍼즐, 게임, 인공지능 곳곳에서 쓰입니다.
#
# | 걸음 | 하는 일 |
# |---|---|
# | 예상 | 지도를 보고 몇 번 만에 갈지 짐작합니다 |
# | 실행 | 앞만 보고 걷는 로봇을 돌려 봅니다. 실패합니다! |
# | 살펴보기 | 물결처럼 퍼지는 탐색을 손으로 해 봅니다 |
# | 고치기 | 함수 네 개를 하나씩 채웁니다 |
# | 만들기 | 새 버스 노선을 놓아 도시를 가깝게 만듭니다 |
#
# **답을 쓰는 방법**: `raise NotImplementedError()` 줄을 지우고 그 자리에 코드를 씁니다.
# 바로 아래에 검사 칸이 있습니다. 실행했을 때 아무 말이 없으면 통과입니다. 말이 나오면 벌이 아니라 힌트입니다.
# 선생님은 같은 규칙을 다른 지도로도 검사합니다.

# %% [en]
# # The path-finding robot: metro and buses of Gwangju
#
# How does a map app find the shortest way in the blink of an eye? Does it see the map "at a glance"?
# A computer has no eyes. At each station it can only ask: **"Where can I go from here in one move?"**
# From this one question you build a robot that always finds a shortest way. The idea works for maps, puzzles, games and many parts of AI.
#
# | Step | What you do |
# |---|---|
# | Predict | Look at the map and guess the number of moves |
# | Run | Run a robot that just walks ahead. It fails! |
# | Investigate | Do a search by hand that spreads like ripples on water |
# | Modify | Fill in four functions, one by one |
# | Make | Bring the city closer together with a new bus line |
#
# **How to answer**: delete the line `raise NotImplementedError()` and write your code there.
# A checking cell follows. If it says nothing, you passed. If it says something, that is a hint and no punishment.
# Your teacher checks the same rules on other maps too.

# %% given="setup"
import random
from collections import deque

import matplotlib.pyplot as plt
import koreanize_matplotlib  # 그림에 한글을 씁니다 / Korean letters in pictures

# %% [ko]
# ## 지도: 진짜 지하철, 지어낸 버스
#
# 지하철 역 20개는 **진짜** 광주 도시철도 1호선입니다.
# 버스 노선과 정류장, 섬은 수업을 위해 **지어낸 것**입니다. 길을 찾을 때 믿지 마세요!
#
# 노선은 역 이름을 지나는 순서대로 적은 목록입니다. 이웃한 두 역 사이는 **양쪽으로** 한 번에 갈 수 있습니다.
# 역과 역을 잇는 이런 그림을 **그래프**라고 부릅니다. 역은 점, 바로 갈 수 있는 사이는 선입니다.

# %% [en]
# ## The map: a real metro, invented buses
#
# The 20 metro stations are the **real** Gwangju Metro Line 1.
# The bus lines, the bus stops and the island are **invented** for this lesson. Don't travel by them!
#
# A line is a list of station names in the order of the ride. Between two neighbours on a line you can go **both ways** in one move.
# A picture of stations and links like this is called a **graph**: a station is a point, and a direct link is a line.

# %% given="lines"
METRO = [
    "녹동", "소태", "학동·증심사입구", "남광주", "문화전당", "금남로4가", "금남로5가",
    "양동시장", "돌고개", "농성", "화정", "쌍촌", "운천", "상무", "김대중컨벤션센터",
    "공항", "송정공원", "광주송정", "도산", "평동",
]
LINES = [
    METRO,
    ["송정공원", "과학관", "운천"],
    ["상무", "도서관", "체육관", "양동시장"],
    ["농성", "미술관", "남광주"],
    ["도서관", "호수공원", "미술관"],
    ["선착장", "등대"],
]
ENGLISH = dict(zip(METRO, [
    "Nokdong", "Sotae", "Hakdong·Jeungsimsa", "Namgwangju", "Culture Complex",
    "Geumnamno 4-ga", "Geumnamno 5-ga", "Yangdong Market", "Dolgogae", "Nongseong",
    "Hwajeong", "Ssangchon", "Uncheon", "Sangmu", "Kim Daejung Center",
    "Airport", "Songjeong Park", "Gwangju Songjeong", "Dosan", "Pyeongdong",
]))
ENGLISH.update({
    "과학관": "science centre", "도서관": "library", "체육관": "sports hall",
    "미술관": "art museum", "호수공원": "lake park", "선착장": "ferry pier", "등대": "lighthouse",
})

# %% [ko]
# ### 로봇이 쓸 수 있는 단 하나의 물음
# `CityMap`은 지도입니다. 로봇은 `city.neighbours(역)`으로 이웃 역의 목록을 물어봅니다.
#
# **질문 규칙**: 지도는 질문을 셉니다. 검사할 때에는 길을 한 번 찾는 동안 **역 수의 2배**까지만 물을 수 있습니다.
# 왜 셀까요? 갔던 역에 자꾸 다시 가는 로봇은 영원히 헤맵니다. 시간으로 재면 컴퓨터마다 다르지만, 질문 수는 어디서나 같습니다.
#
# 이웃이 나오는 **순서에는 뜻이 없습니다**. 어느 순서로 보아도 괜찮습니다.

# %% [en]
# ### The only question a robot may ask
# `CityMap` is the map. With `city.neighbours(station)` the robot asks for the list of stations next to it.
#
# **Question rule**: the map counts the questions. In the checks, one search may ask at most **twice as many questions as there are stations**.
# Why count? A robot that keeps going back to where it has been wanders for ever. Seconds differ from computer to computer; the number of questions is the same everywhere.
#
# The **order** of the neighbours **means nothing**. You may look at them in any order.

# %% given="city-map"
class CityMap:
    """노선으로 만든 지도 / a map made of lines
    strict=True: 질문은 역 수의 2배까지 / at most twice as many questions as stations
    """

    def __init__(self, lines, strict=False):
        self._roads = {}
        for line in lines:
            for station in line:
                self._roads.setdefault(station, [])
            for here, there in zip(line, line[1:]):
                if there not in self._roads[here]:
                    self._roads[here].append(there)
                    self._roads[there].append(here)
        self.stations = list(self._roads)
        self.questions = 0
        self.limit = 2 * len(self.stations) if strict else 100_000

    def neighbours(self, station):
        self.questions += 1
        if self.questions > self.limit:
            self.questions = 0
            raise AssertionError(
                "질문이 너무 많습니다. 이미 본 역에 다시 가고 있지 않나요?"
                " / Too many questions. Is the robot going back to stations it has already seen?"
            )
        return list(self._roads[station])


gwangju = CityMap(LINES)
print("역 stations:", len(gwangju.stations))
print("상무 →", gwangju.neighbours("상무"))
print("농성 →", gwangju.neighbours("농성"))

# %% given="picture-city"
PLACES = {station: (19 - i, 0) for i, station in enumerate(METRO)}
PLACES.update({
    "과학관": (5, 1.5), "도서관": (7.2, 2.2), "체육관": (9.4, 1.1), "미술관": (13.2, 2.2),
    "호수공원": (10.2, 3.2), "선착장": (16.6, 3), "등대": (18.6, 3.4),
})


def draw_name(axes, station):
    x, y = PLACES[station]
    if y == 0:
        words, turn = f"{station} {ENGLISH[station]}", {"rotation": 38, "rotation_mode": "anchor"}
        axes.text(x + 0.25, -0.38, words, ha="right", va="top", fontsize=9.5, **turn)
    else:
        box = {"color": "white", "alpha": 0.85, "pad": 1}
        words = f"{station}\n{ENGLISH[station]}"
        axes.text(x, y + 0.32, words, ha="center", va="bottom", fontsize=9.5, linespacing=1.3,
                  bbox=box, zorder=2.5)


def draw_city(axes, path=(), numbers=None):
    """path는 굵게, numbers는 역 안에 / path thick, numbers inside the stations"""
    for i, line in enumerate(LINES):
        colour, width, style = ("#009088", 4, "-") if i == 0 else ("gray", 2, "--")
        points = zip(*[PLACES[station] for station in line])
        axes.plot(*points, color=colour, linewidth=width, linestyle=style, zorder=1)
    if path:
        points = zip(*[PLACES[station] for station in path])
        axes.plot(*points, color="#D55E00", linewidth=9, alpha=0.5, zorder=2)
    for station, (x, y) in PLACES.items():
        draw_name(axes, station)
        number = (numbers or {}).get(station)
        face = "white" if number is None else plt.cm.YlGnBu(0.1 + 0.06 * number)
        size = 120 if numbers is None else 330
        axes.scatter(x, y, s=size, color=face, edgecolor="black", zorder=3)
        if number is not None:
            ink = "white" if number > 7 else "black"
            axes.text(x, y, number, ha="center", va="center_baseline", fontsize=10, color=ink, zorder=4)
    axes.set(xlim=(-3.6, 20), ylim=(-3.4, 4.6))
    axes.axis("off")


figure, axes = plt.subplots(figsize=(13, 5.6))
draw_city(axes)
axes.set_title(
    "초록: 광주 도시철도 1호선(진짜)   점선: 버스(지어낸 것)\n"
    "green: Gwangju Metro Line 1 (real)   dashed: buses (invented)",
    linespacing=1.5,
)
plt.show()

# %% [ko]
# ## 1. 예상: 몇 번 만에 갈 수 있을까요?
#
# **상무**에서 **문화전당**까지 가장 적게 움직이면 몇 번일까요? 역 하나를 옮겨 갈 때마다 한 번입니다. 갈아타는 데에는 횟수가 들지 않습니다.
# 지하철만 타면 9번입니다. 버스까지 타면 더 줄일 수 있을까요? 1부터 19까지의 수를 적습니다. **어떤 수를 적어도 점수는 같습니다.**

# %% [en]
# ## 1. Predict: how many moves does it take?
#
# From **상무 Sangmu** to **문화전당 Culture Complex**: what is the smallest number of moves? Going on by one station is one move. Changing lines costs nothing.
# By metro alone it is 9. Can buses make it fewer? Write a number from 1 to 19. **Every number gets the same point.**

# %% solution="guess"
# 보기 / example: my_guess = 9
### BEGIN SOLUTION
my_guess = 5
### END SOLUTION

# %% test="guess-check" points=1
assert my_guess in range(1, 20), (
    "1부터 19까지의 수 하나를 따옴표 없이 적어 주세요 / Please write one number from 1 to 19, without quotes"
)

# %% [ko]
# ## 2. 실행: 앞만 보고 걷는 로봇
#
# 이 로봇은 **아직 안 가 본 첫 번째 이웃**으로 갑니다. 갈 곳이 없으면 멈춥니다.
# 실행하기 전에 짐작해 봅시다. 상무 → 문화전당은 잘 갈까요? 상무 → 평동은요?

# %% [en]
# ## 2. Run: a robot that just walks ahead
#
# This robot goes to **the first neighbour it has not visited yet**. When there is none, it stops.
# Guess before you run it. Does it get from 상무 Sangmu to 문화전당 Culture Complex? And from 상무 Sangmu to 평동 Pyeongdong?

# %%
def walking_robot(city, start, goal):
    walked = [start]
    while walked[-1] != goal:
        next_station = None
        for station in city.neighbours(walked[-1]):
            if station not in walked:
                next_station = station
                break
        if next_station is None:
            print("막다른 길! stuck at", walked[-1])
            return walked
        walked.append(next_station)
    print("도착! arrived")
    return walked


for goal in ("문화전당", "평동"):
    walked = walking_robot(gwangju, "상무", goal)
    print(" → ".join(walked))
    print("움직인 횟수 moves:", len(walked) - 1)
    print()

# %% [ko]
# 첫 번째는 도착했지만 버스를 놓쳐 9번이나 움직였습니다. 두 번째는 반대쪽 끝 녹동에 갇혔습니다. 평동은 상무에서 겨우 6번 거리인데 말입니다.
# 왜 그럴까요? **한 길만 붙잡고 깊이 들어갔기 때문**입니다. 다른 갈림길은 잊었습니다.
#
# ## 3. 살펴보기: 물결처럼 퍼지기
#
# 연못에 돌을 던지면 물결이 둥글게 퍼집니다. 가까운 곳에 먼저 닿고 먼 곳에 나중에 닿습니다. **먼저 닿은 길이 가장 짧은 길입니다.**
# 로봇도 그렇게 찾습니다. 한 번 만에 가는 역을 **모두** 본 다음에야 두 번 만에 가는 역을 봅니다. 이것을 **너비 우선 탐색(BFS)** 이라고 합니다.
#
# 필요한 것은 둘입니다.
# * **줄(queue)**: 먼저 본 역을 먼저 꺼냅니다. 급식 줄처럼 뒤에 서고 앞에서 나갑니다.
# * **어디서 왔는지 적은 표**: 본 역을 다시 보지 않게 하고, 나중에 길을 거꾸로 따라갈 때에도 씁니다.
#
# 연습 지도에서 A에서 F까지 가 봅시다.
#
# | 꺼낸 역 | 처음 본 역 | 줄 (앞 → 뒤) | 표에 적은 것 |
# |---|---|---|---|
# | (시작) | A | A | A ← 없음 |
# | A | B, C | B, C | B ← A, C ← A |
# | B | D | C, D | D ← B |
# | C | E (D는 이미 봄) | D, E | E ← C |
# | D | F | E, F | F ← D |
#
# F를 보았습니다. 표를 거꾸로 따라갑니다: F ← D ← B ← A. 뒤집으면 **A → B → D → F**, 3번입니다.
# A → C → D → F도 3번, A → C → E → F도 3번입니다. **가장 짧은 길이 여럿이면 어느 것이든 정답입니다.**

# %% [en]
# The first one arrived, but missed the buses and took 9 moves. The second got stuck at the other end, 녹동 Nokdong, although 평동 Pyeongdong is only 6 moves from 상무 Sangmu.
# Why? **It clung to one way and went deep.** It forgot the other branches.
#
# ## 3. Investigate: spread like ripples
#
# Throw a stone in a pond, and ripples spread in circles. They touch near places first and far places later. **The way that touches first is a shortest way.**
# The robot searches like that. Only when it has seen **all** stations one move away does it look at those two moves away. This is **breadth-first search (BFS)**.
#
# It needs two things.
# * A **queue**: what was seen first is taken out first. Like the lunch queue: join at the back, leave at the front.
# * A **table of where we came from**: it keeps us from looking at a station twice, and lets us follow the way back later.
#
# Let's go from A to F on the practice map.
#
# | Taken out | Seen for the first time | Queue (front → back) | Written in the table |
# |---|---|---|---|
# | (start) | A | A | A ← nothing |
# | A | B, C | B, C | B ← A, C ← A |
# | B | D | C, D | D ← B |
# | C | E (D was seen) | D, E | E ← C |
# | D | F | E, F | F ← D |
#
# We see F. Follow the table backwards: F ← D ← B ← A. Turned around: **A → B → D → F**, 3 moves.
# A → C → D → F also takes 3, and so does A → C → E → F. **If there are several shortest ways, any of them is right.**

# %% given="picture-ripples"
PRACTICE = [["A", "B", "D", "F"], ["A", "C", "D"], ["C", "E", "F"], ["X", "Y"]]
SPOTS = {
    "A": (0, 0), "B": (1, 1), "C": (1, -1), "D": (2.1, 0.5), "E": (2.3, -1), "F": (3.3, 0),
    "X": (3.4, 1.5), "Y": (4.2, 1.5),
}
TREE = {
    "A": (1.5, 0), "B": (0.5, -1), "C": (2.5, -1), "D": (0.5, -2), "E": (2.5, -2), "F": (0.5, -3),
}
WAVE = {"A": 0, "B": 1, "C": 1, "D": 2, "E": 2, "F": 3}
SHADES = ["#FFF3B0", "#A8DDB5", "#43A2CA", "#08589E"]


def draw_dots(axes, places):
    for station, (x, y) in places.items():
        wave = WAVE.get(station)
        face = "white" if wave is None else SHADES[wave]
        ink = "white" if wave == 3 else "black"
        axes.scatter(x, y, s=900, color=face, edgecolor="black", zorder=3)
        axes.text(x, y, station, ha="center", va="center_baseline", fontsize=15, zorder=4, color=ink)
    axes.axis("off")


figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.6))
for line in PRACTICE:
    left.plot(*zip(*[SPOTS[station] for station in line]), color="gray", linewidth=2, zorder=1)
draw_dots(left, SPOTS)
left.set_title(
    "연습 지도와 물결 the practice map and its ripples\n하양 white: 닿지 않음 out of reach",
    linespacing=1.5,
)
left.margins(0.15)
for child, parent in (("B", "A"), ("C", "A"), ("D", "B"), ("E", "C"), ("F", "D")):
    right.plot(*zip(TREE[child], TREE[parent]), color="gray", linewidth=2, zorder=1)
draw_dots(right, TREE)
for depth in range(4):
    words = f"{depth}번 만에 in {depth} move{'s' * (depth != 1)}"
    right.text(3.6, -depth, words, va="center", fontsize=12)
right.set_title(
    "탐색 나무: 선은 '어디서 왔나'\nthe search tree: its lines say where we came from",
    linespacing=1.5,
)
right.set(xlim=(-0.2, 5.8), ylim=(-3.5, 0.5))
plt.tight_layout()
plt.show()

# %% [ko]
# ## 4. 고치기 (1) 길이 맞나요? `is_path`
#
# 로봇이 내놓은 답을 믿기 전에 검사할 수 있어야 합니다. `path`가 `city`에서 정말 걸어갈 수 있는 길이면 `True`, 아니면 `False`를 돌려줍니다.
# * **이어진 두 역이 모두** 서로 이웃이어야 합니다. 한 군데라도 끊기면 길이 아닙니다.
# * 역이 하나뿐이면 길입니다. (움직이지 않는 길입니다.)
# * 같은 역을 두 번 지나가도 이어져 있기만 하면 길입니다. 하지만 제자리(`["A", "A"]`)는 움직인 것이 아니니 길이 아닙니다.
# * `path`에는 지도에 있는 역이 적어도 하나 들어 있습니다.
#
# 도움말: `for here, there in zip(path, path[1:]):`라고 쓰면 이어진 두 역을 차례로 꺼냅니다.

# %% [en]
# ## 4. Modify (1) is it a path? `is_path`
#
# Before we trust a robot's answer we must be able to check it. Return `True` if you can really walk `path` in `city`, otherwise `False`.
# * **Every two stations in a row** must be neighbours. If one link is broken, it is no path.
# * A single station is a path. (One without a move.)
# * A path may pass a station twice, as long as it holds together. But standing still (`["A", "A"]`) is no move, so that is no path.
# * `path` holds at least one station, and all of its stations are on the map.
#
# Help: `for here, there in zip(path, path[1:]):` takes out two stations in a row, one pair after the other.

# %% solution="is-path"
def is_path(city, path):
    """걸어갈 수 있는 길인가 / can this path be walked?"""
    ### BEGIN SOLUTION
    for here, there in zip(path, path[1:]):
        if there not in city.neighbours(here):
            return False
    return True
    ### END SOLUTION

# %% test="is-path-check" points=2
practice = CityMap(PRACTICE)
assert is_path(practice, ["A", "B", "D", "F"]) is not None, (
    "돌아온 값이 없습니다. True나 False를 return 해 봅시다 / Nothing came back. Return True or False"
)
assert is_path(practice, ["A", "B", "D", "F"]) == True, "A → B → D → F는 길입니다 / A → B → D → F is a path"
assert is_path(practice, ["A"]) == True, "역 하나도 길입니다 / A single station is a path"
assert is_path(practice, ["D", "B", "A", "C"]) == True, "거꾸로도 갈 수 있습니다 / You can ride the other way, too"
assert is_path(practice, ["A", "D", "F"]) == False, "A와 D는 이웃이 아닙니다 / A and D are not neighbours"
assert is_path(practice, ["A", "B", "D", "E"]) == False, (
    "마지막 걸음 D → E가 이어져 있지 않습니다. 끝까지 검사했나요? / The last move D → E is no link. Did you check to the end?"
)
assert is_path(practice, ["A", "A"]) == False, "제자리는 움직인 것이 아닙니다 / Standing still is no move"

# %% [ko]
# ## 4. 고치기 (2) 물결 `waves`
#
# `start`에서 퍼지는 물결이 각 역에 **몇 번 만에** 닿는지 사전으로 돌려줍니다.
# 보기: 연습 지도의 A에서는 `{"A": 0, "B": 1, "C": 1, "D": 2, "E": 2, "F": 3}`
# * `start`는 0번입니다.
# * 닿지 않는 역(X, Y)은 사전에 **넣지 않습니다**.
# * 사전에 적힌 순서는 상관없습니다.
# * 질문 규칙을 지킵니다. 한 번 본 역은 다시 줄에 세우지 않습니다.
#
# | 도구 | 뜻 |
# |---|---|
# | `line = deque(["A"])` | A 하나가 선 줄 |
# | `line.append("B")` | B가 맨 뒤에 섭니다 |
# | `line.popleft()` | 맨 앞을 꺼냅니다 |
# | `while line:` | 줄에 누가 있는 동안 되풀이합니다 |
# | `if "B" not in moves:` | 사전에 B가 아직 없으면 |

# %% [en]
# ## 4. Modify (2) ripples: `waves`
#
# Return a dictionary that says after **how many moves** the ripple from `start` touches each station.
# Example, from A on the practice map: `{"A": 0, "B": 1, "C": 1, "D": 2, "E": 2, "F": 3}`
# * `start` has 0.
# * Stations out of reach (X, Y) are **left out** of the dictionary.
# * The order inside the dictionary does not matter.
# * Keep the question rule: a station once seen does not join the queue again.
#
# | Tool | Meaning |
# |---|---|
# | `line = deque(["A"])` | a queue in which A stands alone |
# | `line.append("B")` | B joins at the back |
# | `line.popleft()` | takes out the one at the front |
# | `while line:` | repeat as long as somebody is in the queue |
# | `if "B" not in moves:` | if B is not in the dictionary yet |

# %% solution="waves"
def waves(city, start):
    """{역: 몇 번 만에} / {station: number of moves}"""
    ### BEGIN SOLUTION
    moves = {start: 0}
    line = deque([start])
    while line:
        here = line.popleft()
        for there in city.neighbours(here):
            if there not in moves:
                moves[there] = moves[here] + 1
                line.append(there)
    return moves
    ### END SOLUTION

# %% test="waves-check" points=2
_moves = waves(CityMap(PRACTICE, strict=True), "A")
assert _moves is not None, "돌아온 값이 없습니다. return 을 썼나요? / Nothing came back. Did you use return?"
assert _moves.get("A") == 0, "시작 역은 0번입니다 / The start has 0"
assert _moves.get("B") == 1 and _moves.get("C") == 1, "A의 이웃 B와 C는 1번입니다 / B and C, next to A, have 1"
assert _moves.get("F") == 3, "F에는 3번 만에 닿습니다 / The ripple touches F after 3 moves"
assert "X" not in _moves and "Y" not in _moves, "X와 Y에는 물결이 닿지 않습니다 / The ripple does not touch X and Y"
assert waves(CityMap([["A", "B", "C", "D", "A"]], strict=True), "A") == {"A": 0, "B": 1, "C": 2, "D": 1}, (
    "동그란 노선에서는 양쪽으로 퍼집니다. D는 A의 바로 옆이니 1번입니다. 먼저 본 역을 먼저 꺼냈나요?"
    " / On a ring the ripple runs both ways: D is next to A and has 1. Did you take out first what was seen first?"
)

# %% [ko]
# ### 여러분의 물결로 광주를 칠하기
# 상무에서 퍼진 물결입니다. 숫자는 상무에서 몇 번 만에 가는지 보여 줍니다. 섬(선착장, 등대)은 하얗습니다. 왜일까요?
# `"상무"`를 우리 집에서 가까운 역으로 바꾸어 봅시다.

# %% [en]
# ### Paint Gwangju with your ripples
# These are the ripples from 상무 Sangmu. Each number says how many moves away a station is. The island (ferry pier, lighthouse) stays white. Why?
# Change `"상무"` to the station closest to your home.

# %%
figure, axes = plt.subplots(figsize=(13, 5.6))
draw_city(axes, numbers=waves(gwangju, "상무"))
axes.set_title("상무에서 몇 번 만에? / how many moves from Sangmu?")
plt.show()

# %% [ko]
# ## 4. 고치기 (3) 가장 짧은 길 `shortest_path`
#
# `start`에서 `goal`까지 가장 적게 움직이는 길을 역 이름의 **목록**으로 돌려줍니다. 목록은 `start`로 시작해 `goal`로 끝납니다.
# * 가장 짧은 길이 여럿이면 **아무것이나** 하나 돌려줍니다.
# * `start`와 `goal`이 같으면 `[start]`입니다.
# * 갈 수 없으면 `None`입니다. (빈 목록이 아닙니다.)
# * 질문 규칙을 지킵니다. 정류장이 8,000개인 도시에서도 16,000번 안에 찾아야 합니다.
#
# 생각의 순서: `waves`와 똑같이 퍼지되, 횟수 대신 **어디서 왔는지**를 적습니다(사전 `came_from`에, 앞의 표처럼 B ← A).
# 다 퍼지면 `goal`에서 거꾸로 따라가고, 마지막에 뒤집습니다(`path.reverse()`).
# 본 역을 늘어놓은 목록은 길이 아닙니다. 이웃하지 않은 역이 섞여 있으니까요.

# %% [en]
# ## 4. Modify (3) `shortest_path`
#
# Return a way from `start` to `goal` with the fewest moves, as a **list** of station names. It begins with `start` and ends with `goal`.
# * If there are several shortest ways, return **any one** of them.
# * If `start` and `goal` are the same, it is `[start]`.
# * If there is no way, it is `None`. (Not an empty list.)
# * Keep the question rule. In a city of 8,000 stops it must be found within 16,000 questions.
#
# How to think: spread as in `waves`, but write down **where you came from** and not the number (in a dictionary `came_from`, B ← A as in the table above).
# When all is done, follow it backwards from `goal`, and turn it around at the end (`path.reverse()`).
# A list of all stations you looked at is no path: stations in it that follow each other need not be neighbours.

# %% solution="shortest-path"
def shortest_path(city, start, goal):
    """가장 적게 움직이는 길, 없으면 None / a way with the fewest moves, None if there is none"""
    ### BEGIN SOLUTION
    came_from = {start: None}
    line = deque([start])
    while line:
        here = line.popleft()
        for there in city.neighbours(here):
            if there not in came_from:
                came_from[there] = here
                line.append(there)
    if goal not in came_from:
        return None
    path = [goal]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    path.reverse()
    return path
    ### END SOLUTION

# %% test="path-check" points=3
_path = shortest_path(CityMap(PRACTICE, strict=True), "A", "F")
assert _path is not None, (
    "A에서 F로 가는 길이 있는데 찾지 못했습니다. return 을 썼나요? / There is a way from A to F. Did you use return?"
)
assert list(_path)[:1] == ["A"] and list(_path)[-1:] == ["F"], (
    "길은 start로 시작해 goal로 끝나야 합니다. 거꾸로 되었나요? / A path begins with start and ends with goal. Is it the wrong way round?"
)
assert list(_path) in (["A", "B", "D", "F"], ["A", "C", "D", "F"], ["A", "C", "E", "F"]), (
    "A에서 F까지 3번 만에 가는 길이어야 합니다. 본 역을 모두 늘어놓지는 않았나요?"
    " / It should be a way from A to F in 3 moves. Did you list every station you looked at?"
)
_path = shortest_path(CityMap(LINES, strict=True), "상무", "문화전당")
assert _path is not None and len(_path) - 1 == 5, (
    "상무에서 문화전당까지 5번 만에 갈 수 있습니다. 가까운 역부터 모두 보았나요?"
    " / From Sangmu to the Culture Complex 5 moves are enough. Did you look at all near stations first?"
)

# %% test="path-edges" points=2
assert shortest_path(CityMap(PRACTICE, strict=True), "C", "C") == ["C"], (
    "출발과 도착이 같으면 그 역 하나만 든 목록입니다 / If start and goal are the same, it is a list with that one station"
)
assert shortest_path(CityMap(PRACTICE, strict=True), "A", "Y") is None, (
    "갈 수 없으면 None을 돌려줍니다 / If there is no way, return None"
)

# %% [ko]
# ### 정류장 8,000개의 도시
# 여러분의 로봇은 큰 도시에서도 잘 찾을까요? 바둑판 모양의 버스 도시를 지어냅니다. 군데군데 길이 끊겨 있습니다.

# %% [en]
# ### A city of 8,000 stops
# Does your robot cope with a large city, too? We invent a bus city like a chessboard. Here and there a road is missing.

# %% given="big-city"
def make_big_city(seed):
    """가로 100, 세로 80의 버스 도시 / a bus city, 100 across and 80 up"""
    chance = random.Random(seed)
    lines = [[f"{x},{y}"] for y in range(80) for x in range(100)]
    for y in range(80):
        for x in range(100):
            if x < 99 and chance.random() < 0.8:
                lines.append([f"{x},{y}", f"{x + 1},{y}"])
            if y < 79 and chance.random() < 0.8:
                lines.append([f"{x},{y}", f"{x},{y + 1}"])
    return lines

# %% test="path-big" points=2
_city8000 = CityMap(make_big_city(1), strict=True)
_path = shortest_path(_city8000, "0,0", "99,79")
assert _path is not None, "끝에서 끝까지 가는 길이 있습니다 / There is a way from corner to corner"
assert len(_path) - 1 == 178, (
    "끝에서 끝까지 178번 만에 갈 수 있습니다 / From corner to corner 178 moves are enough"
)

# %% [ko]
# ### 여러분의 로봇이 찾은 길
# 처음의 짐작이 맞았나요?

# %% [en]
# ### The way your robot found
# Was your guess right?

# %%
way = shortest_path(gwangju, "상무", "문화전당")
print(" → ".join(way))
print("움직인 횟수 moves:", len(way) - 1, "/ 나의 짐작 my guess:", my_guess)

figure, axes = plt.subplots(figsize=(13, 5.6))
draw_city(axes, path=way)
plt.show()

# %% [ko]
# ## 4. 고치기 (4) 돌아가는 길 `detour`
#
# 휠체어를 타는 친구에게는 승강기가 고장 난 역이 **막힌 역**입니다. 도시의 길 찾기는 모두를 위해 일해야 합니다.
# `closed`에 든 역을 **지나지 않고** `start`에서 `goal`까지 가장 적게 움직이는 길을 돌려줍니다.
# * `closed`는 역 이름의 집합입니다. 비어 있을 수도 있습니다.
# * `start`나 `goal`이 `closed`에 들어 있으면 `None`입니다.
# * 그 밖의 규칙은 `shortest_path`와 같습니다: 없으면 `None`, 같으면 `[start]`, 아무 가장 짧은 길, 질문 규칙.
#
# 생각해 봅시다: 다 찾은 길에서 막힌 역을 **빼기만** 하면 될까요? 이어지지 않는 길이 됩니다. 찾는 **동안** 피해야 합니다.

# %% [en]
# ## 4. Modify (4) `detour`
#
# For a friend in a wheelchair, a station whose lift is broken is a **closed station**. A city's path finder has to work for everybody.
# Return a way from `start` to `goal` with the fewest moves that **does not pass** any station in `closed`.
# * `closed` is a set of station names. It may be empty.
# * If `start` or `goal` is in `closed`, it is `None`.
# * The other rules are those of `shortest_path`: `None` if there is no way, `[start]` if both are the same, any shortest way, the question rule.
#
# Think: could we just **take** the closed stations **out** of a finished path? It would no longer hold together. Avoid them **while** searching.

# %% solution="detour"
def detour(city, start, goal, closed):
    """막힌 역을 피하는 가장 짧은 길 / a shortest way that avoids the closed stations"""
    ### BEGIN SOLUTION
    if start in closed or goal in closed:
        return None
    came_from = {start: None}
    line = deque([start])
    while line:
        here = line.popleft()
        for there in city.neighbours(here):
            if there not in came_from and there not in closed:
                came_from[there] = here
                line.append(there)
    if goal not in came_from:
        return None
    path = [goal]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return path[::-1]
    ### END SOLUTION

# %% test="detour-check" points=2
_path = detour(CityMap(PRACTICE, strict=True), "A", "F", {"D"})
assert _path is not None, (
    "D가 막혀도 C와 E로 돌아갈 수 있습니다. return 을 썼나요? / With D closed there is a way by C and E. Did you use return?"
)
assert list(_path) == ["A", "C", "E", "F"], (
    "D를 피하면 A → C → E → F입니다. 길에서 D를 빼기만 하지는 않았나요?"
    " / Around D it is A → C → E → F. Did you only take D out of a finished path?"
)
assert detour(CityMap(PRACTICE, strict=True), "A", "F", {"B", "C"}) is None, (
    "B와 C가 모두 막히면 A에서 나갈 수 없으니 None입니다 / With B and C closed there is no way out of A: None"
)
assert detour(CityMap(PRACTICE, strict=True), "A", "F", {"F"}) is None, (
    "도착역이 막혀 있으면 None입니다 / If the goal is closed: None"
)
assert detour(CityMap(PRACTICE, strict=True), "B", "B", set()) == ["B"], (
    "출발과 도착이 같으면 그 역 하나입니다 / If start and goal are the same, it is that one station"
)

# %% [ko]
# ### 승강기 한 대가 고장 나면
# 상무에서 문화전당까지, 역 하나의 승강기가 고장 나면 길이 몇 번 길어질까요? 먼저 짐작하고 실행합시다.

# %% [en]
# ### When one lift breaks down
# From 상무 Sangmu to 문화전당 Culture Complex: how many moves longer is the way when the lift of one station is broken? Guess first, then run.

# %%
for broken in ("쌍촌", "도서관", "남광주", "미술관"):
    way = detour(gwangju, "상무", "문화전당", {broken})
    if way is None:
        print(f"{broken} {ENGLISH[broken]}: 길이 없습니다 / no way")
    else:
        print(f"{broken} {ENGLISH[broken]}: {len(way) - 1}  ", " → ".join(way))

# %% [ko]
# ## 5. 만들기: 버스 노선 하나를 새로 놓는다면
#
# 여러분이 광주의 교통 담당자입니다. 버스 노선 하나를 새로 놓을 수 있습니다. 역은 **네 개까지**입니다.
# 모든 역 사이를 다닐 때 움직이는 횟수의 평균을 가장 많이 줄여 봅시다. `my_line`을 바꾸어 가며 실행합니다. (섬은 빼고 셉니다.)
# 친구와 견주어 보세요. 누구에게 좋은 노선인가요? 평균이 줄어도 더 불편해진 사람은 없나요?

# %% [en]
# ## 5. Make: if you could add one bus line
#
# You are in charge of Gwangju's transport, and may add one bus line with **at most four** stops.
# Make the mean number of moves between all stations as small as you can. Change `my_line` and run again. (The island is left out.)
# Compare with a friend. Who gains from your line? If the mean falls, is there anybody for whom nothing gets better?

# %%
my_line = ["평동", "녹동"]


def mean_moves(lines):
    city = CityMap(lines)
    total = 0
    count = 0
    for start in city.stations:
        if start not in ("선착장", "등대"):
            moves = waves(city, start)
            total = total + sum(moves.values())
            count = count + len(moves) - 1
    return total / count


print("지금 now:", round(mean_moves(LINES), 3))
print("새 노선과 with my line:", round(mean_moves(LINES + [my_line[:4]]), 3))

# %% [ko]
# ### 종이 위에서 (선생님이 읽습니다, 6점)
# 컴퓨터를 덮고 연필을 듭니다. 아래 지도에서 **P에서 W까지** 너비 우선 탐색을 합니다. 이웃은 **가나다(알파벳) 순서**로 봅니다.

# %% [en]
# ### On paper (your teacher reads it, 6 points)
# Close the computer and take a pencil. Do a breadth-first search **from P to W** on the map below. Look at neighbours in **alphabetical order**.

# %% given="picture-paper"
PAPER = [["P", "Q", "S", "U", "W"], ["P", "R", "S"], ["R", "T", "V", "W"], ["T", "U"], ["Q", "T"]]
PAPER_SPOTS = {
    "P": (0, 0), "Q": (1, 1), "R": (1, -1), "S": (2, 1.2),
    "T": (2, -0.4), "U": (3.1, 1), "V": (3.1, -1), "W": (4.2, 0),
}
figure, axes = plt.subplots(figsize=(7.5, 3.8))
for line in PAPER:
    axes.plot(*zip(*[PAPER_SPOTS[station] for station in line]), color="gray", linewidth=2, zorder=1)
for station, (x, y) in PAPER_SPOTS.items():
    face = "#FFF3B0" if station in "PW" else "white"
    axes.scatter(x, y, s=900, color=face, edgecolor="black", zorder=3)
    axes.text(x, y, station, ha="center", va="center_baseline", fontsize=15, zorder=4)
axes.set_title("P에서 W까지 / from P to W")
axes.axis("off")
axes.margins(0.12)
plt.show()

# %% [ko]
# 1. **탐색 나무**를 그립니다. 종이에 그려 내도 되고, 아래 칸에 글로 써도 됩니다.
#    글로 쓸 때에는 물결마다 한 줄씩, 어디서 왔는지와 함께 적습니다. 보기: `1번 만에: B(←A), C(←A)`
# 2. 너비 우선 탐색이 **처음 찾은 길이 왜 가장 짧은지** 설명합니다. 한 길로 끝까지 가 보는 로봇은 왜 그렇지 않은지도 이 지도로 보여 줍니다.

# %% [en]
# 1. Draw the **search tree**. You may hand in paper, or write it in the cell below.
#    In writing, use one line for each ripple, and say where each station was reached from. Example: `in 1 move: B(←A), C(←A)`
# 2. Explain **why the first way that breadth-first search finds is a shortest one**. Show on this map why that is not so for a robot that follows one way to its end.

# %% [ko] manual="search-tree" points=6
# **나의 답** (1. 탐색 나무  2. 까닭)
#
# ### BEGIN SOLUTION
# 1. 0번 만에: P / 1번 만에: Q(←P), R(←P) / 2번 만에: S(←Q), T(←Q) / 3번 만에: U(←S), V(←T) / 4번 만에: W(←U). 길은 P → Q → S → U → W, 4번.
# 2. 물결은 1번 거리를 다 본 뒤에 2번 거리를 봅니다. W를 처음 본 것이 4번째 물결이라면, 3번 안에 닿는 길은 없습니다. 있었다면 앞 물결에서 보았을 것입니다.
#    한 길로 끝까지 가는 로봇은 P → Q → S → R → T → U → W처럼 6번 만에 도착할 수도 있습니다. 다른 길이 더 짧은지 보지 않았기 때문입니다.
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# **성취기준 [9정03-03]** 문제를 푸는 알고리즘을 나타내고, 서로 다른 알고리즘을 견주어 설명할 수 있는가를 봅니다.
#
# | 요소 | 상 (2점) | 중 (1점) | 하 (0점) |
# |---|---|---|---|
# | 탐색 나무 | 여덟 역이 모두 한 번씩, 맞는 깊이(0: P, 1: QR, 2: ST, 3: UV, 4: W)에 있고 어디서 왔는지가 맞음 | 깊이는 맞으나 온 곳이 빠지거나 한두 곳 틀림, 또는 한 역이 두 번 나옴 | 깊이가 없거나 대부분 틀림 |
# | 까닭 | "가까운 곳을 다 본 뒤에 먼 곳을 본다"를 들어, 더 짧은 길이 있었다면 앞 물결에서 닿았음을 말하고, 깊이 들어가는 로봇의 긴 길을 이 지도에서 하나 보임 | 둘 가운데 하나만 말함 | "컴퓨터라서", "빨라서"처럼 방법과 관계없는 까닭이거나 없음 |
#
# **기본점수 2점**: 나무나 글을 스스로 시작했으면 줍니다. 백지는 0점. 합계 6점.
# T는 Q에서 왔습니다(Q가 R보다 먼저). W는 U에서 왔습니다(U가 V보다 먼저). 이웃 순서를 다르게 보아 T ← R, W ← V로 한 것은 한 곳만 틀린 것으로 보고 깊이가 맞으면 중을 줍니다. 한 길 로봇의 예는 4번보다 길고 이어져 있으면 무엇이든 됩니다.
# ### END MARK SCHEME

# %% [en] manual="search-tree" points=6
# **My answer** (1. search tree  2. reason)
#
# ### BEGIN SOLUTION
# 1. in 0 moves: P / in 1: Q(←P), R(←P) / in 2: S(←Q), T(←Q) / in 3: U(←S), V(←T) / in 4: W(←U). The way is P → Q → S → U → W, 4 moves.
# 2. The ripple looks at everything 1 move away before anything 2 moves away. If W is first seen in ripple 4, no way reaches it in 3: it would have been seen in an earlier ripple.
#    A robot that follows one way to its end may arrive by P → Q → S → R → T → U → W in 6 moves, because it never looked whether another way is shorter.
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# **Achievement standard [9정03-03]**: we look whether the pupil can show an algorithm that solves a problem, and explain it by comparing it with another.
#
# | Element | High (2) | Middle (1) | Low (0) |
# |---|---|---|---|
# | Search tree | All eight stations, each once, at the right depth (0: P, 1: QR, 2: ST, 3: UV, 4: W), and where they were reached from is right | Depths right, but where from is missing or wrong at one or two places, or a station appears twice | No depths, or most are wrong |
# | Reason | Says that all near places are looked at before far ones, so a shorter way would have been seen in an earlier ripple; and shows one longer way of a robot that goes deep on this map | Only one of the two | A reason that has nothing to do with the method, such as "it is a computer" or "it is fast", or none |
#
# **Base score 2**: for a tree or text that was begun on the pupil's own. An empty cell gets 0. Total 6.
# T is reached from Q (Q comes before R), W from U (U before V). If another order of neighbours led to T ← R and W ← V, count it as one place wrong and give Middle if the depths are right. As the example of the deep robot, any connected way longer than 4 moves will do.
# ### END MARK SCHEME

# %% [ko]
# ## 마치며
# * 여러분은 **줄 하나와 표 하나**로, 어떤 지도에서도 가장 짧은 길을 찾는 로봇을 만들었습니다.
# * 우리는 움직이는 횟수만 세었습니다. 진짜 길 찾기는 걸리는 시간, 요금, 기다리는 시간까지 봅니다. 그때에는 물결이 퍼지는 빠르기가 길마다 다릅니다.
# * "어디까지 갈 수 있나"를 생각하는 이 방법은 퍼즐을 풀고 바둑을 두는 인공지능의 첫걸음입니다.
#
# 자료: 역 이름은 광주 도시철도 1호선의 실제 역입니다. 버스 노선과 정류장, 섬, 큰 도시는 이 수업을 위해 지어냈습니다.

# %% [en]
# ## In the end
# * With **one queue and one table** you built a robot that finds a shortest way on any map.
# * We counted moves only. Real path finders also weigh travel time, fares and waiting. Then the ripple runs faster on some links than on others.
# * Asking "where can I get from here?" is the first step of AI that solves puzzles and plays Go.
#
# Data: the station names are those of the real Gwangju Metro Line 1. The bus lines and stops, the island and the big city were invented for this lesson.
