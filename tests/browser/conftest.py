"""What every browser test gets: the system's Chromium, a page that fails on console errors and on
requests to other hosts, axe.

A page that is meant to answer with an error status says so: ``@pytest.mark.answers(409)``.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Error, Page, Request
from pytest_django.live_server_helper import LiveServer
from tests.cast import Cast

from huitong.cli.doctor.machine import browser_for_tests

# the synchronous Playwright keeps an event loop running
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

AXE_OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
#: what depends on the width of the window
LAYOUT = {
    "runOnly": {"type": "rule", "values": ["target-size", "scrollable-region-focusable"]},
    "resultTypes": ["violations"],
}
#: what fades, or a pointer just left, has come to rest
SETTLED = "Promise.all(document.getAnimations().map((moving) => moving.finished.catch(() => 0)))"
#: axe reads the few colours of a page thousands of times, a quarter of its time: once is the same
READ_ONCE = """;
(() => {
  const color = axe.commons.color.Color.prototype, parse = color.parseString, read = new Map();
  color.parseString = function (text) {
    if (!read.has(text)) {
      parse.call(this, text);
      read.set(text, [this.r, this.g, this.b, this.alpha]);
    }
    [this.r, this.g, this.b, this.alpha] = read.get(text);
    return this;
  };
})()"""
#: what is said of a page that is on its way to another
LEAVING = ("documentElement", "Execution context was destroyed")
CHROMIUM = browser_for_tests()
MISSING = "Chromium is missing: apt-get install chromium-headless-shell fonts-noto-cjk"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "answers(*statuses): the page answers with these error statuses, the console may say so",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker("browser")
            if not CHROMIUM and not os.environ.get("CI"):
                item.add_marker(pytest.mark.skip(MISSING))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    assert CHROMIUM, MISSING
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--lang=zh-CN",
    ]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": flags}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    size = {"width": 1366, "height": 768}
    return {
        **browser_context_args,
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": size,
    }


@pytest.fixture
def page(page: Page, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Playwright's page, watched: what the console complains of and what leaves this host fails
    the test."""
    marker = request.node.get_closest_marker("answers")
    expected = [
        status if isinstance(status, str) else f"status of {status}"
        for status in (marker.args if marker else ())
    ]
    problems: list[str] = []
    watch(page, problems, expected)
    page.context.on("page", lambda opened: watch(opened, problems, expected))
    yield page
    assert not problems, "\n".join(problems)


def watch(page: Page, problems: list[str], expected: list[str]) -> None:
    def on_message(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(
            words in message.text for words in expected
        ):
            problems.append(f"console: {message.text} ({message.location.get('url')})")

    def on_request(request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "http://localhost:", "data:", "blob:")):
            problems.append(f"request to another host: {request.url}")

    page.on("console", on_message)
    page.on("pageerror", lambda error: problems.append(f"script: {error} {error.stack}"))
    page.on("request", on_request)


@pytest.fixture
def assert_a11y() -> Callable[..., None]:
    """``assert_a11y(page)``: axe finds nothing at WCAG 2.2 AA, one h1, nothing wider than the
    window."""

    def check(page: Page, options: dict[str, Any] = AXE_OPTIONS) -> None:
        result = axe(page, options)
        where = [
            (violation["id"], node["html"])
            for violation in result.response["violations"]
            for node in violation["nodes"]
        ]
        assert not where, where
        assert page.locator("h1").count() == 1, f"{page.locator('h1').count()} h1 on {page.url}"
        assert overflow(page) <= 0, f"{page.url} is {overflow(page)} px wider than the window"

    return check


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window; a page that is still on its way to
    another is waited for."""
    width = page.wait_for_function(
        "() => document.readyState === 'complete' &&"
        " [document.documentElement.scrollWidth - document.documentElement.clientWidth]"
    )
    return int(width.json_value()[0])


def axe(page: Page, options: dict[str, Any] = AXE_OPTIONS) -> Any:
    """axe's findings. A page or frame that is still being drawn has no document for a moment:
    then once more. Colours on their way to others are waited for."""
    for patience in (500, 2000, 0):
        try:
            page.evaluate(SETTLED)
            if not page.evaluate("typeof axe !== 'undefined'"):  # half a megabyte, once a page
                page.evaluate(Axe().axe_script + READ_ONCE)
            return Axe("0").run(page, options=options)
        except Error as racing:
            if not patience or not any(words in str(racing) for words in LEAVING):
                raise
            page.wait_for_timeout(patience)
    return None


@pytest.fixture
def shot(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """``shot(page, "todo")``: a full-page picture into the folder HUITONG_SHOTS, when that is
    set."""

    def take(page: Page, name: str) -> None:
        if folder := os.environ.get("HUITONG_SHOTS"):
            page.screenshot(path=f"{folder}/{name}.png", full_page=True)

    return take


@pytest.fixture(scope="session")
def live_server() -> Iterator[LiveServer]:
    """pytest-django's server, with the product's own way of serving static files."""
    server = LiveServer("localhost", start=False)
    server.thread.static_handler = lambda application: application
    server.start()
    yield server
    server.stop()


@pytest.fixture
def enter(page: Page, live_server: Any, cast: Cast) -> Callable[[str], str]:
    """``enter("civil_manager")``: this browser is signed in as that person; the answer is the
    site's address."""

    def as_person(key: str) -> str:
        session = cast.client(key).cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        return str(live_server.url)

    return as_person


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Requests are not worth a line each."""


@pytest.fixture(scope="module")
def samples() -> Iterator[str]:
    """The sample pages with the product's middleware and policy, but without people: no
    database."""
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.test import override_settings

    middleware = [
        name
        for name in settings.MIDDLEWARE
        if not name.startswith(("huitong.portal", "huitong.api"))
    ]
    engine = "django.contrib.sessions.backends.signed_cookies"
    with override_settings(
        ROOT_URLCONF="huitong.ui.tests.samples", MIDDLEWARE=middleware, SESSION_ENGINE=engine
    ):
        server = make_server(
            "127.0.0.1", 0, get_wsgi_application(), server_class=Server, handler_class=Quiet
        )
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
        server.server_close()
