"""What a backup is: a folder of files, and a manifest that names each with its SHA-256. Nothing here touches a disk but to read.

manifest.json            what is in it; written last, so a folder without it is no backup
database.sqlite | .dump  the service's database (SQLite, or pg_dump's custom format)
hub/                     the Hub's database, cookie secret and keys
keys/                    receipts' signing key, and what else proves who we are
courses/, previews/      nbgrader's folders and gradebooks; what waits for an instructor
blobs/                   every file that was handed in or released, by its SHA-256
volumes/, homes/         people's homes, if they were asked for
academy.toml             the settings of that moment
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bitgoeul.errors import InputError, Text, shorten

MANIFEST = "manifest.json"
FORM = 1
PREFIX = "bitgoeul-"
ALWAYS = ("hub", "keys", "courses", "previews")
HOMES = ("volumes", "homes")
LEFT_OUT = frozenset({"up.lock", "docker.sock", "proxy.pid", "hub.log", "hub.log.1", "docker-proxy.log"})
"""Of a machine's run, not of an academy."""


@dataclass(frozen=True)
class Manifest:
    """`files`: path in the backup -> SHA-256. `database`: "sqlite" or "postgresql". `receipts`: the newest sequence."""

    version: str
    made_at: str
    database: str
    receipts: int
    homes: bool
    files: dict[str, str]
    form: int = FORM

    def text(self) -> str:
        """Write it as JSON."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


def read(folder: Path) -> Manifest:
    """Read a backup's manifest; raise `InputError` where there is none or it is of another form."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        manifest = Manifest(**found)
        sound = manifest.form == FORM and all(_inside(name) for name in manifest.files)
    except (OSError, ValueError, TypeError):
        sound = False
    if not sound:
        raise InputError(
            ko=f"{shorten(str(folder))}에서 백업의 {MANIFEST}(꼴 {FORM})을 읽어야 하는데 없거나 읽을 수 없습니다. "
            "`bitgoeul backup`이 만든 bitgoeul-… 폴더를 고르십시오.",
            en=f"A backup's {MANIFEST} (form {FORM}) was wanted in {shorten(str(folder))}; it is missing or unreadable. "
            "Choose a folder bitgoeul-… that `bitgoeul backup` made.",
        )
    return manifest


def _inside(name: str) -> bool:
    return not name.startswith("/") and ".." not in Path(name).parts


def digest(path: Path) -> str:
    """Hash one file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def damaged(folder: Path, manifest: Manifest) -> list[str]:
    """Name the files that are missing or are not what the manifest says."""
    return [
        name
        for name, sha256 in manifest.files.items()
        if not (folder / name).is_file() or digest(folder / name) != sha256
    ]


def superfluous(names: Iterable[str], keep: int) -> list[str]:
    """Name the backups to take away so that the newest `keep` stay; their names order them by time. 0 keeps all."""
    found = sorted(name for name in names if name.startswith(PREFIX) and not name.endswith(".part"))
    return found[:-keep] if keep else []


def occupied(state: Path) -> list[str]:
    """Name what already lies in a state folder that a restore would overwrite: an academy's own parts, if not empty."""
    parts = ("bitgoeul.sqlite", "hub/jupyterhub.sqlite", "keys/receipt.ed25519")
    found = [name for name in parts if (state / name).exists()]
    folders = ("blobs", "courses", "volumes", "homes")
    return found + [name for name in folders if any(_files(state / name))]


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and path.name != "reserve") if folder.is_dir() else ()


def not_empty(state: Path, found: Sequence[str]) -> InputError:
    """Say why a restore does not begin."""
    what = ", ".join(found)
    return InputError(
        ko=f"복원은 빈 곳에만 합니다. {state}에 이미 {what}이(가) 있습니다. 다른 상태 폴더를 쓰거나 그것을 옮긴 뒤 다시 하십시오.",
        en=f"A restore goes to an empty place only; in {state} there is already {what}. Use another state folder, or move it away first.",
    )


def told_damage(folder: Path, names: Sequence[str]) -> Text:
    """Say which files are not what they were."""
    few = ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")
    return Text(
        f"{folder}의 파일 {len(names)}개가 없거나 바뀌었습니다: {few}. 아무것도 복원하지 않았습니다. 다른 백업을 쓰십시오.",
        f"{len(names)} files of {folder} are missing or altered: {few}. Nothing was restored; use another backup.",
    )
