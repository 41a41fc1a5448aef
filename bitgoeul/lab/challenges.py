"""Taking part in a challenge from a lab: announce a file, send it, follow what becomes of it.

The key of an announcement is kept until its submission is over, so that a broken connection, or the command called
again, goes on with the same submission instead of spending another attempt.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bitgoeul.errors import InputError, Text
from bitgoeul.lab.bundle import write_whole
from bitgoeul.lab.client import Client

LOOK_EVERY = 0.5
UNDER_WAY = frozenset({"receiving", "received", "validating", "queued", "running", "scoring"})
STATES = {
    "receiving": Text("보내는 중입니다.", "It is being sent."),
    "received": Text("접수되었습니다. 차례를 기다립니다.", "Received. It waits for its turn."),
    "validating": Text("공개 자료로 시험 삼아 돌려 봅니다.", "It is tried on public rows."),
    "queued": Text("시험을 통과했습니다. 차례를 기다립니다.", "The trial passed. It waits for its turn."),
    "running": Text("돌리고 있습니다.", "It runs."),
    "scoring": Text("점수를 매기고 있습니다.", "It is being scored."),
    "scored": Text("점수가 나왔습니다.", "It is scored."),
    "late": Text(
        "마감 뒤에 냈으므로 점수를 매기지 않습니다. 파일은 보관했습니다.",
        "It came after the end, so it is not scored. The file is kept.",
    ),
    "invalid": Text(
        "고칠 곳이 있습니다. 고쳐서 다시 내세요. 제출 횟수는 줄지 않습니다.",
        "There is something to mend. Mend it and submit again; it costs no attempt.",
    ),
    "failed": Text("프로그램이 끝까지 돌지 않았습니다.", "The program did not run to its end."),
    "cancelled": Text("취소되었습니다.", "It was cancelled."),
    "expired": Text(
        "파일이 제때 오지 않았습니다. 다시 내세요. 제출 횟수는 줄지 않습니다.",
        "The file did not come in time. Submit again; it costs no attempt.",
    ),
    "system-error": Text(
        "우리 쪽 문제로 점수를 매기지 못했습니다. 제출 횟수를 돌려드렸고 운영자에게 알렸습니다. 나중에 다시 내세요.",
        "We failed to score it. Your attempt was given back, and the organiser was told. Submit again later.",
    ),
}


def submit(
    client: Client, home: Path, slug: str, file: Path, *, tell: Callable[[dict[str, Any]], None], wait: bool = True
) -> dict[str, Any]:
    """Hand in a file and, with `wait`, follow it to its end; the submission as the service tells it.

    `tell` is called with each new state. Raises `Failed` for a refusal and `InputError` for a file that cannot be read.
    """
    sha256, size = _digest(file)
    key = home / "outbox" / ".challenges" / slug / f"{sha256}.key"
    if not key.exists():
        write_whole(key, str(uuid.uuid4()).encode())
    said = {"sha256": sha256, "size": size, "name": file.name}
    found = client.ask("POST", f"api/challenges/{slug}/submissions", data=said, key=key.read_text())
    tell(found)
    at = f"api/challenge-submissions/{found['id']}"
    if found["state"] == "receiving":
        found = client.ask("PUT", f"{at}/content", body=file, timeout=300.0)
        tell(found)
    while wait and found["state"] in UNDER_WAY:
        time.sleep(LOOK_EVERY)
        before, found = found["state"], client.ask("GET", at)
        if found["state"] != before:
            tell(found)
    if found["state"] not in UNDER_WAY:
        key.unlink(missing_ok=True)
    return dict(found)


def _digest(file: Path) -> tuple[str, int]:
    try:
        with file.open("rb") as opened:
            digest, size = hashlib.file_digest(opened, "sha256"), opened.tell()
    except OSError as error:
        raise InputError(
            ko=f"파일을 읽을 수 없습니다: {error}. 경로를 확인하세요.",
            en=f"The file cannot be read: {error}. Check the path.",
        ) from None
    return digest.hexdigest(), size
