"""`bitgoeul challenge submit`, `rescore` and `export`, as processes beside a real service."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.fakes.hub import FakeHub
from tests.services.nbgrader_exchange.academy import ROOT, Service, serving

LIMITS = "[exchange]\nmin_free_mb = 0\nreserve_mb = 0"
AT = "api/challenges/small"


class Player:
    """One person: the API by HTTP, and commands as in a lab."""

    def __init__(self, user: str, service: Service, token: str, home: Path) -> None:
        self.user, self.service, self.token, self.home = user, service, token, home
        home.mkdir(parents=True, exist_ok=True)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.service.url + path, data, headers, method=method)  # noqa: S310  # our own
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.read()

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        environ = {
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(ROOT),
            "HOME": str(self.home),
            "BITGOEUL_LANGUAGE": "en",
            "JUPYTERHUB_API_TOKEN": self.token,
            "BITGOEUL_SERVICE_URL": self.service.url,
            **more,
        }
        command = [sys.executable, "-m", "bitgoeul", "challenge", *arguments]
        return subprocess.run(
            command, cwd=self.home, env=environ, check=False, capture_output=True, text=True, timeout=120
        )

    def file(self, name: str, content: bytes) -> Path:
        path = self.home / name
        path.write_bytes(content)
        return path


@pytest.fixture(scope="module")
def academy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("academy")
    shutil.copytree(ROOT / "tests/samples/challenges", folder / "curriculum/challenges")
    hub = FakeHub({"minji": [], "jun": [], "boss": []}, admins=frozenset({"boss"}))
    with serving(folder, hub, LIMITS) as service:
        players = {user: Player(user, service, hub.token_for(user), folder / "homes" / user) for user in hub.users}
        now = datetime.now(UTC)
        phase = {"name": "main", "title": {"ko": "본선", "en": "Main"}}
        phase |= {"start": (now - timedelta(hours=1)).isoformat(), "end": (now + timedelta(hours=5)).isoformat()}
        changes = {"phases": [phase], "freeze_minutes": 0, "quota": {"scored": 4, "waiting": 4}}
        players["boss"].ask("POST", f"{AT}/open", changes)
        for user in ("minji", "jun"):
            players[user].ask("POST", f"{AT}/team", {"name": f"팀 {user}"})
        yield players


@pytest.fixture(scope="module")
def sample(academy):
    return academy["minji"].ask("GET", f"{AT}/files/sample_submission.csv")


def test_a_file_is_followed_to_its_score(academy, sample):
    minji = academy["minji"]
    ran = minji.run("submit", "small", str(minji.file("답.csv", sample)), "--json")
    found = json.loads(ran.stdout)

    assert ran.returncode == 0, ran.stderr
    assert (found["state"], found["file_name"], found["remaining"]) == ("scored", "답.csv", 3)
    assert float(found["public"]) < 1
    assert ran.stderr.splitlines()[0] == "It is being sent."
    assert ran.stderr.splitlines()[-1] == "It is scored."


def test_the_same_file_again_is_another_submission_and_words_say_what_is_left(academy, sample):
    jun = academy["jun"]
    path = str(jun.file("a.csv", sample))
    first, second = jun.run("submit", "small", path), jun.run("submit", "small", path, BITGOEUL_LANGUAGE="ko")

    assert "Submissions left: 3" in first.stdout
    assert "남은 제출: 2번" in second.stdout
    assert len(json.loads(jun.ask("GET", f"{AT}/submissions"))) == 2


def test_a_file_with_faults_ends_with_one_and_says_each(academy, sample):
    minji = academy["minji"]
    lines = sample.splitlines()
    broken = minji.file("broken.csv", b"\n".join([*lines[:-1], lines[1]]))
    ran = minji.run("submit", "small", str(broken))

    assert ran.returncode == 1
    assert "Some ids stand there twice" in ran.stdout
    assert "answer every id" in ran.stdout.lower()


@pytest.mark.parametrize(
    ("arguments", "environ", "code", "words"),
    [
        (("submit", "small", "no-such.csv"), {}, 2, "cannot be read"),
        (("submit", "Not A Slug", "no-such.csv"), {}, 2, "lower-case letters"),
        (("submit", "other", "a.csv"), {}, 1, "No challenge 'other' is open"),
        (("submit", "small", "a.csv"), {"JUPYTERHUB_API_TOKEN": ""}, 2, "Run it in a lab"),
        (("export", "small", "--out", "x.pdf"), {}, 2, ".csv or .xlsx"),
        (("rescore", "small", "--apply", "--drop"), {}, 2, "Use one of"),
        (("rescore", "small"), {}, 1, "Only operators"),
        (("nothing",), {}, 2, "No such command"),
    ],
)
def test_what_is_refused_says_why_and_ends_with_a_code(academy, arguments, environ, code, words):
    minji = academy["minji"]
    minji.file("a.csv", b"id,target\n")
    ran = minji.run(*arguments, **environ)

    assert ran.returncode == code, ran.stderr
    assert words in ran.stderr
    assert "Traceback" not in ran.stderr


def test_an_upload_that_was_announced_before_goes_on_with_the_same_submission(academy, sample):
    """As after a broken connection: the key that was kept is used again."""
    minji = academy["minji"]
    code = (
        "import os, pathlib, bitgoeul.lab.challenges as c\n"
        "from bitgoeul.cli.challenge_taking import client_here\n"
        "client, ask = client_here(), None\n"
        "ask = client.ask\n"
        "def broken(method, *more, **named):\n"
        "    if method == 'PUT': os._exit(9)\n"
        "    return ask(method, *more, **named)\n"
        "client.ask = broken\n"
        "c.submit(client, pathlib.Path.home() / '.bitgoeul', 'small', pathlib.Path('c.csv'), tell=print)\n"
    )
    minji.file("c.csv", sample + b"\n")
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(minji.home)}
    environ |= {"JUPYTERHUB_API_TOKEN": minji.token, "BITGOEUL_SERVICE_URL": minji.service.url}
    cut = subprocess.run([sys.executable, "-c", code], cwd=minji.home, env=environ, check=False, capture_output=True)
    waiting = json.loads(minji.ask("GET", f"{AT}/submissions"))[0]
    ran = minji.run("submit", "small", "c.csv", "--json")

    assert cut.returncode == 9, cut.stderr
    assert waiting["state"] == "receiving"
    assert json.loads(ran.stdout)["id"] == waiting["id"]
    assert ran.returncode == 0


def test_a_set_is_shown_then_applied_by_the_operator(academy):
    boss = academy["boss"]
    shown, as_json = boss.run("rescore", "small"), boss.run("rescore", "small", "--json")
    applied = boss.run("rescore", "small", "--apply")
    again = boss.run("rescore", "small", "--apply")

    assert "Nobody's score or rank would change." in shown.stdout, shown.stderr
    assert json.loads(as_json.stdout)["missing"] == 0
    assert (applied.returncode, applied.stdout.strip()) == (0, "Applied.")
    assert again.returncode == 1
    assert boss.run("rescore", "small", "--drop").stdout.strip() == "Dropped. All scores stay."


def test_on_the_machine_of_the_academy_no_token_is_needed(academy):
    folder = academy["boss"].service.folder
    here = {
        "BITGOEUL_SERVICE_URL": "",
        "BITGOEUL_SETTINGS": str(folder / "academy.toml"),
        "BITGOEUL_STATE": str(folder / "state"),
    }
    found = academy["boss"].run("rescore", "small", "--json", **here)

    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["changes"] == []
    assert academy["boss"].run("export", "small", **here).returncode == 1


def test_the_export_holds_what_was_published(academy):
    """Last of this module: it ends the challenge."""
    boss = academy["boss"]
    early = boss.run("export", "small")
    assert "not published yet" in early.stderr
    assert not (boss.home / "small.csv").exists()
    now = datetime.now(UTC)
    phase = {"name": "main", "title": {"ko": "본선", "en": "Main"}}
    phase |= {"start": (now - timedelta(hours=1)).isoformat(), "end": now.isoformat()}
    boss.ask("PATCH", AT, {"phases": [phase]})
    made = json.loads(boss.ask("POST", f"{AT}/publish"))
    as_csv, as_xlsx = boss.run("export", "small"), boss.run("export", "small", "--out", "r.xlsx")

    assert (as_csv.returncode, as_xlsx.returncode) == (0, 0), as_csv.stderr + as_xlsx.stderr
    rows = list(csv.reader((boss.home / "small.csv").read_text("utf-8-sig").splitlines()))
    assert rows[0][:3] == ["rank", "team", "score"]
    assert {row[1] for row in rows[1:-1]} == {"팀 minji", "팀 jun", "· half"}
    assert rows[-1] == ["snapshot 1", f"SHA-256 {made['sha256']}"]
    sheet = load_workbook(boss.home / "r.xlsx").active
    assert [sheet.cell(1, 1).value, sheet.cell(2, 2).value] == ["rank", rows[1][1]]
