"""Storage that speaks S3's protocol: keeps what was put, if its digest is right and somebody has signed."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from exports.schedules.places.s3 import authorization

LOGIN = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")


class Bucket:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.statuses: list[int] = []
        bucket = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = bucket.judge(self.path, body, dict(self.headers))
                bucket.statuses.append(status)
                if status == 200:
                    bucket.kept[self.path] = body
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
                """Says nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def judge(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        sent = {name.lower(): value for name, value in headers.items()}
        signed = {name: sent[name] for name in ("host", "x-amz-content-sha256", "x-amz-date")}
        if hashlib.sha256(body).hexdigest() != signed["x-amz-content-sha256"]:
            return 400
        return 200 if sent["authorization"] == authorization("PUT", path, signed, "jp-1", LOGIN) else 403

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@contextmanager
def bucket() -> Iterator[Bucket]:
    made = Bucket()
    yield made
    made.stop()
