"""GPUs: a person's own (hours, lease, place in the queue), the operator's (who holds what, the week), the calendar."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from bitgoeul.errors import InputError, NotFound, Text, shorten
from bitgoeul.gpus import rules
from bitgoeul.gpus.model import STALE, Book, Lease, Reservation, Slot
from bitgoeul.gpus.store import Leases
from bitgoeul.hub.policy import cohorts_of
from bitgoeul.names import CohortName
from bitgoeul.portal import flash
from bitgoeul.portal.acts import moment_of
from bitgoeul.portal.desk import Desk, TheDesk, address
from bitgoeul.portal.flash import Done
from bitgoeul.portal.week import picture
from bitgoeul.portal.wording import Wording
from bitgoeul.web.auth import Caller, CurrentCaller, CurrentPerson, form_of

router = APIRouter()
SOURCES = {
    "calendar": Text("수업 예약", "class"),
    "queue": Text("대기 뒤", "after waiting"),
    "adhoc": Text("바로", "at once"),
}
ENDS = {
    "window": Text("{left} 뒤에 정해진 시간이 끝나 실습실이 꺼집니다. 작업을 저장하십시오.", "Its time ends in {left} and the lab is stopped. Save your work."),
    "idle": Text("GPU가 쉬고 있습니다. {left} 뒤에도 쉬고 있으면 실습실이 꺼집니다.", "The GPU is idle. If it still is in {left}, the lab is stopped."),
}  # fmt: skip


@router.get("/gpus")
def mine(request: Request, caller: CurrentPerson, desk: TheDesk) -> Response:
    """A person's own GPUs."""
    return _mine(request, caller, desk, "gpus.html")


@router.get("/gpus/live")
def mine_live(request: Request, caller: CurrentPerson, desk: TheDesk) -> Response:
    """The part of it that changes by itself; to look at it keeps the place in the queue."""
    return _mine(request, caller, desk, "gpus_live.html")


def _mine(request: Request, caller: Caller, desk: Desk, template: str) -> Response:
    w, leases = desk.wording(request), desk.gpus
    if leases is None:
        return desk.page(request, template, w=w, lent=False)
    waiting = leases.look(caller.user)
    now = leases.now()
    book = leases.book(now)
    own = [lease for lease in book.leases if lease.active and lease.owner == caller.user]
    return desk.page(
        request,
        template,
        w=w,
        lent=True,
        waiting=waiting,
        own=[(lease, _warning(lease, leases, now, w)) for lease in own],
        hours=_hours(desk, caller, book, now, w),
        kinds=_kinds(book, now),
        coming=book.reservations,
        cohort_of=lambda name: _cohort(desk, name, w),
    )


def _warning(lease: Lease, leases: Leases, now: datetime, w: Wording) -> str:
    ahead = rules.outlook(lease, leases.laws, now)
    return w.say(ENDS[ahead.reason].format(left=w.span(max(ahead.at - now, timedelta(0))))) if ahead.warn else ""


def _hours(desk: Desk, caller: Caller, book: Book, now: datetime, w: Wording) -> list[dict[str, Any]]:
    used = rules.hours_used(book.leases, now).get(caller.user, 0.0)
    cohorts = cohorts_of(desk.settings.cohorts, caller.groups)
    return [
        {"cohort": w.say(c.title.text), "kind": c.gpu, "limit": c.gpu_hours, "used": used, "left": max(0.0, c.gpu_hours - used)}
        for c in cohorts.values()
        if c.gpu != "none"
    ]  # fmt: skip


def _kinds(book: Book, now: datetime) -> list[dict[str, Any]]:
    kinds = sorted({slot.kind for slot in book.slots})
    return [
        {
            "kind": kind,
            "total": len(book.of(kind)),
            "free": max(0, min(len(book.free(kind)), rules.room_at(book, kind, now))),
            "reserved": rules.reserved_at(book, kind, now),
            "waiting": sum(ticket.kind == kind for ticket in book.tickets),
        }
        for kind in kinds
    ]


def _cohort(desk: Desk, name: str, w: Wording) -> str:
    cohort = desk.settings.cohorts.get(CohortName(name)) if name else None
    return w.say(cohort.title.text) if cohort else name


@router.post("/gpus/leave")
def leave(request: Request, caller: CurrentPerson, desk: TheDesk) -> Response:
    """Give the place in the queue up."""
    if desk.gpus is not None:
        desk.gpus.leave(caller.user)
    done = Done("대기 순서를 내놓았습니다.", "You gave your place in the queue up.")
    return flash.go(request, caller, address(request, "gpus"), done)


@router.get("/api/gpus/mine")
def warnings(caller: CurrentCaller, desk: TheDesk) -> list[dict[str, Any]]:
    """A lab asks: which devices do I hold, until when, and am I about to lose one? Both languages."""
    if desk.gpus is None:
        return []
    now = desk.gpus.now()
    found = []
    for lease in desk.gpus.book(now).leases:
        if lease.active and lease.owner == caller.user:
            ahead = rules.outlook(lease, desk.gpus.laws, now)
            minutes = max(0, int((ahead.at - now).total_seconds() // 60))
            said = ENDS[ahead.reason]
            words = Text(said.ko.format(left=f"{minutes}분"), said.en.format(left=f"{minutes} min"))
            row = {"lease": lease.id, "server": lease.server, "device": lease.device, "until": lease.until.isoformat()}
            found.append({**row, "reason": ahead.reason, "warn": ahead.warn, "ko": words.ko, "en": words.en})
    return found


# --- the operator's ----------------------------------------------------------------------------------------


@router.get("/operate/gpus")
def operate(request: Request, caller: CurrentPerson, desk: TheDesk) -> Response:
    """Every device, the week, the calendar."""
    return _operate(request, caller, desk, "operate_gpus.html")


@router.get("/operate/gpus/live")
def operate_live(request: Request, caller: CurrentPerson, desk: TheDesk) -> Response:
    """The part of it that changes by itself."""
    return _operate(request, caller, desk, "operate_gpus_live.html")


def _operate(request: Request, caller: Caller, desk: Desk, template: str) -> Response:
    caller.require_operator()
    w, leases = desk.wording(request), desk.gpus
    if leases is None:
        return desk.page(request, template, w=w, lent=False)
    now = leases.now()
    book = leases.book(now)
    holders = {lease.key: lease for lease in book.leases if lease.active}
    local = now.astimezone(desk.settings.zone)
    return desk.page(
        request,
        template,
        w=w,
        lent=True,
        lines=[_line(slot, holders.get(slot.key), leases, now, w) for slot in sorted(book.slots)],
        week=picture(book.slots, book.leases, leases.use(), book.reservations, local),
        waiting=rules.in_order(book.tickets, rules.hours_used(book.leases, now)),
        coming=book.reservations,
        kinds=sorted({slot.kind for slot in book.slots}),
        cohorts=[(name, w.say(cohort.title.text)) for name, cohort in desk.settings.cohorts.items()],
        cohort_of=lambda name: _cohort(desk, name, w),
    )


def _line(slot: Slot, lease: Lease | None, leases: Leases, now: datetime, w: Wording) -> dict[str, Any]:
    if lease is None:
        return {"slot": slot, "lease": None}
    measured = lease.observed_at is not None and now - lease.observed_at <= STALE
    idle = now - max(lease.granted_at, lease.busy_at or lease.granted_at)
    return {
        "slot": slot,
        "lease": lease,
        "source": w.say(SOURCES[lease.source]),
        "busy": measured and idle < timedelta(minutes=2),
        "measured": measured,
        "idle": w.span(idle),
        "warning": _warning(lease, leases, now, w),
    }


async def operator_fields(request: Request, caller: CurrentPerson) -> dict[str, str]:
    """The texts of a form, once its sender is known to be an operator."""
    caller.require_operator()
    return {name: value for name, value in (await form_of(request)).items() if isinstance(value, str)}


Fields = Annotated[dict[str, str], Depends(operator_fields)]


def _lent(desk: Desk) -> Leases:
    if desk.gpus is None:
        raise NotFound(
            ko="이 학교는 GPU를 빌려주지 않습니다. academy.toml의 [gpus]에 적으면 빌려줍니다.",
            en="This academy lends no GPUs. Write them into [gpus] of academy.toml.",
        )
    return desk.gpus


@router.post("/operate/gpus/reserve")
def reserve(request: Request, caller: CurrentPerson, fields: Fields, desk: TheDesk) -> Response:
    """Reserve devices for a cohort."""
    leases = _lent(desk)
    cohort = fields.get("cohort", "")
    if cohort not in desk.settings.cohorts:
        raise no_such_cohort(cohort)
    made = leases.reserve(
        Reservation(
            0,
            cohort,
            fields.get("kind", ""),
            _number(fields.get("count", "")),
            moment_of(fields.get("starts", ""), desk.settings.zone),
            moment_of(fields.get("ends", ""), desk.settings.zone),
            fields.get("title", "")[:200],
            caller.user,
        )
    )
    undo = address(request, "operate", "gpus", "cancel")
    done = Done("예약했습니다.", "Reserved.", undo=undo, fields={"reservation": str(made.id)})
    return flash.go(request, caller, address(request, "operate", "gpus"), done)


@router.post("/operate/gpus/cancel")
def cancel(request: Request, caller: CurrentPerson, fields: Fields, desk: TheDesk) -> Response:
    """Take a reservation back."""
    _lent(desk).cancel(_number(fields.get("reservation", "")))
    done = Done("예약을 취소했습니다.", "The reservation is cancelled.")
    return flash.go(request, caller, address(request, "operate", "gpus"), done)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InputError(
            ko=f"수를 적어야 하는데 {shorten(text)}을(를) 받았습니다. 화면을 새로 고쳐 다시 고르십시오.",
            en=f"A number was wanted; found {shorten(text)}. Reload the page and choose again.",
        )
    return int(text)


def no_such_cohort(name: str) -> NotFound:
    """The one sentence for a cohort that academy.toml does not have."""
    return NotFound(
        ko=f"academy.toml에 {shorten(name)} 기수가 없습니다. 목록에서 고르십시오.",
        en=f"academy.toml has no cohort {shorten(name)}. Choose one from the list.",
    )
