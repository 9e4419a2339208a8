"""The pages in Chromium, with every other host out of reach, below a sub-path."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, Route, expect

from book.notebooks import is_notebook, read_toc

LANDING = "chapters/index.html"
CHAPTER = "chapters/02_advantages/01_flask.html"
EXERCISE = "exercises/02_advantages/01_flask.html"
TABS = (
    "chapters/01_role/02_syntax_and_ecosystem.html",
    "chapters/02_advantages/04_one_contract.html",
)
# A page of each kind. Pages that need JavaScript for their text are none of the book's.
PAGES = (
    LANDING,
    "chapters/01_role/index.html",
    CHAPTER,
    TABS[1],
    EXERCISE,
    "solutions/01_role/01_what_a_backend_does.html",
    "chapters/setup.html",
    "chapters/instructors.html",
    "chapters/notebooks.html",
    "search.html",
    "404.html",
)
# axe needs seconds for a long page, so that it looks at one of each kind.
LOOKED_AT = (
    LANDING,
    CHAPTER,
    EXERCISE,
    "chapters/setup.html",
    "chapters/instructors.html",
    "chapters/notebooks.html",
    "search.html",
    "404.html",
)
WEIGHT = 120 * 1024  # bytes, as they travel
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}


class Visit:
    """A browser window that notes what should not happen."""

    def __init__(self, page: Page, host: str) -> None:
        self.page = page
        self.foreign: list[str] = []
        self.errors: list[str] = []
        self._host = host
        page.route("**/*", self._guard)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("requestfailed", self._note_failure)
        page.on("console", self._note)
        page.on("response", self._note_status)

    def _guard(self, route: Route, request: Request) -> None:
        if urlsplit(request.url).netloc in ("", self._host):
            route.continue_()
        else:
            self.foreign.append(request.url)
            route.abort()

    def _note_failure(self, request: Request) -> None:
        # What a page still wants when its reader goes on to the next is given up.
        if request.failure != "net::ERR_ABORTED":
            self.errors.append(f"failed: {request.url}")

    def _note(self, message: object) -> None:
        if getattr(message, "type", "") in ("error", "warning"):
            self.errors.append(getattr(message, "text", ""))

    def _note_status(self, response: object) -> None:
        status, url = getattr(response, "status", 0), getattr(response, "url", "")
        if status >= 400 and not url.endswith("/no-such-page.html"):
            self.errors.append(f"{status}: {url}")

    def assert_clean(self) -> None:
        assert not self.foreign
        assert not self.errors


@contextmanager
def visiting(browser: Browser, address: str, **settings: object) -> Iterator[Visit]:
    context = browser.new_context(**settings)  # type: ignore[arg-type]
    try:
        yield Visit(context.new_page(), urlsplit(address).netloc)
    finally:
        context.close()


def scroll_through(page: Page) -> None:
    """Let everything load that loads when it comes near."""
    page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_no_other_host_and_has_no_errors(
    browser: Browser, address: str, name: str, script: bool
) -> None:
    with visiting(browser, address, java_script_enabled=script) as visit:
        visit.page.goto(address + name)
        if script:
            scroll_through(visit.page)
        expect(visit.page.locator("h1:visible")).to_have_count(1)
        visit.assert_clean()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", LOOKED_AT)
def test_axe_finds_nothing(browser: Browser, address: str, name: str, theme: str) -> None:
    with visiting(browser, address, color_scheme=theme, viewport=DESKTOP) as visit:
        visit.page.goto(address + name)
        expect(visit.page.locator("html")).to_have_attribute("data-theme", theme)
        found = Axe().run(visit.page)
        assert found.violations_count == 0, found.generate_report()


def test_axe_finds_nothing_on_a_phone(browser: Browser, address: str) -> None:
    with visiting(browser, address, viewport=PHONE) as visit:
        for name in (LANDING, EXERCISE):
            visit.page.goto(address + name)
            found = Axe().run(visit.page)
            assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", [LANDING, *(f"{n}.html" for n in read_toc() if is_notebook(n))])
def test_a_page_is_light(browser: Browser, address: str, name: str) -> None:
    with visiting(browser, address, viewport=PHONE) as visit:
        session = visit.page.context.new_cdp_session(visit.page)
        session.send("Network.enable")
        sizes: list[float] = []
        session.on(
            "Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"])
        )
        visit.page.goto(address + name, wait_until="networkidle")
        assert len(sizes) > 3
        assert sum(sizes) <= WEIGHT, f"{sum(sizes) / 1024:.0f} KiB"


def test_the_search_finds_a_term(browser: Browser, address: str) -> None:
    with visiting(browser, address, viewport=DESKTOP) as visit:
        visit.page.goto(address + CHAPTER)
        visit.page.keyboard.press("Control+k")
        field = visit.page.locator("#pst-search-dialog input[type=search]")
        expect(field).to_be_focused()
        field.fill("idempotent")
        field.press("Enter")
        results = visit.page.locator("#search-results ul.search a")
        expect(results.filter(has_text="Glossary").first).to_be_visible()
        visit.assert_clean()
        results.filter(has_text="Glossary").first.click()
        expect(visit.page.locator("article h1")).to_contain_text("Glossary")
        visit.assert_clean()


def test_tabs_stay_in_sync_on_a_page_and_across_pages(browser: Browser, address: str) -> None:
    with visiting(browser, address, viewport=DESKTOP) as visit:
        for name in (*TABS, TABS[0]):
            visit.page.goto(address + name)
            labels = visit.page.locator('.sd-tab-label[data-sync-id="django"]')
            assert labels.count() >= 2
            if name == TABS[0] and visit.page.evaluate("sessionStorage.length") == 0:
                labels.first.click()
            chosen = visit.page.locator('.sd-tab-set input:checked + [data-sync-id="django"]')
            expect(chosen).to_have_count(labels.count())
        visit.assert_clean()


def test_the_theme_can_be_switched_with_the_keyboard_and_stays(
    browser: Browser, address: str
) -> None:
    with visiting(browser, address, viewport=DESKTOP, color_scheme="light") as visit:
        visit.page.goto(address + CHAPTER)
        html = visit.page.locator("html")
        ground = "getComputedStyle(document.body).backgroundColor"
        bright = visit.page.evaluate(ground)
        for _ in range(3):  # light, dark, as the system says
            if html.get_attribute("data-theme") == "dark":
                break
            visit.page.locator(".theme-switch-button").first.focus()
            visit.page.keyboard.press("Enter")
        expect(html).to_have_attribute("data-theme", "dark")
        assert visit.page.evaluate(ground) != bright
        visit.page.goto(address + LANDING)
        expect(html).to_have_attribute("data-theme", "dark")
        visit.assert_clean()


def test_code_can_be_copied(browser: Browser, address: str) -> None:
    with visiting(browser, address, viewport=DESKTOP) as visit:
        visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        visit.page.goto(address + "chapters/setup.html")
        visit.page.locator("button.copybtn").first.focus()
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_function("navigator.clipboard.readText().then(text => text.length > 0)")
        copied = visit.page.evaluate("navigator.clipboard.readText()")
        assert copied.strip() == "python3 course.py learn"
        visit.assert_clean()


def test_the_menu_of_a_phone_leads_to_a_chapter(browser: Browser, address: str) -> None:
    with visiting(browser, address, viewport=PHONE) as visit:
        visit.page.goto(address + LANDING)
        visit.page.locator(".primary-toggle:visible").first.focus()
        visit.page.keyboard.press("Enter")
        entry = visit.page.locator("#pst-primary-sidebar-modal a", has_text="Storing data")
        expect(entry).to_be_visible()
        entry.click()
        expect(visit.page.locator("article h1")).to_contain_text("Storing data")
        visit.page.wait_for_load_state("networkidle")
        width = "document.documentElement.scrollWidth <= window.innerWidth"
        assert visit.page.evaluate(width), "the page is wider than the phone"
        visit.assert_clean()


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_no_page_is_wider_than_the_window(browser: Browser, address: str, width: int) -> None:
    with visiting(browser, address, viewport={"width": width, "height": 900}) as visit:
        for name in PAGES:
            visit.page.goto(address + name)
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_the_keyboard_reaches_the_text_first(browser: Browser, address: str) -> None:
    with visiting(browser, address, viewport=DESKTOP) as visit:
        visit.page.goto(address + CHAPTER)
        visit.page.keyboard.press("Tab")
        expect(visit.page.locator("#pst-skip-link a")).to_be_focused()
        visit.page.keyboard.press("Enter")
        assert urlsplit(visit.page.url).fragment == "main-content"


@pytest.mark.parametrize("lost", ["no-such-page.html", "chapters/02_advantages/no-such-page.html"])
def test_the_page_for_lost_addresses_works_at_any_depth(
    browser: Browser, address: str, lost: str
) -> None:
    with visiting(browser, address, viewport=DESKTOP) as visit:
        response = visit.page.goto(address + lost)
        assert response is not None
        assert response.status == 404
        # Chromium itself notes that the page was not found.
        noted = [error for error in visit.errors if "404 (Not Found)" in error]
        assert visit.errors == noted
        assert len(noted) <= 1
        visit.errors.clear()
        expect(visit.page.locator("article h1")).to_have_text("This page is not here")
        ground = visit.page.evaluate("getComputedStyle(document.querySelector('.bd-main')).display")
        assert ground == "flex", "the style sheet did not arrive"
        visit.page.get_by_role("link", name="the first page", exact=True).click()
        expect(visit.page.locator("article h1")).to_contain_text("Is Python good")
        visit.assert_clean()


def test_a_reader_can_go_from_page_to_page(browser: Browser, address: str) -> None:
    with visiting(browser, address, viewport=DESKTOP) as visit:
        visit.page.goto(address + CHAPTER)
        visit.page.locator("a.right-next").click()
        expect(visit.page).to_have_url(re.compile(re.escape(EXERCISE)))
        visit.page.locator("a.left-prev").click()
        expect(visit.page).to_have_url(re.compile(re.escape(CHAPTER)))
        visit.assert_clean()


def test_the_button_opens_this_very_notebook(browser: Browser, address: str) -> None:
    with visiting(browser, address) as visit:
        for name in (CHAPTER, EXERCISE):
            visit.page.goto(address + name)
            button = visit.page.get_by_role("link", name="Run in the browser")
            target = visit.page.evaluate("element => element.href", button.element_handle())
            notebook = Path(name).with_suffix(".ipynb").as_posix()
            assert target == f"{address}lite/lab/index.html?path={notebook}"
