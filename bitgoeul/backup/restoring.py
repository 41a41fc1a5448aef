"""Puts a backup into an empty place. Everything is checked before anything is written."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from bitgoeul.backup import databases, rules
from bitgoeul.errors import InputError, Text
from bitgoeul.settings import Settings

Say = Callable[[Text], None]


def restore(settings: Settings, source: Path, say: Say) -> rules.Manifest:
    """Fill the state folder and the database; raise `InputError` where they are not empty or the backup is damaged."""
    manifest = rules.read(source)
    _require_fit(settings, manifest)
    if damage := rules.damaged(source, manifest):
        told = rules.told_damage(source, damage)
        raise InputError(ko=told.ko, en=told.en)
    say(Text(f"백업 {manifest.made_at}: 파일 {len(manifest.files)}개가 온전합니다", f"backup of {manifest.made_at}: {len(manifest.files)} files are whole"))  # fmt: skip
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in ("blobs", *rules.ALWAYS, *rules.HOMES):
        if (source / name).is_dir():
            shutil.copytree(source / name, settings.state / name, symlinks=True, dirs_exist_ok=True)
    if manifest.database == "sqlite":
        shutil.copy2(source / "database.sqlite", settings.state / "bitgoeul.sqlite")
    else:
        databases.load(settings.database_url, source / "database.dump")
    _give_to_owner(settings.state)
    say(Text(f"접수증 {manifest.receipts}번까지 되살렸습니다", f"receipts up to {manifest.receipts} are back"))
    return manifest


def _require_fit(settings: Settings, manifest: rules.Manifest) -> None:
    """Compare kinds of databases; refuse a place where something lies."""
    kind = "postgresql" if settings.academy.database else "sqlite"
    if kind != manifest.database:
        raise InputError(
            ko=f"백업의 데이터베이스는 {manifest.database}인데 설정은 {kind}입니다. academy.database나 BITGOEUL_DATABASE를 맞추십시오.",
            en=f"The backup's database is {manifest.database}, the settings name {kind}. Make academy.database, or BITGOEUL_DATABASE, fit.",
        )
    found = rules.occupied(settings.state)
    if kind == "postgresql" and not databases.is_empty(settings.database_url):
        found.append(settings.academy.database.rpartition("@")[2])  # without its password
    if found:
        raise rules.not_empty(settings.state, found)


def _give_to_owner(state: Path) -> None:
    """As root: everything belongs to whom the state folder belongs to."""
    owner = state.stat()
    if os.geteuid() != 0:
        return
    for folder, _, files in os.walk(state):
        for path in (folder, *(f"{folder}/{name}" for name in files)):
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
