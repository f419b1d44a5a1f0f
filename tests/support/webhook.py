"""A webhook at the other end of a stand-in: answers as it is told, and keeps what was brought."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from threading import Thread
from typing import Any


class Webhook:
    """statuses: of the first answers, one after the other; `then` from there on."""

    def __init__(self, *statuses: int, then: int = 200) -> None:
        waiting = list(statuses)
        self.brought: list[bytes] = []
        self.headers: list[Message] = []
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                webhook.headers.append(self.headers)
                webhook.brought.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(waiting.pop(0) if waiting else then)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
                """Says nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/"
        Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def wrap(self, context: SSLContext) -> None:
        """Speak TLS from now on."""
        self._http.socket = context.wrap_socket(self._http.socket, server_side=True)

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@contextmanager
def webhook(*statuses: int, then: int = 200) -> Iterator[Webhook]:
    made = Webhook(*statuses, then=then)
    yield made
    made.stop()
