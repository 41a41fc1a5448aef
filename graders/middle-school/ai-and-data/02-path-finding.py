"""Judges "The path-finding robot": on maps drawn anew for each submission, and against distances found here."""

import itertools
import random

from bitgoeul.checks import same

METRO = [
    "녹동",
    "소태",
    "학동·증심사입구",
    "남광주",
    "문화전당",
    "금남로4가",
    "금남로5가",
    "양동시장",
    "돌고개",
    "농성",
    "화정",
    "쌍촌",
    "운천",
    "상무",
    "김대중컨벤션센터",
    "공항",
    "송정공원",
    "광주송정",
    "도산",
    "평동",
]
LINES = [
    METRO,
    ["송정공원", "과학관", "운천"],
    ["상무", "도서관", "체육관", "양동시장"],
    ["농성", "미술관", "남광주"],
    ["도서관", "호수공원", "미술관"],
    ["선착장", "등대"],
]
PRACTICE = [["A", "B", "D", "F"], ["A", "C", "D"], ["C", "E", "F"], ["X", "Y"]]

NOT_FROM_TO = {
    "ko": "길이 start로 시작하지 않거나 goal로 끝나지 않습니다. 거꾸로 되었나요?",
    "en": "The path does not begin with start or does not end with goal. Is it the wrong way round?",
}
JUMPS = {
    "ko": "이웃하지 않은 역을 건너뛴 곳이 있습니다. 이것은 길이 아닙니다",
    "en": "Somewhere it jumps between stations that are not neighbours. That is no path",
}
NOT_SHORTEST = {
    "ko": "길이지만 가장 짧지는 않습니다. 가까운 역부터 모두 보았나요?",
    "en": "It is a path, but not a shortest one. Did you look at all near stations first?",
}
NONE_BUT_A_WAY = {
    "ko": "갈 수 있는 곳인데 None입니다. return 을 썼나요?",
    "en": "None, although there is a way. Did you use return?",
}
A_WAY_BUT_NONE = {"ko": "갈 수 없으면 None이어야 합니다", "en": "If there is no way, it has to be None"}


def roads_of(lines):
    roads = {}
    for line in lines:
        for station in line:
            roads.setdefault(station, set())
        for here, there in itertools.pairwise(line):
            roads[here].add(there)
            roads[there].add(here)
    return roads


def moves_from(roads, start, closed=()):
    moves, edge = {start: 0}, [start]
    while edge:
        found = {there for here in edge for there in roads[here]} - set(moves) - set(closed)
        moves.update(dict.fromkeys(found, moves[edge[0]] + 1))
        edge = list(found)
    return moves


def grid(rows, columns, gaps, chance):
    links = [[f"{r}-{c}", f"{r}-{c + 1}"] for r in range(rows) for c in range(columns - 1)]
    links += [[f"{r}-{c}", f"{r + 1}-{c}"] for r in range(rows - 1) for c in range(columns)]
    chance.shuffle(links)
    return [[f"{r}-{c}"] for r in range(rows) for c in range(columns)] + links[int(gaps * len(links)) :]


def big_city(seed):
    chance = random.Random(seed)
    lines = [[f"{x},{y}"] for y in range(80) for x in range(100)]
    for y in range(80):
        for x in range(100):
            if x < 99 and chance.random() < 0.8:
                lines.append([f"{x},{y}", f"{x + 1},{y}"])
            if y < 79 and chance.random() < 0.8:
                lines.append([f"{x},{y}", f"{x},{y + 1}"])
    return lines


def city(student, lines):
    return student.new("CityMap", lines, strict=True)


def assert_shortest(path, roads, start, goal, number):
    assert path is not None, NONE_BUT_A_WAY
    path = list(path)
    assert path[:1] == [start] and path[-1:] == [goal], NOT_FROM_TO
    assert all(there in roads.get(here, ()) for here, there in itertools.pairwise(path)), JUMPS
    assert len(path) - 1 == number, NOT_SHORTEST


def check(student, points):
    check_is_path(student, points)
    check_waves(student, points)
    check_path(student, points)
    check_big(student, points)
    check_detour(student, points)


def check_is_path(student, points):
    with points(
        "is-path-check",
        message={
            "ko": "이어진 길인지 잘못 판단합니다. 모든 걸음을 검사하나요? 같은 역을 다시 지나도 길이고, 제자리는 움직인 것이 아닙니다",
            "en": "It misjudges whether a path holds together. Does it check every move? Passing a station again is allowed, standing still is no move",
        },
    ):
        chance, roads = student.random, roads_of(PRACTICE)
        practice = student.new("CityMap", PRACTICE)
        for path in (["A", "D", "F"], ["A", "B", "D", "E"], ["A", "A"]):
            assert same(student.call("is_path", practice, path), False)
        assert same(student.call("is_path", practice, ["A"]), True)
        for turn in range(120):
            path = [chance.choice("ABCDEFXY")]
            for _ in range(turn % 6):
                path.append(chance.choice(sorted(roads[path[-1]])))
            assert same(student.call("is_path", practice, path), True)
            broken = list(path)
            broken[chance.randrange(len(path))] = chance.choice("ABCDEFXY")
            holds = all(there in roads[here] for here, there in itertools.pairwise(broken))
            seen = student.observe("is_path", practice, broken)
            assert same(seen.answer, holds)
            assert seen.arguments[1] == broken, {"ko": "path 목록이 바뀌었습니다", "en": "The list path was changed"}


def check_waves(student, points):
    with points(
        "waves-check",
        message={
            "ko": "횟수가 맞지 않습니다. 가까운 역부터 보는지, 닿지 않는 역을 뺐는지 봅시다",
            "en": "The numbers are off. Check: near stations first, stations out of reach left out",
        },
    ):
        ring = [["A", "B", "C", "D", "A"]]
        assert student.call("waves", city(student, ring), "A") == {"A": 0, "B": 1, "C": 2, "D": 1}, {
            "ko": "동그란 노선에서는 양쪽으로 퍼집니다. 먼저 본 역을 먼저 꺼냈나요?",
            "en": "On a ring the ripple runs both ways. Did you take out first what was seen first?",
        }
        assert student.call("waves", city(student, PRACTICE), "A") == moves_from(roads_of(PRACTICE), "A")
        for turn in range(12):
            lines = grid(4 + turn % 4, 5, (0.1, 0.3, 0.5)[turn % 3], student.random)
            start = f"{turn % 4}-{turn % 5}"
            assert student.call("waves", city(student, lines), start) == moves_from(roads_of(lines), start)


def check_path(student, points):
    with points("path-check", message=NOT_SHORTEST):
        chance = student.random
        roads = roads_of(LINES)
        for goal in ("문화전당", "평동"):
            path = student.call("shortest_path", city(student, LINES), "상무", goal)
            assert_shortest(path, roads, "상무", goal, moves_from(roads, "상무")[goal])
        for turn in range(12):
            lines = grid(6, 6, (0.0, 0.15, 0.3)[turn % 3], chance)
            roads, start = roads_of(lines), f"{turn % 6}-0"
            far = sorted((there, number) for there, number in moves_from(roads, start).items() if number > 1)
            for goal, number in chance.sample(far, min(8, len(far))):
                path = student.call("shortest_path", city(student, lines), start, goal)
                assert_shortest(path, roads, start, goal, number)
    with points(
        "path-edges",
        message={
            "ko": "갈 수 없으면 None, 출발과 도착이 같으면 그 역 하나만 든 목록입니다",
            "en": "If there is no way it is None; if start and goal are the same, a list with that one station",
        },
    ):
        alone = [["홀로"], ["A", "B"]]
        rings = [[str(i) for i in range(30)] + ["0"], ["섬1", "섬2", "섬3", "섬1"]]
        for lines, start, goal, wanted in (
            (PRACTICE, "C", "C", ["C"]),
            (PRACTICE, "A", "Y", None),
            (LINES, "등대", "상무", None),
            (alone, "홀로", "홀로", ["홀로"]),
            (alone, "홀로", "B", None),
            (alone, "B", "A", ["B", "A"]),
            (rings, "7", "섬2", None),
        ):
            path = student.call("shortest_path", city(student, lines), start, goal)
            assert (path if path is None else list(path)) == wanted


def check_big(student, points):
    with points(
        "path-big",
        message={
            "ko": "정류장 8,000개의 도시에서 가장 짧은 길을 찾지 못했습니다",
            "en": "In the city of 8,000 stops it did not find a shortest way",
        },
    ):
        lines = big_city(student.seed)
        roads = roads_of(lines)
        largest = max((moves_from(roads, start) for start in ("3,70", "50,40", "95,6")), key=len)
        start, goal = student.random.sample(sorted(largest), 2)
        path = student.call("shortest_path", city(student, lines), start, goal)
        assert_shortest(path, roads, start, goal, moves_from(roads, start)[goal])
        far = next((station for station in roads if station not in largest), None)
        if far is not None:
            assert student.call("shortest_path", city(student, lines), start, far) is None, A_WAY_BUT_NONE


def check_detour(student, points):
    with points("detour-check", message=NOT_SHORTEST):
        chance = student.random
        roads = roads_of(PRACTICE)
        path = student.call("detour", city(student, PRACTICE), "A", "F", {"D"})
        assert_shortest(path, roads, "A", "F", 3)
        for closed in ({"B", "C"}, {"F"}, {"A"}):
            assert student.call("detour", city(student, PRACTICE), "A", "F", closed) is None, A_WAY_BUT_NONE
        assert list(student.call("detour", city(student, PRACTICE), "B", "B", set()) or []) == ["B"]
        for turn in range(40):
            size = 5 + turn % 3
            lines = [[f"{r}-{c}" for c in range(size)] for r in range(size)]
            lines += [[f"{r}-{c}" for r in range(size)] for c in range(size)]
            roads = roads_of(lines)
            closed = set(chance.sample(sorted(roads), chance.randrange(size * 2)))
            start, goal = chance.sample(sorted(roads), 2)
            moves = moves_from(roads, start, closed)
            seen = student.observe("detour", city(student, lines), start, goal, closed)
            assert seen.arguments[3] == closed, {"ko": "closed 집합이 바뀌었습니다", "en": "The set closed was changed"}
            if start in closed or goal not in moves:
                assert seen.answer is None, A_WAY_BUT_NONE
                continue
            assert not closed & set(seen.answer or ()), {
                "ko": "막힌 역을 지나갑니다",
                "en": "The way passes a closed station",
            }
            assert_shortest(seen.answer, roads, start, goal, moves[goal])
