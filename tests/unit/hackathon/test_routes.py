"""The hackathon's HTTP API: who may do what, uploads in two steps, boards that are sent once, events."""

from __future__ import annotations

import hashlib
import http.client
import time
import uuid
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI

from bitgoeul.errors import Text
from bitgoeul.hackathon.boards import LOOK_EVERY
from bitgoeul.settings import Settings
from bitgoeul.web import errors, pages
from bitgoeul.web.auth import Authority
from bitgoeul.web.hub import HubClient
from bitgoeul.web.link import HubLink
from tests.fakes.browser import browser
from tests.fakes.hub import API, SERVICE_TOKEN, FakeHub
from tests.fakes.serving import listening
from tests.unit.hackathon.conftest import END

LINK = HubLink(api_url=API, api_token=SERVICE_TOKEN)
AT = f"{LINK.prefix}api/challenges/small"


@pytest.fixture
def database(tmp_path):
    """Rows are tested on both; here one is enough."""
    from bitgoeul.database import Database
    from bitgoeul.migrations import migrate

    found = Database(f"sqlite:///{tmp_path / 'db.sqlite'}")
    migrate(found)
    yield found
    found.close()


@pytest.fixture
def hub():
    return FakeHub({"minji": [], "jun": [], "boss": []}, admins=frozenset({"boss"}))


@pytest.fixture
def app(world, hub):
    app = FastAPI(docs_url=None, openapi_url=None)
    app.state.authority = Authority(LINK, HubClient(LINK.api_url, LINK.api_token, transport=hub.transport))
    pages.install(app, pages.Pages(LINK, name=Text("학교", "Academy"), zone=Settings().zone))
    errors.install(app)
    world.core.install(app, LINK.prefix.rstrip("/"))
    return app


@pytest.fixture
def ask(app, hub):
    tokens = {user: hub.token_for(user) for user in hub.users}
    with browser(app) as client:

        def ask(user, method, path, **more):
            headers = {**({"Authorization": f"token {tokens[user]}"} if user else {}), **more.pop("headers", {})}
            return client.request(
                method, path if path.startswith("/") else f"{AT}{path and '/'}{path}", headers=headers, **more
            )

        yield ask


def announced(ask, user, data, key=None):
    body = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "name": "답.csv"}
    return ask(user, "POST", "submissions", json=body, headers={"Idempotency-Key": key or str(uuid.uuid4())})


def test_a_whole_round_by_http(ask, world):
    world.open()
    assert ask("minji", "POST", "team", json={"name": "빛고을"}).status_code == 201
    data = world.file(0.1)
    first = announced(ask, "minji", data)
    assert (first.status_code, first.json()["state"], first.json()["remaining"]) == (201, "receiving", 4)
    at = f"{LINK.prefix}api/challenge-submissions/{first.json()['id']}"
    sent = ask("minji", "PUT", f"{at}/content", content=data)
    assert (sent.status_code, sent.json()["state"]) == (200, "received")
    assert world.core.scoring.step()

    assert ask("minji", "GET", at).json()["state"] == "scored"
    assert ask("minji", "GET", "submissions").json()[0]["file_name"] == "답.csv"
    assert ask("minji", "PUT", f"{at}/final").json()["flags"] == ["selected"]
    assert ask("minji", "DELETE", f"{at}/final").json()["flags"] == []
    assert [row["team"] for row in ask("jun", "GET", "board").json()["rows"]] == ["빛고을", "· half"]
    assert ask("minji", "GET", "board/mine").json()[0]["rank"] == 1
    for method, path in (("GET", at), ("PUT", f"{at}/content"), ("PUT", f"{at}/final")):
        assert ask("jun", method, path).status_code == 404


def test_who_is_nobody_sees_nothing_and_who_is_no_organiser_changes_nothing(ask, world):
    world.open()
    reads = [
        ("GET", path) for path in ("", "board", "board/mine", "board/events", "submissions", "files/train.csv", "queue")
    ]
    for method, path in [*reads, ("POST", "team"), ("POST", "submissions"), ("POST", "open"), ("POST", "publish")]:
        assert ask(None, method, path, json={}).status_code in (401, 422), path
    organisers = {
        ("POST", "open"): {},
        ("PATCH", ""): {"freeze_minutes": 0},
        ("POST", "publish"): {},
        ("POST", "flags"): {"flag": "hidden", "reason": "x", "team": "x"},
        ("GET", "queue"): None,
    }
    for (method, path), body in organisers.items():
        assert ask("minji", method, path, json=body).status_code == 403, path
    assert ask("boss", "PATCH", "", json={"freeze_minutes": 0}).json()["freeze_minutes"] == 0
    assert ask("boss", "GET", "queue").json() == {"scored": 1}


def test_an_organiser_opens_a_challenge_and_nothing_secret_is_told(ask, world):
    assert ask("minji", "GET", "").status_code == 404
    made = ask("boss", "POST", "open", json={"freeze_minutes": 20})
    assert made.status_code == 201
    event = world.hackathon.event("small")
    told = made.text + ask("minji", "GET", "").text + ask("minji", "GET", f"{LINK.prefix}api/challenges").text
    told += "".join(ask("minji", "GET", f"files/{name}").text for name in event.files)

    for secret in (event.seed, event.answers, f"{int(event.seed):x}"):
        assert secret not in told


def test_files_come_with_the_start(ask, world):
    world.open()
    world.at -= timedelta(days=1)
    assert ask("minji", "GET", "").json()["files"] == {}
    assert ask("minji", "GET", "files/train.csv").status_code == 404
    world.at += timedelta(days=1)

    assert ask("minji", "GET", "files/test.csv").text.startswith("id,")
    assert ask("minji", "GET", "files/..%2fdb.sqlite").status_code == 404


@pytest.mark.parametrize(
    ("body", "key", "status"),
    [
        ({"sha256": "0" * 64, "size": 5}, "x", 422),
        ({"sha256": "0" * 63, "size": 5}, None, 422),
        ({"sha256": "0" * 64, "size": 0}, None, 413),
        ({"sha256": "0" * 64, "size": 10**12}, None, 413),
        ({"sha256": "0" * 64, "size": 5, "received_at": "2026-12-05T09:00:00Z"}, None, 422),
    ],
)
def test_odd_announcements(ask, world, body, key, status):
    """A time that a client sends is no part of what it may say."""
    world.open()
    world.team("minji")
    headers = {"Idempotency-Key": key or str(uuid.uuid4())}

    assert ask("minji", "POST", "submissions", json=body, headers=headers).status_code == status


def test_a_spent_quota_says_when_the_next_comes(ask, world):
    world.open(quota={"scored": 1})
    world.team("minji")
    announced(ask, "minji", b"x")
    refused = announced(ask, "minji", b"y")

    assert refused.status_code == 429
    assert "2026-12-05T15:00" in refused.json()["ko"]


def test_more_bytes_than_announced_are_refused(ask, world):
    world.open()
    world.team("minji")
    at = f"{LINK.prefix}api/challenge-submissions/{announced(ask, 'minji', b'abc').json()['id']}/content"

    assert ask("minji", "PUT", at, content=b"x" * 100_000).status_code == 413
    assert ask("minji", "PUT", at, content=b"abd").status_code == 422
    assert ask("minji", "PUT", at, content=b"abc").json()["state"] == "received"


def test_a_board_is_sent_once(ask, world):
    world.open()
    world.team("minji")
    first = ask("minji", "GET", "board")
    kept = {"If-None-Match": first.headers["etag"]}
    assert ask("minji", "GET", "board", headers=kept).status_code == 304
    world.submit("minji", world.file(0.1))
    world.board()

    assert ask("minji", "GET", "board", headers=kept).status_code == 200


def test_a_reader_sees_a_change_by_himself(ask, world):
    world.open()
    world.team("minji")
    before = ask("minji", "GET", "board").json()["rows"]
    assert world.hackathon.boards.fresh("small") is not None
    assert world.hackathon.boards.fresh("small", private=True) is None
    world.submit("minji", world.file(0.1))
    time.sleep(LOOK_EVERY)
    assert world.hackathon.boards.fresh("small") is None

    assert len(ask("minji", "GET", "board").json()["rows"]) == len(before) + 1


def test_the_private_board_is_empty_until_it_is_published(ask, world):
    world.open()
    world.team("minji")
    world.submit("minji", world.file(0.1))
    assert ask("minji", "GET", "board?private=true").json()["rows"] == []
    assert ask("minji", "GET", "board?private=perhaps").status_code == 422
    world.at = END
    assert ask("boss", "POST", "publish").status_code == 201
    world.board()

    assert ask("minji", "GET", "board?private=true").json()["rows"][0]["rank"] == 1


def test_time_is_the_servers(ask, world):
    assert ask(None, "GET", f"{LINK.prefix}api/time").json() == {"now": "2026-12-05T00:00:00.000000Z"}


def test_watchers_hear_of_a_change(app, hub, world):
    """Over a real connection: the first state at once, the next when the score is there."""
    world.open()
    world.team("minji")
    token = hub.token_for("jun")
    with listening(app) as base:
        at = urlsplit(base)
        connection = http.client.HTTPConnection(at.hostname, at.port, timeout=20)
        connection.request("GET", f"{AT}/board/events", headers={"Authorization": f"token {token}"})
        stream = connection.getresponse()
        assert stream.headers["content-type"].startswith("text/event-stream")
        first = [stream.readline() for _ in range(4)]
        world.submit("minji", world.file(0.1))
        second = [stream.readline() for _ in range(4)]
        connection.close()

    assert first[1] == second[1] == b"event: board\n"
    assert first[2] != second[2]
