"""Files of predictions are hostile bytes: every kind of fault at once, rows by their id, nothing by position."""

from __future__ import annotations

import io
import time

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitgoeul.errors import AnswerError
from bitgoeul.hackathon.cells import Wanted
from bitgoeul.hackathon.files import index_of, read

IDS = ("a", "b", "c", "가나")
NUMBERS = Wanted("id", ("y",), "number", index_of(IDS))
LABELS = Wanted("id", ("y",), "label", index_of(IDS), classes=("0", "1"))
CHANCES = Wanted("id", ("p0", "p1"), "probability", index_of(IDS), classes=("0", "1"))
GOOD = "id,y\na,1\nb,2\nc,3\n가나,4\n"


def faults(data, wanted=NUMBERS):
    data = data if isinstance(data, bytes) else data.encode()
    with pytest.raises(AnswerError) as caught:
        read(data, wanted)
    return {fault.code: fault for fault in caught.value.faults}


def parquet(table):
    kept = io.BytesIO()
    pq.write_table(pa.table(table), kept)
    return kept.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        "y,id\n4,가나\n3,c\n1,a\n2,b\n",
        'id,y\n"a",1e0\nb,+2\n\nc,3.\n가나,4.0',
    ],
    ids=["plain", "with a mark", "from Windows", "in another order", "oddly written"],
)
def test_what_is_right_is_read_by_id(text):
    (found,) = read(text.encode(), NUMBERS)

    assert found.tolist() == [1.0, 2.0, 3.0, 4.0]


@given(st.permutations(range(50)), st.lists(st.floats(-1e100, 1e100), min_size=50, max_size=50))
@settings(max_examples=40, deadline=None)
def test_row_order_never_matters(order, values):
    wanted = Wanted("id", ("y",), "number", index_of([f"r{n}" for n in range(50)]))
    text = "id,y\n" + "".join(f"r{n},{values[n]!r}\n" for n in order)

    (found,) = read(text.encode(), wanted)

    assert found.tolist() == values


def test_every_kind_of_fault_is_told_at_once_with_counts_lines_and_ids():
    found = faults("id,y,more\na,,1\na,nan,1\nzz,inf,1\nb,x,1\nb,1,1\nb,1_0,1\n")

    assert set(found) == {
        *("extra-column", "duplicate-id", "unknown-id", "missing-id"),
        *("empty:y", "nan:y", "infinite:y", "not-a-number:y"),
    }
    assert found["duplicate-id"].count == 3
    assert found["duplicate-id"].places == ((3, "a"), (6, "b"), (7, "b"))
    assert found["unknown-id"].places == ((4, "zz"),)
    assert [name for _, name in found["missing-id"].places] == ["c", "가나"]
    assert found["not-a-number:y"].places == ((5, "b"), (7, "b"))


def test_only_five_places_are_shown_and_all_are_counted():
    found = faults("id,y\n" + "".join(f"x{n},1\n" for n in range(90)))["unknown-id"]

    assert found.count == 90
    assert found.places == tuple((n + 2, f"x{n}") for n in range(5))


def test_lines_are_right_behind_a_cell_that_spans_several():
    found = faults('id,y\n"a\nb",1\n\nb,x\n')

    assert found["unknown-id"].places[0][0] == 2
    assert found["not-a-number:y"].places == ((5, "b"),)


def test_a_doubled_id_and_a_missing_one_are_no_right_file():
    """A length check alone would let this through."""
    assert set(faults("id,y\na,1\nb,2\nc,3\nc,4\n")) == {"duplicate-id", "missing-id"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\xff\xfei\x00d\x00", "not-utf8"),
        ("id,y\n가,1\n".encode("cp949"), "not-utf8"),
        (b"id,y\na,1\0\n", "nul"),
        (b'id,y\n"a,1\n', "bad-csv"),
        (b"id,y\n" + b"a" * 200_000 + b",1\n", "bad-csv"),
        (b"id;y\na;1\n", "missing-column"),
        (b"id,y,y\na,1,1\n", "doubled-column"),
        (b"ID,y\na,1\n", "missing-column"),
        (b"id,y\na,1,2\nb\n", "row-width"),
        (b"id,y\n" + b"a,1\n" * 2000, "too-many-rows"),
        (b"id,y\n" + b"1" * 60_000_000, "too-large"),
        (b"PAR1 this is none PAR1", "bad-parquet"),
        (b"id,y\n" + b"a,1e999\n", "infinite:y"),
        (b"id,y\n" + b"a,1e200\n", "infinite:y"),
        ("id,y\na,１\n".encode(), "not-a-number:y"),
        (b"id,y\na,0x10\n", "not-a-number:y"),
        (b"id,y\na,True\n", "not-a-number:y"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_bytes(data, code):
    assert code in faults(data)


def test_both_languages_say_what_to_do():
    found = faults("id;y\na;1\n")["missing-column"].text

    assert "쉼표" in found.ko
    assert "commas" in found.en


def test_labels():
    assert read(b"id,y\na,1\nb,0\nc, 1\n\xea\xb0\x80\xeb\x82\x98,0\n", LABELS)[0].tolist() == [1, 0, 1, 0]
    assert set(faults("id,y\na,2\nb,\nc,1.0\n가나,1\n", LABELS)) == {"unknown-label:y", "empty:y"}


def test_probabilities():
    (found,) = read("id,p0,p1\na,1,0\nb,.5,.5\nc,0.25,0.75\n가나,0,1\n".encode(), CHANCES)
    assert found.shape == (4, 2)

    bad = faults("id,p0,p1\na,1,0.1\nb,1.5,-0.5\nc,0.25,0.75\n가나,0,1\n", CHANCES)
    assert set(bad) == {"not-a-probability:p0", "not-a-probability:p1"}
    assert faults("id,p0,p1\na,1,0.1\nb,1,0\nc,0,1\n가나,0,1\n", CHANCES)["row-sum"].places == ((2, "a"),)


def test_the_least_value():
    wanted = Wanted("id", ("y",), "number", index_of(IDS), least=0.0)

    assert faults("id,y\na,-1\nb,0\nc,x\n가나,1\n", wanted)["too-low:y"].places == ((2, "a"),)


def test_masks_and_texts():
    masks = Wanted("id", ("y",), "mask", index_of(["a", "b"]))
    assert read(b"id,y\na,1 3 5 2\nb,\n", masks)[0].tolist() == ["1 3 5 2", ""]
    assert faults("id,y\na,1 3 2 2\nb,\n", masks)["bad-mask:y"].count == 1

    texts = Wanted("id", ("y",), "text", index_of(["a"]), longest_cell=5)
    assert read(b'id,y\na,"1,2\n3"\n', texts)[0].tolist() == ["1,2\n3"]
    assert "too-long:y" in faults("id,y\na,123456\n", texts)


def test_parquet_is_read_as_csv_is():
    table = pd.DataFrame({"y": [0.1 + 0.2, 1e-300, 2.0, 1 / 3], "id": ["가나", "b", "c", "a"]})
    (found,) = read(parquet(table), NUMBERS)

    assert found.tolist() == [1 / 3, 1e-300, 2.0, 0.1 + 0.2]


def test_parquet_of_other_types():
    ids = pa.array(IDS).dictionary_encode()
    assert read(parquet({"id": ids, "y": pa.array([1, 2, 3, 4], pa.int8())}), NUMBERS)[0].tolist() == [1, 2, 3, 4]
    assert "empty:y" in faults(parquet({"id": list(IDS), "y": [1.0, None, 2.0, 3.0]}))
    assert "nan:y" in faults(parquet({"id": list(IDS), "y": [1.0, float("nan"), 2.0, 3.0]}))
    assert "parquet-nested" in faults(parquet({"id": list(IDS), "y": [[1.0]] * 4}))
    assert "parquet-nested" in faults(parquet({"id": list(IDS), "y": pd.to_datetime(["2026-01-01"] * 4)}))
    assert "parquet-columns" in faults(parquet({f"c{n}": [1] for n in range(80)}))
    assert "parquet-rows" in faults(parquet({"id": ["a"] * 5000, "y": [1] * 5000}))


def test_a_parquet_bomb_ends_only_its_own_process():
    bomb = parquet({"id": ["a"] * 300, "y": ["0" * 1_000_000] * 300})  # 300 megabytes in a few kilobytes
    assert len(bomb) < 3_000_000
    began = time.monotonic()

    found = faults(bomb)

    assert set(found) & {"too-large", "bad-parquet"}
    assert time.monotonic() - began < 20


def test_damaged_parquet_is_a_fault_wherever_it_is_damaged():
    good = parquet({"id": list(IDS), "y": [1.0, 2.0, 3.0, 4.0]})
    rng = np.random.default_rng(1)
    for _ in range(6):
        at = int(rng.integers(4, len(good)))
        damaged = good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :]
        try:
            read(damaged, NUMBERS)
        except AnswerError:
            continue


@given(st.binary(max_size=200) | st.text('id,y\n"ab1.-e ;\r', max_size=60).map(str.encode))
@settings(max_examples=300, deadline=None)
def test_whatever_comes_is_read_or_told(data):
    try:
        (found,) = read(b"x" + data if data.startswith(b"PAR1") else data, NUMBERS)
    except AnswerError:
        return
    assert np.isfinite(found).all()
