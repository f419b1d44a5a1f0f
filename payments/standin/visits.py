"""What a person asks of the pages, and where that leads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from payments.standin import attempts, pages
from payments.standin.attempts import CARDS, STORES, sweep
from payments.standin.book import Book, Thing
from payments.standin.intents import Over, pending, session_of, voucher_of
from payments.standin.refused import Refused

Given = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    text: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def redirect(url: str) -> Reply:
    return Reply(status=303, headers={"Location": url})


def back(session: Thing) -> str:
    """Where the person is sent to after paying."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def visit(book: Book, path: str, given: Given | None) -> Reply:
    """given: what was posted; None for a look."""
    sweep(book)
    kind, _, name = path.removeprefix("/c/").partition("/")
    if kind not in VISITS:
        return Reply(pages.over_page(None), 404)
    session: Thing | None = None
    try:
        session = book.find("checkout.session", name) if kind == "pay" else session_of(book, name)
        return VISITS[kind](book, session, given)
    except (Refused, Over):
        known = session and {**session, "success_url": back(session)}
        return Reply(pages.over_page(known), 410 if session else 404)


def _pay(book: Book, session: Thing, given: Given | None) -> Reply:
    if session["status"] != "open":
        raise Over
    if given is None:
        return _checkout(book, session, attempts.last_problem(book, session))
    person = {name: given.get(name, "").strip() for name in ("email", "name", "phone")}
    chosen = given.get("with", "")
    offered = {*session["payment_method_types"]}
    if not all(person.values()) or not ({"card"} if chosen in CARDS else {chosen}) <= offered:
        return _checkout(book, session, "すべての欄に入力してください。")
    if chosen == "konbini":
        intent = attempts.take_voucher(book, session, person)
        return redirect(intent["next_action"]["konbini_display_details"]["hosted_voucher_url"])
    if attempts.pay_by_card(book, session, CARDS[chosen], person):
        return redirect(session["url"])
    action = book.find("payment_intent", session["payment_intent"])["next_action"]
    return redirect(action["redirect_to_url"]["url"] if action else back(session))


def _checkout(book: Book, session: Thing, problem: str) -> Reply:
    return Reply(pages.checkout_page(session, book.behind[session["id"]]["line_items"], problem))


def _bank(book: Book, session: Thing, given: Given | None) -> Reply:
    intent = pending(book, session, "redirect_to_url")
    if given is None:
        return Reply(pages.bank_page(intent["amount"]))
    declined = attempts.answer_bank(book, session, given.get("action") == "confirm")
    return redirect(session["url"] if declined else back(session))


def _voucher(book: Book, session: Thing, given: Given | None) -> Reply:
    voucher = voucher_of(book, session)
    if voucher is None:
        raise Over
    return Reply(pages.voucher_page(voucher, session["amount_total"], session["payment_intent"], back(session)))


def _store(book: Book, session: Thing, given: Given | None) -> Reply:
    pending(book, session, "konbini_display_details")
    if given is None:
        return Reply(pages.store_page(session["amount_total"]))
    if given.get("action") == "expire":
        attempts.let_voucher_expire(book, session)
        raise Over
    store = given.get("store", "")
    attempts.pay_voucher(book, session, store if store in STORES else next(iter(STORES)))
    return Reply(pages.paid_page(session["amount_total"], back(session)))


VISITS: dict[str, Callable[[Book, Thing, Given | None], Reply]] = {
    "pay": _pay,
    "bank": _bank,
    "voucher": _voucher,
    "store": _store,
}
