"""Exports open everywhere and run nowhere."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from bitgoeul.spreadsheets import as_csv, as_xlsx, neutral

HOSTILE = [
    '=HYPERLINK("http://x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\u3000=1",
    "＝1",
    "\u200b=1",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a30_a_student_named_like_a_formula_is_text_in_both_files(name):
    rows = [["user", "name"], ["minji", name]]
    in_csv = list(csv.reader(io.StringIO(as_csv(rows).decode("utf-8-sig"))))[1][1]
    cell = load_workbook(io.BytesIO(as_xlsx(rows, title="x"))).active["B2"]

    assert in_csv.startswith("'")
    assert cell.value.startswith("'")
    assert cell.data_type == "s"


def test_numbers_stay_numbers_even_negative_ones():
    rows = [["score"], [-0.5], [None]]
    sheet = load_workbook(io.BytesIO(as_xlsx(rows, title="x"))).active

    assert neutral(-0.5) == -0.5
    assert sheet["A2"].value == -0.5
    assert sheet["A3"].value is None


def test_korean_survives_excel():
    data = as_csv([["이름"], ["김민지"]])

    assert data.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(data.decode("utf-8-sig")))) == [["이름"], ["김민지"]]


@given(st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=2), min_size=1, max_size=5))
def test_no_text_in_an_export_starts_with_a_sign(rows):
    data = as_csv(rows).decode("utf-8-sig")
    sheet = load_workbook(io.BytesIO(as_xlsx(rows, title="x"))).active
    cells = [cell for row in csv.reader(io.StringIO(data, newline="")) for cell in row]
    cells += [cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None]

    assert not [cell for cell in cells if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_a_long_or_odd_course_title_makes_a_sheet():
    sheet = load_workbook(io.BytesIO(as_xlsx([["a"]], title="machine-learning"))).active

    assert sheet.title == "machine-learning"
