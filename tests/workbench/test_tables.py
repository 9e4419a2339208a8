import pytest
from bs4 import BeautifulSoup

from workbench import table

ROWS = {"flask": {"statements": 5, "where": "<app>"}, "django": {"statements": 12}}


def test_text_has_its_columns_one_below_another() -> None:
    assert repr(table(ROWS)).splitlines() == [
        "        statements  where",
        "flask   5           <app>",
        "django  12",
    ]


def test_html_has_headers_for_rows_and_columns() -> None:
    page = BeautifulSoup(table(ROWS)._repr_html_(), "html.parser")
    assert [head.text for head in page.select('thead th[scope="col"]')] == ["statements", "where"]
    assert [head.text for head in page.select('tbody th[scope="row"]')] == ["flask", "django"]
    assert [cell.text for cell in page.select("tbody td")] == ["5", "<app>", "12", ""]


def test_a_table_needs_a_row() -> None:
    with pytest.raises(ValueError, match="at least one row"):
        table({})
