"""What people do in their browsers: sign in, work in JupyterLab, hand in, grade by hand."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect

PICTURES = os.environ.get("BITGOEUL_PICTURES")
"""A folder for the docs' pictures; `make pictures` sets it."""

PATIENCE = 90_000
"""Milliseconds: a lab's start on a busy machine."""

PUT_NOTEBOOK = """async ([url, notebook]) => {
  const xsrf = document.cookie.match(/_xsrf=([^;]+)/)[1];
  const answer = await fetch(url, {method: 'PUT', headers: {'X-XSRFToken': xsrf, 'Content-Type': 'application/json'},
    body: JSON.stringify({type: 'notebook', format: 'json', content: notebook})});
  return answer.status;
}"""


class Person:
    """One person with a browser of his own. Errors of a page's own script fail the test."""

    def __init__(self, browser: Browser, url: str, name: str, *, language: str = "ko-KR", width: int = 1280) -> None:
        self.url = url
        self.name = name
        self.context = browser.new_context(locale=language, viewport={"width": width, "height": 900})
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def sign_in(self) -> None:
        self.page.goto(self.url)
        self.page.get_by_role("button", name=self.name).click()
        self.page.wait_for_url("**/services/bitgoeul/")

    def home(self) -> None:
        self.page.goto(f"{self.url}/services/bitgoeul/")

    def picture(self, name: str, *, whole: bool = True) -> None:
        if PICTURES:
            self.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=whole)

    def go(self, *links: str) -> None:
        for link in links:
            self.page.get_by_role("link", name=link).first.click()
            self.page.wait_for_load_state()

    # --- in JupyterLab -------------------------------------------------------------------------------------

    def open_notebook(self) -> None:
        """Press the portal's button and wait until the notebook's kernel is there."""
        self.page.get_by_role("link", name="노트북 열기").click()
        self.page.wait_for_url("**/lab/tree/**")
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for()

    def answer(self, notebook: dict[str, Any]) -> None:
        """Put other content into the open notebook, as a person's typing would, and load it."""
        address = self.page.url.split("?")[0].replace("/lab/tree/", "/api/contents/")

        assert self.page.evaluate(PUT_NOTEBOOK, [address, notebook]) == 200

        self.page.reload()
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for()

    def validate(self) -> str:
        """Press Validate and give what the dialog says."""
        expect(self.page.get_by_text("Python 3 (ipykernel) |").first).to_contain_text("대기", timeout=PATIENCE)
        self.page.get_by_role("button", name="Validate").click()
        dialog = self.page.locator(".jp-Dialog")
        dialog.wait_for()
        said = dialog.inner_text()
        dialog.get_by_role("button").last.click()
        return said

    def assignment_list(self, course: str) -> None:
        """Open nbgrader's own panel and choose the course."""
        self.page.get_by_role("menuitem", name="Nbgrader").click()
        self.page.get_by_role("menuitem", name="Assignment List").click()
        self.page.locator("#course_list_dropdown").click()
        self.page.locator("#course_list").get_by_text(course, exact=True).click()

    def submit_in_panel(self, assignment: str) -> None:
        row = self.page.locator("#fetched_assignments_list .list_item", has_text=assignment).first
        row.get_by_role("button", name="Submit").click()
        self.page.locator("#submitted_assignments_list .list_item", has_text=assignment).first.wait_for()


def notebook_of(data: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(data)
    return found
