"""The exchange's HTTP API. Routes translate: parse, ask `Exchange`, answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from fastapi.routing import APIRoute
from pydantic import AwareDatetime, BaseModel, ConfigDict

from bitgoeul.errors import BitgoeulError, InputError
from bitgoeul.exchange import bundle, uploads
from bitgoeul.exchange.intake import Headers
from bitgoeul.exchange.reading import Download
from bitgoeul.exchange.service import Exchange
from bitgoeul.names import AssignmentName, CourseName, UserName
from bitgoeul.web.auth import CurrentCaller
from bitgoeul.wire import ReleaseRow, write

TAR = "application/x-tar"


def exchange_of(request: Request) -> Exchange:
    """The exchange that `build_app` put on the app."""
    found: Exchange = request.app.state.exchange
    return found


TheExchange = Annotated[Exchange, Depends(exchange_of)]


class _DrainingRoute(APIRoute):
    """Reads the rest of a refused upload, so that its sender lives to read why."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await inner(request)
            except BitgoeulError:
                await uploads.drain(request)
                raise

        return handle


router = APIRouter(prefix="/api", route_class=_DrainingRoute)


@dataclass(frozen=True)
class Place:
    """One assignment of one course, from the path."""

    course: CourseName
    assignment: AssignmentName


def place_of(course: str, assignment: str) -> Place:
    """Check the two names of the path."""
    return Place(CourseName(course), AssignmentName(assignment))


def course_of(course: str) -> CourseName:
    """Check the course's name in the path."""
    return CourseName(course)


def student_of(student: Annotated[str | None, Query()] = None) -> UserName | None:
    """Check the student's name in the query, if there is one."""
    return None if student is None else UserName(student)


ThePlace = Annotated[Place, Depends(place_of)]
TheCourse = Annotated[CourseName, Depends(course_of)]
TheStudent = Annotated[UserName | None, Depends(student_of)]
After = Annotated[int, Query(ge=0, lt=2**31)]
IN_COURSE = "/courses/{course}"
IN_ASSIGNMENT = IN_COURSE + "/assignments/{assignment}"


class Due(BaseModel):
    """The body that sets a due date or an extension; null takes it away."""

    model_config = ConfigDict(extra="forbid")
    due: AwareDatetime | None

    @property
    def moment(self) -> datetime | None:
        """The same as a plain datetime."""
        return self.due


def _json(message: Any, status: int = 200) -> Response:
    rows = [write(row) for row in message] if isinstance(message, list) else None
    body = write(message) if rows is None else b"[" + b",".join(rows) + b"]"
    return Response(body, status, media_type="application/json")


def _tar(exchange: Exchange, download: Download) -> FileResponse:
    headers = {"X-Content-SHA256": download.sha256, "X-Release-Version": str(download.version)}
    path = exchange.blobs.path(download.sha256)
    return FileResponse(path, media_type=TAR, filename=download.name, headers=headers)


@router.get("/me")
def me(caller: CurrentCaller, exchange: TheExchange) -> Response:
    """Who the service believes is asking."""
    return _json(exchange.me(caller))


@router.get("/receipt-key")
def receipt_key(exchange: TheExchange) -> Response:
    """The public key that receipts are checked with; for everybody."""
    return JSONResponse({"public_key": exchange.signer.public_key})


@router.get(IN_COURSE + "/assignments")
def assignments(course: TheCourse, caller: CurrentCaller, exchange: TheExchange) -> Response:
    """The assignments that the caller may see."""
    return _json(exchange.assignments_for(caller, course))


@router.get(IN_ASSIGNMENT + "/release")
def fetch(
    place: ThePlace,
    caller: CurrentCaller,
    exchange: TheExchange,
    language: Literal["ko", "en"] | None = None,
    version: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
    part: Literal["release", "source"] = "release",
) -> Response:
    """A release's files."""
    found = exchange.release_download(
        caller, place.course, place.assignment, language=language, version=version, part=part
    )
    return _tar(exchange, found)


@router.post(IN_ASSIGNMENT + "/releases")
async def release(place: ThePlace, caller: CurrentCaller, exchange: TheExchange, request: Request) -> Response:
    """Release a bundle."""
    caller.require_staff(place.course)
    exchange.intake.check_size(uploads.announced_size(request))
    with exchange.intake.body() as body:

        def keep() -> tuple[ReleaseRow, bool]:
            with body.path.open("rb") as file:
                return exchange.release(caller, place.course, place.assignment, file)

        row, created = await uploads.spool(request, body, keep)
    return _json(row, 201 if created else 200)


@router.post(IN_ASSIGNMENT + "/release-from-curriculum")
def release_from_curriculum(place: ThePlace, caller: CurrentCaller, exchange: TheExchange) -> Response:
    """Build from the curriculum and release."""
    row, created = exchange.release_from_curriculum(caller, place.course, place.assignment)
    return _json(row, 201 if created else 200)


@router.delete(IN_ASSIGNMENT + "/release", status_code=204)
def withdraw(place: ThePlace, caller: CurrentCaller, exchange: TheExchange) -> Response:
    """Hide a release."""
    exchange.withdraw(caller, place.course, place.assignment)
    return Response(status_code=204)


@router.post(IN_ASSIGNMENT + "/submissions")
async def submit(
    place: ThePlace,
    caller: CurrentCaller,
    exchange: TheExchange,
    request: Request,
    idempotency_key: Annotated[str | None, Header()] = None,
    x_content_sha256: Annotated[str | None, Header()] = None,
    x_release_version: Annotated[int | None, Header()] = None,
) -> Response:
    """Take a submission in. The receipt goes out when everything is on disk, and not before."""
    said = Headers(
        key=idempotency_key,
        sha256=x_content_sha256,
        size=uploads.announced_size(request),
        version=x_release_version,
        begun_at=exchange.clock.now(),
    )
    announced = await uploads.in_thread(lambda: exchange.announce(caller, place.course, place.assignment, said))
    with exchange.intake.body() as body:
        stored = await uploads.spool(request, body, lambda: exchange.intake.finish(announced, body))
        taken = await asyncio.wrap_future(stored)
    exchange.marking.ring(everybody=False)
    return _json(taken.receipt, 201 if taken.created else 200)


@router.get(IN_ASSIGNMENT + "/submissions")
def submissions(
    place: ThePlace, caller: CurrentCaller, exchange: TheExchange, student: TheStudent, after: After = 0
) -> Response:
    """Submissions to one assignment that the caller may see."""
    rows = exchange.submissions_for(caller, place.course, place.assignment, student=student, after=after)
    return _json(rows)


@router.get(IN_COURSE + "/submissions")
def course_submissions(
    course: TheCourse, caller: CurrentCaller, exchange: TheExchange, student: TheStudent, after: After = 0
) -> Response:
    """Submissions to all assignments of a course that the caller may see."""
    return _json(exchange.submissions_for(caller, course, student=student, after=after))


@router.get("/submissions/{submission}")
def submission(submission: str, caller: CurrentCaller, exchange: TheExchange) -> Response:
    """One submission."""
    return _json(exchange.submission_for(caller, submission))


@router.get("/submissions/{submission}/content")
def content(submission: str, caller: CurrentCaller, exchange: TheExchange) -> Response:
    """The bytes that were handed in."""
    return _tar(exchange, exchange.content_download(caller, submission))


@router.get("/submissions/{submission}/receipt")
def receipt(submission: str, caller: CurrentCaller, exchange: TheExchange) -> Response:
    """The receipt, as a file to keep."""
    found = exchange.receipt_for(caller, submission)
    answer = _json(found)
    answer.headers["Content-Disposition"] = f'attachment; filename="receipt-{found.sequence}.json"'
    return answer


@router.get("/submissions/{submission}/result")
def result(submission: str, caller: CurrentCaller, exchange: TheExchange) -> Response:
    """The verdict as the caller may see it."""
    return _json(exchange.result_for(caller, submission))


@router.get("/submissions/{submission}/feedback")
def feedback(submission: str, caller: CurrentCaller, exchange: TheExchange) -> Response:
    """The feedback pages."""
    return _tar(exchange, exchange.feedback_download(caller, submission))


@router.post("/submissions/{submission}/feedback")
async def accept_feedback(submission: str, caller: CurrentCaller, exchange: TheExchange, request: Request) -> Response:
    """Take feedback pages from staff and show them to the student."""
    row = await uploads.in_thread(lambda: exchange.submission_for(caller, submission))
    caller.require_staff(CourseName(row.course))
    files = await _files(exchange, request)
    return _json(await uploads.in_thread(lambda: exchange.accept_feedback(caller, submission, files)), 201)


async def _files(exchange: Exchange, request: Request) -> dict[str, bytes]:
    """A small bundle in memory."""
    exchange.intake.check_size(uploads.announced_size(request))
    with exchange.intake.body() as body:

        def read() -> dict[str, bytes]:
            with body.path.open("rb") as file:
                return bundle.read(file, bundle.scan(file, exchange.intake.bundle_limits))

        return await uploads.spool(request, body, read)


@router.post(IN_ASSIGNMENT + "/feedback", status_code=202)
def release_feedback(place: ThePlace, caller: CurrentCaller, exchange: TheExchange) -> Response:
    """Render feedback for everybody's newest submission and release it."""
    job, queued = exchange.release_feedback(caller, place.course, place.assignment)
    return JSONResponse({"job": job, "queued": queued}, 202)


@router.post(IN_ASSIGNMENT + "/grade", status_code=202)
def grade(
    place: ThePlace, caller: CurrentCaller, exchange: TheExchange, student: TheStudent, preview: bool = False
) -> Response:
    """Grade the newest submissions again; what would change scores first as a preview."""
    job, queued = exchange.grade(caller, place.course, place.assignment, student=student, preview=preview)
    return JSONResponse({"job": job, "queued": queued}, 202)


@router.get(IN_ASSIGNMENT + "/preview")
def preview(place: ThePlace, caller: CurrentCaller, exchange: TheExchange) -> Response:
    """Whose score would change; null when nothing waits."""
    found = exchange.regrading.preview(caller, place.course, place.assignment)
    return JSONResponse(found.plain() if found else None)


@router.post(IN_ASSIGNMENT + "/preview", status_code=202)
def apply_preview(place: ThePlace, caller: CurrentCaller, exchange: TheExchange) -> Response:
    """Make the previewed scores those that count."""
    job, queued = exchange.regrading.apply(caller, place.course, place.assignment)
    return JSONResponse({"job": job, "queued": queued}, 202)


@router.delete(IN_ASSIGNMENT + "/preview", status_code=204)
def drop_preview(place: ThePlace, caller: CurrentCaller, exchange: TheExchange) -> Response:
    """Leave all scores as they are."""
    exchange.regrading.drop(caller, place.course, place.assignment)
    return Response(status_code=204)


@router.get(IN_ASSIGNMENT + "/progress")
def progress(place: ThePlace, caller: CurrentCaller, exchange: TheExchange, job: str | None = None) -> Response:
    """How far the graders are."""
    return _json(exchange.progress(caller, place.course, place.assignment, batch=job))


@router.put(IN_ASSIGNMENT + "/due")
def due(place: ThePlace, body: Due, caller: CurrentCaller, exchange: TheExchange) -> Response:
    """Set the due date."""
    return _json(exchange.set_due(caller, place.course, place.assignment, body.moment))


@router.put(IN_ASSIGNMENT + "/extensions/{user}", status_code=204)
def extension(place: ThePlace, user: str, body: Due, caller: CurrentCaller, exchange: TheExchange) -> Response:
    """Set one student's extension."""
    exchange.set_extension(caller, place.course, place.assignment, UserName(user), body.moment)
    return Response(status_code=204)


@router.post(IN_ASSIGNMENT + "/collections", status_code=201)
def collect(place: ThePlace, caller: CurrentCaller, exchange: TheExchange, up_to: After) -> Response:
    """Note that staff have collected what came up to a sequence; how many were new."""
    rows = exchange.collect(caller, place.course, place.assignment, up_to=up_to)
    return JSONResponse({"collected": len(rows)}, 201)


@router.post(IN_COURSE + "/execute")
async def execute(course: TheCourse, caller: CurrentCaller, exchange: TheExchange, request: Request) -> Response:
    """Run a staff member's `notebook.ipynb` in the sandbox; the executed notebook comes back."""
    caller.require_staff(course)
    files = await _files(exchange, request)
    notebook = files.pop("notebook.ipynb", None)
    if notebook is None:
        raise InputError(
            ko="묶음에 notebook.ipynb가 있어야 하는데 없습니다. 실행할 노트북을 그 이름으로 넣으세요.",
            en="The bundle needs a notebook.ipynb and has none. Put the notebook to run in it by that name.",
        )
    executed = await uploads.in_thread(lambda: exchange.judges.execute(course, notebook, files))
    return Response(executed, media_type="application/x-ipynb+json")
