"""Receipts: signed with the academy's Ed25519 key and chained, so that nobody, the operator included, can
take out or alter a submission without its showing.

The signed bytes are `wire.write` of the receipt with an empty signature. `chain` is the SHA-256 over the
chain before it and the receipt's bytes without chain and signature.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
import secrets
from dataclasses import replace
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bitgoeul.blobs import sync_folder
from bitgoeul.errors import InputError
from bitgoeul.wire import Receipt, write

GENESIS = "0" * 64


def canonical(receipt: Receipt) -> bytes:
    """The bytes that are signed."""
    return write(replace(receipt, signature=""))


def link(previous: str, receipt: Receipt) -> str:
    """The chain value of a receipt that follows the one whose chain value is given."""
    return hashlib.sha256(previous.encode() + write(replace(receipt, chain="", signature=""))).hexdigest()


def verify(receipt: Receipt, public_key: str) -> bool:
    """Whether the academy with this public key (base64) signed exactly this receipt. Needs no network."""
    key = Ed25519PublicKey.from_public_bytes(_key_bytes(public_key))
    try:
        key.verify(base64.b64decode(receipt.signature, validate=True), canonical(receipt))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _key_bytes(public_key: str) -> bytes:
    try:
        raw = base64.b64decode(public_key.strip(), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 32:
        raise InputError(
            ko="공개 키는 base64로 적은 32바이트여야 합니다. 학교 주소의 api/receipt-key에서 다시 받으세요.",
            en="A public key is 32 bytes in base64. Get it again from the academy's api/receipt-key.",
        )
    return raw


class Signer:
    """Holds the academy's key; makes it on first use. Backing it up is part of backing up the state folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "receipt.ed25519"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.path.exists():
            _create(self.path)
        key = serialization.load_pem_private_key(self.path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise InputError(
                ko=f"{self.path.name}은(는) Ed25519 키여야 합니다. 백업에서 되살리세요.",
                en=f"{self.path.name} has to be an Ed25519 key. Restore it from the back-up.",
            )
        self._key = key
        self.public_key = base64.b64encode(key.public_key().public_bytes_raw()).decode()
        public = self.path.with_suffix(".ed25519.pub")
        if not public.exists() or public.read_text(encoding="ascii").strip() != self.public_key:
            public.write_text(self.public_key + "\n", encoding="ascii")

    def sign(self, receipt: Receipt) -> Receipt:
        """The receipt with its signature."""
        return replace(receipt, signature=base64.b64encode(self._key.sign(canonical(receipt))).decode())


def _create(path: Path) -> None:
    """Write a new key under a name of its own, then link it: of two services that start at once, one wins."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, pem)
        os.fsync(handle)
    finally:
        os.close(handle)
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(fresh)
    fresh.unlink()
    sync_folder(path.parent)
