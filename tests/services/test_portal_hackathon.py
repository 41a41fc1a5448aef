"""The hackathon's pages as people see them, on the real service with a fake Hub and a clock that tests move."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text

from bitgoeul.hackathon.ranking import shown
from bitgoeul.names import UserName
from tests.fakes.academy import PREFIX
from tests.fakes.contest import END, SLUG, START, contest
from tests.fakes.html import faults, read_page

HERE = f"hackathons/{SLUG}"
PAGES = ["hackathons", HERE, f"{HERE}/board", f"{HERE}/board?q=minji&cohort=one", f"{HERE}/board?private=true"]
PARTS = [f"{HERE}/live", f"{HERE}/board/rows", f"{HERE}/board/near", f"{HERE}/projector/rows"]
OF_OTHERS = [
    f"{HERE}/board", f"{HERE}/board?private=true", f"{HERE}/board/rows", f"{HERE}/board/rows?private=true",
    f"{HERE}/board/rows?q=junho", f"{HERE}/board/rows?cohort=one", f"{HERE}/board/near", f"{HERE}/board/near?private=true",
    f"{HERE}/projector", f"{HERE}/projector?private=true", f"{HERE}/projector/rows", f"{HERE}/projector/rows?private=true",
]  # fmt: skip


@pytest.fixture
def world(tmp_path):
    with contest(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    """One with everything in it: two teams, right and hostile files, a selection; published for some tests."""
    with contest(tmp_path_factory.mktemp("busy")) as found:
        found.open()
        found.team("minji", "amelia")
        found.team("junho")
        found.move(hours=1)
        found.submit("minji", found.file(0.5))
        found.submit("minji", f"id,target\n{found.ids[0]},1\n{found.ids[0]},2\ny,abc\n".encode())
        best = found.submit("junho", found.file(0.2))
        found.core.hackathon.select_final(UserName("junho"), best["id"], chosen=True)
        yield found


def page(world, user, path, language="ko", **headers):
    world.school.sign_in(user)
    return world.school.get(path, headers={"Accept-Language": language, **headers})


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("path", [*PAGES, f"{HERE}/projector"])
@pytest.mark.parametrize("user", ["minji", "haneul"])
def test_every_page_can_be_read_and_used_without_seeing_it(busy, user, path, language):
    answer = page(busy, user, path, language)

    assert answer.status_code == 200
    assert faults(read_page(answer.text)) == []


@pytest.mark.parametrize("path", [*PAGES, *PARTS, f"{HERE}/projector"])
def test_an_english_page_has_no_korean_in_it(busy, path):
    spoken = read_page(page(busy, "minji", path, "en").text).text.replace("한국어", "")

    assert re.findall(r"[가-힣]+", spoken) == []


@pytest.mark.parametrize("path", [*PAGES, *PARTS, *OF_OTHERS])
def test_nobody_reads_without_signing_in(busy, path):
    busy.school.client.cookies.clear()
    answer = busy.school.client.get(PREFIX + path, headers={"Accept": "*/*"}, follow_redirects=False)

    assert answer.status_code == 401


def test_the_way_to_hackathons_shows_once_one_is_open_and_to_operators_always(world):
    way = '<a href="/services/bitgoeul/hackathons"'
    assert way not in page(world, "minji", "").text
    assert way in page(world, "jiho", "").text
    world.open()

    assert way in page(world, "minji", "").text


def test_the_list_says_what_is_on_and_until_when(world):
    world.open()
    there = page(world, "minji", "hackathons").text

    assert "진행 중" in there
    assert "마감까지 12시간" in there
    world.move(days=1)

    assert "마감까지" not in page(world, "minji", "hackathons").text


def test_before_the_start_teams_form_and_nobody_sees_the_data(world):
    world.open()
    world.at = START - timedelta(hours=1)
    there = page(world, "minji", HERE)

    assert "시작까지" in there.text
    assert "train.csv" not in there.text
    assert "내기</h2>" not in there.text
    assert page(world, "minji", f"api/challenges/{SLUG}/files/train.csv").status_code == 404
    world.school.post(f"{HERE}/team", {"name": "빛고을"})

    assert "팀장" in page(world, "minji", HERE).text


def test_a_team_is_made_joined_handed_over_and_merged_by_forms(world):
    world.open()
    world.school.sign_in("minji")
    told = world.school.post(f"{HERE}/team", {"name": "빛고을"}, follow_redirects=True)
    code = re.search(r'id="team-code">([0-9A-Z]{4}-[0-9A-Z]{4})<', told.text)[1]
    world.school.sign_in("junho")

    assert (
        "빛고을 팀에 들어갔습니다"
        in world.school.post(f"{HERE}/team/join", {"code": code.lower()}, follow_redirects=True).text
    )
    assert world.school.post(f"{HERE}/team/captain", {"member": "junho"}).status_code == 403  # he is no captain
    world.school.sign_in("minji")
    handed = world.school.post(f"{HERE}/team/captain", {"member": "junho"}, follow_redirects=True)

    assert "이제 박준호 님이 팀장입니다" in handed.text
    assert "다른 팀과 합치기" not in handed.text
    other = world.team("amelia", name="Others")
    world.school.sign_in("junho")
    merged = world.school.post(f"{HERE}/team/merge", {"code": other}, follow_redirects=True)

    assert "3명이 되었습니다" in merged.text


def test_a_stranger_sees_neither_code_nor_submissions_of_a_team(busy):
    own, strange = page(busy, "minji", HERE).text, page(busy, "haneul", HERE).text

    assert "team-code" in own
    assert "team-code" not in strange
    assert "answer.csv" not in strange


def test_a_plain_form_submits_once_and_shows_what_it_scored(world):
    world.open()
    world.team("minji")
    data, key = world.file(0.3), str(uuid.uuid4())
    world.school.sign_in("minji")
    for _ in range(2):  # a form that is sent twice is one submission
        told = world.school.post(
            f"{HERE}/submissions", {"key": key}, files={"file": ("답.csv", data)}, follow_redirects=True
        )

        assert "냈습니다" in told.text
    world.settle()
    there = page(world, "minji", HERE).text

    assert there.count("답.csv</span>") == 1
    assert "채점" in there
    assert "attempts" in there
    assert re.search(r'class="score large">4<', there)


def test_every_fault_of_a_file_is_told_in_the_readers_language(busy):
    korean, english = (page(busy, "minji", HERE, language).text for language in ("ko", "en"))

    assert "같은 id가 두 번 나옵니다" in korean
    assert "Some ids stand there twice" in english
    assert "line 3" in english
    assert re.search(r"119 places", english), "all missing ids are counted"


def test_a_submission_is_selected_for_the_end_and_taken_back(world):
    world.open()
    world.team("minji")
    ids = [world.submit("minji", world.file(off))["id"] for off in (0.1, 0.2, 0.3)]
    world.school.sign_in("minji")
    for one in ids[:2]:
        world.school.post(f"{HERE}/final", {"submission": one, "chosen": "yes"})

    assert "마지막 선택 2 / 2" in page(world, "minji", HERE).text
    assert world.school.post(f"{HERE}/final", {"submission": ids[2], "chosen": "yes"}).status_code == 409
    world.school.post(f"{HERE}/final", {"submission": ids[0], "chosen": "no"})

    assert "마지막 선택 1 / 2" in page(world, "minji", HERE).text
    world.at = END

    assert "마지막으로 고르기" not in page(world, "minji", HERE).text
    assert world.school.post(f"{HERE}/final", {"submission": ids[2], "chosen": "yes"}).status_code == 409


def test_a_strangers_submission_is_selected_by_nobody_else(busy):
    others = busy.core.hackathon.submissions(UserName("junho"), SLUG)[0]["id"]
    busy.school.sign_in("haneul")

    assert busy.school.post(f"{HERE}/final", {"submission": others, "chosen": "no"}).status_code == 404


def test_the_countdown_looks_as_the_server_says(world):
    world.open()
    looks = {}
    for name, at in {
        "calm": START,
        "soon": END - timedelta(minutes=45),
        "frozen": END - timedelta(minutes=20),
        "ended": END,
    }.items():
        world.at = at
        looks[name] = f'class="sheet lit clock {name}"' in page(world, "minji", HERE).text

    assert all(looks.values()), looks


def test_the_open_page_is_loaded_anew_when_the_challenge_changes_and_not_for_a_score(world):
    world.open()
    world.team("minji")

    def version():
        return re.search(r'data-version="([^"]*)"', page(world, "minji", f"{HERE}/live").text)[1]

    first = version()
    world.submit("minji", world.file(0.1))

    assert version() == first
    later = world.core.hackathon.event(SLUG).record.model_dump(mode="json")["phases"]
    later[-1]["end"] = (END + timedelta(hours=1)).isoformat()
    world.core.organising.change(UserName("jiho"), SLUG, {"phases": later})

    assert version() != first


# --- the board --------------------------------------------------------------------------------------------------------


def rows(text):
    return re.findall(r'data-team="([^"]*)" data-at="(\d*)"', text)


@pytest.fixture
def frozen(world):
    """Two teams whose order has turned since the board froze: what was shown, and what is hidden."""
    world.open()
    world.team("minji")
    world.team("junho")
    world.submit("minji", world.file(0.2))
    world.submit("junho", world.file(0.4))
    world.at = END - timedelta(minutes=29)
    world.move()
    hidden = world.submit("junho", world.file(0.1))
    world.move()
    return world, hidden


@pytest.mark.parametrize("path", OF_OTHERS)
@pytest.mark.parametrize("user", ["minji", "haneul", "junho"])
def test_no_page_shows_others_what_came_after_the_freeze(frozen, path, user):
    world, hidden = frozen
    there = page(world, user, path).text

    assert "동결" in there or "near" in path
    assert hidden["public"] not in re.findall(r'class="score">(-?[\d.]+)<', there)
    assert [team for team, _ in rows(there) if team.startswith("team")] in (
        ["team minji", "team junho"],
        ["team junho"],
        ["team minji", "team junho"] * 2,
        [],
    )


def test_ones_own_page_goes_on_showing_under_the_freeze(frozen):
    world, hidden = frozen

    assert hidden["public"] in page(world, "junho", HERE).text
    assert hidden["public"] not in page(world, "minji", HERE).text


def privates(world):
    """Every private score there is, as it would be shown."""
    with world.core.hackathon.database.reading() as connection:
        found = connection.execute(text("select private from hackathon_scores")).scalars().all()
    return {str(shown(score, 3)) for score in found}


@pytest.mark.parametrize("when", ["running", "frozen", "ended"])
@pytest.mark.parametrize("user", ["minji", "haneul"])
def test_no_page_shows_a_private_score_before_publication(world, when, user):
    world.open()
    world.team("minji")
    world.submit("minji", world.file(0.31))
    world.submit("minji", world.file(0.77))
    public = {one["public"] for one in world.core.hackathon.submissions(UserName("minji"), SLUG)}
    world.at = {"running": START + timedelta(hours=1), "frozen": END - timedelta(minutes=1), "ended": END}[when]
    world.move()
    secret = privates(world) - public
    assert secret, "the samples' public and private scores are alike: this test would see nothing"
    for path in [*PAGES, *PARTS, *OF_OTHERS]:
        there = page(world, user, path).text
        seen = set(re.findall(r'class="(?:score|small figures)">[^<\d-]*(-?\d[\d.]*)<', there))

        assert not seen & secret, path
        assert "비공개 점수 (결과)" not in there, path


def test_the_result_shows_once_it_is_published(world):
    world.open()
    world.team("minji")
    world.team("junho")
    world.submit("minji", world.file(0.3))
    world.submit("junho", world.file(0.9))
    world.at = END
    world.core.organising.publish(UserName("jiho"), SLUG)
    world.move()
    public, private = (page(world, "minji", f"{HERE}/board{query}").text for query in ("", "?private=true"))

    assert "비공개 점수 (결과)" in public
    assert "1번째 발표" in private
    assert rows(private)[0] == ("team minji", "1")
    assert "비공개 " in page(world, "minji", HERE).text
    assert "동결" not in public.split("</header>")[-1]


def test_the_board_sends_its_rows_once_a_change_and_304_in_between(world):
    world.open()
    world.team("minji")
    world.submit("minji", world.file(0.3))
    world.move()
    first = page(world, "haneul", f"{HERE}/board/rows")
    kept = len(world.school.app.state.desk.boards)
    again = page(world, "junho", f"{HERE}/board/rows")
    same = page(world, "minji", f"{HERE}/board/rows", **{"If-None-Match": first.headers["etag"]})

    assert first.content == again.content
    assert (same.status_code, same.content) == (304, b"")
    assert len(world.school.app.state.desk.boards) == kept, "rendered again for a second reader"
    english = page(world, "haneul", f"{HERE}/board/rows", "en")

    assert english.headers["etag"] != first.headers["etag"]
    world.submit("minji", world.file(0.1))
    world.move()

    assert page(world, "haneul", f"{HERE}/board/rows").headers["etag"] != first.headers["etag"]


def test_what_is_sent_to_everybody_is_about_nobody(world):
    world.open()
    world.team("minji")
    world.submit("minji", world.file(0.3))
    world.move()
    for part in ("board/rows", "projector/rows"):
        there = page(world, "minji", f"{HERE}/{part}").text

        assert "우리 팀" not in there
        assert world.school.csrf not in there
        assert "김민지" not in there


def test_search_and_cohort_leave_the_ranks_of_the_whole_board(busy):
    assert rows(page(busy, "haneul", f"{HERE}/board?q=MINJI").text) == [("team minji", "2")]
    assert len(rows(page(busy, "haneul", f"{HERE}/board?cohort=one").text)) == 2
    assert rows(page(busy, "haneul", f"{HERE}/board?cohort=two").text) == []
    assert len(rows(page(busy, "haneul", f"{HERE}/board?cohort=nowhere").text)) >= 2


def test_ones_own_neighbourhood_shows_where_the_top_does_not_reach(world):
    world.open()
    for number in range(60):
        user = UserName(f"u{number}")
        world.core.hackathon.create_team(user, SLUG, f"crowd {number:02d}")
        world.submit(user, world.file(0.01 * number))
    world.team("minji")
    world.submit("minji", world.file(0.555))
    world.move()
    there = page(world, "minji", f"{HERE}/board").text
    near, board = there.split('data-piece="count"')

    assert "우리 팀" in near
    assert ("team minji", "57") in rows(near)
    assert len(rows(near)) == 7
    assert len(rows(board)) == 50
    assert 'class="own"' not in board


def test_errors_stand_beside_scores_on_the_board_and_in_its_json(busy):
    busy.school.sign_in("haneul")
    lines = busy.school.get(f"api/challenges/{SLUG}/board").json()["rows"]
    there = page(busy, "haneul", f"{HERE}/board").text

    assert all(line["error"] is not None for line in lines)
    assert all(f"± {line['error']}" in there for line in lines)


def test_the_projectors_code_leads_to_the_challenge(busy):
    there = page(busy, "minji", f"{HERE}/projector").text

    assert f"/services/bitgoeul/{HERE}</figcaption>" in there
    assert "<svg" in there.split("figcaption")[0]
    assert "style=" not in there
