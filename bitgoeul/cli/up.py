"""`bitgoeul up`: starts the academy on this machine, prints one address, and ends all it started."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from bitgoeul import settings as settings_module
from bitgoeul.cli import materials
from bitgoeul.hub import docker_up, running
from bitgoeul.hub.language import by_role
from bitgoeul.providers import BUTTONS, secret
from bitgoeul.settings import Runtime, Settings

app = typer.Typer()


@app.command()
def up(
    runtime: Annotated[
        Runtime | None, typer.Option(help="how labs are started; the settings' choice by default")
    ] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="where the academy listens")] = None,
) -> None:
    """Start the academy; Ctrl-C ends every process it started."""
    settings = chosen(settings_module.load(), runtime=runtime, port=port)
    log = running.prepare(settings)
    if settings.login.open:
        secret(settings.login, settings.state, os.environ)  # told here and with exit code 2, not in the Hub's log
    hub = running.HubProcess(settings, log)
    running.stop_on_signals()
    try:
        with running.only_one(settings), docker_up.ready(settings, say):
            running.check_port(settings)
            materials.build(settings, say)
            hub.start()
            try:
                hub.wait_until_up(show_wait)
                say(welcome(settings))
                hub.wait_until_served()
                hub.wait()
            finally:
                say("정리하고 있습니다. / Stopping.")
                hub.stop()
    except KeyboardInterrupt:
        say("모두 끝냈습니다. / Everything has ended.")


def chosen(settings: Settings, *, runtime: Runtime | None, port: int | None) -> Settings:
    """Put the command line's choices over the file's."""
    changes = {"runtime": runtime, "port": port}
    hub = settings.hub.model_copy(update={key: value for key, value in changes.items() if value is not None})
    return settings.model_copy(update={"hub": hub})


def say(line: str) -> None:
    """Write one line, over the last progress line if there is one."""
    clear = "\r\x1b[K" if sys.stdout.isatty() else ""
    sys.stdout.write(f"{clear}{line}\n")
    sys.stdout.flush()


def show_wait(seconds: float) -> None:
    """Show that something happens: a moving line on a terminal, nothing in a log."""
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\x1b[K학교를 여는 중입니다 / Opening the academy  {seconds:4.1f} s")
        sys.stdout.flush()


def welcome(settings: Settings) -> str:
    """Say where the academy is and who can sign in."""
    name = settings.academy.name
    lines = ["", f"  {name.ko} / {name.en}", "", f"  {running.url(settings)}", ""]
    if settings.login.open:
        button = BUTTONS[settings.login.provider]
        lines += [f"  명단에 있는 사람이 들어옵니다: {button.ko}. 끝내려면 Ctrl-C를 누르십시오."]
        lines += [f"  People of the roster come in: {button.en}. Ctrl-C ends it.", ""]
        return "\n".join(lines)
    lines.append("  들어갈 수 있는 사람 / who can sign in (비밀번호 없음 / no password):")
    for title, people in by_role(settings.people):
        lines += [f"    {title.ko} / {title.en}"]
        lines += [f"      {person.user:<12}{person.name.ko} / {person.name.en}" for person in people]
    if settings.hub.runtime != "local":
        lines += ["", "  실습실은 한 사람에 하나씩 컨테이너에서 켜집니다. 끝내려면 Ctrl-C를 누르십시오."]
        lines += ["  Each person's lab runs in a container of its own. Ctrl-C ends it.", ""]
    else:
        lines += ["", "  이 컴퓨터에서 혼자 써 보는 방식이라 모두가 당신입니다. 끝내려면 Ctrl-C를 누르십시오."]
        lines += ["  For trying out on this machine: everybody here is you. Ctrl-C ends it.", ""]
    return "\n".join(lines)
