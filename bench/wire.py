"""Requests as a browser sends them, and the forms it finds in pages."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

from bench.client import HOST

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


class FormChanged(Exception):
    """A page's form is not the one that the benchmark has answers for."""


@dataclass
class PageForm(HTMLParser):
    """The first form of a page that is posted. names: its boxes; hidden: those the page has filled itself."""

    html: str
    enctype: str = ""
    names: set[str] = field(default_factory=set)
    hidden: dict[str, str] = field(default_factory=dict)
    state: str = "before"

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)
        if self.state == "before":
            raise FormChanged(f"no form in: {self.html[:300]}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post" and self.state == "before":
            self.state, self.enctype = "inside", given.get("enctype", URLENCODED)
        elif self.state == "inside" and tag in ("input", "select", "textarea") and given.get("name"):
            if given.get("type") == "hidden":
                self.hidden[given["name"]] = given.get("value", "")
            else:
                self.names.add(given["name"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.state == "inside":
            self.state = "after"

    def body(self, answers: Mapping[str, str], button: Mapping[str, str] | None = None) -> tuple[bytes, str]:
        """The body of the POST and its content type; raises FormChanged unless every box has its answer."""
        if self.names != answers.keys():
            raise FormChanged(f"boxes without an answer, or answers without a box: {self.names ^ answers.keys()}")
        values = {**self.hidden, **answers, **(button or {})}
        if self.enctype == MULTIPART:
            return _multipart(values)
        return urlencode(values).encode(), URLENCODED


def _multipart(values: Mapping[str, str]) -> tuple[bytes, str]:
    boundary = f"----bench{secrets.token_hex(8)}"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in values.items()
    ]
    return f"{''.join(parts)}--{boundary}--\r\n".encode(), f"{MULTIPART}; boundary={boundary}"


def get(port: int, path: str, *cookies: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\n{_headers(port, cookies)}\r\n".encode()


def post(port: int, path: str, content: tuple[bytes, str], *cookies: str) -> bytes:
    """content: the body and its type."""
    body, content_type = content
    origin = f"http://{HOST}:{port}"
    head = (
        f"POST {path} HTTP/1.1\r\n{_headers(port, cookies)}Origin: {origin}\r\nReferer: {origin}{path}\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _headers(port: int, cookies: tuple[str, ...]) -> str:
    given = "; ".join(filter(None, cookies))
    cookie = f"Cookie: {given}\r\n" if given else ""
    return (
        f"Host: {HOST}:{port}\r\nUser-Agent: bench\r\nAccept: text/html\r\nAccept-Language: ja\r\n"
        f"Connection: close\r\n{cookie}"
    )
