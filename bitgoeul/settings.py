"""academy.toml and the environment become one frozen `Settings`.

Nothing else in Bitgoeul reads either. `load` reports every fault of the file at once, each with its
line: unknown keys, bad values, contradictions. The variable `BITGOEUL_SETTINGS` names another file;
`BITGOEUL_STATE`, `BITGOEUL_PORT` and `BITGOEUL_RUNTIME` override one value each, for tests and for a second academy;
`BITGOEUL_DATABASE` names a database whose address holds a password, which the file that others may read should not.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, field_validator

from bitgoeul.errors import SettingsError, Text, shorten
from bitgoeul.names import CohortName, CourseName, UserName
from bitgoeul.profiles import Frozen as _Frozen
from bitgoeul.profiles import Gpus, Profile, Swarm, faults_of_devices
from bitgoeul.providers import Login, public_url_problem

Language = Literal["ko", "en"]
Role = Literal["student", "instructor", "teacher", "operator"]
Runtime = Literal["local", "docker", "swarm"]
Level = Literal["none", "landlock", "namespaces", "container", "container+namespaces", "kernel"]
MEGABYTE = 1_000_000
DATABASE = r"^(postgresql\+psycopg://\S+)?$"


class Bilingual(_Frozen):
    """A short text that people read, in both languages."""

    ko: str
    en: str

    @property
    def text(self) -> Text:
        """The same as the `Text` that pages take."""
        return Text(self.ko, self.en)


class Academy(_Frozen):
    """The academy as people see it."""

    name: Bilingual = Bilingual(ko="빛고을 인공지능 학교", en="Bitgoeul AI Academy")
    language: Language = "ko"
    time_zone: str = "Asia/Seoul"
    state: Path = Path("state")
    database: str = Field("", pattern=DATABASE, description="empty: SQLite in the state folder")
    curriculum: Path = Path("curriculum")

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError("an IANA time zone such as Asia/Seoul was wanted") from None
        return name


class Hub(_Frozen):
    """Where the academy listens and how labs are started."""

    runtime: Runtime = "local"
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    public_url: str = Field("", description="where people find the academy; empty: only this machine does")
    trusted_proxies: tuple[str, ...] = Field((), description="addresses whose word about the client's address counts")
    start_timeout_seconds: int = Field(120, ge=10)
    idle_minutes: int = Field(60, ge=5, description="a lab without activity for this long is stopped")
    bell_minutes: int = Field(10, ge=0, le=60, description="how long before a lesson labs are started; 0: never")
    keep_labs: bool = Field(default=False, description="labs in containers go on while the Hub is started again")


class Docker(_Frozen):
    """Labs in containers: the engine, the network they live in, and what each may use."""

    engine: str = Field("unix:///var/run/docker.sock", pattern=r"^unix:///\S+$")
    proxy: str = Field("", description="a docker-proxy's socket that runs already; empty: `up` starts one")
    image: str = Field("bitgoeul/notebook:latest", pattern=r"^\S+:[^\s/:]+$", description="with its tag")
    network: str = Field("bitgoeul-labs", pattern=r"^[a-z][a-z0-9-]{1,30}$")
    subnet: str = "172.31.0.0/16"
    hub_port: int = Field(8081, ge=1, le=65535, description="the Hub's port for labs, on the network's gateway")
    service_port: int = Field(8082, ge=1, le=65535, description="the service's port for labs")
    datasets: str = Field("", pattern=r"^(/\S+)?$", description="a folder that every lab can read at /datasets")
    package_index: str = Field(
        "", description='a mirror of PyPI at an address: labs with `network = "packages"` reach only it'
    )

    @field_validator("subnet")
    @classmethod
    def _private(cls, text: str) -> str:
        try:
            found = ipaddress.ip_network(text)
        except ValueError:
            raise ValueError("a network such as 172.31.0.0/16 was wanted") from None
        if not found.is_private or found.num_addresses < 64:
            raise ValueError("a private network with room for labs was wanted, such as 172.31.0.0/16")
        return text

    @field_validator("package_index")
    @classmethod
    def _an_address(cls, text: str) -> str:
        """Labs that reach nothing but the mirror have no DNS, so that its name could not be found."""
        parts = urlsplit(text)
        try:
            ipaddress.ip_address(parts.hostname or "")
            right = parts.scheme in ("http", "https") and parts.port != 0
        except ValueError:
            right = not text
        if not right:
            raise ValueError("an address without a name was wanted, such as http://10.0.0.5:3141/root/pypi/+simple/")
        return text


class Exchange(_Frozen):
    """Limits of what students hand in."""

    max_submission_mb: int = Field(250, ge=1)
    quota_mb: int = Field(2000, ge=0, description="what one student may keep in one assignment; 0: no limit")
    max_files: int = Field(1000, ge=1)
    max_notebook_mb: int = Field(50, ge=1)
    grace_seconds: int = Field(300, ge=0, description="how long after its start an upload may still end")
    reserve_mb: int = Field(64, ge=0, description="space kept to be able to delete and recover")
    min_free_mb: int = Field(1000, ge=0, description="below this, new uploads are refused with 507")


class Grading(_Frozen):
    """The sandbox, per submission."""

    minimum_level: Level = "namespaces"
    workers: int = Field(0, ge=0, description="0: as many as cores; with a scheduler 32")
    gpus: int = Field(
        0, ge=0, description="GPUs of this machine that judge; with a scheduler those of its workers count"
    )
    scheduler: str = Field("", pattern=r"^(tls://[^\s/]+:\d+)?$", description="empty: this machine judges")
    judge_socket: Path | None = Field(None, description="where `bitgoeul judge` listens, in a locked-down container")
    cluster_keys: Path = Path("keys")
    memory_mb: int = Field(2048, ge=256)
    disk_mb: int = Field(256, ge=16)
    max_files: int = Field(10_000, ge=100)
    processes: int = Field(64, ge=16)
    cell_seconds: int = Field(60, ge=1)
    total_seconds: int = Field(300, ge=5)
    output_mb: int = Field(1, ge=1)


class Person(_Frozen):
    """One member of the roster. `name` is what people see; `user` is the key."""

    user: UserName
    name: Bilingual
    role: Role
    language: Language = "ko"
    account: str = Field("", description="the provider's name for this person, such as kakao-3141592653")


class Cohort(Profile):
    """People who take courses together, and what their labs get."""

    title: Bilingual
    courses: tuple[CourseName, ...] = ()
    students: tuple[UserName, ...] = ()
    staff: tuple[UserName, ...] = ()


class Settings(_Frozen):
    """Everything an academy decides, checked. Paths are absolute."""

    academy: Academy = Academy()
    hub: Hub = Hub()
    login: Login = Login()
    docker: Docker = Docker()
    swarm: Swarm = Swarm()
    exchange: Exchange = Exchange()
    grading: Grading = Grading()
    gpus: Gpus = Gpus()
    people: tuple[Person, ...] = ()
    cohorts: dict[CohortName, Cohort] = Field(default_factory=dict)
    source: Path = Path("academy.toml")

    @property
    def state(self) -> Path:
        """The folder that holds all that must survive a restart."""
        return self.academy.state

    @property
    def database_url(self) -> str:
        """The service's database."""
        return self.academy.database or f"sqlite:///{self.state / 'bitgoeul.sqlite'}"

    @property
    def cluster_keys(self) -> Path:
        """The folder of the certificate that the graders of a cluster know each other by."""
        return self.state / self.grading.cluster_keys

    @property
    def zone(self) -> ZoneInfo:
        """The academy's time zone."""
        return ZoneInfo(self.academy.time_zone)

    def course_folder(self, course: CourseName) -> Path:
        """The nbgrader course root: source, release, submitted, autograded, feedback, gradebook.db."""
        return self.state / "courses" / course

    def home_folder(self, user: UserName) -> Path:
        """The folder a local lab opens in."""
        return self.state / "homes" / user

    def person(self, user: str) -> Person | None:
        """The roster's entry, if the roster has one."""
        return next((person for person in self.people if person.user == user), None)


def load(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the file; raise `SettingsError` with every fault at once."""
    environ = os.environ if environ is None else environ
    path = Path(path or environ.get("BITGOEUL_SETTINGS") or "academy.toml").resolve()
    text = _read(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([f"{path}: {error}"]) from None
    lines = Lines(path, text)
    try:
        settings = Settings.model_validate({**data, "source": path})
    except ValidationError as error:
        raise SettingsError(_by_line(_faults(error, lines) + _contradictions_in(data, lines))) from None
    contradictions = _contradictions(settings, lines)
    if contradictions:
        raise SettingsError(_by_line(contradictions))
    return _anchored(settings, path.parent, environ)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path}: a UTF-8 text file was wanted; {error}"]) from None


def _anchored(settings: Settings, folder: Path, environ: Mapping[str, str]) -> Settings:
    state = Path(environ.get("BITGOEUL_STATE") or folder / settings.academy.state)
    database = environ.get("BITGOEUL_DATABASE") or settings.academy.database
    if not re.match(DATABASE, database):
        # The value is not quoted: it may hold a password.
        raise SettingsError(["BITGOEUL_DATABASE: an address that begins with postgresql+psycopg:// was wanted"])
    curriculum = (folder / settings.academy.curriculum).resolve()
    academy = settings.academy.model_copy(
        update={"state": state.resolve(), "curriculum": curriculum, "database": database}
    )
    port = environ.get("BITGOEUL_PORT")
    if port and not (port.isdigit() and 0 < int(port) < 65536):
        raise SettingsError([f"BITGOEUL_PORT: a port from 1 to 65535 was wanted; found {shorten(port)}"])
    runtime = environ.get("BITGOEUL_RUNTIME")
    if runtime and runtime not in get_args(Runtime):
        raise SettingsError([f"BITGOEUL_RUNTIME: one of {get_args(Runtime)} was wanted; found {shorten(runtime)}"])
    changes = ({"port": int(port)} if port else {}) | ({"runtime": runtime} if runtime else {})
    hub = settings.hub.model_copy(update=changes)
    return settings.model_copy(update={"academy": academy, "hub": hub})


class Lines:
    """Finds the line of a key, because tomllib does not keep it; course.toml is read with it too."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.places: dict[tuple[str | int, ...], int] = {}
        table: tuple[str | int, ...] = ()
        counts: Counter[str] = Counter()
        for number, line in enumerate(text.splitlines(), 1):
            if head := re.match(r"\s*\[\[\s*([^\]]+?)\s*\]\]", line):
                table = (*_dotted(head[1]), counts[head[1]])
                counts[head[1]] += 1
                self.places[table] = number
            elif head := re.match(r"\s*\[\s*([^\]]+?)\s*\]", line):
                table = _dotted(head[1])
                self.places[table] = number
            elif key := re.match(r"\s*([\w\-\".]+?)\s*=", line):
                self.places[(*table, *_dotted(key[1]))] = number

    def line(self, where: tuple[str | int, ...]) -> int:
        """Find the line of the nearest key that stands in the file."""
        known = where
        while known and known not in self.places:
            known = known[:-1]
        return self.places.get(known, 1)

    def fault(self, where: tuple[str | int, ...], sentence: str) -> str:
        """Write one fault with the line of the nearest key that stands in the file."""
        field = ".".join(str(part) for part in where)
        return f"{self.path}:{self.line(where)}: {field}: {sentence}"


def _dotted(name: str) -> tuple[str, ...]:
    return tuple(part.strip().strip('"') for part in name.split("."))


def _faults(error: ValidationError, lines: Lines) -> list[str]:
    faults = []
    for fault in error.errors():
        where = tuple(part for part in fault["loc"] if part != "[key]")
        if fault["type"] == "extra_forbidden" and where[0] == "login" and "secret" in str(where[-1]):
            faults.append(lines.fault(where, "no secret stands in this file; put it into the secret_file (chmod 600)"))
        elif fault["type"] == "extra_forbidden":
            faults.append(lines.fault(where, "this key is not known; take it out or mend its spelling"))
        elif fault["type"] == "missing":
            faults.append(lines.fault(where, "this key is missing"))
        else:
            faults.append(lines.fault(where, f"{fault['msg']}; found {shorten(fault['input'])}"))
    return faults


def _by_line(faults: list[str]) -> list[str]:
    return sorted(faults, key=lambda fault: int(re.findall(r":(\d+): ", fault)[0]))


def _contradictions_in(data: dict[str, Any], lines: Lines) -> list[str]:
    """What can still be compared in a file that has other faults: so that one run shows all."""
    hub = data.get("hub")
    host = hub.get("host") if isinstance(hub, dict) else None
    return _not_loopback(host, lines) if isinstance(host, str) else []


def _not_loopback(host: str, lines: Lines) -> list[str]:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if loopback:
        return []
    why = "people sign in without a password, so the academy listens on 127.0.0.1 only"
    return [lines.fault(("hub", "host"), f"{why}; found {shorten(host)}; leave host out")]


def _contradictions(settings: Settings, lines: Lines) -> list[str]:
    faults = _not_loopback(settings.hub.host, lines) + _sign_in_faults(settings, lines)
    users = [person.user for person in settings.people]
    for index, user in enumerate(users):
        if user in users[:index]:
            faults.append(lines.fault(("people", index, "user"), f"{user!r} is in the roster twice"))
    for name, cohort in settings.cohorts.items():
        for field in ("students", "staff"):
            strangers = [user for user in getattr(cohort, field) if user not in users]
            for user in strangers:
                faults.append(lines.fault(("cohorts", name, field), f"{user!r} is not in [[people]]"))
        for user in sorted(set(cohort.students) & set(cohort.staff)):
            faults.append(lines.fault(("cohorts", name, "staff"), f"{user!r} is a student of the same cohort"))
    faults += _profile_faults(settings, lines)
    if settings.hub.runtime == "swarm" and not settings.swarm.advertise:
        faults.append(lines.fault(("swarm", "advertise"), "the runtime 'swarm' needs the address of this machine"))
    if 0 < settings.exchange.quota_mb < settings.exchange.max_submission_mb:
        faults.append(lines.fault(("exchange", "quota_mb"), "it may not be less than max_submission_mb"))
    if settings.grading.judge_socket and settings.grading.scheduler:
        faults.append(lines.fault(("grading", "judge_socket"), "either a scheduler or a socket judges, not both"))
    if settings.grading.cell_seconds > settings.grading.total_seconds:
        faults.append(lines.fault(("grading", "cell_seconds"), "one cell may not have more time than all cells"))
    return faults


def _sign_in_faults(settings: Settings, lines: Lines) -> list[str]:
    """What a login or a date contradicts."""
    hub, login = settings.hub, settings.login
    faults = [lines.fault(("login", key), sentence) for key, sentence in login.problems()]
    if hub.public_url and (problem := public_url_problem(hub.public_url)):
        faults.append(lines.fault(("hub", "public_url"), f"{problem}; found {shorten(hub.public_url)}"))
    elif hub.public_url and hub.runtime == "local":
        why = "the local runtime isolates nobody, so it may not be reached from elsewhere; leave it out"
        faults.append(lines.fault(("hub", "public_url"), why))
    elif hub.public_url and not login.open:
        faults.append(lines.fault(("hub", "public_url"), "beyond this machine it needs a login.provider"))
    accounts = [person.account for person in settings.people]
    for index, account in enumerate(accounts):
        if account and account in accounts[:index]:
            faults.append(lines.fault(("people", index, "account"), f"{account!r} is in the roster twice"))
    return faults


def _profile_faults(settings: Settings, lines: Lines) -> list[str]:
    gpus = settings.gpus
    faults = [lines.fault(("gpus", "devices", i, key), why) for i, key, why in faults_of_devices(gpus.devices)]
    kinds = sorted({device.kind for device in gpus.devices})
    for name, cohort in settings.cohorts.items():
        if cohort.starts and cohort.ends and cohort.ends < cohort.starts:
            faults.append(lines.fault(("cohorts", name, "ends"), f"it ends before it starts on {cohort.starts}"))
        if cohort.network == "packages" and settings.hub.runtime != "local" and not settings.docker.package_index:
            faults.append(lines.fault(("cohorts", name, "network"), "'packages' needs docker.package_index, a mirror"))
        if cohort.gpu != "none" and gpus.inventory == "settings" and cohort.gpu not in kinds:
            why = f"no device of [[gpus.devices]] is {cohort.gpu!r}; there is {', '.join(kinds) or 'none'}"
            faults.append(lines.fault(("cohorts", name, "gpu"), why))
    return faults
