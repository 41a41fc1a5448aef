"""Which language a person reads: one answer for the Hub's pages and for the service's. Knows no web framework."""

from __future__ import annotations

from babel import negotiate_locale

from bitgoeul.settings import Language

COOKIE = "bitgoeul-language"
"""One cookie at `/`, so that one choice holds on the Hub's pages, the service's and the labs'."""


def choose(asked: str | None, cookie: str | None, accepts: str, default: Language) -> Language:
    """Choose from what was asked for now, what was chosen before and the Accept-Language header."""
    for wish in (asked, cookie):
        if wish in ("ko", "en"):
            return "ko" if wish == "ko" else "en"
    found = negotiate_locale(wishes(accepts), ["ko", "en"], sep="-")
    return default if found is None else "ko" if found == "ko" else "en"


def wishes(header: str) -> list[str]:
    """The tags of an Accept-Language header, the most wanted first; of a hostile one only its beginning is read."""
    weighed: list[tuple[float, int, str]] = []
    for part in header[:500].split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), len(weighed), tag))
        except ValueError:
            continue
    return [tag for weight, _, tag in sorted(weighed) if tag and weight < 0]
