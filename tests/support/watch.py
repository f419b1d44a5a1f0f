"""What a journey must not cause, besides what it checks itself: errors in the console, requests to elsewhere, 500s."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

# Runs in every page before its own scripts, and under any Content-Security-Policy.
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", event =>
  reportViolation(`${event.violatedDirective} forbids ${event.blockedURI} in ${event.documentURI}`));
"""


class Watch:
    """All pages of one test. `expect` names what the test causes on purpose, such as a page that is refused."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._seen: list[str] = []
        self._expected: list[re.Pattern[str]] = []
        self._allowed: list[re.Pattern[str]] = []

    def attach(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("response", self._response)
        context.expose_binding("reportViolation", lambda _, text: self._seen.append(f"content policy: {text}"))
        context.add_init_script(REPORT_VIOLATIONS)

    def expect(self, pattern: str) -> None:
        """A problem that must occur in this test, for instance `status of 403`."""
        self._expected.append(re.compile(pattern))

    def allow(self, pattern: str) -> None:
        """What may happen and may not, by the moment: say why where it is called."""
        self._allowed.append(re.compile(pattern))

    def verdict(self) -> list[str]:
        """The problems that nobody expected, and the expected ones that did not occur."""
        harmless = [*self._expected, *self._allowed]
        found = [line for line in self._seen if not any(pattern.search(line) for pattern in harmless)]
        missed = [pattern.pattern for pattern in self._expected if not any(map(pattern.search, self._seen))]
        return found + [f"expected, but did not occur: {pattern}" for pattern in missed]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._seen.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _error(self, error: WebError) -> None:
        self._seen.append(f"script error: {error.error.message}")

    def _request(self, request: Request) -> None:
        if urlsplit(request.url).scheme not in {"data", "blob"} and not request.url.startswith(f"{self._origin}/"):
            self._seen.append(f"request to elsewhere: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self._seen.append(f"status of {response.status}: {response.request.method} {response.url}")
