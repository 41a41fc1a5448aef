"""GPUs at a real academy: a real Hub leases the one device, the next person waits for it, and gets it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import sync_playwright

from bitgoeul.database import Database
from bitgoeul.gpus import tables
from bitgoeul.gpus.model import Lease
from bitgoeul.gpus.store import Leases
from bitgoeul.hub.labs import running_labs
from tests.fakes.html import faults, read_page
from tests.fakes.visitor import Visitor
from tests.system.academy import CHROMIUM, Academy, started

pytestmark = pytest.mark.system
SETTINGS = """
[academy]
curriculum = "none"

[[gpus.devices]]
uuid = "GPU-0f1e2d3c"
name = "NVIDIA H100"

[cohorts.researchers]
title = { ko = "연구반", en = "Researchers" }
students = ["minji", "junho"]
gpu = "whole"
gpu_hours = 20
memory_mb = 8000

[cohorts.beginners]
title = { ko = "입문반", en = "Beginners" }
students = ["junho", "amelia"]
"""
PERSON = '[[people]]\nuser = "{0}"\nname = {{ ko = "{0}", en = "{0}" }}\nrole = "student"\n'


@pytest.fixture(scope="module")
def academy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Academy]:
    folder = tmp_path_factory.mktemp("gpus")
    people = "".join(map(PERSON.format, ("minji", "junho", "amelia")))
    (folder / "academy.toml").write_text(SETTINGS + people)
    with started(folder / "state", folder / "academy.toml") as found:
        yield found


def active(academy: Academy) -> list[Lease]:
    database = Database(f"sqlite:///{academy.state / 'bitgoeul.sqlite'}")
    found = [lease for lease in Leases(database, ()).book().leases if lease.active]
    database.close()
    return found


def sees(academy: Academy, user: str) -> str | None:
    """What CUDA would see in a person's lab."""
    for process in psutil.process_iter():
        try:
            environ = process.environ()
        except psutil.Error:
            continue
        if environ.get("BITGOEUL_RUN") == str(academy.state) and environ.get("JUPYTERHUB_USER") == user:
            return environ.get("CUDA_VISIBLE_DEVICES")
    return None


def test_one_gets_the_device_the_next_waits_his_turn_and_who_has_no_right_gets_none(
    academy: Academy, tmp_path: Path
) -> None:
    with Visitor(academy.url, "minji") as minji, Visitor(academy.url, "junho") as junho:
        minji.sign_in()
        minji.start_lab()
        assert sees(academy, "minji") == "GPU-0f1e2d3c"
        held = active(academy)
        assert [(lease.owner, lease.cohort, lease.source) for lease in held] == [("minji", "researchers", "adhoc")]
        assert [running.lease for running in running_labs(academy.state)] == [held[0].id]

        junho.sign_in()
        page = junho.http.get("/hub/spawn/junho", headers={"Accept-Language": "ko"})
        assert "GPU: 1개 모두 사용 중, 약 60분 대기" in page.text
        english = junho.http.get("/hub/spawn/junho", headers={"Accept-Language": "en"}).text
        assert "GPU: all 1 in use, wait about 60 min" in english
        assert not re.search("[가-힣]", read_page(english).all("fieldset")[0].text)
        form = [fault for fault in faults(read_page(page.text)) if "CSRF" not in fault]  # the Hub has its own token
        assert form == []
        assert width_on_a_phone(page.text, tmp_path / "start.png") <= 360
        refused = choose(junho, page.text, "researchers")
        assert "대기 순서 1번" in refused, read_page(refused).text
        assert "/services/bitgoeul/gpus" in refused
        assert sees(academy, "junho") is None

        assert "저장하십시오" in warned_in_the_lab(academy, minji, held[0].id)
        stop(minji)
        assert wait_until(lambda: not active(academy)), active(academy)
        page = junho.http.get("/hub/spawn/junho", headers={"Accept-Language": "ko"})
        assert "GPU: 1개 중 1개 사용 가능" in page.text
        choose(junho, page.text, "researchers")
        assert wait_until(lambda: sees(academy, "junho") == "GPU-0f1e2d3c")
        assert [(lease.owner, lease.source) for lease in active(academy)] == [("junho", "queue")]

    with Visitor(academy.url, "amelia") as amelia:
        amelia.sign_in()
        assert not amelia.http.get("/hub/spawn/amelia").url.path.endswith("/spawn/amelia")  # nothing is asked
        amelia.start_lab()
        assert sees(academy, "amelia") == ""


def choose(person: Visitor, page: str, cohort: str) -> str:
    """Send the start page's form; what the Hub says once the start has begun or failed."""
    action = re.search(r'<form[^>]*action="([^"]+)"', page)
    assert action, page
    url = action[1].replace("&amp;", "&")
    answer = person.http.post(url, data={"cohort": cohort}, headers={"Accept-Language": "ko"})
    if "spawn-pending" in str(answer.url):
        time.sleep(1)
        answer = person.http.get(str(answer.url), headers={"Accept-Language": "ko"})
    return answer.text


def width_on_a_phone(page: str, picture: Path) -> int:
    """How wide the start page becomes on a screen of 360 points; its choices can be tapped and reached by keyboard."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        phone = browser.new_page(viewport={"width": 360, "height": 740}, java_script_enabled=True)
        phone.set_content(page)
        phone.screenshot(path=picture)
        phone.get_by_label("연구반").check()
        phone.keyboard.press("ArrowUp")
        assert phone.get_by_label("입문반").is_checked()
        width = phone.evaluate("document.documentElement.scrollWidth")
        browser.close()
    return int(width)


def warned_in_the_lab(academy: Academy, person: Visitor, lease: str) -> str:
    """Let the lease end in seven minutes and open JupyterLab in a browser: what its notification says."""
    database = Database(f"sqlite:///{academy.state / 'bitgoeul.sqlite'}")
    with database.writing() as connection:
        soon = datetime.now(UTC) + timedelta(minutes=7)
        connection.execute(tables.leases.update().where(tables.leases.c.id == lease).values(until=soon))
    database.close()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        context = browser.new_context()
        context.add_cookies([
            {"name": c.name, "value": str(c.value), "domain": "127.0.0.1", "path": c.path} for c in person.http.cookies.jar
        ])  # fmt: skip
        page = context.new_page()
        page.goto(f"{academy.url}{person.lab()}lab")
        said = page.locator(".jp-Notification-Toast, .Toastify__toast").filter(has_text=re.compile("GPU|시간")).first
        said.wait_for(timeout=60_000)
        words = said.inner_text()
        browser.close()
    return words


def stop(person: Visitor) -> None:
    page = person.http.get("/hub/home").text
    token = re.search(r'"?xsrf_token"?\s*[:=]\s*"([^"]+)"|name="_xsrf" value="([^"]+)"', page)
    xsrf = (token[1] or token[2]) if token else person.http.cookies.get("_xsrf", path="/hub/")
    answer = person.http.delete(
        f"/hub/api/users/{person.user}/server", params={"_xsrf": xsrf}, headers={"X-XSRFToken": str(xsrf)}
    )
    assert answer.status_code in (202, 204), (answer.status_code, json.dumps(answer.text)[:500])


def wait_until(condition, seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.2)
    return False
