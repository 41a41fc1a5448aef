"""Projects, judges at work, and results with both parts, on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from bitgoeul.errors import Conflict, InputError, NotAllowed, NotFound, QuotaSpent
from bitgoeul.hackathon import officials, panel, projects
from bitgoeul.hackathon.exporting import rows_of, snapshot_of
from bitgoeul.hackathon.panel import Panel, TooFewJudges
from bitgoeul.hackathon.projects import Draft, Projects
from bitgoeul.names import UserName
from tests.unit.hackathon.conftest import BOSS, END, START

CRITERIA = [
    {"name": "creativity", "title": {"ko": "창의성", "en": "Creativity"}, "weight": 3},
    {"name": "data", "title": {"ko": "데이터 활용", "en": "Use of data"}, "weight": 1},
]
JUDGES = [UserName(name) for name in ("ann", "bob", "cho", "dan", "eve")]
MINJI, JUN, SUJI = UserName("minji"), UserName("jun"), UserName("suji")


def appoint(world, *judges):
    for judge in judges:
        officials.appoint(world.hackathon, BOSS, "small", judge, "judge", active=True)


@pytest.fixture
def judged(world):
    """Three teams with a score and a project, five judges."""
    world.open(judging={"share": 0.5, "criteria": CRITERIA})
    world.projects, world.panel = Projects(world.hackathon), Panel(world.hackathon)
    for place, user in enumerate(("minji", "jun", "suji")):
        world.team(user)
        world.submit(user, world.file(0.1 * (place + 1)))
        world.projects.hand_in(UserName(user), "small", Draft(f"{user}의 작품", "무엇을\n어떻게"), None)
    appoint(world, *JUDGES)
    world.at = END
    return world


def team_of(world, user):
    found = world.projects.mine(UserName(user), "small")
    assert found is not None
    return found.team


def judge_all(world, marks):
    """Every judge gives every criterion of a team what `marks` says by the team's captain."""
    for judge in JUDGES:
        for seat in world.panel.seats_of(judge, "small"):
            for criterion in ("creativity", "data"):
                given = str(marks[seat.project.team_name.removeprefix("team ")])
                world.panel.mark(judge, "small", seat.project.team, criterion, given, None)


def test_a_whole_judging_decides_the_result_with_the_metric(judged):
    judged.panel.assign(BOSS, "small", seed=7)
    with pytest.raises(Conflict, match="Judging is not closed"):
        judged.organising.publish(BOSS, "small")
    with pytest.raises(Conflict, match="team jun, team minji, team suji"):
        judged.panel.close(BOSS, "small")
    judge_all(judged, {"minji": 2, "jun": 9.5, "suji": 9})
    judged.panel.close(BOSS, "small")
    judged.organising.publish(BOSS, "small")
    with judged.hackathon.database.reading() as connection:
        snapshot = snapshot_of(connection, "small")

    # The ranks by score were minji, jun, suji: 1, 2/3, 1/3 of half; judges give 0.2, 0.95, 0.9 of the other half.
    assert [(row["rank"], row["team"], row["total"]) for row in snapshot.rows] == [
        (1, "team jun", "80.83"),
        (2, "team suji", "61.67"),
        (3, "team minji", "60.00"),
        (None, "· half", None),
    ]
    assert snapshot.rows[0]["members"] == ["jun"]
    assert judged.board(private=True)[:3] == [(1, "team jun"), (2, "team suji"), (3, "team minji")]
    assert rows_of(snapshot, "en")[1][:6] == [
        1,
        "team jun",
        pytest.approx(float(snapshot.rows[0]["score"])),
        66.67,
        95,
        80.83,
    ]


def test_marks_may_change_until_judging_closes_and_again_once_it_is_reopened(judged):
    judged.panel.assign(BOSS, "small", seed=7)
    judge_all(judged, dict.fromkeys(("minji", "jun", "suji"), 5))
    judge = next(judge for judge in JUDGES if judged.panel.seats_of(judge, "small"))
    team = judged.panel.seats_of(judge, "small")[0].project.team
    judged.panel.mark(judge, "small", team, "data", "7.5", "자료를 잘 썼습니다")
    judged.panel.mark(judge, "small", team, "data", None, "<b>고침</b>")
    sheet = judged.panel.seats_of(judge, "small")[0].sheet
    assert (sheet.marks["data"], sheet.comments["data"]) == (7.5, "<b>고침</b>")
    judged.panel.close(BOSS, "small")
    with pytest.raises(NotAllowed, match="Judging is closed"):
        judged.panel.mark(judge, "small", team, "data", "9", None)
    with pytest.raises(NotAllowed, match="Judging is closed"):
        judged.panel.assign(BOSS, "small")
    judged.panel.reopen(BOSS, "small")
    judged.panel.mark(judge, "small", team, "data", "9", None)

    assert judged.panel.seats_of(judge, "small")[0].sheet.marks["data"] == 9


def test_closing_while_judges_mark_loses_no_mark_and_lets_none_in_after(judged):
    """Whatever a mark call answers before the close is in the result; whatever comes after is refused."""
    judged.panel.assign(BOSS, "small", seed=7)
    judge_all(judged, dict.fromkeys(("minji", "jun", "suji"), 5))
    team = team_of(judged, "minji")
    judge = judged.panel.standing("small").judges_of(team)[0]
    taken, refused, go = [], [], threading.Event()

    def mark(number):
        go.wait()
        try:
            judged.panel.mark(UserName(judge), "small", team, "data", str(number / 2), None)
            taken.append(number / 2)
        except NotAllowed:
            refused.append(number)

    threads = [threading.Thread(target=mark, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    go.set()
    judged.panel.close(BOSS, "small")
    before = judged.panel.standing("small").sheets[judge, team].marks["data"]
    for thread in threads:
        thread.join()

    assert len(taken) + len(refused) == 8
    assert judged.panel.standing("small").sheets[judge, team].marks["data"] == before
    assert before in [*taken, 5]


def test_only_a_judge_of_the_team_marks_it_and_only_by_its_criteria(judged):
    judged.panel.assign(BOSS, "small", seed=7)
    team = team_of(judged, "minji")
    outside = next(j for j in JUDGES if j not in judged.panel.standing("small").judges_of(team))
    inside = UserName(judged.panel.standing("small").judges_of(team)[0])
    for who, where, what in (
        (outside, team, "data"),
        (inside, team, "beauty"),
        (inside, 999, "data"),
        (inside, team, ""),
    ):
        with pytest.raises(NotFound):
            judged.panel.mark(who, "small", where, what, "5", None)
    with pytest.raises(InputError):
        judged.panel.mark(inside, "small", team, "data", "11", None)
    with pytest.raises(InputError):
        judged.panel.mark(inside, "small", team, "data", None, "x" * 2001)
    officials.appoint(judged.hackathon, BOSS, "small", inside, "judge", active=False)
    with pytest.raises(NotFound):
        judged.panel.mark(inside, "small", team, "data", "5", None)


def test_conflicts_are_left_out_by_declaration_by_cohort_and_by_taking_part(judged):
    minji, jun = team_of(judged, "minji"), team_of(judged, "jun")
    cohorts = {"one": frozenset({"jun", "bob"}), "two": frozenset({"cho"})}
    judged.organising.change(BOSS, "small", {"judging": {"share": 0.5, "criteria": CRITERIA, "cohorts": True}})
    judged.panel = Panel(judged.hackathon, cohorts)
    judged.panel.declare(JUDGES[0], "small", JUDGES[0], minji, "제 제자입니다")
    found = judged.panel.assign(BOSS, "small", seed=1)

    assert "ann" not in found[minji]
    assert "bob" not in found[jun]
    with judged.hackathon.database.reading() as connection:
        event = judged.hackathon.event("small")
        assert ("minji", jun) in judged.panel.barred(connection, event, ["minji"])
    with pytest.raises(Conflict, match="takes part"):
        officials.appoint(judged.hackathon, BOSS, "small", MINJI, "judge", active=True)


def test_a_conflict_found_later_frees_the_seat_and_the_next_draw_keeps_what_was_marked(judged):
    judged.panel.assign(BOSS, "small", seed=7)
    team = team_of(judged, "minji")
    first, second, *_ = judged.panel.standing("small").judges_of(team)
    judged.panel.mark(UserName(second), "small", team, "data", "5", None)
    judged.panel.declare(BOSS, "small", UserName(first), team, "가족")
    assert first not in judged.panel.standing("small").judges_of(team)
    for seed in range(5):
        judged.panel.assign(BOSS, "small", seed=seed)
        there = judged.panel.standing("small").judges_of(team)
        assert first not in there
        assert second in there
        assert len(there) == 3


def test_too_few_judges_are_told_by_name_and_nothing_changes(judged):
    team = team_of(judged, "minji")
    for judge in JUDGES[:3]:
        judged.panel.declare(judge, "small", judge, team, "same lab")
    with pytest.raises(TooFewJudges, match=r"ann \(same lab\)"):
        judged.panel.assign(BOSS, "small")

    assert judged.panel.standing("small").sheets == {}
    assert [w.name for w in judged.panel.standing("small").lacking] == ["team minji"]
    judged.panel.declare(BOSS, "small", JUDGES[0], team, "not any more", active=False)
    assert judged.panel.assign(BOSS, "small")[team] == ("ann", "dan", "eve")


def test_a_project_is_handed_in_between_start_and_end_by_the_team_and_shown_with_the_captains_consent(world):
    world.open()
    hall = Projects(world.hackathon)
    world.team("minji", "jun")
    with pytest.raises(NotAllowed, match="no team"):
        hall.hand_in(SUJI, "small", Draft("제목", "소개"), None)
    world.at = START - timedelta(milliseconds=1)
    with pytest.raises(NotAllowed, match="between the start and the end"):
        hall.hand_in(MINJI, "small", Draft("제목", "소개"), None)
    world.at = START
    with world.hackathon.blobs.writer(limit=100) as body:
        body.write(b"%PDF-1.7")
        made = hall.hand_in(
            JUN, "small", Draft("제\x00목", "소\u202e개", "https://example.org/a", shown=True), ("..\\a/발표.pdf", body)
        )
    assert (made.title, made.summary, made.file_name, made.shown) == ("제목", "소개", "발표.pdf", False)
    hall.hand_in(MINJI, "small", Draft("새 제목", "소개", shown=True), None)
    again = hall.mine(JUN, "small")
    assert (again.title, again.file_name, again.shown) == ("새 제목", "발표.pdf", True)
    assert hall.gallery("small") == []
    world.at = END
    with pytest.raises(NotAllowed):
        hall.hand_in(MINJI, "small", Draft("늦은 제목", "소개"), None)
    assert [project.title for project in hall.gallery("small")] == ["새 제목"]
    with pytest.raises(NotAllowed, match="captain"):
        hall.consent(JUN, "small", shown=False)
    hall.consent(MINJI, "small", shown=False)
    assert hall.gallery("small") == []


def test_a_disqualified_teams_project_is_neither_shown_nor_judged(judged):
    judged.projects.consent(MINJI, "small", shown=True)
    assert len(judged.projects.gallery("small")) == 1
    judged.organising.flag(BOSS, "small", flag="disqualified", raised=True, reason="copied", team="team minji")

    assert judged.projects.gallery("small") == []
    assert len(judged.panel.assign(BOSS, "small")) == 2


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://a",
        "https://",
        "http://a b",
        "https://u:p@h",
        "//x",
        "https://[",
        "https://" + "a" * 300,
    ],
)
def test_links_that_a_browser_should_not_open(link):
    with pytest.raises(InputError, match="A link is an address"):
        projects.check_link(link)


def test_files_of_a_project_are_counted(world, monkeypatch):
    monkeypatch.setattr(projects, "MOST_FILES", 2)
    world.open()
    world.team("minji")
    hall = Projects(world.hackathon)
    for number in range(3):
        with world.hackathon.blobs.writer(limit=100) as body:
            body.write(b"%d" % number)
            if number < 2:
                hall.hand_in(MINJI, "small", Draft("제목", "소개"), ("a", body))
            else:
                with pytest.raises(QuotaSpent):
                    hall.hand_in(MINJI, "small", Draft("제목", "소개"), ("a", body))


def test_comments_reach_the_team_without_names_once_the_result_is_published(judged):
    judged.panel.assign(BOSS, "small", seed=7)
    judge_all(judged, dict.fromkeys(("minji", "jun", "suji"), 5))
    team = team_of(judged, "minji")
    judge = UserName(judged.panel.standing("small").judges_of(team)[0])
    judged.panel.mark(judge, "small", team, "", None, "전체 의견")
    assert panel.comments_for(judged.hackathon, "small", team) == []
    judged.panel.close(BOSS, "small")
    judged.organising.publish(BOSS, "small")
    found = panel.comments_for(judged.hackathon, "small", team)

    assert len(found) == 3
    assert "전체 의견" in {sheet.comments.get("") for sheet in found}


def test_notices_are_written_taken_away_and_shown_again(world):
    world.open()
    number = officials.announce(world.hackathon, BOSS, "small", "점심은 12시\n3층", "")
    assert [n.text.en for n in officials.notices(world.hackathon, "small")] == ["점심은 12시\n3층"]
    officials.show_notice(world.hackathon, BOSS, "small", number, active=False)
    assert officials.notices(world.hackathon, "small") == []
    officials.show_notice(world.hackathon, BOSS, "small", number, active=True)
    with pytest.raises(InputError):
        officials.announce(world.hackathon, BOSS, "small", "가" * 1001, "")
    with pytest.raises(NotFound):
        officials.show_notice(world.hackathon, BOSS, "small", 999, active=True)

    assert len(officials.notices(world.hackathon, "small")) == 1
