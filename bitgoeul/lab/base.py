"""What all eight exchange classes share: who the service is, whose token this is, how a failure is told.

nbgrader makes a fresh object for every action, so the connection lives in `client.shared`. Every failure
becomes nbgrader's `ExchangeError` with the reason in the reader's language; nothing is only logged.
"""

from __future__ import annotations

import errno
import fnmatch
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import IO, Any, BinaryIO, ClassVar, cast
from zoneinfo import ZoneInfo

from jupyter_core.paths import jupyter_data_dir
from nbgrader.exchange.abc import Exchange as ABCExchange
from nbgrader.utils import parse_utc
from traitlets import Bool, Float, Unicode, default

from bitgoeul import wire
from bitgoeul.errors import BitgoeulError, Text
from bitgoeul.lab.bundle import Rules, files_of
from bitgoeul.lab.client import Client, shared
from bitgoeul.lab.outbox import Outbox

KILOBYTE = 1000


class ServiceExchange(ABCExchange):  # type: ignore[misc]  # nbgrader ships no types
    """The exchange as a service of the Hub. The spawner's environment says where it is and who we are."""

    last_reason: ClassVar[str] = ""
    """The last refusal of this process: nbgrader's panel drops the exception's own text."""

    root = Unicode("", help="Not used: the exchange is a service and no folder.").tag(config=True)
    cache = Unicode(help="Where `nbgrader list --cached` finds copies of submitted notebooks.").tag(config=True)
    path_includes_course = Bool(False, help="Fetch into <course>/<assignment> instead of <assignment>.").tag(
        config=True
    )
    service_url = Unicode(help="The service. Default: BITGOEUL_SERVICE_URL.").tag(config=True)
    token = Unicode(help="The Hub token that says who we are. Default: JUPYTERHUB_API_TOKEN.").tag(config=True)
    language = Unicode(help="ko or en. Default: BITGOEUL_LANGUAGE, then ko.").tag(config=True)
    home = Unicode(help="Where receipts and unreceived work are kept. Default: ~/.bitgoeul.").tag(config=True)
    patience = Float(20.0, help="Seconds for which a failing question is repeated.").tag(config=True)

    @default("cache")
    def _cache_default(self) -> str:
        return str(Path(jupyter_data_dir()) / "nbgrader_cache")

    @default("service_url")
    def _service_url_default(self) -> str:
        return os.environ.get("BITGOEUL_SERVICE_URL", "")

    @default("token")
    def _token_default(self) -> str:
        return os.environ.get("JUPYTERHUB_API_TOKEN", "")

    @default("language")
    def _language_default(self) -> str:
        return "en" if os.environ.get("BITGOEUL_LANGUAGE") == "en" else "ko"

    @default("home")
    def _home_default(self) -> str:
        return str(Path.home() / ".bitgoeul")

    @property
    def client(self) -> Client:
        """The service, as this lab's user."""
        if not self.service_url or not self.token:
            self.refuse(
                Text(
                    "이 서버는 빛고을에서 시작되지 않아 과제 서비스를 알 수 없습니다. 허브에서 서버를 다시 시작하세요.",
                    "This server was not started by Bitgoeul, so the exchange is unknown. Start it from the Hub.",
                )
            )
        return shared(self.service_url, self.token, self.patience)

    @property
    def outbox(self) -> Outbox:
        """What this lab keeps until it has a receipt."""
        return Outbox(Path(self.home))

    @property
    def course(self) -> str:
        """The course, which must be named."""
        if not self.coursedir.course_id:
            self.refuse(
                Text("강좌를 지정하지 않았습니다. --course 로 지정하세요.", "No course was named. Use --course.")
            )
        return str(self.coursedir.course_id)

    @property
    def assignment(self) -> str:
        """The assignment, which must be named."""
        return str(self.coursedir.assignment_id)

    @property
    def work_path(self) -> Path:
        """Where the student's copy of the assignment lies."""
        return self.work_folder(self.coursedir.course_id, self.assignment)

    def work_folder(self, course: str, assignment: str) -> Path:
        """Where a student's copy of any assignment lies."""
        inner = Path(course) / assignment if self.path_includes_course else Path(assignment)
        return Path(os.path.abspath(Path(self.assignment_dir) / inner))  # noqa: PTH100  # resolve() would follow links

    def say(self, text: Text) -> str:
        """The sentence in the reader's language."""
        return text.pick(self.language)

    def fail(self, msg: str) -> None:
        """Raise `ExchangeError`, and keep what was told."""
        ServiceExchange.last_reason = msg
        super().fail(msg)

    def refuse(self, text: Text) -> None:
        """Raise `ExchangeError` with the sentence."""
        self.fail(self.say(text))

    def stamp(self, moment: str) -> str:
        """The service's time as nbgrader writes it, to the microsecond: it names folders and is compared."""
        return wire.moment(moment).astimezone(self._zone()).strftime(self.timestamp_format)

    def _zone(self) -> tzinfo:
        try:
            return UTC if self.timezone == "UTC" else ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError):
            self.fail(f"Invalid timezone: {self.timezone}")
            raise

    def start(self) -> Any:
        """Run; whatever fails is an `ExchangeError` whose message a student can read."""
        with self.reasons():
            return super().start()

    @contextmanager
    def reasons(self) -> Iterator[None]:
        """Turn every expected failure into `ExchangeError`."""
        try:
            yield
        except BitgoeulError as error:
            self.refuse(error.text)
        except OSError as error:
            self.refuse(_own_disk(error))

    def init_src(self) -> None:
        """Nothing to look for."""

    def init_dest(self) -> None:
        """Nothing to prepare."""

    def copy_files(self) -> None:
        """Nothing to carry."""

    def files(self, folder: Path) -> dict[str, Path]:
        """The files that travel, by the course's rules. Too large a folder is nbgrader's own `RuntimeError`."""
        most = self.coursedir.max_dir_size * KILOBYTE
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
        if size > most:
            text = Text(
                f"폴더가 너무 큽니다: {size:,}바이트이고 {most:,}바이트까지 낼 수 있습니다. 큰 자료나 출력을 빼고 다시 내세요.",
                f"Directory size is too big: {size:,} bytes, at most {most:,}. Leave out large data or outputs.",
            )
            ServiceExchange.last_reason = self.say(text)
            self.log.error(self.say(text))
            raise RuntimeError(self.say(text))
        limit = self.coursedir.max_file_size * KILOBYTE
        rules = Rules(tuple(self.coursedir.ignore), tuple(self.coursedir.include), limit)
        return files_of(folder, rules, lambda text: self.log.warning(self.say(text)))

    def wanted(self, name: str, pattern: str) -> bool:
        """Whether a name fits one of nbgrader's globs; an empty one fits all."""
        return not pattern or fnmatch.fnmatchcase(name, pattern)


def same_time(written: str, moment: str) -> bool:
    """Whether nbgrader's timestamp and the service's are the same microsecond."""
    return bool(naive_utc(moment) == parse_utc(written.strip()))


def naive_utc(moment: str) -> datetime:
    """The service's time as nbgrader's gradebook keeps it."""
    return cast("datetime", parse_utc(wire.moment(moment)))


def binary(file: IO[bytes]) -> BinaryIO:
    """A temporary file, typed as what it is."""
    return cast("BinaryIO", file)


def _own_disk(error: OSError) -> Text:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Text(
            "이 실습실의 저장 공간이 가득 찼습니다. 필요 없는 파일을 지우고 다시 시도하세요.",
            "This lab's disk is full. Delete what you do not need, then try again.",
        )
    return Text(
        f"이 실습실의 파일을 읽거나 쓸 수 없습니다: {error}",
        f"A file of this lab cannot be read or written: {error}",
    )
