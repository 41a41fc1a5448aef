"""JupyterLab's Assignment List over HTTP, on a server that reads a student lab's own configuration files."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from nbformat import v4

from bitgoeul.exchange import bundle
from bitgoeul.lab.client import Client
from tests.fakes.ports import free_port
from tests.services.nbgrader_exchange import worlds
from tests.services.nbgrader_exchange.academy import ROOT
from tests.services.nbgrader_exchange.labs import Lab, World, notebook, put, put_notebook

hub_and_service, world = worlds.hub_and_service, worlds.world
CONFIG = [ROOT / "bitgoeul" / folder for folder in ("hub/etc/student", "lab/etc/student", "hub/etc/common")]


@dataclass
class Panel:
    """What the browser asks: the same routes with the same fields as nbgrader's lab extension."""

    url: str
    course: str

    def ask(self, path: str, **form: str) -> Any:
        data = json.dumps(form).encode() if form else None
        headers = {"Authorization": "token panel", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}{path}", data, headers)  # noqa: S310  # our own
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.loads(answer.read())

    def list(self) -> Any:
        return self.ask(f"assignments?{urlencode({'course_id': self.course})}")

    def act(self, action: str, assignment: str = "ps1") -> Any:
        return self.ask(f"assignments/{action}", course_id=self.course, assignment_id=assignment)


@contextlib.contextmanager
def lab_server(lab: Lab, language: str) -> Iterator[Panel]:
    port = free_port()
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "BITGOEUL"))},
        "PYTHONPATH": str(ROOT),
        "HOME": str(lab.folder),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(map(str, CONFIG)),
        "JUPYTERHUB_USER": lab.user,
        "JUPYTERHUB_API_TOKEN": lab.token,
        "JUPYTERHUB_ROOT_DIR": str(lab.folder),
        "BITGOEUL_SERVICE_URL": lab.service.url,
        "BITGOEUL_LANGUAGE": language,
        "BITGOEUL_COURSES": lab.course,
    }
    options = [f"--ServerApp.port={port}", "--IdentityProvider.token=panel", "--ServerApp.port_retries=0"]
    options += ["--allow-root"] if os.geteuid() == 0 else []
    off = dict.fromkeys(("jupyterlab", "notebook", "jupyter_lsp", "jupyterlab_jupytext"), False)
    put(lab.folder / ".jupyter" / "jupyter_server_config.json", json.dumps({"ServerApp": {"jpserver_extensions": off}}))
    log = (lab.folder / "server.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyter_server", "--no-browser", *options],
        cwd=lab.folder, env=environ, stdout=log, stderr=log,
    )  # fmt: skip
    panel = Panel(f"http://127.0.0.1:{port}/", lab.course)
    try:
        give_up = time.monotonic() + 60
        while True:
            with contextlib.suppress(urllib.error.URLError):
                panel.ask("nbgrader_version?version=0")  # a lab loads nbgrader at the panel's first question
                break
            assert time.monotonic() < give_up, (lab.folder / "server.log").read_text()
            assert process.poll() is None, (lab.folder / "server.log").read_text()
            time.sleep(0.1)
        yield panel
    finally:
        process.terminate()
        process.wait(30)
        log.close()


@pytest.fixture
def student(world: World) -> Lab:
    world.release()
    return world.lab("minji")


@pytest.fixture
def panel(student: Lab) -> Iterator[Panel]:
    with lab_server(student, "en") as found:
        yield found


def test_the_whole_way_through_the_panel(panel: Panel, student: Lab, world: World) -> None:
    """Released, fetched, submitted, feedback: as the buttons show it, with paths that the file browser opens."""
    (released,) = panel.list()["value"]
    (fetched,) = panel.act("fetch")["value"]
    _, submitted = panel.act("submit")["value"]
    staff = world.lab("seoyeon")
    staff.do("Collect", "ps1")
    stamp = (staff.folder / "submitted" / "minji" / "ps1" / "timestamp.txt").read_text()
    page = put(staff.folder / "feedback" / "minji" / "ps1" / "p1.html", "<p>good</p>")
    put(page.with_name("timestamp.txt"), stamp)
    staff.do("ReleaseFeedback", "ps1")
    ready = panel.list()["value"][1]["submissions"][0]
    opened = panel.act("fetch_feedback")["value"][1]["submissions"][0]

    assert (released["status"], fetched["status"], submitted["status"]) == ("released", "fetched", "submitted")
    assert fetched["path"] == f"{world.course}/ps1"
    assert fetched["notebooks"][0]["path"] == f"{world.course}/ps1/p1.ipynb"
    assert (ready["has_exchange_feedback"], ready["has_local_feedback"]) == (True, False)
    assert (opened["has_local_feedback"], opened["feedback_updated"]) == (True, False)
    assert (student.folder / opened["local_feedback_path"] / "p1.html").is_file()


def test_a_failed_fetch_is_told_once_and_the_list_comes_back(panel: Panel, student: Lab) -> None:
    """nbgrader's own server side drops the result of a fetch: the button would simply do nothing."""
    put(student.work("ps1"), "a file where the folder should be")
    failed, after = panel.act("fetch"), panel.list()

    assert (failed["success"], after["success"]) == (False, True)
    assert "lab cannot be read or written" in failed["value"]


def test_a_refused_submission_is_told_in_plain_words(panel: Panel, student: Lab) -> None:
    panel.act("fetch")
    put(student.work("ps1") / "big.bin", "x" * 3_000_000)
    answer = panel.act("submit")

    assert answer["success"] is False
    assert answer["value"].startswith("Not received. ")
    assert "Traceback" not in answer["value"]


def test_while_the_service_is_down_every_list_says_so_and_recovers(panel: Panel, student: Lab) -> None:
    panel.act("fetch")
    student.service.stop()
    try:
        listed, submitted, fetched = panel.list(), panel.act("submit"), panel.act("fetch", "ps2")
    finally:
        student.service.start()

    assert [answer["success"] for answer in (listed, submitted, fetched)] == [False, False, False]
    assert all("cannot be reached" in answer["value"] for answer in (listed, submitted, fetched))
    assert panel.list()["success"] is True


def test_a_connection_that_the_proxy_keeps_is_still_good_after_a_pause(world: World) -> None:
    """JupyterHub's proxy answers 503 when the service closes a connection just as a person comes on it."""
    at = urlsplit(world.service.url)
    with contextlib.closing(http.client.HTTPConnection(str(at.hostname), at.port, timeout=10)) as kept:
        kept.request("GET", f"{at.path}api/receipt-key")
        first = kept.getresponse().read()
        own = kept.sock
        time.sleep(6)
        kept.request("GET", f"{at.path}api/receipt-key")

        assert kept.getresponse().read() == first
        assert kept.sock is own


def opened(panel: Panel, language: str, assignment: str = "ps1") -> tuple[int, str]:
    """Press the portal's button: the status, and where it leads or what it says."""
    query = urlencode({"course": panel.course, "assignment": assignment, "language": language})
    asked = urllib.request.Request(f"{panel.url}bitgoeul/open?{query}", headers={"Authorization": "token panel"})  # noqa: S310
    try:
        with urllib.request.build_opener(Unmoved).open(asked, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.headers.get("Location") or answer.read().decode()


class Unmoved(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


@pytest.mark.parametrize(("pressed", "lab_speaks"), [("en", "ko"), ("ko", "en"), ("", "en")])
def test_the_open_button_brings_the_assignment_in_the_language_of_its_page(
    world: World, pressed: str, lab_speaks: str
) -> None:
    staff, lab = world.lab("seoyeon"), world.lab("minji")
    speaking = {language: v4.writes(notebook(repr(language))).encode() for language in ("ko", "en")}
    files = {f"{part}/{tongue}/p1.ipynb": speaking[tongue] for part in ("release", "source") for tongue in speaking}
    tar = lab.folder / "release.tar"
    tar.write_bytes(bundle.write(files))
    with contextlib.closing(Client(staff.service.url, staff.token)) as client:
        client.publish(world.course, "ps1", tar)
    with lab_server(lab, lab_speaks) as panel:
        status, place = opened(panel, pressed)
        refused, page = opened(panel, pressed, "no-such")
        later = panel.act("submit", "no-such")["value"]

    wanted, told = pressed or lab_speaks, {"en": "Assignment not found", "ko": "배포된 과제"}
    assert (status, place) == (302, f"/lab/tree/{world.course}/ps1/p1.ipynb")
    assert f"answer = '{wanted}'" in (lab.work("ps1") / "p1.ipynb").read_text()
    assert refused == 502
    assert told[wanted] in page
    assert f'<html lang="{wanted}">' in page
    assert ("Assignment not found at" in later) == (lab_speaks == "en"), (
        "what the lab's own panel does stays in the lab's language"
    )


def test_the_reason_is_korean_for_a_korean_reader(world: World) -> None:
    world.release()
    lab = world.lab("amelia")
    put_notebook(lab.work("ps1") / "p1.ipynb")
    with lab_server(lab, "ko") as panel:
        answer = panel.act("submit")

    assert "들어 있지 않습니다" in answer["value"]
