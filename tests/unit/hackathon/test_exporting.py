"""A published result as a table: from the snapshot only, and nothing in it runs in a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook

from bitgoeul.errors import NotFound
from bitgoeul.hackathon.exporting import as_csv, as_xlsx, rows_of, snapshot_of
from tests.unit.hackathon.conftest import BOSS, END

FORMULA = '=HYPERLINK("http://x")'


@pytest.fixture
def published(world):
    world.open()
    world.team("minji", "jun", name=FORMULA)
    world.team("suji", name="빛고을")
    world.submit("minji", world.file(0.1))
    world.submit("suji", world.file(0.3))
    world.at = END
    world.organising.publish(BOSS, "small")
    return world


def table(world, language="ko"):
    with world.hackathon.database.reading() as connection:
        return rows_of(snapshot_of(connection, "small"), language)


def test_before_publication_there_is_nothing_to_export(world):
    world.open()
    with pytest.raises(NotFound, match="No result is published"):
        table(world)


def test_the_table_has_ranks_scores_as_numbers_and_the_baselines_without_a_rank(published):
    head, first, second, baseline = table(published, "en")

    assert head[:4] == ["Rank", "Team", "Score", "Submissions"]
    assert first[:2] == [1, FORMULA]
    assert isinstance(first[2], float)
    assert second[:2] == [2, "빛고을"]
    assert baseline[0] is None


def test_a_later_disqualification_does_not_reach_the_table_until_it_is_published(published):
    before = table(published)
    published.organising.flag(BOSS, "small", flag="disqualified", raised=True, reason="two accounts", team="빛고을")
    assert table(published) == before
    published.organising.publish(BOSS, "small")

    assert "빛고을" not in [row[1] for row in table(published)]
    with published.hackathon.database.reading() as connection:
        assert rows_of(snapshot_of(connection, "small", 1)) == before


def test_a_name_that_is_a_formula_is_text_in_both_kinds_of_file(published):
    rows = table(published)
    read = list(csv.reader(io.StringIO(as_csv(rows).decode("utf-8-sig"))))
    sheet = load_workbook(io.BytesIO(as_xlsx(rows, title="small"))).active

    assert read[1][1] == f"'{FORMULA}"
    assert (sheet["B2"].value, sheet["B2"].data_type) == (f"'{FORMULA}", "s")
