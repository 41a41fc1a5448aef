"""Our own package as a wheel, from the files as they are: no build tool, no network, the same bytes each time."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from importlib.metadata import distribution
from io import BytesIO
from pathlib import Path

import bitgoeul

_PACKAGE = Path(bitgoeul.__file__).parent
_DATE = (2020, 1, 1, 0, 0, 0)
_WHEEL = "Wheel-Version: 1.0\nGenerator: bitgoeul\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def our_wheel() -> tuple[str, bytes]:
    """Give the file's name and its bytes."""
    about = distribution("bitgoeul")
    info = f"bitgoeul-{about.version}.dist-info"
    files = {
        f"bitgoeul/{path.relative_to(_PACKAGE)}": path.read_bytes()
        for path in sorted(_PACKAGE.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    # An editable install that is found in the source folder itself calls its metadata PKG-INFO.
    metadata = about.read_text("METADATA") or about.read_text("PKG-INFO") or ""
    for name, text in (("METADATA", metadata), ("entry_points.txt", about.read_text("entry_points.txt") or "")):
        files[f"{info}/{name}"] = text.encode()
    files[f"{info}/WHEEL"] = _WHEEL.encode()
    rows = [f"{name},sha256={_digest(data)},{len(data)}" for name, data in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""]).encode()
    return f"bitgoeul-{about.version}-py3-none-any.whl", _zipped(files)


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def _zipped(files: dict[str, bytes]) -> bytes:
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return whole.getvalue()
