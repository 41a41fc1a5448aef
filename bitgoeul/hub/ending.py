"""Why a container ended, from what the engine says of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bitgoeul.errors import Text

_MEMORY = Text(
    "실습실이 받은 메모리를 모두 써서 꺼졌습니다. 큰 데이터를 나누어 읽거나 쓰지 않는 변수를 지우고 다시 켜십시오. 저장한 파일은 그대로 있습니다.",
    "The lab used up its memory and was ended. Read large data in parts or delete what you no longer use, and start "
    "again. Saved files are all there.",
)
_DISK = Text(
    "홈 디스크가 가득 차서 실습실이 꺼졌습니다. 운영자에게 자리를 늘려 달라고 하거나 필요 없는 파일을 지우십시오. 저장한 파일은 그대로 있습니다.",
    "Your home disk is full and the lab ended. Delete files that you do not need, or ask the operator for more room. "
    "Saved files are all there.",
)
_REMOVED = Text(
    "실습실의 컨테이너가 지워졌습니다. 다시 켜십시오. 저장한 파일은 그대로 있습니다.",
    "The lab's container was removed. Start again. Saved files are all there.",
)
_CODE = Text(
    "실습실이 꺼졌습니다(종료 코드 {code}). 다시 켜 보고, 또 그러면 운영자에게 알리십시오. 저장한 파일은 그대로 있습니다.",
    "The lab ended (exit code {code}). Start again; if that does not help, tell the operator. Saved files are all there.",
)
_RUNS = ("running", "paused", "restarting")


@dataclass(frozen=True)
class Ending:
    """How a lab ended: `reason` is for metrics, `code` the exit code (0 where there is none)."""

    reason: str
    text: Text
    code: int


def ending(state: dict[str, Any], *, full: bool) -> Ending | None:
    """Read the engine's `State`; `full` says that the home's disk is. None: it runs."""
    status, code = str(state.get("Status", "")), int(state.get("ExitCode") or 0)
    if status in _RUNS or (status == "created" and not code):
        return None
    if status == "removed":
        return Ending("removed", _REMOVED, 0)
    if state.get("OOMKilled"):
        return Ending("out-of-memory", _MEMORY, code)
    if full and code:
        return Ending("disk-full", _DISK, code)
    return Ending("ended", _CODE.format(code=code), code)


last_words: dict[tuple[str, str], Text] = {}
"""Of each person's server, why it ended last: the spawner that knows is gone when the page is shown."""
