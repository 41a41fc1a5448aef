"""Which language a page of the Hub speaks: `?lang=`, else the cookie, else what the browser prefers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from jinja2 import pass_context
from jinja2.runtime import Context

from bitgoeul.errors import Text
from bitgoeul.hub.ending import last_words
from bitgoeul.hub.security import service_url
from bitgoeul.people.directory import Directory
from bitgoeul.providers import BUTTONS
from bitgoeul.settings import Bilingual, Language, Person, Role, Settings
from bitgoeul.web.language import COOKIE, choose

_YEAR_DAYS = 365

ROLES: dict[Role, Text] = {
    "student": Text("학생", "Students"),
    "instructor": Text("강사", "Instructors"),
    "teacher": Text("교사", "Teachers"),
    "operator": Text("운영자", "Operators"),
}
"""Every role of the roster, in the order of the sign-in page."""


def of_request(handler: Any, default: Language) -> Language:
    """Choose for one request of the Hub, and remember a choice that was made by `?lang=`."""
    asked = handler.get_query_argument("lang", None)
    language = choose(asked, handler.get_cookie(COOKIE), handler.request.headers.get("Accept-Language", ""), default)
    if asked == language:
        handler.set_cookie(COOKIE, language, path="/", expires_days=_YEAR_DAYS, samesite="Lax")
    return language


def other_url(handler: Any, language: Language) -> str:
    """Give the address of the same page in the other language; of the person's own page where asking twice would act twice."""
    request = handler.request
    other = "en" if language == "ko" else "ko"
    acts = request.method != "GET" or request.path.startswith(f"{handler.hub.base_url}spawn/")
    path, query = (f"{handler.hub.base_url}home", []) if acts else (request.path, parse_qsl(request.query))
    kept = [(name, value) for name, value in query if name != "lang"]
    return f"{path}?{urlencode([*kept, ('lang', other)])}"


def template_vars(settings: Settings, directory: Directory) -> dict[str, Any]:
    """Give the Hub's templates their own words: `lang()`, `_(ko, en)` and the academy's people."""

    @pass_context
    def lang(context: Context) -> Language:
        # JupyterHub hands templates no request. `static_url` is a bound method of the page's handler.
        handler = context["static_url"].__self__
        return of_request(handler, settings.academy.language)

    @pass_context
    def other_language_url(context: Context) -> str:
        return other_url(context["static_url"].__self__, lang(context))

    @pass_context
    def pick(context: Context, ko: str, en: str) -> str:
        return ko if lang(context) == "ko" else en

    name = settings.academy.name
    # JupyterHub calls every callable with the user and takes the answer: so each is wrapped once more.
    return {
        "lang": _for_any_user(lang),
        "_": _for_any_user(pick),
        "other_language_url": _for_any_user(other_language_url),
        "runtime": settings.hub.runtime,
        "why_ended": why_ended,
        "academy_ko": name.ko,
        "academy_en": name.en,
        "portal": service_url(settings),
        "roster": lambda _user: by_role(directory.people().people),
        "provider": BUTTONS.get(settings.login.provider),
        "display_names": _names(directory),
    }


def _names(directory: Directory) -> Callable[[Any], dict[str, Bilingual]]:
    """Give everybody's shown name, the imported people's too; JupyterHub calls this for each page."""

    def give(_user: Any) -> dict[str, Bilingual]:
        return {str(person.user): person.name for person in directory.people().people}

    return give


def why_ended(user: Any) -> dict[str, Text]:
    """Of each of the person's servers, by name, why it ended last."""
    return {server: text for (name, server), text in last_words.items() if user is not None and name == user.name}


def by_role(people: tuple[Person, ...]) -> list[tuple[Text, list[Person]]]:
    """Group the roster by role, in the order in which roles are shown; leave out roles that nobody has."""
    groups = [(title, [person for person in people if person.role == role]) for role, title in ROLES.items()]
    return [(title, members) for title, members in groups if members]


def _for_any_user(function: Callable[..., str]) -> Callable[[Any], Callable[..., str]]:
    def give(_user: Any) -> Callable[..., str]:
        return function

    return give
