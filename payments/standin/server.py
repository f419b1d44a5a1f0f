"""The stand-in over HTTP, on a port of its own: another origin than the product, as the real one is."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from payments.standin import pages
from payments.standin.control import control
from payments.standin.refused import Refused
from payments.standin.standin import Failure, StandIn
from payments.standin.visits import Reply, visit

LARGEST = 65_536  # bytes of a request's body
FAILURES = {
    Failure.DOWN: Refused("An unknown error occurred.", status=503, type="api_error"),
    Failure.BUSY: Refused("Too many requests hit the API too quickly.", status=429, code="rate_limit"),
}


class Server:
    """Serves a stand-in, and brings its events, until `stop`. port: 0 takes one that is free."""

    def __init__(self, standin: StandIn, port: int = 0) -> None:
        self._standin = standin
        self._http = _Http(("127.0.0.1", port), _handler(standin))
        self.origin = f"http://127.0.0.1:{self._http.server_address[1]}"
        standin.book.origin = self.origin
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        if standin.webhook:
            standin.courier.start()

    def stop(self) -> None:
        self._standin.courier.stop()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def _handler(standin: StandIn) -> type[BaseHTTPRequestHandler]:
    class Bound(_Handler):
        stripe = standin

    return Bound


class _Handler(BaseHTTPRequestHandler):
    stripe: StandIn
    protocol_version = "HTTP/1.1"  # the library keeps its connection
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 60

    def do_GET(self) -> None:
        self._serve(None)

    def do_POST(self) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), LARGEST)
        self._serve(self.rfile.read(length).decode("utf-8", "replace"))

    def _serve(self, body: str | None) -> None:
        path = urlsplit(self.path).path
        if path.startswith("/v1/"):
            self._api(path, urlsplit(self.path).query if body is None else body)
            return
        given = None if body is None else dict(parse_qsl(body, keep_blank_values=True))
        with self.stripe.lock:
            if path == "/":
                reply = Reply(pages.about_page())
            elif path == "/control":
                reply = control(self.stripe, given)
            else:
                reply = visit(self.stripe.book, path, given)
        self._answer(reply.text, "text/html; charset=utf-8", reply.status, reply.headers)

    def _api(self, path: str, text: str) -> None:
        failure = self.stripe.next_failure()
        if failure in FAILURES:
            refused = FAILURES[failure]
            self._json(refused.body, refused.status, {})
            return
        with self.stripe.lock:
            answer = self.stripe.api.answer(self.command, path, text, dict(self.headers.items()))
        if failure is Failure.LOST:
            self.close_connection = True
            return
        self._json(answer.body, answer.status, answer.headers)

    def _json(self, data: Any, status: int, headers: dict[str, str]) -> None:
        self._answer(json.dumps(data, indent=2), "application/json", status, headers)

    def _answer(self, text: str, kind: str, status: int, headers: dict[str, str]) -> None:
        body = text.encode()
        self.send_response(status)
        about = {"Content-Type": kind, "Content-Length": str(len(body)), "Cache-Control": "no-store", **headers}
        for name, value in about.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Says nothing: what is asked here is somebody's money."""
