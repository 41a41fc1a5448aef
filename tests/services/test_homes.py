"""A home of a fixed size is a real file system: it fills, grows, keeps what is in it, and is let go."""

from __future__ import annotations

from pathlib import Path

import pytest

from bitgoeul.errors import NotAllowed, StorageFull
from bitgoeul.hub import homes
from tests.services import needs


@pytest.fixture
def home(tmp_path: Path):
    needs.mounts()
    yield tmp_path / "volumes/minji"
    homes.release(tmp_path / "volumes")


def test_a_home_fills_alone_grows_and_keeps_its_files(home: Path) -> None:
    homes.ensure(home, disk_gb=0.02, uid=1000)
    assert home.stat().st_uid == 1000
    assert not homes.is_full(home)
    (home / "kept").write_text("mine")
    with pytest.raises(OSError, match="No space left"):
        (home / "big").write_bytes(b"0" * 30_000_000)
    assert homes.is_full(home)

    homes.ensure(home, disk_gb=0.05, uid=1000)
    (home / "big").write_bytes(b"0" * 30_000_000)

    assert (home / "kept").read_text() == "mine"
    homes.release(home.parent)
    assert list(home.iterdir()) == []
    homes.ensure(home, disk_gb=0.02, uid=1000)
    assert (home / "kept").read_text() == "mine"


def test_without_a_size_a_home_is_a_folder(tmp_path: Path) -> None:
    homes.ensure(tmp_path / "volumes/minji", disk_gb=0, uid=1000)

    assert not (tmp_path / "volumes/minji").is_mount()


def test_a_home_that_cannot_be_made_says_why(home: Path) -> None:
    with pytest.raises(StorageFull, match=r"mkfs\.ext4"):
        homes.ensure(home, disk_gb=0.000001, uid=1000)


@pytest.mark.parametrize("disk_gb", [0, 0.05])
def test_a_link_gives_away_nothing_that_it_leads_to(tmp_path: Path, disk_gb: float) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    (tmp_path / "minji").symlink_to(elsewhere)
    with pytest.raises(NotAllowed):
        homes.ensure(tmp_path / "minji", disk_gb=disk_gb, uid=20100)

    assert elsewhere.stat().st_uid == tmp_path.stat().st_uid
    assert sorted(one.name for one in tmp_path.iterdir()) == ["elsewhere", "minji"]
