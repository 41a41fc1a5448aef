"""`bitgoeul receipt verify`: was this receipt signed by the academy, and is it about this work? Offline."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from bitgoeul import wire
from bitgoeul.cli.main import language
from bitgoeul.errors import BitgoeulError, InputError, Text, shorten
from bitgoeul.exchange import receipts
from bitgoeul.lab.bundle import Rules, digest, files_of

app = typer.Typer(add_completion=False, no_args_is_help=True)
MOST = 1_000_000


class NotGenuine(BitgoeulError):
    """The receipt or the work is not what it says."""

    code = "not-genuine"


@app.callback()
def receipt() -> None:
    """Receipts of what was handed in."""


@app.command()
def verify(
    receipt: Annotated[
        Path, typer.Argument(metavar="RECEIPT.json", help="the receipt, as a lab or the portal gave it")
    ],
    key: Annotated[
        str | None, typer.Option(metavar="FILE_OR_URL", help="the academy's public key; else only the form is checked")
    ] = None,
    work: Annotated[Path | None, typer.Option(metavar="FOLDER", help="compare the work that was handed in")] = None,
) -> None:
    """Check a receipt's signature and, with --work, that it speaks of exactly this folder's files."""
    found = wire.read(wire.Receipt, _bytes(receipt))
    if key is None and work is None:
        raise InputError(
            ko="무엇과 비교할지 알 수 없습니다. --key 나 --work 를 쓰세요.",
            en="Nothing to compare with. Use --key, --work or both.",
        )
    if key is not None:
        _check_signature(found, _public_key(key))
    if work is not None:
        _check_work(found, work)
    text = Text(
        f"{found.user} 님이 {found.begun_at}에 {found.course}/{found.assignment} 과제를 냈습니다(접수 번호 {found.sequence}).",
        f"{found.user} handed in {found.course}/{found.assignment} at {found.begun_at} (number {found.sequence}).",
    )
    typer.echo(text.pick(language()))


def _check_signature(found: wire.Receipt, public_key: str) -> None:
    if not receipts.verify(found, public_key):
        raise NotGenuine(
            ko="서명이 맞지 않습니다. 접수증이 바뀌었거나 다른 학교의 열쇠입니다. 포털에서 다시 받아 확인하세요.",
            en="The signature does not fit: the receipt was changed, or this is another academy's key. Get both again from the portal.",
        )
    typer.echo(Text("서명이 맞습니다.", "The signature is genuine.").pick(language()))


def _check_work(found: wire.Receipt, folder: Path) -> None:
    if not folder.is_dir():
        raise InputError(ko=f"폴더가 없습니다: {folder}", en=f"There is no folder {folder}.")
    packed = digest(files_of(folder, Rules()))
    if packed.sha256 != found.sha256:
        raise NotGenuine(
            ko=f"이 폴더는 낸 것과 다릅니다. 접수증의 SHA-256은 {found.sha256}, 폴더는 {packed.sha256}입니다. 낸 뒤에 고친 파일이 있는지 보세요.",
            en=f"This folder is not what was handed in: the receipt says SHA-256 {found.sha256}, the folder has {packed.sha256}. Was a file changed since?",
        )
    typer.echo(Text("낸 것과 똑같은 파일입니다.", "These are exactly the files handed in.").pick(language()))


def _public_key(place: str) -> str:
    """A file with the base64 text (`receipt.ed25519.pub`) or the JSON of api/receipt-key; or its URL."""
    if urlsplit(place).scheme in ("http", "https"):
        try:
            with urllib.request.urlopen(place, timeout=10) as answer:  # noqa: S310  # the scheme was checked
                data: bytes = answer.read(MOST)
        except OSError as error:
            raise InputError(ko=f"열쇠를 받을 수 없습니다: {error}", en=f"The key cannot be had: {error}") from None
    else:
        data = _bytes(Path(place))
    try:
        text = data.decode("ascii").strip()
        return str(json.loads(text)["public_key"]) if text.startswith("{") else text
    except (ValueError, KeyError):
        raise InputError(
            ko=f"공개 열쇠가 아닙니다: {shorten(place)}", en=f"This is no public key: {shorten(place)}"
        ) from None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()[:MOST]
    except OSError as error:
        raise InputError(ko=f"파일을 읽을 수 없습니다: {error}", en=f"The file cannot be read: {error}") from None
