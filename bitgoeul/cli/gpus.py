"""`bitgoeul gpus`: what is lent to whom, the calendar, and taking a device back."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from bitgoeul import settings as settings_module
from bitgoeul.cli.main import language
from bitgoeul.database import Database
from bitgoeul.errors import InputError, NotFound, Text, shorten
from bitgoeul.gpus import inventory, rules
from bitgoeul.gpus.model import Book, Reservation
from bitgoeul.gpus.store import Leases
from bitgoeul.migrations import migrate
from bitgoeul.profiles import Device
from bitgoeul.settings import Settings

app = typer.Typer(add_completion=False, no_args_is_help=True)


@contextmanager
def _leases(settings: Settings) -> Iterator[Leases]:
    if not settings.gpus.managed:
        raise InputError(
            ko=f"빌려줄 GPU가 없습니다. {settings.source}의 [gpus]에 적으십시오. `bitgoeul gpus list --nvml`이 적을 것을 보여 줍니다.",
            en=f"There are no GPUs to lend. Write them into [gpus] of {settings.source}; "
            "`bitgoeul gpus list --nvml` shows what to write.",
        )
    settings.state.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    try:
        migrate(database)
        yield Leases(database, inventory.slots(settings.gpus), inventory.laws(settings.gpus))
    finally:
        database.close()


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
    nvml: Annotated[bool, typer.Option("--nvml", help="this machine's devices, as academy.toml takes them")] = False,
) -> None:
    """List every slot with its holder, the queue and the calendar."""
    if nvml:
        typer.echo("\n".join(_toml(inventory.found_by_nvml())))
        return
    settings = settings_module.load()
    with _leases(settings) as leases:
        now = leases.now()
        book = leases.book(now)
    typer.echo(_as_json(book, now) if as_json else "\n".join(_lines(book, settings, now)))


def _toml(devices: tuple[Device, ...]) -> Iterator[str]:
    for device in devices:
        yield "[[gpus.devices]]"
        values = device.model_dump(exclude_defaults=True)
        yield from (f"{key} = {json.dumps(value)}" for key, value in values.items())
        yield ""


def _as_json(book: Book, now: datetime) -> str:
    holders = {lease.key: lease for lease in book.leases if lease.active}
    found = {
        "slots": [
            {**asdict(slot), "lease": asdict(holders[slot.key]) if slot.key in holders else None}
            for slot in sorted(book.slots)
        ],
        "queue": [asdict(ticket) for ticket in rules.in_order(book.tickets, rules.hours_used(book.leases, now))],
        "reservations": [asdict(reservation) for reservation in book.reservations],
    }
    return json.dumps(found, ensure_ascii=False, indent=2, default=lambda moment: moment.isoformat())


def _lines(book: Book, settings: Settings, now: datetime) -> Iterator[str]:
    holders = {lease.key: lease for lease in book.leases if lease.active}
    for slot in sorted(book.slots):
        name = f"{slot.host}  {slot.device}{'' if slot.isolated else f' #{slot.number + 1}'}  {slot.kind}"
        lease = holders.get(slot.key)
        if lease is None:
            yield f"{name}  {_say('비어 있음', 'free')}"
        else:
            since, until = (_local(settings, moment) for moment in (lease.granted_at, lease.until))
            yield f"{name}  {lease.owner} ({lease.cohort})  {since} – {until}  {lease.state}  {lease.id}"
    for place, ticket in enumerate(rules.in_order(book.tickets, rules.hours_used(book.leases, now)), 1):
        yield f"{_say('대기', 'waits')} {place}: {ticket.user} ({ticket.cohort})  {ticket.kind}"
    for r in book.reservations:
        when = f"{_local(settings, r.starts)} – {_local(settings, r.ends)}"
        yield f"{_say('예약', 'reserved')} {r.id}: {r.cohort}  {r.kind} x {r.count}  {when}  {r.title}".rstrip()


@app.command()
def reserve(
    cohort: Annotated[str, typer.Argument(help="a cohort of academy.toml")],
    count: Annotated[int, typer.Argument(min=1, help="how many")],
    starts: Annotated[str, typer.Option("--from", help="2026-11-24T09:00, in the academy's time zone")],
    until: Annotated[str, typer.Option("--until", help="2026-11-24T12:00")],
    kind: Annotated[str, typer.Option(help="whole, shared or a MIG profile; the cohort's own by default")] = "",
    title: Annotated[str, typer.Option(help="what for")] = "",
) -> None:
    """Reserve devices for a cohort's class or hackathon. Other people's leases end before it."""
    settings = settings_module.load()
    found = next((c for name, c in settings.cohorts.items() if name == cohort), None)
    if found is None:
        raise NotFound(
            ko=f"{settings.source}에 {shorten(cohort)} 기수가 없습니다.",
            en=f"{settings.source} has no cohort {shorten(cohort)}.",
        )
    times = (_moment(settings, starts), _moment(settings, until))
    with _leases(settings) as leases:
        made = leases.reserve(Reservation(0, cohort, kind or found.gpu, count, *times, title, getpass.getuser()))
    typer.echo(f"{_say('예약', 'reserved')} {made.id}: {made.cohort}  {made.kind} x {made.count}")


@app.command()
def release(
    lease: Annotated[str, typer.Argument(help="a lease, as `gpus list` names it")] = "",
    reservation: Annotated[int | None, typer.Option(help="take back a reservation instead")] = None,
) -> None:
    """Take a device back: the Hub stops the server, and the device is free once its container is gone."""
    with _leases(settings_module.load()) as leases:
        if reservation is not None:
            leases.cancel(reservation)
            typer.echo(_say("예약을 취소했습니다.", "The reservation is cancelled."))
            return
        held = [found for found in leases.book().leases if found.active and lease and found.id.startswith(lease)]
        if len(held) != 1:
            raise NotFound(
                ko=f"{shorten(lease)}(으)로 시작하는 임대가 {len(held)}개입니다. `bitgoeul gpus list`에서 번호를 골라 적으십시오.",
                en=f"{len(held)} leases begin with {shorten(lease)}. Choose one from `bitgoeul gpus list`.",
            )
        leases.ending(held[0].id, "forced")
        typer.echo(
            _say(
                f"{held[0].owner}의 서버를 Hub가 30초 안에 끄고, 컨테이너가 사라지면 GPU가 빕니다.",
                f"The Hub stops {held[0].owner}'s server within 30 s; the GPU is free once the container is gone.",
            )
        )


def _moment(settings: Settings, text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            ko=f"시각은 2026-11-24T09:00처럼 적어야 하는데 {shorten(text)}을(를) 받았습니다.",
            en=f"A time such as 2026-11-24T09:00 was wanted; found {shorten(text)}.",
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=settings.zone)


def _local(settings: Settings, moment: datetime) -> str:
    return moment.astimezone(settings.zone).strftime("%m-%d %H:%M")


def _say(ko: str, en: str) -> str:
    return Text(ko, en).pick(language())
