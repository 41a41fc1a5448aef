"""The exchange over real HTTP: who may do what, and what each of its promises is worth."""

from __future__ import annotations

import hashlib
import io
import json
import re
import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from bitgoeul.exchange import bundle, receipts, routes
from bitgoeul.wire import Receipt, ReleaseRow, SubmissionRow, Verdict, moment, read
from tests.services.exchange_load import (
    ASSIGNMENT,
    COURSE,
    IN,
    NOTEBOOK,
    RELEASE,
    School,
    headers_for,
    submit,
    work_of,
)
from tests.services.exchange_service import serving


@pytest.fixture(scope="module")
def school():
    school = School(students=6)
    school.hub.users["guest-prof"] = ["formgrade-other-course"]
    school.tokens["guest-prof"] = school.hub.token_for("guest-prof")
    return school


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def service(request, school, tmp_path_factory):
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    folder = tmp_path_factory.mktemp("exchange") / "state"
    with serving(folder, school.hub, database_url=url, options={"max_submission_mb": 5, "max_files": 50}) as service:
        school.release(service)
        yield service


@pytest.fixture
def ask(service, school):
    def ask(user, method, path, **more):
        return service.ask(method, path, school.tokens.get(user, user), **more)

    return ask


@pytest.fixture
def hand_in(service, school):
    def hand_in(user, data=None, key=None, **more):
        return submit(service, school.tokens[user], data or work_of(100, 1), key, **more)

    return hand_in


def wait_for(ask, submission, *, state=("graded", "needs-manual", "failed")):
    for _ in range(1200):
        row = ask("prof", "GET", f"api/submissions/{submission}").json
        if row["state"] in state:
            return read(SubmissionRow, row)
        time.sleep(0.05)
    raise AssertionError(row)


# --- who may do what ---------------------------------------------------------------------------------------

ROLES = ("owner", "student", "prof", "guest-prof", "stranger", "nobody")
USERS = {"owner": "student-0", "student": "student-1", "nobody": "no-such-token"}
# Expected statuses in the order of ROLES. A submission that is none of yours does not exist (404).
MATRIX = {
    "GET /me": (200, 200, 200, 200, 200, 401),
    "GET /receipt-key": (200, 200, 200, 200, 200, 200),
    "GET /courses/{course}/assignments": (200, 200, 200, 403, 403, 401),
    "GET /courses/{course}/assignments/{assignment}/release": (200, 200, 200, 403, 403, 401),
    "GET /courses/{course}/assignments/{assignment}/release?part=source": (403, 403, 200, 403, 403, 401),
    "POST /courses/{course}/assignments/{assignment}/releases": (403, 403, 200, 403, 403, 401),
    "POST /courses/{course}/assignments/{assignment}/release-from-curriculum": (403, 403, 404, 403, 403, 401),
    "DELETE /courses/{course}/assignments/{assignment}/release": (403, 403, 204, 403, 403, 401),
    "POST /courses/{course}/assignments/{assignment}/submissions": (201, 201, 201, 403, 403, 401),
    "GET /courses/{course}/assignments/{assignment}/submissions": (200, 200, 200, 403, 403, 401),
    "GET /courses/{course}/submissions": (200, 200, 200, 403, 403, 401),
    "GET /submissions/{submission}": (200, 404, 200, 404, 404, 401),
    "GET /submissions/{submission}/content": (200, 404, 200, 404, 404, 401),
    "GET /submissions/{submission}/receipt": (200, 404, 200, 404, 404, 401),
    "GET /submissions/{submission}/result": (200, 404, 200, 404, 404, 401),
    "POST /submissions/{submission}/feedback": (403, 404, 201, 404, 404, 401),
    "GET /submissions/{submission}/feedback": (200, 404, 200, 404, 404, 401),
    "POST /courses/{course}/assignments/{assignment}/feedback": (403, 403, 202, 403, 403, 401),
    "POST /courses/{course}/assignments/{assignment}/grade": (403, 403, 202, 403, 403, 401),
    "GET /courses/{course}/assignments/{assignment}/preview": (403, 403, 200, 403, 403, 401),
    "POST /courses/{course}/assignments/{assignment}/preview": (403, 403, 404, 403, 403, 401),
    "DELETE /courses/{course}/assignments/{assignment}/preview": (403, 403, 404, 403, 403, 401),
    "GET /courses/{course}/assignments/{assignment}/progress": (403, 403, 200, 403, 403, 401),
    "PUT /courses/{course}/assignments/{assignment}/due": (403, 403, 200, 403, 403, 401),
    "PUT /courses/{course}/assignments/{assignment}/extensions/{user}": (403, 403, 204, 403, 403, 401),
    "POST /courses/{course}/assignments/{assignment}/collections?up_to=1": (403, 403, 201, 403, 403, 401),
    "POST /courses/{course}/execute": (403, 403, 200, 403, 403, 401),
}


def _body(path, user):
    if (path.endswith(("/due", "}")) and "extensions" in path) or path.endswith("/due"):
        return json.dumps({"due": None}).encode(), {"Content-Type": "application/json"}
    if path.endswith("/releases"):
        return bundle.write(RELEASE), {}
    if path.endswith("/submissions"):
        data = work_of(10, len(user))
        return data, headers_for(data, str(uuid.uuid4()))
    if path.endswith(("/feedback", "/execute")):
        return bundle.write({"notebook.ipynb": NOTEBOOK, "a.html": b"<p>good</p>"}), {}
    return None, {}


def test_every_route_stands_in_the_matrix():
    known = {
        f"{method} {route.path.removeprefix('/api')}" for route in routes.router.routes for method in route.methods
    }

    assert {line.partition("?")[0] for line in MATRIX} == known


def test_each_role_may_do_on_each_route_what_the_matrix_says(ask, hand_in, service, school):
    submission = hand_in("student-0").json["id"]
    wait_for(ask, submission)
    values = {"course": COURSE, "assignment": ASSIGNMENT, "submission": submission, "user": "student-2"}
    found = {}
    for line in MATRIX:
        method, path = line.split(" ")
        place = "api" + re.sub(r"{(\w+)}", lambda m: values[m[1]], path)
        answers = []
        for role in ROLES:
            user = USERS.get(role, role)
            body, headers = _body(path.partition("?")[0], user)
            if method in ("GET", "DELETE"):
                body = None
            answers.append(ask(user, method, place, body=body, headers=headers).status)
        found[line] = tuple(answers)
        school.release(service)  # one of them withdrew it

    assert found == MATRIX


def test_without_any_token_nothing_is_told(service):
    answer = service.ask("GET", "api/me")

    assert answer.status == 401
    assert answer.json["code"] == "sign-in-needed"


def test_a_student_who_asks_for_anothers_list_gets_his_own(ask, hand_in):
    mine = hand_in("student-3").json
    hand_in("student-4")
    for path in (f"{IN}/submissions", f"api/courses/{COURSE}/submissions"):
        rows = ask("student-3", "GET", f"{path}?student=student-4").json

        assert {row["user"] for row in rows} == {"student-3"}
        assert mine["id"] in {row["id"] for row in rows}


def test_a_key_of_one_student_means_nothing_to_another(hand_in):
    key = str(uuid.uuid4())
    one = hand_in("student-0", work_of(10, 1), key)
    other = hand_in("student-1", work_of(10, 2), key)

    assert (one.status, other.status) == (201, 201)
    assert other.json["user"] == "student-1"


# --- handing in --------------------------------------------------------------------------------------------


def test_a_receipt_speaks_of_what_was_handed_in_and_can_be_checked_offline(ask, hand_in, service):
    data = work_of(5000, 7)
    answer = hand_in("student-1", data)
    receipt = read(Receipt, answer.body)
    key = service.ask("GET", "api/receipt-key").json["public_key"]

    assert answer.status == 201
    assert receipts.verify(receipt, key)
    assert (receipt.sha256, receipt.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert moment(receipt.begun_at) <= moment(receipt.stored_at)
    assert ask("student-1", "GET", f"api/submissions/{receipt.id}/receipt").json == answer.json
    assert ask("student-1", "GET", f"api/submissions/{receipt.id}/content").body == data


def test_the_same_key_and_bytes_give_the_same_receipt_and_one_row(ask, hand_in):
    data, key = work_of(500, 3), str(uuid.uuid4())
    first, again = hand_in("student-2", data, key), hand_in("student-2", data, key.upper())
    rows = ask("student-2", "GET", f"{IN}/submissions").json

    assert (first.status, again.status) == (201, 200)
    assert first.json == again.json
    assert [row["id"] for row in rows].count(first.json["id"]) == 1


def test_the_same_key_with_other_bytes_is_a_conflict(hand_in):
    key = str(uuid.uuid4())
    hand_in("student-2", work_of(500, 3), key)
    answer = hand_in("student-2", work_of(500, 4), key)

    assert (answer.status, answer.json["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Idempotency-Key": "not a uuid"}, 422),
        ({"X-Content-SHA256": "abc"}, 422),
        ({"X-Content-SHA256": "00" * 32}, 422),
    ],
)
def test_headers_that_do_not_fit_are_told(hand_in, ask, headers, status):
    before = len(ask("student-5", "GET", f"{IN}/submissions").json)
    answer = hand_in("student-5", **headers)

    assert answer.status == status
    assert answer.json["ko"] != answer.json["en"]
    assert len(ask("student-5", "GET", f"{IN}/submissions").json) == before


def test_what_is_too_large_is_refused_with_a_sentence_that_the_sender_gets(hand_in):
    answer = hand_in("student-5", work_of(6_000_000, 1))

    assert (answer.status, answer.json["code"]) == (413, "too-large")
    assert "5,000,000" in answer.json["en"]


def test_too_many_files_are_refused(hand_in):
    answer = hand_in("student-5", bundle.write({f"f{n}": b"" for n in range(51)}))

    assert answer.status == 413


@pytest.mark.parametrize("name", ["../x.ipynb", "/etc/x", "a\u202eb.ipynb"])
def test_hostile_names_are_refused_over_http(hand_in, name):
    answer = hand_in("student-5", bundle.write({name: b"x"}))

    assert (answer.status, answer.json["code"]) == (422, "bad-input")


def test_an_assignment_that_was_never_released_takes_nothing(ask):
    data = work_of(10, 1)
    path = f"api/courses/{COURSE}/assignments/no-such-one/submissions"
    answer = ask("student-0", "POST", path, body=data, headers=headers_for(data, str(uuid.uuid4())))

    assert answer.status == 404


@pytest.mark.parametrize("course", ["..", "A-B", "x" * 31, "%2e%2e", "a%2fb"])
def test_a_name_in_the_path_that_is_none_is_refused(ask, course):
    assert ask("prof", "GET", f"api/courses/{course}/assignments").status in (404, 422)


# --- releases ----------------------------------------------------------------------------------------------


def test_releases_are_versions_and_the_same_content_is_the_same_version(ask, hand_in, service, school):
    path = "api/courses/machine-learning/assignments/versions"
    one = bundle.write(RELEASE)
    two = bundle.write({**RELEASE, "release/ko/data.csv": b"1,2", "release/en/regression.ipynb": NOTEBOOK})
    answers = [ask("prof", "POST", f"{path}/releases", body=body) for body in (one, two, two, one)]
    rows = [read(ReleaseRow, answer.body) for answer in answers]

    assert [answer.status for answer in answers] == [201, 201, 200, 200]
    assert [row.version for row in rows] == [1, 2, 2, 1]
    assert rows[1].languages == ("ko", "en")
    fetched = ask("student-0", "GET", f"{path}/release?version=2&language=ko")
    assert fetched.body == bundle.write({"regression.ipynb": NOTEBOOK, "data.csv": b"1,2"})
    assert fetched.headers["x-release-version"] == "2"
    assert ask("student-0", "GET", f"{path}/release?version=9").status == 404
    assert ask("student-0", "GET", f"{path}/release?language=en").status == 404  # version 1 is current again


def test_points_are_counted_from_the_released_notebook(ask):
    cells = [
        {"metadata": {"nbgrader": {"grade": True, "points": 2.5}}},
        {"metadata": {"nbgrader": {"grade": False, "points": 9}}},
        {"metadata": {}},
        {"metadata": {"nbgrader": {"grade": True, "points": 1}}},
    ]
    body = bundle.write({"release/ko/points.ipynb": json.dumps({"cells": cells}).encode()})
    row = ask("prof", "POST", "api/courses/machine-learning/assignments/points/releases", body=body).json

    assert (row["max_score"], row["notebooks"]) == (3.5, ["points.ipynb"])


@pytest.mark.parametrize("notebook", [b"", b"[]", b'{"cells": 3}', b"\xff\xfe", b"[" * 100_000])
def test_a_release_whose_notebook_is_none_is_refused(ask, notebook):
    body = bundle.write({"release/ko/broken.ipynb": notebook})
    answer = ask("prof", "POST", "api/courses/machine-learning/assignments/broken/releases", body=body)

    assert answer.status == 422


def test_withdrawing_hides_from_students_and_keeps_every_submission(ask, hand_in, service, school):
    submission = hand_in("student-0").json["id"]
    ask("prof", "DELETE", f"{IN}/release")
    hidden = ask("student-0", "GET", f"api/courses/{COURSE}/assignments").json
    staff = {row["assignment"]: row for row in ask("prof", "GET", f"api/courses/{COURSE}/assignments").json}
    refused = hand_in("student-0")
    kept = ask("student-0", "GET", f"api/submissions/{submission}")
    school.release(service)

    assert ASSIGNMENT not in {row["assignment"] for row in hidden}
    assert staff[ASSIGNMENT]["withdrawn"] is True
    assert refused.status == 404
    assert kept.status == 200
    assert hand_in("student-0").status == 201


# --- time --------------------------------------------------------------------------------------------------


def test_the_servers_time_decides_and_an_extension_is_one_students_own(ask, hand_in):
    past = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    future = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    ask("prof", "PUT", f"{IN}/due", body=json.dumps({"due": past}), headers={"Content-Type": "application/json"})
    late = hand_in("student-0").json
    before = ask("student-0", "GET", f"api/submissions/{late['id']}").json
    path = f"{IN}/extensions/student-0"
    ask("prof", "PUT", path, body=json.dumps({"due": future}), headers={"Content-Type": "application/json"})
    after = ask("student-0", "GET", f"api/submissions/{late['id']}").json
    mine = {row["assignment"]: row for row in ask("student-0", "GET", f"api/courses/{COURSE}/assignments").json}
    theirs = {row["assignment"]: row for row in ask("student-1", "GET", f"api/courses/{COURSE}/assignments").json}
    in_time = hand_in("student-0").json
    for place in (path, f"{IN}/due"):
        ask("prof", "PUT", place, body=json.dumps({"due": None}), headers={"Content-Type": "application/json"})

    assert late["late_seconds"] == pytest.approx(3600, abs=60)
    assert before["late_seconds"] == late["late_seconds"]
    assert after["late_seconds"] == 0.0
    assert in_time["late_seconds"] == 0.0
    assert (mine[ASSIGNMENT]["extended"], theirs[ASSIGNMENT]["extended"]) == (True, False)
    assert moment(mine[ASSIGNMENT]["due"]) > moment(theirs[ASSIGNMENT]["due"])


@pytest.mark.parametrize("due", ["tomorrow", "2026-03-02T12:00:00", 5, {"x": 1}])
def test_a_due_date_needs_a_time_zone(ask, due):
    body, headers = json.dumps({"due": due}), {"Content-Type": "application/json"}
    if due == 5:
        body = json.dumps({"due": None, "else": 1})

    assert ask("prof", "PUT", f"{IN}/due", body=body, headers=headers).status == 422


# --- grading and feedback ----------------------------------------------------------------------------------


def test_work_is_graded_at_once_and_the_student_sees_his_verdict(ask, hand_in):
    submission = hand_in("student-0").json["id"]
    row = wait_for(ask, submission)
    verdict = read(Verdict, ask("student-0", "GET", f"api/submissions/{submission}/result").body)

    assert row.state == "graded"
    assert (verdict.score, verdict.max_score) == (3.0, 11.0)
    assert verdict.submission_sha256 == row.sha256


def test_a_judge_with_a_defect_fails_the_job_and_says_so(ask, hand_in):
    submission = hand_in("student-0", bundle.write({"explode.ipynb": NOTEBOOK})).json["id"]
    early = ask("student-0", "GET", f"api/submissions/{submission}/result")
    other = hand_in("student-1").json["id"]
    for _ in range(1200):
        if ask("prof", "GET", f"api/submissions/{submission}").json["state"] == "failed":
            break
        time.sleep(0.1)
    late = ask("student-0", "GET", f"api/submissions/{submission}/result")

    assert early.status == late.status == 404
    assert "safe" in late.json["en"]
    assert wait_for(ask, other).state == "graded"


def test_grading_again_is_queued_for_everybodys_newest(ask, hand_in):
    for user in ("student-0", "student-0", "student-1"):
        wait_for(ask, hand_in(user).json["id"])
    one = ask("prof", "POST", f"{IN}/grade?student=student-0").json
    everybody = ask("prof", "POST", f"{IN}/grade").json
    for _ in range(1200):
        progress = ask("prof", "GET", f"{IN}/progress?job={everybody['job']}").json
        if progress["queued"] + progress["running"] == 0:
            break
        time.sleep(0.05)

    assert one["queued"] == 1
    assert progress["done"] == everybody["queued"] >= 2


def test_feedback_is_made_safe_on_reception_and_reaches_its_student(ask, hand_in):
    submission = hand_in("student-0").json["id"]
    wait_for(ask, submission)
    missing = ask("student-0", "GET", f"api/submissions/{submission}/feedback")
    body = bundle.write({"a.html": b"<p>good</p><script>x</script>", "evil.js": b"x"})
    answer = ask("prof", "POST", f"api/submissions/{submission}/feedback", body=body)
    found = io.BytesIO(ask("student-0", "GET", f"api/submissions/{submission}/feedback").body)
    files = bundle.read(found, bundle.scan(found, bundle.Limits(10, 10)))

    assert missing.status == 404
    assert answer.status == 201
    assert read(SubmissionRow, answer.body).feedback_at is not None
    assert files == {"a.html": b"<p>good</p>"}


def test_feedback_for_all_is_rendered_by_the_queue(ask, hand_in):
    submission = hand_in("student-4").json["id"]
    wait_for(ask, submission)
    job = ask("prof", "POST", f"{IN}/feedback").json
    for _ in range(1200):
        row = ask("student-4", "GET", f"api/submissions/{submission}").json
        if row["feedback_at"]:
            break
        time.sleep(0.05)

    assert job["queued"] >= 1
    assert b"<p>student-4</p>" in ask("student-4", "GET", f"api/submissions/{submission}/feedback").body


def test_staff_get_every_submission_after_the_one_they_have(ask, hand_in):
    first = hand_in("student-0").json
    later = [hand_in(user).json["id"] for user in ("student-1", "student-2", "student-1")]
    rows = ask("prof", "GET", f"{IN}/submissions?after={first['sequence']}").json

    assert [row["id"] for row in rows] == later


def test_staff_run_a_notebook_in_the_services_sandbox(ask):
    body = bundle.write({"notebook.ipynb": NOTEBOOK, "data.csv": b"1"})
    answer = ask("prof", "POST", f"api/courses/{COURSE}/execute", body=body)
    missing = ask("prof", "POST", f"api/courses/{COURSE}/execute", body=bundle.write({"x.ipynb": b""}))

    assert answer.body == NOTEBOOK + b" ['data.csv']"
    assert missing.status == 422
