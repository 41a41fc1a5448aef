"""Why a container ended, in a person's words."""

from __future__ import annotations

import pytest

from bitgoeul.hub.ending import ending


@pytest.mark.parametrize(
    ("state", "full", "reason"),
    [
        ({"Status": "running", "ExitCode": 0}, True, None),
        ({"Status": "paused", "ExitCode": 0}, False, None),
        ({"Status": "created", "ExitCode": 0}, False, None),
        ({"Status": "exited", "ExitCode": 137, "OOMKilled": True}, False, "out-of-memory"),
        ({"Status": "exited", "ExitCode": 1}, True, "disk-full"),
        ({"Status": "exited", "ExitCode": 0}, True, "ended"),
        ({"Status": "exited", "ExitCode": 137}, False, "ended"),
        ({"Status": "created", "ExitCode": 128}, False, "ended"),
        ({"Status": "removed"}, False, "removed"),
    ],
)
def test_each_end_has_its_reason_in_both_languages(state: dict, full: bool, reason: str | None) -> None:
    found = ending(state, full=full)

    assert (found.reason if found else None) == reason
    assert found is None or (found.text.ko and found.text.en and found.text.ko != found.text.en)
