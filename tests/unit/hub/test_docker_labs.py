"""What the spawner makes of an engine that errs: an error is not an end, and each is put into a person's words."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import APIError, NotFound
from requests.exceptions import ConnectionError as EngineGone

from bitgoeul.hub import docker_labs
from bitgoeul.hub.docker_labs import AcademyDockerSpawner


def error(status: int, words: str = "") -> APIError:
    response = SimpleNamespace(status_code=status, reason="", url="", text="")
    return (NotFound if status == 404 else APIError)("", response=response, explanation=words)


class Asked(AcademyDockerSpawner):
    """The real spawner, whose engine says what the test wants."""

    answer: Any = None

    async def docker(self, method: str, *_: Any, **__: Any) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def spawner(answer: Any) -> Asked:
    found = Asked()
    found.user = SimpleNamespace(name="minji")
    found.settings = docker_labs.Settings()
    found.object_id = "known"
    found.object_name = "lab"
    found.answer = answer
    return found


@pytest.mark.parametrize("trouble", [error(500), error(502), EngineGone("no socket")])
def test_an_engine_that_errs_has_not_said_that_a_lab_ended(trouble: Exception) -> None:
    assert asyncio.run(spawner(trouble).poll()) is None


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"State": {"Status": "running"}}, None),
        ({"State": {"Status": "exited", "ExitCode": 137, "OOMKilled": True}}, 137),
        (error(404), 0),
    ],
)
def test_what_the_engine_says_of_a_lab_is_believed(answer: Any, code: int | None) -> None:
    assert asyncio.run(spawner(answer).poll()) == code


def test_the_reason_is_kept_for_the_page(monkeypatch) -> None:
    monkeypatch.setattr(docker_labs, "last_words", {})
    asyncio.run(spawner({"State": {"Status": "exited", "ExitCode": 137, "OOMKilled": True}}).poll())

    assert "메모리" in docker_labs.last_words["minji", ""].ko


def test_an_error_500_does_not_forget_the_container() -> None:
    found = spawner(error(500))
    with pytest.raises(APIError):
        asyncio.run(found.get_object())

    assert found.object_id == "known"


@pytest.mark.parametrize(
    ("trouble", "reason", "word"),
    [
        (
            error(500, 'could not select device driver "" with capabilities: [[gpu]]'),
            "no-gpu",
            "nvidia-container-toolkit",
        ),
        (error(403, "Binds: /"), "refused", "Binds: /"),
        (error(500, "no space left"), "engine-error", "no space left"),
    ],
)
def test_each_refusal_is_told_in_both_languages(trouble: APIError, reason: str, word: str) -> None:
    found = docker_labs._translated(trouble)

    assert found.reason == reason
    assert word in str(found)
    assert 'lang="ko"' in str(vars(found))
    assert 'lang="en"' in str(vars(found))


def test_an_image_that_cannot_be_fetched_is_told_with_its_name() -> None:
    with pytest.raises(docker_labs.SpawnException, match="bitgoeul/notebook:latest") as told:
        asyncio.run(spawner(error(500, "no route to the registry"))._fetch("bitgoeul/notebook:latest"))

    assert told.value.reason == "no-image"


def test_many_labs_are_asked_for_at_a_time() -> None:
    assert AcademyDockerSpawner._executor._max_workers >= 8
