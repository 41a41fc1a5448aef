"""Tar bundles: read as hostile input, written deterministically.

The reader is our own and strict, because a general one does what a stranger's headers say: it would load a
header of any size, follow pax records that change sizes and names, and skip what it cannot read. Ours takes
regular files alone, looks at headers only (bodies are skipped), and needs little memory for a bundle of any size.
"""

from __future__ import annotations

import io
import tarfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from bitgoeul.errors import InputError, TooLarge, shorten

BLOCK = 512
COPY = 1 << 18
_LONGEST_HEADER = 1 << 16
_LONGEST_PATH = 1000
_LONGEST_PART = 255
_DEEPEST = 32
_ZEROS = bytes(BLOCK)
_FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # control, bidi, invisible, unassigned
_KINDS = {
    b"1": ("하드 링크", "a hard link"),
    b"2": ("심볼릭 링크", "a symbolic link"),
    b"3": ("장치", "a device"),
    b"4": ("장치", "a device"),
    b"5": ("폴더 항목", "a folder entry"),
    b"6": ("파이프", "a pipe"),
}
_HARMLESS = frozenset({"atime", "comment", "ctime", "gid", "gname", "mtime", "uid", "uname"})


@dataclass(frozen=True)
class Limits:
    """What a bundle may hold."""

    files: int
    notebook_bytes: int


@dataclass(frozen=True)
class Member:
    """One file in a bundle, and where its bytes lie."""

    name: str
    size: int
    offset: int


def scan(file: BinaryIO, limits: Limits) -> tuple[Member, ...]:
    """Check a whole bundle; raise `InputError` or `TooLarge` unless all of it is as the API says."""
    members: list[Member] = []
    seen: dict[str, str] = {}
    for member in _entries(file):
        if len(members) == limits.files:
            raise TooLarge(
                ko=f"파일은 {limits.files:,}개까지 낼 수 있는데 더 많습니다. 필요 없는 파일을 지우고 다시 내세요.",
                en=f"At most {limits.files:,} files are taken; there are more. Delete what is not needed and try again.",
            )
        check_name(member.name)
        _refuse_look_alike(member.name, seen)
        if member.name.endswith(".ipynb") and member.size > limits.notebook_bytes:
            raise TooLarge(
                ko=f"노트북은 {limits.notebook_bytes:,}바이트까지인데 {shorten(member.name)}은(는) {member.size:,}바이트입니다. 큰 출력을 지우고 다시 내세요.",
                en=f"A notebook may have {limits.notebook_bytes:,} bytes; {shorten(member.name)} has {member.size:,}. Clear its large outputs and try again.",
            )
        members.append(member)
    if not members:
        raise _unfit("파일이 하나도 없습니다", "there is no file in it")
    return tuple(members)


def check_name(name: str) -> None:
    """Raise `InputError` unless the name is a relative path that means the same on every system."""
    parts = name.split("/")
    fault = None
    if name.startswith("/") or "\\" in name or any(part in ("", ".", "..") for part in parts):
        fault = ("폴더 안의 상대 경로가 아닙니다", "it is not a relative path inside the folder")
    elif any(unicodedata.category(letter) in _FORBIDDEN for letter in name):
        fault = ("보이지 않는 문자가 들어 있습니다", "it holds invisible characters")
    elif unicodedata.normalize("NFC", name) != name:
        fault = ("한글이 풀어쓰기(NFD)로 되어 있습니다", "it is not in Unicode's composed form (NFC)")
    elif len(name.encode()) > _LONGEST_PATH or len(parts) > _DEEPEST:
        fault = ("경로가 너무 깁니다", "the path is too long")
    elif any(len(part.encode()) > _LONGEST_PART or part != part.strip() for part in parts):
        fault = ("너무 길거나 빈칸으로 시작하거나 끝납니다", "a part is too long, or begins or ends with a space")
    if fault:
        raise _unfit(
            f"파일 이름 {shorten(name)}을(를) 쓸 수 없습니다: {fault[0]}. 이름을 바꾸고 다시 내세요",
            f"the file name {shorten(name)} cannot be used: {fault[1]}. Rename it and try again",
        )


def _refuse_look_alike(name: str, seen: dict[str, str]) -> None:
    """Of `A.py` and `a.py`, of a file `x` and a folder `x/`, one would overwrite the other somewhere."""
    parts = name.split("/")
    for depth in range(1, len(parts)):
        folder = "/".join(parts[:depth]) + "/"
        before = seen.setdefault(_look(folder), folder)
        if before != folder:
            raise _alike(before, folder)
    if _look(name) in seen:
        raise _alike(seen[_look(name)], name)
    seen[_look(name)] = name


def _look(path: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", path.rstrip("/")).casefold())


def _alike(one: str, other: str) -> InputError:
    return _unfit(
        f"{shorten(one)}와(과) {shorten(other)}은(는) 구별할 수 없는 이름입니다. 하나의 이름을 바꾸고 다시 내세요",
        f"{shorten(one)} and {shorten(other)} cannot be told apart everywhere. Rename one and try again",
    )


def _unfit(ko: str, en: str) -> InputError:
    return InputError(ko=f"과제 묶음(tar)을 받을 수 없습니다: {ko}.", en=f"The bundle (tar) cannot be taken: {en}.")


def _entries(file: BinaryIO) -> Iterator[Member]:
    """Walk the headers. The names are what they say, not yet checked."""
    end = file.seek(0, io.SEEK_END)
    position = 0
    long_name: str | None = None
    while True:
        header = _read(file, position, BLOCK, end)
        position += BLOCK
        if header == _ZEROS:
            _refuse_rest(file, position)
            if long_name is not None:
                raise _unfit("묶음이 중간에 끊겼습니다", "it is cut off")
            return
        name, size, kind = _header(header)
        if position + size > end:
            raise _unfit("묶음이 중간에 끊겼습니다", "it is cut off")
        if kind in (b"x", b"L"):
            long_name = _extended(kind, _read(file, position, min(size, _LONGEST_HEADER + 1), end), long_name)
        else:
            yield Member(name if long_name is None else long_name, size, position)
            long_name = None
        position += -(-size // BLOCK) * BLOCK


def _read(file: BinaryIO, position: int, size: int, end: int) -> bytes:
    if position + size > end:
        raise _unfit("묶음이 중간에 끊겼습니다", "it is cut off")
    file.seek(position)
    return file.read(size)


def _refuse_rest(file: BinaryIO, position: int) -> None:
    file.seek(position)
    while piece := file.read(COPY):
        if piece.count(0) != len(piece):
            raise _unfit("끝 표시 뒤에 다른 내용이 있습니다", "something follows its end mark")


def _header(header: bytes) -> tuple[str, int, bytes]:
    kind = header[156:157]
    checksum = sum(header[:148]) + 8 * 0x20 + sum(header[156:])
    if _octal(header[148:156]) != checksum:
        raise _unfit("tar 형식이 아니거나 손상되었습니다", "it is not a tar file, or it is damaged")
    name = _text(header[:100])
    if header[257:263] == b"ustar\0" and header[345] and kind not in (b"x", b"L"):
        name = f"{_text(header[345:500])}/{name}"
    if kind not in (b"0", b"\0", b"x", b"L"):
        ko, en = _KINDS.get(kind, ("알 수 없는 항목", "an unknown kind of entry"))
        raise _unfit(
            f"{shorten(name)}은(는) {ko}입니다. 보통 파일만 낼 수 있습니다",
            f"{shorten(name)} is {en}; only regular files are taken",
        )
    return name, _octal(header[124:136]), kind


def _octal(field: bytes) -> int:
    digits = field.strip(b"\0 ")
    if not digits or digits.strip(b"01234567"):
        raise _unfit("tar 형식이 아니거나 손상되었습니다", "it is not a tar file, or it is damaged")
    return int(digits, 8)


def _text(field: bytes) -> str:
    try:
        return field.split(b"\0", 1)[0].decode()
    except UnicodeDecodeError:
        raise _unfit("파일 이름이 UTF-8이 아닙니다", "a file name is not UTF-8") from None


def _extended(kind: bytes, data: bytes, before: str | None) -> str | None:
    """The name that a pax or GNU header gives to the next entry."""
    if len(data) > _LONGEST_HEADER:
        raise _unfit("머리글이 너무 깁니다", "a header is too long")
    if kind == b"L":
        return _text(data)
    name = before
    for key, value in _pax_records(data):
        if key == "path":
            name = value
        elif key not in _HARMLESS and not key.startswith(("LIBARCHIVE.", "SCHILY.")):
            raise _unfit(f"머리글에 {shorten(key)}이(가) 있습니다", f"a header holds {shorten(key)}")
    return name


def _pax_records(data: bytes) -> Iterator[tuple[str, str]]:
    broken = _unfit("머리글이 손상되었습니다", "a header is damaged")
    while data:
        head, space, _ = data.partition(b" ")
        length = int(head) if head.isdigit() and len(head) < 6 else 0
        record = data[len(head) + 1 : length]
        if not space or length > len(data) or not record.endswith(b"\n") or b"=" not in record:
            raise broken
        key, _, value = record[:-1].partition(b"=")
        if b"\0" in record:
            raise broken
        if key == b"path" or not key.startswith((b"LIBARCHIVE.", b"SCHILY.")):
            yield _text(key), _text(value)
        data = data[length:]


def pieces(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """One member's bytes, piece by piece."""
    file.seek(member.offset)
    left = member.size
    while left:
        piece = file.read(min(COPY, left))
        if not piece:
            raise _unfit("묶음이 중간에 끊겼습니다", "it is cut off")
        left -= len(piece)
        yield piece


def read(file: BinaryIO, members: Iterable[Member]) -> dict[str, bytes]:
    """The members' bytes by name. For members whose sizes were checked: all of it comes into memory."""
    return {member.name: b"".join(pieces(file, member)) for member in members}


def write(files: Mapping[str, bytes]) -> bytes:
    """A bundle of these files: the same files give the same bytes."""
    return b"".join(_written((name, len(files[name]), [files[name]]) for name in sorted(files)))


def subtree(file: BinaryIO, members: Iterable[Member], prefix: str) -> Iterator[bytes]:
    """The members below `prefix/`, by their names below it, as a bundle of its own, piece by piece."""
    inside = sorted((m for m in members if m.name.startswith(f"{prefix}/")), key=lambda m: m.name)
    return _written((m.name.removeprefix(f"{prefix}/"), m.size, pieces(file, m)) for m in inside)


def _written(entries: Iterable[tuple[str, int, Iterable[bytes]]]) -> Iterator[bytes]:
    for name, size, body in entries:
        info = tarfile.TarInfo(name)
        info.size = size
        yield info.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")
        yield from body
        yield bytes(-size % BLOCK)
    yield _ZEROS * 2


def parts(members: Iterable[Member]) -> tuple[str, ...]:
    """The parts `release/<language>` and `source/<language>` of a release bundle; refuses anything else in it."""
    found = set()
    for member in members:
        kind, _, rest = member.name.partition("/")
        language, slash, _ = rest.partition("/")
        if kind not in ("release", "source") or language not in ("ko", "en") or not slash:
            raise _unfit(
                f"release/<언어>/ 나 source/<언어>/ 안에 있어야 하는데 {shorten(member.name)}이(가) 있습니다",
                f"files belong in release/<language>/ or source/<language>/; found {shorten(member.name)}",
            )
        found.add(f"{kind}/{language}")
    languages = {part.removeprefix("release/") for part in found if part.startswith("release/")}
    orphans = sorted(part for part in found if part.startswith("source/") and part[7:] not in languages)
    if not languages or orphans:
        raise _unfit(
            f"모든 언어에 release/<언어>/ 폴더가 있어야 합니다 (받은 것: {', '.join(sorted(found))})",
            f"every language needs its release/<language>/ folder (found: {', '.join(sorted(found))})",
        )
    return tuple(sorted(found))
