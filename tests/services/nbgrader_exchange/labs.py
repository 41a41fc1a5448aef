"""Labs of students and staff, in process: nbgrader's own objects, configured as a lab's files configure them."""

from __future__ import annotations

import io
import itertools
import json
import tarfile
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, v4, write
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory
from traitlets.config import Config

from bitgoeul.lab.config import configure_staff, configure_student
from tests.fakes.hub import FakeHub
from tests.services.nbgrader_exchange.academy import Service

_numbers = itertools.count(1)


def notebook(text: str = "1", **metadata: Any) -> NotebookNode:
    cell = v4.new_code_cell(f"answer = {text}", id="one")
    grade = {"grade": True, "grade_id": "one", "points": 2, "solution": True, "locked": False, "schema_version": 3}
    cell.metadata["nbgrader"] = {**grade, "task": False}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel, **metadata})


def put_notebook(path: Path, text: str = "1", **metadata: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write(notebook(text, **metadata), path)
    return path


def put(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def tar_names(data: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return sorted(tar.getnames())


@dataclass
class Lab:
    """One person's lab for one course."""

    service: Service
    user: str
    course: str
    folder: Path
    token: str
    staff: bool = False
    language: str = "en"
    url: str = ""
    extra: Config = field(default_factory=Config)

    @property
    def config(self) -> Config:
        c = Config()
        environ = {
            "JUPYTERHUB_USER": self.user,
            "JUPYTERHUB_ROOT_DIR": str(self.folder),
            "BITGOEUL_COURSES": self.course,
            "HOME": str(self.folder / "home"),
        }
        (configure_staff if self.staff else configure_student)(c, environ)
        c.Exchange.service_url = self.url or self.service.url
        c.Exchange.token = self.token
        c.Exchange.language = self.language
        c.Exchange.home = str(self.folder / ".bitgoeul")
        c.Exchange.cache = str(self.folder / ".cache")
        c.Exchange.patience = 0.0
        c.merge(self.extra)
        return c

    def make(self, kind: str, assignment: str = "", **traits: Any) -> Any:
        c = self.config
        c.CourseDirectory.assignment_id = assignment
        course = CourseDirectory(config=c)
        action = getattr(ExchangeFactory(config=c), kind)(
            coursedir=course, authenticator=Authenticator(config=c), config=c
        )
        for name, value in traits.items():
            setattr(action, name, value)
        return action

    def do(self, kind: str, assignment: str = "", **traits: Any) -> Any:
        return self.make(kind, assignment, **traits).start()

    def work(self, assignment: str) -> Path:
        return self.folder / self.course / assignment

    def get(self, path: str) -> bytes:
        return self.ask("GET", path)

    def ask(self, method: str, path: str, body: Any = None) -> bytes:
        headers = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.service.url + path, data, headers, method=method)  # noqa: S310  # our own
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            found: bytes = answer.read()
            return found

    def submissions(self, assignment: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(
            self.get(f"api/courses/{self.course}/assignments/{assignment}/submissions")
        )
        return rows

    def content(self, submission: str) -> list[str]:
        return tar_names(self.get(f"api/submissions/{submission}/content"))


@dataclass
class World:
    """A fresh course on a running service: minji and junho take it, seoyeon teaches it, amelia is a stranger."""

    service: Service
    hub: FakeHub
    folder: Path
    course: str = field(default_factory=lambda: f"course-{next(_numbers)}")

    def lab(self, user: str, course: str = "", **more: Any) -> Lab:
        course = course or self.course
        staff = user == "seoyeon"
        groups = {"seoyeon": f"formgrade-{course}", "minji": f"nbgrader-{course}", "junho": f"nbgrader-{course}"}
        mine = self.hub.users.setdefault(user, [])
        if user in groups and groups[user] not in mine:
            mine.append(groups[user])
        folder = self.folder / user / (course if staff else "")
        folder.mkdir(parents=True, exist_ok=True)
        return Lab(self.service, user, course, folder, self.hub.token_for(user), staff=staff, **more)

    def release(self, assignment: str = "ps1", course: str = "", text: str = "1") -> Lab:
        staff = self.lab("seoyeon", course)
        put_notebook(staff.folder / "release" / assignment / "p1.ipynb", text)
        put_notebook(staff.folder / "source" / assignment / "p1.ipynb", text)
        put(staff.folder / "release" / assignment / "data" / "a.csv", "1,2")
        staff.do("ReleaseAssignment", assignment)
        return staff

    def fetched(self, user: str = "minji", assignment: str = "ps1", course: str = "") -> Lab:
        student = self.lab(user, course)
        student.do("FetchAssignment", assignment)
        return student
