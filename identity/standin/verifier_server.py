"""The verifier over HTTP: the page that imitates the camera, and one on which its staff decide."""

import time
from collections.abc import Mapping
from html import escape
from threading import Thread
from urllib.parse import urlsplit

import requests

from identity.standin.cards import Card
from identity.standin.pages import about_page, lost_page, page
from identity.standin.provider import Request, Wrong
from identity.standin.server import HOUR, Handler, Server
from identity.standin.verifier import Verifier, pending

TRIES, PAUSE = 4, 0.5  # of a webhook; seconds
RESULTS = {
    "approved": "すぐに確認できる",
    "pending": "担当者の審査になる（結果は /control で決める）",
    "document_unreadable": "書類の写真が読み取れない",
    "document_expired": "書類の有効期限が切れている",
    "face_mismatch": "顔が一致しない",
    "expired": "時間切れになる",
    "rotate": "署名の鍵を新しくしてから確認できる",
    "clock": "時計が1時間進んだまま確認できる",
}
LOOKED = {"photo": "運転免許証を撮影する", "chip": "マイナンバーカードのICチップを読む"}
DECISIONS = {"approved": "承認する", "refused": "断る", "expired": "期限切れにする"}


class VerifierHandler(Handler):
    provider: Verifier

    def _look(self) -> None:
        path = urlsplit(self.path).path
        if path == "/":
            self._html(about_page())
        elif path == "/control":
            with self.turn:
                self._html(control_page(self.provider))
        else:
            super()._look()

    def _act(self, body: bytes) -> None:
        if self.path == "/control":
            self._decide(self._form(body))
        else:
            super()._act(body)

    def _ask_page(self, name: str) -> str:
        return camera_page(name, self.provider.cards)

    def _userinfo(self) -> None:
        try:
            self._answer(self.provider.signed_userinfo(self._bearer()), "application/jwt", 200)
        except Wrong as wrong:
            self._json({"error": wrong.error}, 401)

    def _read(self, name: str, request: Request, card: Card, given: Mapping[str, str]) -> None:
        result = given.get("result", "")
        looked = given.get("looked", "")
        if result not in RESULTS or looked not in LOOKED:
            self._html(lost_page(), 400)
            return
        if result == "rotate":
            self.provider.rotate()
        status, reason = result, ""
        if result in ("rotate", "clock"):
            status = "approved"
        elif result not in ("approved", "pending", "expired"):
            status, reason = "refused", result
        process = self.provider.asked[name][0]
        skew = HOUR if result == "clock" else 0
        self._redirect(self.provider.inspect(name, card, looked, status, reason, skew=skew))
        if status != "pending":
            tell(self.provider, process)  # it races with the browser

    def _decide(self, given: Mapping[str, str]) -> None:
        process, how = given.get("process", ""), given.get("how", "")
        with self.turn:
            if process in self.provider.processes and how in DECISIONS:
                self.provider.decide(process, how, "face_mismatch" if how == "refused" else "")
                tell(self.provider, process)
        self._redirect("/control")


class VerifierServer(Server):
    handler = VerifierHandler


def tell(verifier: Verifier, process: str) -> None:
    """Beside the answer to whoever asked: the client asks for the keys before it takes a notice."""
    if verifier.webhook:
        Thread(target=send, args=(verifier.webhook, verifier.notice(process)), daemon=True).start()


def send(address: str, notice: str) -> bool:
    """Tell it until it is taken, a few times; whether it was."""
    for number in range(TRIES):
        try:
            kind = {"Content-Type": "application/secevent+jwt"}
            if requests.post(address, data=notice, headers=kind, timeout=10).status_code == requests.codes.accepted:
                return True
        except requests.RequestException:
            pass
        time.sleep(PAUSE * 2**number)
    return False


def camera_page(name: str, cards: Mapping[str, Card]) -> str:
    people = "".join(
        f'<label class="card"><input type="radio" name="card" value="{card.code}"{"" if number else " checked"}>'
        f"<span>{escape(card.name)}</span></label>"
        for number, card in enumerate(cards.values())
    )
    looked = "".join(
        f'<label class="card"><input type="radio" name="looked" value="{value}"{"" if number else " checked"}>'
        f"<span>{label}</span></label>"
        for number, (value, label) in enumerate(LOOKED.items())
    )
    results = "".join(f'<option value="{value}">{escape(label)}</option>' for value, label in RESULTS.items())
    return page(
        "書類と顔の撮影（練習用）",
        "<h1>書類と顔の撮影</h1><p>みほん市に、書類で確かめた氏名などを渡します。写真は渡しません。</p>"
        f'<form method="post" action="card"><input type="hidden" name="request" value="{escape(name)}">'
        f"<fieldset><legend>撮影する方</legend>{people}</fieldset>"
        f"<fieldset><legend>書類</legend>{looked}</fieldset>"
        f'<h2><label for="result">起こしてみること</label></h2><select id="result" name="result">{results}</select>'
        '<button class="main" name="action" value="read">撮影して送る</button>'
        '<button name="action" value="cancel">やめる</button></form>',
    )


def control_page(verifier: Verifier) -> str:
    """The verifier's own staff."""
    rows = "".join(
        f'<form method="post" action="/control"><h2>{escape(verifier.processes[name].card.name)}</h2>'
        f'<input type="hidden" name="process" value="{escape(name)}">'
        + "".join(f'<button name="how" value="{value}">{label}</button>' for value, label in DECISIONS.items())
        + "</form>"
        for name in pending(verifier)
    )
    return page(
        "審査（練習用）",
        f"<h1>審査を待っているもの</h1>{rows or '<p>ありません。</p>'}",
    )
