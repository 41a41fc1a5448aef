"""Receipts: who holds one can prove what was handed in and when, offline."""

from __future__ import annotations

import base64
import stat
from dataclasses import fields, replace

import pytest

from bitgoeul.errors import InputError
from bitgoeul.exchange import receipts
from bitgoeul.exchange.receipts import GENESIS, Signer
from bitgoeul.wire import Receipt, read, write

PLAIN = Receipt(
    id="0b8f",
    sequence=7,
    course="machine-learning",
    assignment="01-regression",
    user="minji",
    sha256="ab" * 32,
    size=1234,
    begun_at="2026-03-02T12:00:00.000000Z",
    stored_at="2026-03-02T12:00:01.000000Z",
    late_seconds=0.0,
    chain="",
)


@pytest.fixture
def signer(tmp_path):
    return Signer(tmp_path / "keys")


@pytest.fixture
def signed(signer):
    return signer.sign(replace(PLAIN, chain=receipts.link(GENESIS, PLAIN)))


def test_a_receipt_is_genuine_after_a_way_over_the_wire(signer, signed):
    again = read(Receipt, write(signed))

    assert receipts.verify(again, signer.public_key)


@pytest.mark.parametrize("name", [field.name for field in fields(Receipt)])
def test_a_receipt_with_any_field_altered_is_refused(signer, signed, name):
    value = getattr(signed, name)
    other = value + 1 if isinstance(value, int | float) else value[:-1] + ("0" if value[-1:] != "0" else "1")

    assert not receipts.verify(replace(signed, **{name: other}), signer.public_key)


def test_another_academys_key_does_not_fit(signed, tmp_path):
    other = Signer(tmp_path / "other")

    assert not receipts.verify(signed, other.public_key)


def test_a_signature_that_is_no_base64_is_refused_and_not_a_crash(signer, signed):
    assert not receipts.verify(replace(signed, signature="안녕"), signer.public_key)
    assert not receipts.verify(replace(signed, signature=""), signer.public_key)


@pytest.mark.parametrize("key", ["", "x", base64.b64encode(b"short").decode(), "안녕"])
def test_a_key_that_is_none_is_told(signed, key):
    with pytest.raises(InputError, match="32 bytes"):
        receipts.verify(signed, key)


def test_the_key_is_made_once_and_is_the_services_alone(tmp_path):
    first = Signer(tmp_path / "keys")
    second = Signer(tmp_path / "keys")

    assert first.public_key == second.public_key
    assert stat.S_IMODE(first.path.stat().st_mode) == 0o600
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == ["receipt.ed25519", "receipt.ed25519.pub"]


def test_the_chain_depends_on_everything_before():
    one = receipts.link(GENESIS, PLAIN)

    assert receipts.link(one, PLAIN) != one
    assert receipts.link(GENESIS, replace(PLAIN, size=1)) != one
    assert receipts.link(GENESIS, replace(PLAIN, signature="x", chain="y")) == one
