"""Our own wheel is the same each time, and pip takes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bitgoeul.images.wheel import our_wheel


def test_two_wheels_are_the_same_bytes_and_pip_installs_one(tmp_path: Path) -> None:
    name, data = our_wheel()
    (tmp_path / name).write_bytes(data)
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        "--target",
        str(tmp_path / "in"),
    ]
    subprocess.run([*command, str(tmp_path / name)], check=True)

    assert our_wheel() == (name, data)
    assert (tmp_path / "in/bitgoeul/hub/etc").is_dir()
    assert (tmp_path / "in/bin/bitgoeul").is_file()
