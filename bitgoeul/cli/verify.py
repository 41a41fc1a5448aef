"""`bitgoeul verify`: reads every submission again and says what is lost or altered. It changes nothing."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from bitgoeul import settings as settings_module
from bitgoeul.blobs import BlobStore
from bitgoeul.cli.main import language
from bitgoeul.database import Database
from bitgoeul.errors import InputError, Text
from bitgoeul.exchange import verify as checking
from bitgoeul.exchange.receipts import Signer
from bitgoeul.settings import Settings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def verify(*, as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False) -> None:
    """Check each row's blob, each blob's hash, the chain and the signatures; exit 0 if all is sound, else 1."""
    found = look(settings_module.load())
    sys.stdout.write(as_data(found) if as_json else as_text(found))
    sys.exit(0 if found.sound else 1)


def look(settings: Settings) -> checking.Verification:
    """Verify the academy in the settings' state folder; raise `InputError` where there is none."""
    parts = [settings.state / "blobs", settings.state / "keys" / "receipt.ed25519"]
    if not settings.academy.database:
        parts.append(settings.state / "bitgoeul.sqlite")
    missing = ", ".join(str(path) for path in parts if not path.exists())
    if missing:
        raise InputError(
            ko=f"확인할 학교가 {settings.state}에 있어야 하는데 {missing}이(가) 없습니다. 다른 폴더면 BITGOEUL_STATE로 알려 주고, 잃은 것이면 백업에서 되살리세요.",
            en=f"An academy was wanted in {settings.state}; not there: {missing}. Name another folder by BITGOEUL_STATE, or restore what is lost from the back-up.",
        )
    database = Database(settings.database_url)
    try:
        with database.reading() as connection:
            return checking.verify(connection, BlobStore(settings.state / "blobs"), Signer(parts[1].parent).public_key)
    finally:
        database.close()


def as_data(found: checking.Verification) -> str:
    """Write what a program reads."""
    faults = [{"ko": fault.ko, "en": fault.en} for fault in found.faults]
    data = {"sound": found.sound, "submissions": found.submissions, "blobs": found.blobs, "faults": faults}
    return json.dumps({**data, "orphans": found.orphans}, ensure_ascii=False, indent=2) + "\n"


def as_text(found: checking.Verification) -> str:
    """Write what a person reads: every fault, the orphans, and one line about the whole."""
    speak = language()
    lines = [f"✗ {fault.pick(speak)}" for fault in found.faults]
    if found.orphans:
        few = Text(f"어떤 줄도 가리키지 않는 파일 {len(found.orphans)}개 (잃은 것은 아닙니다):", f"{len(found.orphans)} files that no row names (nothing is lost with them):")  # fmt: skip
        lines += [few.pick(speak), *(f"  {name}" for name in found.orphans)]
    whole = Text(f"제출물 {found.submissions}개, 파일 {found.blobs}개를 확인했습니다", f"{found.submissions} submissions and {found.blobs} blobs were read")  # fmt: skip
    end = Text("모두 온전합니다", "all is sound") if found.sound else Text(f"고칠 곳 {len(found.faults)}개", f"{len(found.faults)} fault(s)")  # fmt: skip
    return "\n".join([*lines, f"{whole.pick(speak)}: {end.pick(speak)}.", ""])
