"""`bitgoeul doctor`: what each runtime lacks on this machine, and the command that gets it."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from bitgoeul import settings as settings_module
from bitgoeul.cli.main import language
from bitgoeul.errors import Text
from bitgoeul.hub.readiness import RUNTIMES, Check, RuntimeName, checks
from bitgoeul.settings import Settings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

AsJson = Annotated[bool, typer.Option("--json", help="for programs")]


@app.command()
def doctor(*, as_json: AsJson = False) -> None:
    """Look at this machine; exit 0 if the runtime that the settings choose can run."""
    settings = settings_module.load()
    found = {runtime: checks(runtime, settings) for runtime in RUNTIMES}
    sys.stdout.write(as_data(found, settings) if as_json else as_text(found, settings))
    sys.exit(0 if ready(found[settings.hub.runtime]) else 1)


def ready(found: list[Check]) -> bool:
    """Say whether nothing is missing."""
    return all(check.ok for check in found)


def as_data(found: dict[RuntimeName, list[Check]], settings: Settings) -> str:
    """Write what a program reads."""
    runtimes = {
        name: {
            "ready": ready(rows),
            "checks": [
                {"ko": row.name.ko, "en": row.name.en, "ok": row.ok, "found": row.found, "fix": row.fix} for row in rows
            ],
        }
        for name, rows in found.items()
    }
    return json.dumps({"chosen": settings.hub.runtime, "runtimes": runtimes}, ensure_ascii=False, indent=2) + "\n"


def as_text(found: dict[RuntimeName, list[Check]], settings: Settings) -> str:
    """Write what a person reads: one line a thing, and under what is missing the command that gets it."""
    speak = language()
    chosen, can, cannot = (
        Text("(설정에서 고름)", "(the settings' choice)"),
        Text("준비됨", "ready"),
        Text("아직 안 됨", "not yet"),
    )
    lines = []
    for name, rows in found.items():
        mark = f" {chosen.pick(speak)}" if name == settings.hub.runtime else ""
        lines.append(f"{name}{mark} · {RUNTIMES[name].pick(speak)} · {(can if ready(rows) else cannot).pick(speak)}")
        for row in rows:
            lines.append(f"  {'✓' if row.ok else '✗'} {row.name.pick(speak)}: {row.found}")
            if row.fix:
                lines.append(f"      {row.fix}")
        lines.append("")
    return "\n".join(lines)
