"""academy.toml: everything wrong is told at once, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bitgoeul.errors import SettingsError
from bitgoeul.settings import Settings, load

GOOD = """
[academy]
name = { ko = "가", en = "A" }

[[people]]
user = "minji"
name = { ko = "김민지", en = "Minji" }
role = "student"

[cohorts.one]
title = { ko = "일", en = "One" }
courses = ["ml"]
students = ["minji"]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "academy.toml"
    path.write_text(text)
    return path


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(write(folder, text), {})
    return [fault.removeprefix(f"{folder / 'academy.toml'}:") for fault in caught.value.faults]


def test_the_shipped_settings_are_good(root: Path) -> None:
    settings = load(root / "academy.toml", {})

    roles = [person.role for person in settings.people]
    assert [roles.count(role) for role in ("student", "instructor", "teacher", "operator")] == [3, 1, 1, 1]


def test_all_faults_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    text = GOOD + '\n[hub]\nport = 99999\nhost = "0.0.0.0"\ncolour = "red"\n'

    found = faults(tmp_path, text)

    assert [fault.split(":")[0] for fault in found] == ["16", "17", "18"]
    assert "hub.port" in found[0]
    assert "without a password" in found[1]
    assert "hub.colour: this key is not known" in found[2]


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        (GOOD.replace('"minji"]', '"minji", "nobody"]'), 13, "'nobody' is not in [[people]]"),
        (GOOD + 'staff = ["minji"]\n', 14, "a student of the same cohort"),
        (GOOD.replace('role = "student"', 'role = "king"'), 8, "found 'king'"),
        (GOOD.replace('role = "student"', ""), 5, "missing"),
        (GOOD.replace('user = "minji"', 'user = "김민지"'), 6, "lower-case letters"),
        (GOOD.replace("[cohorts.one]", '[cohorts."One Two"]'), 10, "cohort name"),
        (GOOD + '[[people]]\nuser = "minji"\nname = { ko = "a", en = "a" }\nrole = "student"\n', 15, "twice"),
        (GOOD + "[grading]\ncell_seconds = 400\n", 15, "more time than all cells"),
        (GOOD + "[exchange]\nquota_mb = 100\n", 15, "not be less than max_submission_mb"),
        (GOOD.replace("[academy]", '[academy]\ntime_zone = "Mars/Base"'), 3, "IANA"),
    ],
)
def test_a_fault_names_its_line_and_what_to_do(tmp_path: Path, text: str, line: int, sentence: str) -> None:
    found = faults(tmp_path, text)

    assert len(found) == 1, found
    assert found[0].startswith(f"{line}:"), found
    assert sentence in found[0]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.4", "academy.example.kr"])  # noqa: S104
def test_the_local_runtime_listens_on_loopback_only(tmp_path: Path, host: str) -> None:
    found = faults(tmp_path, GOOD + f'[hub]\nhost = "{host}"\n')

    assert len(found) == 1
    assert "listens on 127.0.0.1 only" in found[0]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_loopback_is_taken(tmp_path: Path, host: str) -> None:
    assert load(write(tmp_path, GOOD + f'[hub]\nhost = "{host}"\n'), {}).hub.host == host


@pytest.mark.parametrize("text", ["[", "a = ", "\udcff"])
def test_a_file_that_is_no_toml_is_told_with_its_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "academy.toml"
    path.write_bytes(text.encode(errors="surrogateescape"))

    with pytest.raises(SettingsError) as caught:
        load(path, {})

    assert str(path) in caught.value.faults[0]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        load(tmp_path / "nothing.toml", {})


def test_the_environment_moves_state_and_port(tmp_path: Path) -> None:
    settings = load(write(tmp_path, GOOD), {"BITGOEUL_STATE": str(tmp_path / "s"), "BITGOEUL_PORT": "9001"})

    assert settings.state == tmp_path / "s"
    assert settings.hub.port == 9001


def test_a_bad_port_in_the_environment_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        load(write(tmp_path, GOOD), {"BITGOEUL_PORT": "http"})


def test_a_databases_address_comes_from_the_environment_and_a_bad_one_is_not_quoted(tmp_path: Path) -> None:
    path, url = write(tmp_path, GOOD), "postgresql+psycopg://bitgoeul:hidden@10.0.0.5/bitgoeul"
    with pytest.raises(SettingsError) as caught:
        load(path, {"BITGOEUL_DATABASE": "mysql://bitgoeul:hidden@10.0.0.5/x"})

    assert load(path, {"BITGOEUL_DATABASE": url}).database_url == url
    assert "hidden" not in str(caught.value.faults)
    assert "BITGOEUL_DATABASE" in caught.value.faults[0]


def test_paths_are_anchored_at_the_file(tmp_path: Path) -> None:
    settings = load(write(tmp_path, GOOD), {})

    assert settings.state == tmp_path / "state"
    assert settings.academy.curriculum == tmp_path / "curriculum"


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().hub = None  # type: ignore[assignment, misc]


@pytest.mark.parametrize(
    "line",
    [
        '[grading]\nscheduler = "tcp://10.0.0.5:8786"',
        '[grading]\nscheduler = "tls://10.0.0.5"',
        '[academy]\ndatabase = "mysql://x"',
    ],
)
def test_a_cluster_without_tls_and_another_database_are_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "academy.toml"
    path.write_text(line)
    with pytest.raises(SettingsError) as told:
        load(path, {})

    assert f"{path}:2: " in told.value.text.en


def test_a_cluster_and_a_database_server_are_found_where_the_settings_say(tmp_path: Path) -> None:
    path = tmp_path / "academy.toml"
    path.write_text(
        '[academy]\ndatabase = "postgresql+psycopg://a@db/x"\n[grading]\nscheduler = "tls://10.0.0.5:8786"\n'
    )
    found = load(path, {})

    assert found.database_url == "postgresql+psycopg://a@db/x"
    assert found.cluster_keys == tmp_path / "state" / "keys"
