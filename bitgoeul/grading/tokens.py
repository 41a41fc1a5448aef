"""Python code as a string of token kinds, one character each: what stays when names, values and layout go.

All names are one kind, all literals another; comments, docstrings, imports, commas, grouping parentheses and
line breaks are left out, so that renaming, reformatting and commenting change nothing. Code that does not
parse gives the tokens that could be read: students hand in broken work, too.
"""

from __future__ import annotations

import io
import keyword
import re
import token
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field

NAME, LITERAL, CALL = "N", "L", "("
_VALUES = frozenset({"True", "False", "None"})
_HEADS = frozenset(["def", "class", "if", "elif", "else", "for", "while", "try", "except", "finally", "with", "async"])
_LEFT_OUT = frozenset(["(", ")", "]", "}", ",", ";", ":"])
_KINDS = {
    text: chr(0x100 + place)
    for place, text in enumerate(sorted({*keyword.kwlist, *token.EXACT_TOKEN_TYPES} - _VALUES - _LEFT_OUT))
}
_STRING_STARTS = {token.STRING, getattr(token, "FSTRING_START", -1), getattr(token, "TSTRING_START", -1)}
_STRING_ENDS = {getattr(token, "FSTRING_END", -1), getattr(token, "TSTRING_END", -1)}
_MAGIC = re.compile(r"^[ \t]*[%!?].*$", re.MULTILINE)
_OTHER_LANGUAGE = re.compile(r"\s*%%(?!time|timeit|capture|prun)")


@dataclass
class Statement:
    """One simple statement, or the head of a compound one: its token kinds and the line of each, from 1."""

    kinds: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The kinds as one string."""
        return "".join(self.kinds)

    @property
    def counts(self) -> bool:
        """Whether it says anything: docstrings and imports do not."""
        return self.kinds not in ([], [LITERAL]) and self.kinds[0] not in (_KINDS["import"], _KINDS["from"])


def statements(source: str) -> list[Statement]:
    """The statements of one cell that count."""
    if _OTHER_LANGUAGE.match(source):
        return []
    reader = _Reader()
    try:
        for found in tokenize.generate_tokens(io.StringIO(_MAGIC.sub("", source)).readline):
            reader.take(found)
    except (tokenize.TokenError, SyntaxError):
        pass  # what came before the fault counts
    return [statement for statement in reader.done() if statement.counts]


class _Reader:
    """Sorts tokens into statements. A string with fields in it (`f"..."`) is one literal whatever it holds."""

    def __init__(self) -> None:
        self._found = [Statement()]
        self._before = ""
        self._depth = 0
        self._in_string = 0
        self._lambdas = 0
        self._head = False

    def done(self) -> list[Statement]:
        return self._found

    def take(self, found: tokenize.TokenInfo) -> None:
        if found.type in _STRING_STARTS:
            self._add(LITERAL, found)
        self._in_string += (found.type in _STRING_STARTS and found.type != token.STRING) - (found.type in _STRING_ENDS)
        if self._in_string or found.type in _STRING_STARTS or found.type in _STRING_ENDS:
            return
        if found.type == token.NEWLINE:
            self._begin()
        elif found.type == token.NUMBER or found.string in _VALUES:
            self._add(LITERAL, found)
        elif found.type == token.NAME:
            self._word(found)
        elif found.type == token.OP:
            self._operator(found)

    def _word(self, found: tokenize.TokenInfo) -> None:
        if not self._found[-1].kinds:
            self._head = found.string in _HEADS
        self._lambdas += found.string == "lambda" and not self._depth
        self._add(_KINDS.get(found.string, NAME) if keyword.iskeyword(found.string) else NAME, found)

    def _operator(self, found: tokenize.TokenInfo) -> None:
        text = found.string
        if text == "(" and self._before in (NAME, ")", "]"):
            self._add(CALL, found)
        elif text in _KINDS:
            self._add(_KINDS[text], found)
        self._depth += (text in "([{") - (text in ")]}")
        self._before = text
        if text == ";" and not self._depth:
            self._begin()
        elif text == ":" and not self._depth:
            if self._lambdas:
                self._lambdas -= 1
            elif self._head:
                self._begin()

    def _add(self, kind: str, found: tokenize.TokenInfo) -> None:
        here = self._found[-1]
        if kind != LITERAL or not here.kinds or here.kinds[-1] != LITERAL:  # a list of values is one
            here.kinds.append(kind)
            here.lines.append(found.start[0])
        self._before = kind

    def _begin(self) -> None:
        self._found.append(Statement())
        self._before, self._lambdas, self._head = "", 0, False


def flat(found: Iterator[Statement] | list[Statement]) -> str:
    """All statements as one string of kinds."""
    return "".join(statement.text for statement in found)
