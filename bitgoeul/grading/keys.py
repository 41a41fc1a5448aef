"""The certificate that a cluster's scheduler, workers and services know each other by.

All of them hold the same one, and trust no other. Whoever has its key may run programs on every worker, so it is
kept like a password: made once, readable by its owner only, carried to each machine by the operator.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bitgoeul.errors import InputError

LIFETIME = timedelta(days=3650)


@dataclass(frozen=True)
class ClusterKeys:
    """The two files, in PEM."""

    certificate: Path
    key: Path


def cluster_keys(folder: Path) -> ClusterKeys:
    """Find the files in a folder; raise `InputError` when they are not there."""
    keys = _in(folder)
    if not (keys.certificate.is_file() and keys.key.is_file()):
        raise InputError(
            ko=f"{folder}에 {keys.certificate.name}과 {keys.key.name}이 있어야 하는데 없습니다. `bitgoeul scheduler`가 처음 시작할 때 만든 두 파일을 그 컴퓨터에서 복사해 주십시오.",
            en=f"{folder} needs {keys.certificate.name} and {keys.key.name}, and they are not there. Copy both from the machine where `bitgoeul scheduler` made them at its first start.",
        )
    return keys


def ensure_cluster_keys(folder: Path) -> ClusterKeys:
    """Find the files, or make them."""
    keys = _in(folder)
    if not keys.key.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        keys.certificate.write_bytes(_certificate(key))
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        # The key comes last and under its name only when it is whole: it says that both are there.
        draft = keys.key.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(private)
        draft.rename(keys.key)
    return cluster_keys(folder)


def _in(folder: Path) -> ClusterKeys:
    return ClusterKeys(folder / "cluster.pem", folder / "cluster-key.pem")


def _certificate(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Sign a certificate by itself, with all that the strict checks of newer Pythons ask for."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bitgoeul cluster")])
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)
