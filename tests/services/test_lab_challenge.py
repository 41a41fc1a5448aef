"""From the portal into the lab and back: a challenge's files come by one click, and a file of the lab is submitted."""

from __future__ import annotations

import http.client
import re
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode, urlsplit

import pytest

from bitgoeul.names import UserName
from tests.fakes.contest import SLUG, START, contest
from tests.fakes.serving import listening
from tests.services.test_lab_panel import lab_server


@pytest.fixture
def world(tmp_path):
    folder = tmp_path / "academy"
    folder.mkdir()
    with contest(folder) as found, listening(found.school.app) as url:
        found.url = url
        found.open()
        yield found


@pytest.fixture
def lab(world, tmp_path):
    """A lab of minji's, as a server of its own."""
    token = world.school.headers("minji")["Authorization"].split()[1]
    folder = tmp_path / "home"
    folder.mkdir()
    about = SimpleNamespace(
        folder=folder, user="minji", token=token, service=SimpleNamespace(url=world.url), course="ml"
    )
    with lab_server(about, "ko") as panel:
        yield SimpleNamespace(url=panel.url, root=folder, folder=folder / "challenges" / SLUG)


def ask(lab, method, path, **form):
    """As a browser does, which keeps cookies and follows nothing; the status, the text, where it leads."""
    at = urlsplit(lab.url)
    with_body = urlencode(form) if form else None
    connection = http.client.HTTPConnection(str(at.hostname), at.port, timeout=60)
    headers = {"Authorization": "token panel", "Content-Type": "application/x-www-form-urlencoded"}
    connection.request(method, f"/{path}", with_body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text, answer.headers.get("Location")


def test_one_click_brings_the_files_and_opens_the_starter_notebook(world, lab):
    status, _, place = ask(lab, "GET", f"bitgoeul/open?challenge={SLUG}&language=en")

    assert (status, place) == (302, f"/lab/tree/challenges/{SLUG}/starter.en.ipynb")
    event = world.core.hackathon.event(SLUG)
    kept = {path.name: path.read_bytes() for path in lab.folder.iterdir()}
    assert kept == {
        name: b"".join(world.core.hackathon.blobs.chunks(one["sha256"])) for name, one in event.files.items()
    }
    own = lab.folder / "starter.en.ipynb"
    own.write_text("my work")
    (lab.folder / "train.csv").unlink()
    ask(lab, "GET", f"bitgoeul/open?challenge={SLUG}&language=en")

    assert own.read_text() == "my work"
    assert (lab.folder / "train.csv").is_file(), "what was deleted comes again"


@pytest.mark.parametrize(
    ("query", "told"),
    [("challenge=no-such&language=ko", "열린 챌린지"), ("challenge=..%2Fx&language=en", "challenge name")],
)
def test_a_challenge_that_is_not_there_is_told_on_a_page(lab, query, told):
    status, text, _ = ask(lab, "GET", f"bitgoeul/open?{query}")

    assert status == 502
    assert told in text
    assert not (lab.root / "challenges").exists()


def test_before_the_start_the_lab_says_so(world, lab):
    world.at = START.replace(hour=8)
    status, text, _ = ask(lab, "GET", f"bitgoeul/open?challenge={SLUG}&language=ko")

    assert status == 502
    assert "아직 시작하지 않아서" in text


def test_a_file_of_the_lab_is_submitted_once(world, lab):
    world.core.hackathon.create_team(UserName("minji"), SLUG, "빛고을")
    ask(lab, "GET", f"bitgoeul/open?challenge={SLUG}&language=ko")

    assert "파일이 없습니다" in ask(lab, "GET", f"bitgoeul/submit?challenge={SLUG}&language=ko")[1]
    data = world.file(0.2)
    (lab.folder / "내 예측 <1>.csv").write_bytes(data)
    (lab.root / "elsewhere.csv").write_bytes(data)
    Path(lab.folder / "link.csv").symlink_to(lab.root / "elsewhere.csv")
    _, page, _ = ask(lab, "GET", f"bitgoeul/submit?challenge={SLUG}&language=ko")
    offered = re.findall(r'name="file" value="([^"]*)"', page)

    assert set(offered) == {"내 예측 &lt;1&gt;.csv", "link.csv"}
    assert "train.csv" not in page
    for name in ("../elsewhere.csv", "train.csv", ""):
        status, _, _ = ask(lab, "POST", "bitgoeul/submit", challenge=SLUG, language="ko", file=name)

        assert status == 502
    for _ in range(2):
        status, text, _ = ask(lab, "POST", "bitgoeul/submit", challenge=SLUG, language="ko", file="내 예측 <1>.csv")

        assert (status, "접수되었습니다" in text) == (200, True)
    assert f"hackathons/{SLUG}" in text
    (one,) = world.core.hackathon.submissions(UserName("minji"), SLUG)
    assert (one["file_name"], one["size"], one["user"]) == ("내 예측 <1>.csv", len(data), "minji")


def test_without_a_team_the_lab_says_why_not(world, lab):
    ask(lab, "GET", f"bitgoeul/open?challenge={SLUG}&language=ko")
    (lab.folder / "a.csv").write_bytes(world.file(0.2))
    status, text, _ = ask(lab, "POST", "bitgoeul/submit", challenge=SLUG, language="en", file="a.csv")

    assert status == 502
    assert "You have no team yet" in text
