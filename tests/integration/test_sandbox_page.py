"""The page of the sandbox, in a real Chromium."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from kombo_async.sandbox import Fault, SandboxConfig, SandboxThread

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def ask(sandbox: SandboxThread, path: str = "/check-api-key") -> Any:
    """Send a request to the API of *sandbox*; return what is answered."""
    headers = {"Authorization": f"Bearer {sandbox.api_key}", "X-Integration-Id": sandbox.integration_id}
    try:
        with urlopen(Request(sandbox.base_url + path, headers=headers), timeout=20) as response:
            return json.load(response)
    except HTTPError as error:
        with error:
            return json.load(error)


def ask_and_ignore(sandbox: SandboxThread) -> None:
    """Send a request whose response is no JSON."""
    with suppress(HTTPError):
        urlopen(f"{sandbox.base_url}/check-api-key", timeout=20).close()


def page_url(sandbox: SandboxThread) -> str:
    return sandbox.base_url.replace("/v1", "/_sandbox/")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on the PATH")
    with playwright.sync_playwright() as running:
        # A sandbox of the operating system is not available to root, as whom containers run.
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def sandbox(browser: Any) -> Iterator[SandboxThread]:
    with SandboxThread(SandboxConfig(employees=30, sync_seconds=60)) as running:
        yield running


@pytest.fixture
def page(browser: Any, sandbox: SandboxThread) -> Iterator[Any]:
    """An open page. It may load nothing from elsewhere, and write nothing to the console."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    complaints: list[str] = []
    # Chromium itself writes a line for each response of 400 or more.
    opened.on(
        "console",
        lambda message: None if message.text.startswith("Failed to load") else complaints.append(message.text),
    )
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    origins: set[str] = set()
    opened.on("request", lambda request: origins.add(request.url.split("/_sandbox/")[0]))
    opened.goto(page_url(sandbox))
    opened.wait_for_selector("#connection[data-state=live]")
    yield opened
    context.close()
    assert complaints == []
    assert origins == {page_url(sandbox).split("/_sandbox/")[0]}


def wait_for_count(rows: Any, count: int) -> None:
    from playwright.sync_api import expect

    expect(rows).to_have_count(count, timeout=10_000)


def open_tab(page: Any, name: str) -> Any:
    """Open a view, and return it."""
    page.get_by_role("tab", name=name).click()
    return page.get_by_role("tabpanel", name=name)


def test_request_appears_at_once_and_shows_what_was_sent(page: Any, sandbox: SandboxThread) -> None:
    page.get_by_text("No requests yet").wait_for()
    ask(sandbox)
    page.locator(".requests .row", has_text="/check-api-key").click()
    details = page.get_by_role("complementary")
    assert "check_api_key" in details.inner_text()
    assert '"status": "success"' in details.inner_text()
    details.get_by_text("headers").first.click()
    assert sandbox.api_key not in details.inner_text()


def test_filters_apply_to_requests_that_were_and_that_come(page: Any, sandbox: SandboxThread) -> None:
    ask(sandbox)
    page.locator(".requests .row").wait_for()
    view = open_tab(page, "Requests")
    view.get_by_label("Status").select_option("4xx")
    page.get_by_text("No request matches").wait_for()

    ask(sandbox)
    ask(sandbox, "/nothing")
    page.locator(".requests .row", has_text="/nothing").wait_for()
    assert page.locator(".requests .row").count() == 1
    view.get_by_label("Status").select_option("")
    view.get_by_label("Path contains").fill("check")
    page.locator(".requests .row", has_text="/check-api-key").first.wait_for()
    wait_for_count(page.locator(".requests .row"), 2)


def test_record_is_edited_and_deleted(page: Any, sandbox: SandboxThread) -> None:
    open_tab(page, "Records")
    page.locator(".records .row").first.click()
    editor = page.get_by_label("Fields as JSON")
    before = editor.input_value()
    record_id = page.evaluate("text => JSON.parse(text).id", before)
    editor.fill("{oops")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").get_by_text("no JSON object").wait_for()
    editor.fill(page.evaluate("text => JSON.stringify({...JSON.parse(text), first_name: 'Zoë-Ωmega'})", before))
    page.get_by_role("button", name="Save").click()
    page.locator(".records .row", has_text="Zoë-Ωmega").wait_for()

    def read() -> Any:
        return ask(sandbox, f"/hris/employees?ids={record_id}&include_deleted=true")["data"]["results"][0]

    assert read()["first_name"] == "Zoë-Ωmega"
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("complementary").get_by_text("deleted", exact=True).wait_for()
    assert read()["remote_deleted_at"] is not None


def test_fault_meets_the_next_request(page: Any, sandbox: SandboxThread) -> None:
    view = open_tab(page, "Faults")
    view.get_by_label("code").fill("PLATFORM.RATE_LIMIT_EXCEEDED")
    page.get_by_role("button", name="Add fault").click()
    page.get_by_text("1 left").wait_for()
    assert ask(sandbox)["error"]["code"] == "PLATFORM.RATE_LIMIT_EXCEEDED"
    page.get_by_text("No faults wait").wait_for()
    open_tab(page, "Requests")
    page.locator(".requests .row", has_text="PLATFORM.RATE_LIMIT_EXCEEDED").wait_for()


def test_refused_input_names_the_place_of_the_mistake(page: Any) -> None:
    view = open_tab(page, "Faults")
    view.get_by_label("The next requests meet").select_option("error")
    view.get_by_label("status").fill("99")
    page.get_by_role("button", name="Add fault").click()
    page.get_by_role("alert").get_by_text("$.fault.status").wait_for()


def test_integration_changes_and_syncs(page: Any, sandbox: SandboxThread) -> None:
    open_tab(page, "Integrations")
    page.locator(".integrations .row").first.click()
    integrations = len(sandbox.integration_ids)
    page.get_by_role("complementary").get_by_label("Status").select_option("INVALID")
    page.locator(".integrations .row", has_text="INVALID").wait_for()
    page.get_by_label("hris_employees is on").uncheck()
    page.get_by_text("Switched off").wait_for()
    page.get_by_role("button", name="Sync", exact=True).click()
    page.get_by_text("FULL sync started").wait_for()
    page.get_by_role("button", name="Connect").click()
    wait_for_count(page.locator(".integrations .row"), integrations + 1)


def test_event_is_delivered_and_its_answer_shown(page: Any, sandbox: SandboxThread) -> None:
    # The sandbox itself is a receiver that answers every POST, with an error.
    view = open_tab(page, "Webhooks")
    view.get_by_label("Deliver to").fill(sandbox.base_url.replace("/v1", "/_sandbox/nowhere"))
    page.get_by_role("button", name="Add receiver").click()
    page.locator(".receivers .path", has_text="nowhere").wait_for()
    view.get_by_label("Event").select_option("integration-created")
    page.get_by_role("button", name="Send", exact=True).click()
    row = page.locator(".deliveries .row", has_text="integration-created")
    row.wait_for(timeout=40_000)
    row.click()
    details = page.get_by_role("complementary")
    assert "404" in details.inner_text()
    assert '"integration-created"' in details.inner_text()


def test_everything_is_reached_by_keyboard(page: Any, sandbox: SandboxThread) -> None:
    for _ in range(2):
        ask(sandbox)
    wait_for_count(page.locator(".requests .row"), 2)
    page.get_by_role("tab", name="Requests").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("tab", name="Integrations", selected=True).wait_for()
    page.keyboard.press("Home")
    page.get_by_role("tab", name="Requests", selected=True).wait_for()
    page.locator(".requests .row").first.focus()
    page.keyboard.press("ArrowDown")
    second = page.evaluate("document.activeElement.dataset.key")
    page.keyboard.press("Enter")
    page.locator("#details-title:focus").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("complementary").wait_for(state="hidden")
    page.locator(f".requests .row[data-key='{second}']:focus").wait_for()


def test_tab_reaches_a_list_once_and_the_focus_outlives_a_redraw(page: Any, sandbox: SandboxThread) -> None:
    for _ in range(3):
        ask(sandbox)
    wait_for_count(page.locator(".requests .row"), 3)
    wait_for_count(page.locator(".requests .row[tabindex='0']"), 1)
    page.locator(".requests .row").nth(1).focus()
    focused = page.evaluate("document.activeElement.dataset.key")
    sandbox.faults.add(Fault.empty())
    ask_and_ignore(sandbox)
    wait_for_count(page.locator(".requests .row"), 4)
    assert page.evaluate("document.activeElement.dataset.key") == focused
    wait_for_count(page.locator(".requests .row[tabindex='0']"), 1)
    open_tab(page, "Integrations")
    page.locator(".integrations .row").first.click()
    page.get_by_label("hris_teams is on").focus()
    page.keyboard.press("Space")
    page.get_by_text("Switched off").wait_for()
    page.locator("[aria-label='hris_teams is on']:not(:checked):focus").wait_for()


def test_edited_record_is_not_lost_by_closing_or_choosing_another(page: Any) -> None:
    # Playwright dismisses the question, as Cancel does.
    open_tab(page, "Records")
    page.locator(".records .row").first.click()
    editor = page.get_by_label("Fields as JSON")
    editor.fill('{"first_name": "half')
    page.keyboard.press("Escape")
    page.locator(".records .row").nth(1).click()
    page.wait_for_timeout(200)
    assert editor.input_value() == '{"first_name": "half'
    page.once("dialog", lambda dialog: dialog.accept())
    editor.press("Escape")
    editor.wait_for(state="hidden")


def test_field_taken_out_of_a_record_becomes_null(page: Any, sandbox: SandboxThread) -> None:
    sandbox.put("hris_employees", {"id": "ada", "first_name": "Ada", "last_name": "Byron"})
    open_tab(page, "Records").get_by_label("Contains").fill("Byron")
    page.locator(".records .row", has_text="Ada Byron").click()
    page.get_by_label("Fields as JSON").fill('{"id": "ada", "first_name": "Ada"}')
    page.get_by_role("button", name="Save").click()
    page.get_by_role("complementary").get_by_role("heading", name="Ada", exact=True).wait_for()
    ada = next(each for each in sandbox.records("hris_employees") if each["id"] == "ada")
    assert (ada["first_name"], ada["last_name"]) == ("Ada", None)


def test_numbers_are_shown_as_they_were_sent(page: Any, sandbox: SandboxThread) -> None:
    sandbox.faults.add(Fault.raw(b'{"big":12345678901234567890,"rest":[1.10,{}]}'))
    ask(sandbox)
    page.locator(".requests .row").click()
    shown = page.locator("#details pre").last
    assert shown.inner_text() == ('{\n  "big": 12345678901234567890,\n  "rest": [\n    1.10,\n    {}\n  ]\n}')


def test_sync_is_shown_until_it_ends(page: Any, sandbox: SandboxThread) -> None:
    sandbox.start_sync()
    running = open_tab(page, "Integrations").locator(".row", has_text="FULL sync")
    running.wait_for()
    sandbox.clock.advance(timedelta(hours=1))
    running.wait_for(state="hidden")


def test_scripts_cannot_make_markup_of_texts(browser: Any, sandbox: SandboxThread) -> None:
    from playwright.sync_api import Error

    page = browser.new_page()
    page.goto(page_url(sandbox))
    with pytest.raises(Error, match="TrustedHTML"):
        page.evaluate("document.body.innerHTML = '<b>x</b>'")
    page.close()


def test_address_with_a_broken_escape_shows_the_requests(page: Any) -> None:
    page.goto(page.url.partition("#")[0] + "#%")
    page.get_by_role("tab", name="Requests", selected=True).wait_for()


def test_markup_in_values_is_shown_as_text(page: Any, sandbox: SandboxThread) -> None:
    hostile = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    sandbox.put("hris_employees", {"id": "hostile", "first_name": hostile})
    open_tab(page, "Records").get_by_label("Contains").fill("onerror")
    page.locator(".records .row", has_text="onerror").click()
    assert "onerror" in page.get_by_role("complementary").inner_text()
    assert page.title() == "Kombo sandbox"
    assert page.locator("main img, main script").count() == 0


def test_page_says_that_the_sandbox_went_away_and_comes_back(browser: Any) -> None:
    page = browser.new_page()
    with SandboxThread(SandboxConfig(employees=1)) as first:
        port = int(first.base_url.rpartition(":")[2].removesuffix("/v1"))
        page.goto(page_url(first))
        page.wait_for_selector("#connection[data-state=live]")
    page.get_by_text("The sandbox does not answer").wait_for()
    with SandboxThread(SandboxConfig(employees=1), port=port):
        page.wait_for_selector("#connection[data-state=live]")
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_phone_shows_all_views_without_scrolling_sideways(browser: Any, sandbox: SandboxThread, scheme: str) -> None:
    ask(sandbox)
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    page = context.new_page()
    page.goto(page_url(sandbox))
    page.locator(".requests .row").wait_for()
    for name in ("Requests", "Integrations", "Records", "Faults", "Webhooks"):
        page.get_by_role("tab", name=name).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    brightness = sum(map(int, background.removeprefix("rgb(").removesuffix(")").split(",")))
    assert (brightness < 200) == (scheme == "dark")
    context.close()
