"""Judges "Ask the neighbours": the same rules as the visible tests, on numbers drawn anew for each submission."""

import math

from bitgoeul.checks import approx

SPECIES = ["Adelie", "Chinstrap", "Gentoo"]
FRUIT = {"귤": 0, "배": 2, "감": 4}


def order(rows, point):
    return sorted(rows, key=lambda row: math.dist(row[1], point))


def winner(rows, point, k):
    names = [name for name, _ in order(rows, point)[:k]]
    return max(names, key=names.count)  # the first of those with the most votes


def check(student, points):
    check_distance(student, points)
    check_nearest(student, points)
    check_vote(student, points)
    check_predict(student, points)
    check_accuracy(student, points)


def check_distance(student, points):
    with points(
        "distance-check",
        message={
            "ko": "다른 숫자에서 거리가 맞지 않습니다. 모든 특징을 쓰고, 빼서 제곱해 더한 뒤 제곱근을 구해 return 했는지 봅시다",
            "en": "The distance is wrong for other numbers. Check: all features, subtract, square, add, square root, return",
        },
    ):
        assert student.call("distance", (0, 0), (3, 4)) == approx(5), {
            "ko": "가로 3, 세로 4이면 자로 잰 거리는 5입니다. print 대신 return 을 썼나요?",
            "en": "3 across and 4 up is 5 in a straight line. Did you use return and not print?",
        }
        for size in (1, 2, 3, 4, 5) * 8:
            a = tuple(student.random.uniform(-50, 50) for _ in range(size))
            b = tuple(student.random.uniform(-50, 50) for _ in range(size))
            assert student.call("distance", a, b) == approx(math.dist(a, b))
            assert student.call("distance", b, a) == approx(math.dist(a, b)), {
                "ko": "갈 때와 올 때의 거리가 다릅니다",
                "en": "The way there and the way back have different lengths",
            }


def check_nearest(student, points):
    with points(
        "nearest-check",
        message={
            "ko": "가까운 순서의 k마리가 아닙니다. 모든 특징으로 잰 거리로 늘어놓았나요?",
            "en": "These are not the k closest, near to far. Did you sort by the distance over all features?",
        },
    ):
        chance = student.random
        for size, width in ((12, 2), (40, 2), (60, 3)):
            rows = [(chance.choice(SPECIES), tuple(chance.uniform(10, 60) for _ in range(width))) for _ in range(size)]
            for k in (1, 3, 7):
                point = tuple(chance.uniform(10, 60) for _ in range(width))
                found = student.call("nearest", rows, point, k)
                assert found is not None, {
                    "ko": "돌아온 값이 없습니다. return 을 썼나요?",
                    "en": "Nothing came back. Did you use return?",
                }
                assert len(found) == k, {
                    "ko": "이웃의 수가 k와 다릅니다",
                    "en": "The number of neighbours is not k",
                }
                assert list(found) == order(rows, point)[:k]
                shuffled = chance.sample(rows, len(rows))
                assert list(student.call("nearest", shuffled, point, k)) == list(found), {
                    "ko": "비기는 거리가 없는데도, 자료의 줄 순서를 섞으니 이웃이 달라졌습니다",
                    "en": "No distances are equal, but shuffling the rows of the data changed the neighbours",
                }
    with points(
        "nearest-tie",
        message={
            "ko": "거리가 똑같을 때 자료에서 앞에 있던 펭귄이 먼저 나오지 않습니다",
            "en": "When distances are equal, the penguin earlier in the data does not come first",
        },
    ):
        chance = student.random
        for turn in range(20):
            corners = chance.sample([(5, 0), (0, 5), (-5, 0), (0, -5), (3, 4), (4, 3), (-3, 4), (3, -4), (-4, -3)], 9)
            rows = [(chance.choice(SPECIES), corner) for corner in corners]
            close = list(rows)
            rows.insert(turn % 9, ("Gentoo", (20, 20)))
            for k in (1, 3, 7):
                seen = student.observe("nearest", rows, (0, 0), k)
                assert seen.answer is not None
                assert list(seen.answer) == close[:k]
                assert seen.arguments[0] == rows, {
                    "ko": "data의 순서나 내용이 바뀌었습니다. 새 목록을 만들어 봅시다",
                    "en": "data itself was changed. Make a new list instead",
                }


def check_vote(student, points):
    with points(
        "vote-check",
        message={
            "ko": "표가 가장 많은 이름이 아닙니다. 어떤 이름이 와도, 어떤 순서로 와도 세어야 합니다",
            "en": "This is not the name with the most votes. It has to count any names in any order",
        },
    ):
        chance = student.random
        assert student.call("vote", ["Gentoo"]) == "Gentoo", {
            "ko": "한 표뿐이면 그 이름입니다. return 을 썼나요?",
            "en": "With a single vote it is that name. Did you use return?",
        }
        for turn in range(40):
            first, second, third = chance.sample(["감", "배", "귤", "포도", "Adelie", "Gentoo", "zebra"], 3)
            ballots = [first] * (4 + turn % 3) + [second] * 3 + [third] * (turn % 3)
            chance.shuffle(ballots)
            seen = student.observe("vote", ballots)
            assert seen.answer == first
            assert seen.arguments == (ballots,), {
                "ko": "labels 목록이 바뀌었습니다",
                "en": "The list labels was changed",
            }
    with points(
        "vote-tie",
        message={
            "ko": "비긴 이름 가운데 먼저 나온 이름이 이겨야 합니다. 표가 적은 이름은 맨 앞에 있어도 빠집니다",
            "en": "Of the tied names the first has to win. A name with fewer votes is out even if it leads the list",
        },
    ):
        assert student.call("vote", ["Gentoo", "Adelie"]) == "Gentoo"
        assert student.call("vote", ["Adelie", "Gentoo"]) == "Adelie"
        assert student.call("vote", ["귤", "배", "감", "감", "배"]) == "배"
        for turn in range(40):
            ballots = ["감", "배", "귤"] * (1 + turn % 3)
            student.random.shuffle(ballots)
            assert student.call("vote", ballots) == ballots[0]


def check_predict(student, points):
    with points(
        "predict-check",
        message={
            "ko": "이웃의 투표와 다른 이름이 나왔습니다. k, 거리, 비김 규칙을 다시 봅시다",
            "en": "The name differs from the neighbours' vote. Look again at k, the distance and the tie rule",
        },
    ):
        chance = student.random
        centres = {"Adelie": (39, 18), "Chinstrap": (46, 18), "Gentoo": (45, 15)}
        assert student.call("predict", [("귤", (1, 1)), ("감", (9, 9))], (8, 8), 1) == "감", {
            "ko": "자료에 있는 이름 가운데서 답해야 합니다",
            "en": "The answer has to be a name from the data",
        }
        for _ in range(12):
            names = [chance.choice(list(centres)) for _ in range(45)]
            rows = [(name, tuple(chance.gauss(centre, 3) for centre in centres[name])) for name in names]
            shuffled = chance.sample(rows, len(rows))
            for k in (1, 3, 7):
                point = (chance.uniform(36, 50), chance.uniform(12, 21))
                assert student.call("predict", rows, point, k) == winner(rows, point, k)
                assert student.call("predict", shuffled, point, k) == winner(rows, point, k), {
                    "ko": "비기는 거리가 없는데도, 자료의 줄 순서를 섞으니 답이 달라졌습니다",
                    "en": "No distances are equal, but shuffling the rows of the data changed the answer",
                }
        square = [("배", (2, 0)), ("감", (0, 1)), ("배", (0, -2)), ("감", (-2, 0)), ("귤", (0, 2))]
        for k in (1, 2, 3, 4, 5):
            assert student.call("predict", square, (0, 0), k) == winner(square, (0, 0), k), {
                "ko": "거리나 표가 비길 때의 답이 규칙과 다릅니다",
                "en": "When distances or votes tie, the answer does not follow the rules",
            }


def share(rows, asked, k):
    return sum(winner(rows, features, k) == name for name, features in asked) / len(asked)


def draw_fruit(chance, k):
    """Fruit to learn from and fruit to ask about, on which every other k has another share of right answers."""
    while True:
        names = [chance.choice(list(FRUIT)) for _ in range(70)]
        drawn = [(name, (chance.gauss(FRUIT[name], 1.5), chance.gauss(-FRUIT[name], 1.5))) for name in names]
        rows, asked = drawn[:40], drawn[40:]
        if all(share(rows, asked, other) != share(rows, asked, k) for other in (1, 3, 7) if other != k):
            return rows, asked


def check_accuracy(student, points):
    with points(
        "accuracy-check",
        message={
            "ko": "맞힌 비율이 다릅니다. k를 쓰고, 배우는 자료와 시험 문제를 나누어 썼나요? 모두 맞히면 100이 아니라 1입니다",
            "en": "The share of right answers is off. Did you use k, and keep the data to learn from and the questions apart? All right is 1, not 100",
        },
    ):
        for k in (1, 3, 7):
            rows, asked = draw_fruit(student.random, k)
            right = share(rows, asked, k)
            seen = student.observe("accuracy", rows, asked, k)
            assert seen.answer == approx(right)
            assert seen.arguments[:2] == (rows, asked), {
                "ko": "자료나 문제가 바뀌었습니다",
                "en": "The data or the questions were changed",
            }
