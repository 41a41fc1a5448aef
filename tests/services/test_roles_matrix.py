"""Every route, asked by every role: who may what, in one table. A route without a row fails the build."""

from __future__ import annotations

import hashlib
import json
import uuid

import pytest
from fastapi.routing import iter_route_contexts

from bitgoeul.app import build_app
from bitgoeul.database import METADATA, Database
from tests.fakes.academy import LINE, LINK, ML, PREFIX, academy, notebook, settings_in, tar
from tests.fakes.browser import browser

# In this order each role asks, so that nobody's permitted change hides another's refusal.
ROLES = (
    "anonymous",  # a program without a token
    "bad token",
    "no scope",  # the owner's token, but not for this service
    "stranger",  # a student of another course
    "other staff",  # staff of another course
    "operator",
    "fellow",  # a student of the same course
    "owner",  # the student whose work it is
    "staff",
)
USERS = {
    "stranger": "haneul",
    "other staff": "hyunwoo",
    "operator": "jiho",
    "fellow": "junho",
    "owner": "minji",
    "staff": "seoyeon",
}

C, A = f"/courses/{ML}", f"/courses/{ML}/assignments/{LINE}"
T = f"teach/{ML}/{LINE}"

# What each role gets:         anon bad  none stra othr oper fell ownr staf
EVERYBODY = (200, 200, 200, 200, 200, 200, 200, 200, 200)
SIGNED_IN = (401, 401, 403, 200, 200, 200, 200, 200, 200)
MEMBERS = (401, 401, 403, 403, 403, 403, 200, 200, 200)
STAFF = (401, 401, 403, 403, 403, 403, 403, 403, 200)
OWNER = (401, 401, 403, 404, 404, 404, 404, 200, 200)
OPERATOR = (401, 401, 403, 403, 403, 200, 403, 403, 403)
# No challenge is open here; tests/unit/hackathon/test_routes.py has one, with two teams.
NO_CHALLENGE = (401, 401, 403, 404, 404, 404, 404, 404, 404)


def instead(row: tuple[int, ...], allowed: int) -> tuple[int, ...]:
    """The same permissions where success has another status."""
    return tuple(allowed if status == 200 else status for status in row)


# (method, route) -> (path, statuses). {sub} is a graded submission of the owner with feedback.
MATRIX = {
    ("GET", "api/me"): ("api/me", SIGNED_IN),
    ("GET", "api/receipt-key"): ("api/receipt-key", EVERYBODY),
    ("GET", "api/courses/{course}/assignments"): (f"api{C}/assignments", MEMBERS),
    ("GET", "api/courses/{course}/assignments/{assignment}/release"): (f"api{A}/release", MEMBERS),
    ("POST", "api/courses/{course}/assignments/{assignment}/releases"): (f"api{A}/releases", instead(STAFF, 201)),
    ("POST", "api/courses/{course}/assignments/{assignment}/release-from-curriculum"): (
        f"api{A}/release-from-curriculum",
        STAFF,
    ),
    ("DELETE", "api/courses/{course}/assignments/{assignment}/release"): (f"api{A}/release", instead(STAFF, 204)),
    ("POST", "api/courses/{course}/assignments/{assignment}/submissions"): (
        f"api{A}/submissions",
        instead(MEMBERS, 201),
    ),
    ("GET", "api/courses/{course}/assignments/{assignment}/submissions"): (f"api{A}/submissions", MEMBERS),
    ("GET", "api/courses/{course}/submissions"): (f"api{C}/submissions", MEMBERS),
    ("GET", "api/submissions/{submission}"): ("api/submissions/{sub}", OWNER),
    ("GET", "api/submissions/{submission}/content"): ("api/submissions/{sub}/content", OWNER),
    ("GET", "api/submissions/{submission}/receipt"): ("api/submissions/{sub}/receipt", OWNER),
    ("GET", "api/submissions/{submission}/result"): ("api/submissions/{sub}/result", OWNER),
    ("GET", "api/submissions/{submission}/feedback"): ("api/submissions/{sub}/feedback", OWNER),
    ("POST", "api/submissions/{submission}/feedback"): (
        "api/submissions/{sub}/feedback",
        (401, 401, 403, 404, 404, 404, 404, 403, 201),
    ),
    ("POST", "api/courses/{course}/assignments/{assignment}/feedback"): (f"api{A}/feedback", instead(STAFF, 202)),
    ("POST", "api/courses/{course}/assignments/{assignment}/grade"): (f"api{A}/grade", instead(STAFF, 202)),
    ("GET", "api/courses/{course}/assignments/{assignment}/progress"): (f"api{A}/progress", STAFF),
    ("PUT", "api/courses/{course}/assignments/{assignment}/due"): (f"api{A}/due", STAFF),
    ("PUT", "api/courses/{course}/assignments/{assignment}/extensions/{user}"): (
        f"api{A}/extensions/minji",
        instead(STAFF, 204),
    ),
    ("POST", "api/courses/{course}/assignments/{assignment}/collections"): (
        f"api{A}/collections?up_to=9",
        instead(STAFF, 201),
    ),
    ("POST", "api/courses/{course}/execute"): (f"api{C}/execute", STAFF),
    ("GET", ""): ("", SIGNED_IN),
    ("GET", "hackathons"): ("hackathons", SIGNED_IN),
    ("GET", "hackathons/{slug}"): ("hackathons/small", NO_CHALLENGE),
    ("GET", "hackathons/{slug}/live"): ("hackathons/small/live", NO_CHALLENGE),
    ("GET", "hackathons/{slug}/board"): ("hackathons/small/board", NO_CHALLENGE),
    ("GET", "hackathons/{slug}/board/rows"): ("hackathons/small/board/rows", NO_CHALLENGE),
    ("GET", "hackathons/{slug}/board/near"): ("hackathons/small/board/near", NO_CHALLENGE),
    ("GET", "hackathons/{slug}/projector"): ("hackathons/small/projector", NO_CHALLENGE),
    ("GET", "hackathons/{slug}/projector/rows"): ("hackathons/small/projector/rows", NO_CHALLENGE),
    ("POST", "hackathons/{slug}/team"): ("hackathons/small/team", NO_CHALLENGE),
    ("POST", "hackathons/{slug}/team/join"): ("hackathons/small/team/join", NO_CHALLENGE),
    ("POST", "hackathons/{slug}/team/merge"): ("hackathons/small/team/merge", NO_CHALLENGE),
    ("POST", "hackathons/{slug}/team/captain"): ("hackathons/small/team/captain", NO_CHALLENGE),
    ("POST", "hackathons/{slug}/final"): ("hackathons/small/final", NO_CHALLENGE),
    ("POST", "hackathons/{slug}/submissions"): ("hackathons/small/submissions", NO_CHALLENGE),
    ("GET", "learn/{course}/{assignment}"): (f"learn/{ML}/{LINE}", MEMBERS),
    ("GET", "learn/{course}/{assignment}/live"): (f"learn/{ML}/{LINE}/live", MEMBERS),
    ("POST", "learn/{course}/{assignment}/submissions"): (f"learn/{ML}/{LINE}/submissions", instead(MEMBERS, 303)),
    ("GET", "submissions/{submission}/feedback/{name}"): ("submissions/{sub}/feedback/line.html", OWNER),
    ("GET", "teach/{course}"): (f"teach/{ML}", STAFF),
    ("GET", "teach/{course}/scores.csv"): (f"teach/{ML}/scores.csv", STAFF),
    ("GET", "teach/{course}/scores.xlsx"): (f"teach/{ML}/scores.xlsx", STAFF),
    ("GET", "teach/{course}/{assignment}"): (T, STAFF),
    ("GET", "teach/{course}/{assignment}/live"): (f"{T}/live", STAFF),
    ("GET", "teach/{course}/{assignment}/submissions.zip"): (f"{T}/submissions.zip", STAFF),
    ("GET", "teach/{course}/{assignment}/students/{user}"): (f"{T}/students/minji", STAFF),
    ("GET", "api/courses/{course}/assignments/{assignment}/preview"): (f"api{A}/preview", STAFF),
    # Nothing was previewed: for staff there is nothing to apply or to drop.
    ("POST", "api/courses/{course}/assignments/{assignment}/preview"): (f"api{A}/preview", instead(STAFF, 404)),
    ("DELETE", "api/courses/{course}/assignments/{assignment}/preview"): (f"api{A}/preview", instead(STAFF, 404)),
    ("GET", "teach/{course}/{assignment}/regrade"): (f"{T}/regrade", STAFF),
    ("GET", "teach/{course}/{assignment}/regrade/live"): (f"{T}/regrade/live", STAFF),
    ("POST", "teach/{course}/{assignment}/regrade"): (f"{T}/regrade", instead(STAFF, 404)),
    ("GET", "teach/{course}/{assignment}/verdicts/{verdict}"): (f"{T}/verdicts/1", STAFF),
    ("GET", "teach/{course}/{assignment}/flagged"): (f"{T}/flagged", STAFF),
    # The owner's work is not flagged: for staff there is nothing to decide.
    ("POST", "teach/{course}/{assignment}/flagged"): (f"{T}/flagged", instead(STAFF, 404)),
    # Similar work shows to staff, and not even to them before the due date.
    ("GET", "teach/{course}/{assignment}/similar"): (f"{T}/similar", instead(STAFF, 409)),
    ("GET", "teach/{course}/{assignment}/similar.json"): (f"{T}/similar.json", instead(STAFF, 409)),
    ("GET", "teach/{course}/{assignment}/similar/{left}/{right}"): (f"{T}/similar/minji/junho", instead(STAFF, 409)),
    ("POST", "teach/{course}/{assignment}/release"): (f"{T}/release", instead(STAFF, 303)),
    ("POST", "teach/{course}/{assignment}/withdraw"): (f"{T}/withdraw", instead(STAFF, 303)),
    ("POST", "teach/{course}/{assignment}/grade"): (f"{T}/grade", instead(STAFF, 303)),
    ("POST", "teach/{course}/{assignment}/collect"): (f"{T}/collect", instead(STAFF, 303)),
    ("POST", "teach/{course}/{assignment}/results"): (f"{T}/results", instead(STAFF, 303)),
    ("POST", "teach/{course}/{assignment}/feedback"): (f"{T}/feedback", instead(STAFF, 303)),
    ("POST", "teach/{course}/{assignment}/due"): (f"{T}/due", instead(STAFF, 303)),
    ("POST", "teach/{course}/{assignment}/extensions"): (f"{T}/extensions", instead(STAFF, 303)),
    ("GET", "operate"): ("operate", OPERATOR),
    ("GET", "operate/live"): ("operate/live", OPERATOR),
    ("GET", "gpus"): ("gpus", SIGNED_IN),
    ("GET", "gpus/live"): ("gpus/live", SIGNED_IN),
    ("GET", "api/gpus/mine"): ("api/gpus/mine", SIGNED_IN),
    ("POST", "gpus/leave"): ("gpus/leave", instead(SIGNED_IN, 303)),
    ("GET", "operate/gpus"): ("operate/gpus", OPERATOR),
    ("GET", "operate/gpus/live"): ("operate/gpus/live", OPERATOR),
    # The form is empty: there is no such cohort, and no number in it.
    ("POST", "operate/gpus/reserve"): ("operate/gpus/reserve", instead(OPERATOR, 404)),
    ("POST", "operate/gpus/cancel"): ("operate/gpus/cancel", instead(OPERATOR, 422)),
    ("GET", "api/time"): ("api/time", EVERYBODY),
    ("GET", "api/challenges"): ("api/challenges", SIGNED_IN),
    **{
        (method, f"api/challenges/{{slug}}{rest}"): (f"api/challenges/small{rest.format(name='a.csv')}", NO_CHALLENGE)
        for method, rest in (
            ("GET", ""),
            ("GET", "/files/{name}"),
            ("POST", "/team"),
            ("POST", "/team/join"),
            ("POST", "/team/merge"),
            ("POST", "/submissions"),
            ("GET", "/submissions"),
            ("GET", "/board"),
            ("GET", "/board/events"),
        )
    },
    **{
        (method, f"api/challenge-submissions/{{submission}}{rest}"): (
            f"api/challenge-submissions/{{sub}}{rest}",
            NO_CHALLENGE,
        )
        for method, rest in (("GET", ""), ("PUT", "/content"), ("PUT", "/final"), ("DELETE", "/final"))
    },
    ("GET", "api/challenges/{slug}/board/mine"): ("api/challenges/small/board/mine", SIGNED_IN),  # no team, no lines
    **{
        (method, f"api/challenges/{{slug}}{rest}"): (f"api/challenges/small{rest}", instead(OPERATOR, 404))
        for method, rest in (
            ("POST", "/open"),
            ("PATCH", ""),
            ("POST", "/flags"),
            ("POST", "/publish"),
            ("POST", "/rescoring"),
            ("GET", "/rescoring"),
            ("PUT", "/rescoring"),
            ("DELETE", "/rescoring"),
        )
    },
    ("GET", "api/challenges/{slug}/export.{kind}"): ("api/challenges/small/export.csv", instead(OPERATOR, 404)),
    ("GET", "api/challenges/{slug}/queue"): ("api/challenges/small/queue", OPERATOR),
    # Signing in and out is for browsers: without what the Hub sends along there is nothing to finish.
    ("GET", "oauth_callback"): ("oauth_callback", (401,) * 9),
    ("POST", "logout"): ("logout", instead(SIGNED_IN, 303)),
}
READING = [key for key in MATRIX if key[0] == "GET"]
CHANGING = [key for key in MATRIX if key[0] != "GET"]


def routes_of(app) -> set[tuple[str, str]]:
    """Every route below the service's prefix but the static files."""
    found = set()
    for route in iter_route_contexts(app.routes):
        assert route.path.startswith(PREFIX), f"{route.path} lies outside the service's prefix"
        if route.path != f"{PREFIX}static":
            found |= {(method, route.path.removeprefix(PREFIX)) for method in (route.methods or {"ANY"}) - {"HEAD"}}
    return found


def body_for(method: str, route: str) -> dict:
    """What a permitted caller would send."""
    if route.startswith("api/challenges/"):
        flag = {"flag": "hidden", "reason": "a mistake", "team": "one"}
        announced = {"sha256": "0" * 64, "size": 3}
        sent = {"/team": {"name": "one"}, "/flags": flag, "/submissions": announced, "/open": {}, "{slug}": {}}
        body = next((value for end, value in sent.items() if route.endswith(end)), {"code": "ABCDEFGH"})
        return {"json": body, "headers": {"Idempotency-Key": str(uuid.uuid4())}}
    if method == "PUT":
        return {"json": {"due": "2031-01-01T09:00:00+09:00"}}
    if route.endswith("/releases"):
        return {"content": tar({"release/ko/line.ipynb": notebook("", "", "again")})}
    if route.startswith("api/") and route.endswith("/submissions"):
        data = tar({"line.ipynb": notebook("right")})
        key = {"Idempotency-Key": str(uuid.uuid4()), "X-Content-SHA256": hashlib.sha256(data).hexdigest()}
        return {"content": data, "headers": {**key, "Content-Type": "application/x-tar"}}
    if route == "api/submissions/{submission}/feedback":
        return {"content": tar({"line.html": b"<p>good</p>"})}
    if route.endswith("/execute"):
        return {"content": tar({"notebook.ipynb": notebook()})}
    if route == "learn/{course}/{assignment}/submissions":
        return {"files": {"file": ("line.ipynb", notebook("right"))}, "data": {"key": str(uuid.uuid4())}}
    if route.endswith("/extensions"):
        return {"data": {"user": "minji", "due": "2031-12-01T09:00"}}
    return {"data": {"due": "2031-01-01T09:00"}} if route.startswith("teach/") else {}


def furnished(school) -> str:
    """Release an assignment, grade the owner's work, give feedback; the submission's id."""
    school.release()
    receipt = school.submit("minji", notebook("right", "wrong", "why"))
    school.settle()
    school.exchange.release_feedback(school.caller("seoyeon"), ML, LINE)
    school.settle()
    return receipt["id"]


def ask(school, role: str, method: str, route: str, submission: str) -> int:
    headers = {}
    if role == "bad token":
        headers = {"Authorization": "token 0123456789abcdef"}
    elif role == "no scope":
        headers = {"Authorization": f"token {school.hub.token_for('minji', scopes=('self',))}"}
    elif role != "anonymous":
        headers = school.headers(USERS[role])
    sent = body_for(method, route) if method != "GET" else {}
    headers |= sent.pop("headers", {})
    path = MATRIX[method, route][0].format(sub=submission)
    return school.client.request(method, PREFIX + path, headers=headers, **sent).status_code


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    with academy(tmp_path_factory.mktemp("school")) as found:
        yield found, furnished(found)


@pytest.mark.parametrize(("method", "route"), READING)
def test_who_may_read(school, method, route):
    found, submission = school
    answers = tuple(ask(found, role, method, route, submission) for role in ROLES)

    assert dict(zip(ROLES, answers, strict=True)) == dict(zip(ROLES, MATRIX[method, route][1], strict=True))


@pytest.mark.parametrize(("method", "route"), CHANGING)
def test_who_may_change(tmp_path, method, route):
    with academy(tmp_path) as found:
        submission = furnished(found)
        answers = tuple(ask(found, role, method, route, submission) for role in ROLES)

    assert dict(zip(ROLES, answers, strict=True)) == dict(zip(ROLES, MATRIX[method, route][1], strict=True))


def test_every_route_of_the_app_has_a_row(tmp_path):
    settings = settings_in(tmp_path)
    (tmp_path / "curriculum").mkdir()
    settings.state.mkdir()
    METADATA.create_all(Database(settings.database_url).engine)
    app = build_app(settings, LINK)
    with browser(app):  # its lifespan closes what it opened
        found = routes_of(app)

    assert not found - set(MATRIX), "add a row to MATRIX for each of these"
    assert found == set(MATRIX)


def test_a_route_that_somebody_adds_is_noticed(school):
    found, _ = school
    found.app.get(f"{PREFIX}new")(lambda: "")

    assert routes_of(found.app) - set(MATRIX) == {("GET", "new")}


def test_a_students_lists_hold_nothing_of_anybody_else(school):
    found, submission = school
    for path in (f"api{A}/submissions", f"api{C}/submissions"):
        for asked in ("", "?student=minji", "?student=minji&after=0"):
            rows = found.client.get(PREFIX + path + asked, headers=found.headers("junho")).json()

            assert submission not in json.dumps(rows)
            assert not [row for row in rows if row["user"] != "junho"]


def test_a_browser_without_a_session_is_sent_to_sign_in_from_pages_and_nowhere_else(school):
    found, submission = school
    found.client.cookies.clear()
    for method, route in READING:
        if route in ("oauth_callback", "api/receipt-key", "api/time"):
            continue
        path = MATRIX[method, route][0].format(sub=submission)
        answer = found.get(path)

        assert answer.status_code == (401 if route.startswith("api/") else 302), route
