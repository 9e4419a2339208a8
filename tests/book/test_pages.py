"""The built pages: every link leads somewhere, no other host is asked, answers are folded."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup

from book.notebooks import is_notebook, read_notebook, read_toc

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def pages(book: Path) -> dict[Path, BeautifulSoup]:
    """Every page of the book but the redirect at its root, parsed."""
    found = {
        path: BeautifulSoup(path.read_text("utf-8"), "html.parser")
        for path in sorted(book.rglob("*.html"))
        if "_static" not in path.parts and path != book / "index.html"
    }
    assert len(found) >= 8
    return found


def anchors(page: BeautifulSoup) -> set[str]:
    return {tag["id"] for tag in page.find_all(id=True)} | {
        tag["name"] for tag in page.find_all("a", attrs={"name": True})
    }


def test_every_internal_link_and_anchor_resolves(
    book: Path, pages: dict[Path, BeautifulSoup]
) -> None:
    known = {path: anchors(page) for path, page in pages.items()}
    broken = []
    for path, page in pages.items():
        for link in page.find_all("a", href=True):
            url = urlsplit(link["href"])
            if url.scheme or url.netloc:
                continue
            target = (path.parent / unquote(url.path)).resolve() if url.path else path
            if target.is_relative_to(book / "lite"):
                continue  # the browser edition is built and tested apart
            fragment = unquote(url.fragment)
            if not target.exists():
                broken.append(f"{path.name}: {link['href']}")
            elif fragment and target in known and fragment not in known[target]:
                broken.append(f"{path.name}: {link['href']} (no such anchor)")
    assert not broken, "\n".join(broken)


def test_the_root_leads_to_the_welcome_page(book: Path) -> None:
    assert "chapters/index.html" in (book / "index.html").read_text("utf-8")


def test_no_page_asks_another_host(pages: dict[Path, BeautifulSoup]) -> None:
    for path, page in pages.items():
        asked = [tag["src"] for tag in page.find_all(src=True)]
        asked += [
            tag["href"] for tag in page.find_all("link", href=True) if tag["rel"] != ["canonical"]
        ]
        foreign = [address for address in asked if urlsplit(address).netloc]
        assert not foreign, f"{path.name}: {foreign}"


def test_every_image_has_a_text_alternative(pages: dict[Path, BeautifulSoup]) -> None:
    for path, page in pages.items():
        for image in page.select("article img"):
            assert image.get("alt", "").strip(), f"{path.name}: {image.get('src')}"


def test_every_table_says_what_its_columns_and_rows_are(pages: dict[Path, BeautifulSoup]) -> None:
    for path, page in pages.items():
        for table in page.select("article table"):
            assert table.find("th"), path.name
            for header in table.find_all("th"):
                assert header.get_text().strip(), f"{path.name}: an empty header"


def test_every_notebook_is_in_the_book(book: Path) -> None:
    for folder in ("chapters", "exercises", "solutions"):
        for notebook in (ROOT / folder).rglob("*.ipynb"):
            page = book / notebook.relative_to(ROOT).with_suffix(".html")
            assert page.exists(), f"{notebook.relative_to(ROOT)} is not in _toc.yml"


def test_every_notebook_that_runs_in_the_browser_has_a_button(
    pages: dict[Path, BeautifulSoup], book: Path
) -> None:
    for name in filter(is_notebook, read_toc()):
        page = pages[book / f"{name}.html"]
        button = page.select_one(".page-bar a.run-here")
        if read_notebook(name).browser:
            assert button is not None, name
            assert str(button["href"]).endswith(f"lite/lab/index.html?path={name}.ipynb")
        else:
            assert button is None, name
            assert "on your machine only" in page.select(".page-bar")[0].get_text(), name


def test_pages_say_how_long_they_take(pages: dict[Path, BeautifulSoup], book: Path) -> None:
    for name in read_toc()[1:]:
        bar = pages[book / f"{name}.html"].select_one(".page-bar")
        assert bar is not None, name
        assert re.search(r"\d+ min to (work through|read)", bar.get_text()), name


def test_every_page_has_neighbours_and_a_description(
    pages: dict[Path, BeautifulSoup], book: Path
) -> None:
    names = read_toc()
    for place, name in enumerate(names):
        page = pages[book / f"{name}.html"]
        assert (page.select_one("a.left-prev") is None) == (place == 0), name
        assert (page.select_one("a.right-next") is None) == (place == len(names) - 1), name
        description = page.find("meta", attrs={"name": "description"})
        assert description is not None, name


def test_a_page_has_links_to_its_sources_only_where_the_repository_is_known(
    pages: dict[Path, BeautifulSoup],
) -> None:
    known = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["repository"]["url"]
    for path, page in pages.items():
        found = page.select_one(".page-ways a[href*='/edit/']")
        assert found is None or known, path.name


def test_without_scripts_a_page_says_where_its_questions_are(
    pages: dict[Path, BeautifulSoup], book: Path
) -> None:
    for name in read_toc():
        if name.startswith("chapters/") and is_notebook(name):
            texts = [tag.get_text() for tag in pages[book / f"{name}.html"].select("noscript")]
            assert any("need JavaScript" in text for text in texts), name


def test_worked_answers_are_folded(book: Path) -> None:
    for page in (book / "solutions").rglob("*.html"):
        soup = BeautifulSoup(page.read_text("utf-8"), "html.parser")
        cells = soup.select("div.cell:has(div.cell_input)")
        answers = [cell for cell in cells if "### BEGIN SOLUTION" in cell.get_text()]
        assert answers, page.name
        for cell in answers:
            fold = cell.find("details")
            assert fold is not None, page.name
            assert not fold.has_attr("open")


def test_hidden_checks_are_not_published(book: Path) -> None:
    for page in (book / "solutions").rglob("*.html"):
        assert "BEGIN HIDDEN TESTS" not in page.read_text("utf-8")


def test_exercises_show_no_answer(book: Path) -> None:
    for page in (book / "exercises").rglob("*.html"):
        text = page.read_text("utf-8")
        assert "BEGIN SOLUTION" not in text
        assert "NotImplementedError" in text


def test_outputs_are_on_the_chapter_pages(book: Path) -> None:
    for page in (book / "chapters").rglob("0*.html"):
        assert BeautifulSoup(page.read_text("utf-8"), "html.parser").select("div.cell_output")


def test_contract_failures_point_to_headings_that_exist(
    book: Path, pages: dict[Path, BeautifulSoup]
) -> None:
    from mixtape.contract.where import PAGES

    for place in PAGES.values():
        page, _, anchor = place.partition("#")
        assert anchor in anchors(pages[(book / page).with_suffix(".html")]), place


def test_the_toc_names_only_files_that_exist() -> None:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    named = [toc["root"]]
    for part in toc["parts"]:
        for chapter in part["chapters"]:
            named += [
                chapter["file"],
                *(section["file"] for section in chapter.get("sections", [])),
            ]
    for file in named:
        assert (ROOT / f"{file}.md").exists() or (ROOT / f"{file}.ipynb").exists(), file
