"""The stand-in over HTTP, on a port of its own: another origin than the product, as the real one is."""

import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from identity.standin import pages
from identity.standin.cards import Card
from identity.standin.provider import PATH, Request, StandIn, Unknown, Wrong

LARGEST = 65_536  # bytes of a request's body
HOUR = 3600
SIGN_PATH, CRL_PATH = "/api/sign-transactions", "/sign.crl"
FAILURES = {
    "locked": (
        "暗証番号がロックされています",
        "暗証番号を続けて間違えたため、このカードは使えません。市区町村の窓口で、暗証番号の再設定をしてください。",
    ),
    "revoked": (
        "電子証明書が失効しています",
        "このカードの電子証明書は使えません。引っ越しや更新のあとは、市区町村の窓口で手続をしてください。",
    ),
}


class Handler(BaseHTTPRequestHandler):
    provider: StandIn
    turn: Any

    def do_GET(self) -> None:
        self._look()

    def do_POST(self) -> None:
        self._act(self._body())

    def _look(self) -> None:
        with self.turn:
            place = self._place()
            if place == "/.well-known/openid-configuration":
                self._json(self.provider.discovery())
            elif place == "/protocol/openid-connect/certs":
                self._json(self.provider.jwks())
            elif place == "/protocol/openid-connect/auth":
                self._authorize(dict(parse_qsl(urlsplit(self.path).query)))
            elif place == "/protocol/openid-connect/userinfo":
                self._userinfo()
            elif self.path.startswith(f"{SIGN_PATH}/") and self.path.endswith("/result"):
                self._signature(self.path.removeprefix(f"{SIGN_PATH}/").removesuffix("/result"))
            elif self.path == CRL_PATH:
                self._send(self.provider.authority.crl(), "application/pkix-crl")
            elif self.path == "/":
                self._html(pages.about_page())
            else:
                self._json({"error": "not_found"}, 404)

    def _act(self, body: bytes) -> None:
        if self.path == SIGN_PATH:
            with self.turn:
                self._begin_signature(body)
            return
        given = self._form(body)
        with self.turn:
            place = self._place()
            if place == "/protocol/openid-connect/token":
                self._token(given)
            elif place == "/protocol/openid-connect/card":
                self._card(given)
            else:
                self._json({"error": "not_found"}, 404)

    def _place(self) -> str:
        path = urlsplit(self.path).path
        return path.removeprefix(PATH) if path.startswith(PATH) else ""

    # --- the browser

    def _authorize(self, given: Mapping[str, str]) -> None:
        try:
            name = self.provider.ask(given)
        except Unknown:
            self._html(pages.lost_page(), 400)
        except Wrong as wrong:
            about = {"error": wrong.error, "error_description": wrong.message, "state": given.get("state", "")}
            self._redirect(f"{given['redirect_uri']}?{urlencode(about)}")
        else:
            self._html(self._ask_page(name))

    def _ask_page(self, name: str) -> str:
        return pages.card_page(name, self.provider.cards, self.provider.requests[name])

    def _card(self, given: Mapping[str, str]) -> None:
        name = given.get("request", "")
        request = self.provider.requests.get(name)
        card = self.provider.cards.get(given.get("card", ""))
        if request is None:
            self._html(pages.lost_page(), 400)
            return
        if given.get("action") == "cancel" or card is None:
            del self.provider.requests[name]
            self._redirect(request.back(error="access_denied", error_description="The user cancelled."))
            return
        self._read(name, request, card, given)

    def _read(self, name: str, request: Request, card: Card, given: Mapping[str, str]) -> None:
        """The card was held to the phone, and a number typed."""
        if card.is_revoked and not request.signs:  # of a signature, the list of the authority says so
            self._html(pages.failed_page(name, *FAILURES["revoked"]))
        elif self._left(card, request) and self.provider.try_pin(card, given.get("pin", ""), signs=request.signs):
            del self.provider.requests[name]
            if given.get("wish") == "rotate":
                self.provider.rotate()
            skew = HOUR if given.get("wish") == "clock" else 0
            self._redirect(self.provider.read_card(request, card, skew=skew))
        elif left := self._left(card, request):
            problem = f"暗証番号が違います。あと{left}回間違えると、ロックされます。"
            self._html(pages.card_page(name, self.provider.cards, request, problem, card.code))
        else:
            self._html(pages.failed_page(name, *FAILURES["locked"]))

    def _left(self, card: Card, request: Request) -> int:
        """Tries before this certificate of the card is locked."""
        return card.sign_tries if request.signs else card.tries

    # --- the client

    def _token(self, given: Mapping[str, str]) -> None:
        try:
            self._json(self.provider.exchange(given))
        except Wrong as wrong:
            status = 401 if wrong.error == "invalid_client" else 400
            self._json({"error": wrong.error, "error_description": wrong.message}, status)

    def _userinfo(self) -> None:
        try:
            self._json(self.provider.userinfo(self._bearer()))
        except Wrong as wrong:
            self._json({"error": wrong.error}, 401)

    def _begin_signature(self, body: bytes) -> None:
        try:
            digest = str(json.loads(body)["digest"])
        except (ValueError, KeyError, TypeError):
            digest = ""
        try:
            self._json({"sign_transaction_id": self.provider.begin_signature(self._bearer(), digest)}, 201)
        except Wrong as wrong:
            self._json({"error": wrong.error}, 401 if wrong.error == "invalid_token" else 400)

    def _signature(self, name: str) -> None:
        try:
            self._json({"result": self.provider.signature(self._bearer(), name)})
        except Wrong as wrong:
            self._json({"error": wrong.error}, 401)

    # --- HTTP

    def _body(self) -> bytes:
        return self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LARGEST))

    @staticmethod
    def _form(body: bytes) -> dict[str, str]:
        return dict(parse_qsl(body.decode("utf-8", "replace")))

    def _bearer(self) -> str:
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        return token if kind == "Bearer" else ""

    def _json(self, data: Mapping[str, Any], status: int = 200) -> None:
        self._answer(json.dumps(data, ensure_ascii=False), "application/json", status)

    def _html(self, text: str, status: int = 200) -> None:
        self._answer(text, "text/html; charset=utf-8", status)

    def _answer(self, text: str, kind: str, status: int) -> None:
        self._send(text.encode(), kind, status)

    def _send(self, body: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def _redirect(self, address: str) -> None:
        self.send_response(303)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Says nothing: what is asked here is somebody's proof."""


class Server:
    """Serves a stand-in until `stop`. port: 0 takes one that is free."""

    handler: type[Handler] = Handler

    def __init__(self, standin: StandIn, port: int = 0) -> None:
        # one request at a time: the stand-in's memory is plain dictionaries
        bound = type("Bound", (self.handler,), {"provider": standin, "turn": Lock()})
        self._http = ThreadingHTTPServer(("127.0.0.1", port), bound)
        self._http.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._http.server_address[1]}"
        standin.issuer = f"{self.origin}{PATH}"
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
