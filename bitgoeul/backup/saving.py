"""Makes a backup while the academy is open.

The order is what makes it whole: the database first, at one moment, and the files after. A receipt is given only once its
blob lies on disk for good and its row is committed; so every receipt given before the backup began has its row in
the snapshot, and every row of the snapshot has its blob among the files copied later. Blobs never change, so those of
the backup before are linked instead of copied.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import bitgoeul
from bitgoeul.backup import databases, rules
from bitgoeul.blobs import sync_folder
from bitgoeul.database import Database
from bitgoeul.errors import InputError, Text
from bitgoeul.settings import Settings

Say = Callable[[Text], None]


def save(settings: Settings, target: Path, say: Say, *, homes: bool = False) -> Path:
    """Write a new backup below `target`; give its folder. Raise `InputError` where there is no academy."""
    database = Database(settings.database_url)
    try:
        if not settings.academy.database and not (settings.state / "bitgoeul.sqlite").is_file():
            raise _no_academy(settings.state)
        return _save(settings, database, target, say, homes=homes)
    finally:
        database.close()


def _save(settings: Settings, database: Database, target: Path, say: Say, *, homes: bool) -> Path:
    now = datetime.now(UTC)
    final = target / f"{rules.PREFIX}{now:%Y%m%dT%H%M%SZ}"
    part = final.with_suffix(".part")
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    part.mkdir(mode=0o700)
    previous = max((path for path in target.glob(f"{rules.PREFIX}*Z") if path.is_dir()), default=None)
    receipts = databases.newest_receipt(database)  # before the snapshot: what is promised is at least this
    if database.sqlite:
        databases.copy_sqlite(settings.state / "bitgoeul.sqlite", part / "database.sqlite")
    else:
        databases.dump(settings.database_url, part / "database.dump")
    say(Text(f"데이터베이스: 접수증 {receipts}번까지", f"the database, with receipts up to {receipts}"))
    blobs = _blobs(settings.state / "blobs", part / "blobs", previous)
    say(Text(f"제출물과 배포본: 파일 {blobs}개", f"submissions and releases: {blobs} files"))
    for name in (*rules.ALWAYS, *(rules.HOMES if homes else ())):
        _tree(settings.state / name, part / name)
    shutil.copy2(settings.source, part / "academy.toml")
    files = {str(path.relative_to(part)): rules.digest(path) for path in sorted(part.rglob("*")) if path.is_file()}
    kind = "sqlite" if database.sqlite else "postgresql"
    manifest = rules.Manifest(bitgoeul.__version__, now.isoformat(), kind, receipts, homes, files)
    (part / rules.MANIFEST).write_text(manifest.text(), encoding="utf-8")
    subprocess.run(["sync", "--file-system", str(part)], check=True)
    part.rename(final)
    sync_folder(target)
    return final


def thin_out(target: Path, keep: int) -> list[str]:
    """Take away all but the newest `keep` backups; name what went."""
    gone = rules.superfluous((path.name for path in target.iterdir() if path.is_dir()), keep)
    for name in gone:
        shutil.rmtree(target / name)
    return gone


def _blobs(source: Path, target: Path, previous: Path | None) -> int:
    count = 0
    for path in sorted(source.glob("[0-9a-f][0-9a-f]/*")):
        name = path.relative_to(source)
        before = previous / "blobs" / name if previous else None
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if before and before.is_file() and before.stat().st_size == path.stat().st_size:
            os.link(before, target / name)
        else:
            shutil.copy2(path, target / name)
        count += 1
    return count


def _tree(source: Path, target: Path) -> None:
    """Copy a folder as it is: databases by their own way, homes while nobody writes to them, links as links."""
    for folder, folders, files in os.walk(source):
        here = target / Path(folder).relative_to(source)
        folders[:] = [name for name in folders if not _is_mounted_home(Path(folder) / name)]
        here.mkdir(parents=True, exist_ok=True)
        shutil.copystat(folder, here)
        for name in files:
            path = Path(folder) / name
            if name in rules.LEFT_OUT or name.endswith(("-wal", "-shm", "-journal", ".part")) or path.is_socket():
                continue
            with contextlib.suppress(FileNotFoundError):  # a lab or an instructor took it away meanwhile
                _file(path, here / name)


def _is_mounted_home(folder: Path) -> bool:
    return folder.with_name(f".{folder.name}.ext4").exists()


def _file(path: Path, target: Path) -> None:
    if path.suffix in (".sqlite", ".db") and path.read_bytes()[:15] == b"SQLite format 3":
        databases.copy_sqlite(path, target)
        shutil.copystat(path, target)
    elif path.suffix == ".ext4":
        with _still(path.with_name(path.name[1:].removesuffix(".ext4"))):
            subprocess.run(["cp", "--sparse=always", "--preserve=mode,timestamps", str(path), str(target)], check=True)
    else:
        shutil.copy2(path, target, follow_symlinks=False)


@contextlib.contextmanager
def _still(home: Path) -> Iterator[None]:
    """Let nobody write to a mounted home for as long as its image is copied."""
    frozen = home.is_mount() and subprocess.run(["fsfreeze", "--freeze", str(home)], check=False).returncode == 0
    try:
        yield
    finally:
        if frozen:
            subprocess.run(["fsfreeze", "--unfreeze", str(home)], check=True)


def _no_academy(state: Path) -> InputError:
    return InputError(
        ko=f"백업할 학교가 {state}에 없습니다. 다른 폴더면 BITGOEUL_STATE로 알려 주십시오.",
        en=f"There is no academy to back up in {state}. Name another folder by BITGOEUL_STATE.",
    )
