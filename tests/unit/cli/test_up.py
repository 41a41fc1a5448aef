"""What `bitgoeul up` decides and says before and after the Hub runs."""

from __future__ import annotations

from pathlib import Path

from bitgoeul import settings
from bitgoeul.cli import up


def test_the_command_line_wins_over_the_file(root: Path) -> None:
    academy = settings.load(root / "academy.toml", {})

    assert up.chosen(academy, runtime=None, port=9001).hub.port == 9001
    assert up.chosen(academy, runtime="local", port=None).hub == academy.hub


def test_one_address_and_everybody_who_can_sign_in_in_both_languages(root: Path) -> None:
    academy = settings.load(root / "academy.toml", {})
    said = up.welcome(academy)

    assert said.count("http://") == 1
    for person in academy.people:
        assert person.user in said
        assert person.name.ko in said
        assert person.name.en in said
    for word in ("학생 / Students", "운영자 / Operators", "Ctrl-C", "모두가 당신입니다", "everybody here is you"):
        assert word in said


def test_with_a_provider_it_says_by_what_people_sign_in_and_promises_no_open_door(root: Path) -> None:
    academy = settings.load(root / "academy.toml", {})
    login = academy.login.model_copy(update={"provider": "kakao", "client_id": "x"})
    said = up.welcome(academy.model_copy(update={"login": login}))

    assert "카카오로 로그인" in said
    assert "Sign in with Kakao" in said
    assert "no password" not in said
