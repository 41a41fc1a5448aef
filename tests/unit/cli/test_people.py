"""`bitgoeul people`: what is shown, what is stored, and how it ends."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bitgoeul.cli import main

SETTINGS = """
[cohorts.one]
title = { ko = "일기", en = "One" }
ends = 2020-01-31
"""
ROSTER = "아이디,이름,기수,시작일\nkim,김하나,일기,2020-01-02\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "academy.toml").write_text(SETTINGS)
    (tmp_path / "roster.csv").write_bytes(ROSTER.encode("cp949"))
    monkeypatch.setenv("BITGOEUL_SETTINGS", str(tmp_path / "academy.toml"))
    monkeypatch.delenv("BITGOEUL_STATE", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def command(*arguments: str, language: str = "ko") -> tuple[int, str]:
        monkeypatch.setenv("BITGOEUL_LANGUAGE", language)
        monkeypatch.setattr(sys, "argv", ["bitgoeul", "people", *arguments])
        with pytest.raises(SystemExit) as ended:
            main.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return command


def test_a_dry_run_is_what_happens_without_a_word_and_writes_nothing(folder: Path, run) -> None:
    code, said = run("import", "roster.csv")

    assert code == 0
    assert "CP949" in said
    assert "kim 김하나 학생 2020-01-02" in said
    assert "아직 아무것도 바꾸지 않았습니다" in said
    assert not (folder / "state").exists()


def test_what_was_stored_is_listed_with_its_days(folder: Path, run) -> None:
    run("import", "roster.csv", "--apply")
    code, text = run("list")
    _, data = run("list", "--json")

    assert code == 0
    assert "(one student 2020-01-02 ~ 2020-01-31)" in text, "the cohort's end counts, and it is over"
    (kim,) = json.loads(data)["people"]
    assert kim["cohorts"] == [
        {"cohort": "one", "part": "student", "starts": "2020-01-02", "ends": "2020-01-31", "now": False}
    ]


@pytest.mark.parametrize(("language", "words"), [("ko", "아무것도 바꾸지 않았습니다"), ("en", "nothing was changed")])
def test_faults_end_with_2_and_store_nothing(folder: Path, run, language: str, words: str) -> None:
    (folder / "roster.csv").write_text(ROSTER + "lee,,none,\n")
    code, said = run("import", "roster.csv", "--apply", language=language)

    assert code == 2
    assert words in said
    assert said.count("roster.csv:3: ") == 2
    assert not (folder / "state").exists()
