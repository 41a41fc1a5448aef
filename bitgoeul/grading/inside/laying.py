"""Lays a job's files down in its folder. Kept apart and plain, so that it can be tried on every Python that may run it."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path
from typing import Any, BinaryIO


class NotLaid(Exception):
    """The file system refuses a file: no room, a name too long, a file where a folder has to be."""


def unpack(stream: BinaryIO, folder: Path) -> dict[str, Any]:
    """Read the job and lay its files down; raise `NotLaid` for what files are to blame for.

    Names were checked by who packed them. `TarFile.extract` would take `filter=` only from Python 3.11.4 on, and
    Debian 12 has 3.11.2; plain bytes into plain files need nothing of it.
    """
    job: dict[str, Any] = {}
    with tarfile.open(fileobj=stream, mode="r|") as bundle:
        for member in bundle:
            content = bundle.extractfile(member)
            if content is None:
                continue
            if member.name == "job.json":
                job = json.loads(content.read())
                continue
            path = folder / member.name.removeprefix("files/")
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as file:
                    shutil.copyfileobj(content, file)
            except OSError as error:
                raise NotLaid(str(error)) from error
    return job
