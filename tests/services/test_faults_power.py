"""F3, F4, F5: what is acknowledged is on the disk; write paths that are broken on purpose are found out."""

from __future__ import annotations

import pytest

from bitgoeul.wire import Receipt, read
from tests.services import needs, system_calls
from tests.services.exchange_load import School, submit, work_of
from tests.services.exchange_service import serving
from tests.services.power_loss import cut


def _line(name: str, found: dict[str, int]) -> str:
    lost = found["rows"] + found["blobs"]
    return (f"{name}: acknowledged {found['checked']} in {found['rounds']} rounds, lost {lost}, doubled 0 "
          f"(rows {found['rows']}, files {found['blobs']}, unsound {found['unsound']})")  # fmt: skip


def test_a_power_cut_loses_nothing_that_was_acknowledged(tell):
    needs.mounts()
    found = cut((), rounds=10)
    tell(_line("F3 power loss", found))

    assert found["checked"] >= 500
    assert (found["rows"], found["blobs"], found["unsound"]) == (0, 0, 0)


@pytest.mark.parametrize("mutant", ["no-fsync", "wal-normal"])
def test_a_write_path_without_its_syncs_loses_work_in_a_power_cut(mutant, tell):
    needs.mounts()
    found = cut((mutant,), rounds=2)
    tell(_line(f"F4 power loss, {mutant}", found))

    assert found["rows"] + found["blobs"] > 0


def _trace(tmp_path, mutants: tuple[str, ...], number: int) -> list[list[str]]:
    """Hand in one after the other; for each receipt, what had not happened before it was sent."""
    needs.program("strace", "strace")
    school, record = School(1), tmp_path / "calls"
    before = system_calls.under_strace(record)
    with serving(tmp_path / "state", school.hub, before=before, mutants=mutants) as service:
        school.release(service)
        answers = [submit(service, school.tokens["student-0"], work_of(3000, n)) for n in range(number)]
        service.stop()
    receipts = [read(Receipt, answer.body) for answer in answers]
    calls = system_calls.calls(record)
    return [system_calls.missing_before_receipt(calls, receipt.sha256, receipt.id) for receipt in receipts]


def test_no_receipt_is_sent_before_file_name_folder_and_row_are_synced(tmp_path, tell):
    faults = _trace(tmp_path, (), 200)
    tell(f"F5 order of system calls: acknowledged {len(faults)}, too early {sum(map(bool, faults))}")

    assert faults == [[]] * 200


@pytest.mark.parametrize(
    ("mutant", "fault"),
    [
        ("no-fsync", "fsync of the file"),
        ("no-folder-fsync", "fsync of the folder"),
        ("wal-normal", "fdatasync of the WAL"),
        ("receipt-first", "the row"),
    ],
)
def test_the_order_test_finds_each_broken_write_path(tmp_path, mutant, fault, tell):
    faults = _trace(tmp_path, (mutant,), 5)
    tell(f"F4 order of system calls, {mutant}: {faults[0]}")

    assert all(fault in found for found in faults)
