"""The page that only the stand-in has: events go astray, the API fails, time passes, money is asked back."""

from collections.abc import Callable, Mapping
from html import escape

from payments.standin import refunds
from payments.standin.book import Thing
from payments.standin.courier import ORDERS, Delivery, State
from payments.standin.pages import alert, moment, page, yen
from payments.standin.refused import Refused
from payments.standin.standin import Failure, StandIn
from payments.standin.visits import Reply, redirect

Given = Mapping[str, str]
SHOWN = 40  # events
MODES: dict[str, str] = {State.WAITING: "すぐに送る", State.KEPT: "ためておく", State.DROPPED: "捨てる"}
FAILURES: dict[str, str] = {
    Failure.DOWN: "受け付けずに失敗する（503）",
    Failure.LOST: "処理したあと、返事が届かない",
    Failure.BUSY: "混み合っていて断る（429）",
}
STATES = {
    State.WAITING: "送信待ち",
    State.KEPT: "ためてある",
    State.DROPPED: "捨てた",
    State.DELIVERED: "届いた",
    State.GIVEN_UP: "あきらめた",
}
RELEASES = {"same": "順番どおりに", "reversed": "逆の順に", "mixed": "ばらばらの順に"}
HOURS = {"1": "1時間", "24": "1日", "96": "4日"}


def control(standin: StandIn, given: Given | None) -> Reply:
    if given is None:
        return Reply(_page(standin))
    try:
        ACTIONS[given.get("action", "")](standin, given)
    except (KeyError, ValueError, Refused) as problem:
        return Reply(_page(standin, f"できませんでした（{type(problem).__name__}: {problem}）"), 400)
    return redirect("/control")


# --- what it does


def _mode(standin: StandIn, given: Given) -> None:
    delay = float(given["delay"])
    if not 0 <= delay <= 3600:
        raise ValueError(given["delay"])
    standin.courier.mode, standin.courier.delay = State(given["mode"]), delay


def _delivery(standin: StandIn, given: Given) -> Delivery:
    return next(one for one in reversed(standin.courier.deliveries) if one.event["id"] == given["id"])


def _dispute(standin: StandIn, given: Given) -> None:
    refunds.dispute(standin.book, standin.book.find("charge", given["id"]))


def _close(standin: StandIn, given: Given) -> None:
    refunds.close(standin.book, standin.book.find("dispute", given["id"]), given["how"])


def _settle(standin: StandIn, given: Given) -> None:
    refunds.settle(standin.book, standin.book.find("refund", given["id"]), given["how"])


ACTIONS: dict[str, Callable[[StandIn, Given], None]] = {
    "mode": _mode,
    "release": lambda standin, given: standin.courier.release(ORDERS[given["order"]]),
    "send": lambda standin, given: standin.courier.send(_delivery(standin, given)),
    "drop": lambda standin, given: standin.courier.drop(_delivery(standin, given)),
    "fail": lambda standin, given: standin.fail(Failure(given["how"]), max(0, int(given["times"]))),
    "advance": lambda standin, given: standin.advance(max(0, int(given["hours"])) * 3600),
    "dispute": _dispute,
    "close": _close,
    "settle": _settle,
}


# --- how it looks


def _page(standin: StandIn, problem: str = "") -> str:
    return page(
        "通知と障害",
        alert(problem)
        + "<p>本物の決済事業者には、この画面はありません。</p>"
        + _courier_form(standin)
        + _failure_form(standin)
        + _clock_form(standin)
        + _events(standin)
        + _money(standin),
        "wide",
    )


def _form(action: str, label: str, inner: str = "", **hidden: str) -> str:
    values = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in hidden.items())
    return f'<form method="post">{values}{inner}<button name="action" value="{action}">{escape(label)}</button></form>'


def _select(name: str, label: str, choices: Mapping[str, str], chosen: str = "") -> str:
    options = "".join(
        f'<option value="{value}"{" selected" if value == chosen else ""}>{escape(text)}</option>'
        for value, text in choices.items()
    )
    return f'<label>{label}<select name="{name}">{options}</select></label>'


def _number(name: str, label: str, value: float) -> str:
    return f'<label>{label}<input type="number" name="{name}" value="{value:g}" min="0"></label>'


def _courier_form(standin: StandIn) -> str:
    courier = standin.courier
    fields = _select("mode", "これからの通知", MODES, courier.mode) + _number("delay", "遅らせる秒数", courier.delay)
    kept = sum(one.state == State.KEPT for one in courier.deliveries)
    release = _form("release", f"ためた{kept}件を送る", f'<div class="row">{_select("order", "順番", RELEASES)}</div>')
    return f'<h2>通知の送り方</h2>{_form("mode", "決める", f"""<div class="row">{fields}</div>""")}{release}'


def _failure_form(standin: StandIn) -> str:
    fields = _select("how", "失敗のしかた", FAILURES, standin.failing) + _number("times", "回数", standin.failures)
    return f'<h2>APIの障害</h2>{_form("fail", "決める", f"""<div class="row">{fields}</div>""")}'


def _clock_form(standin: StandIn) -> str:
    return (
        f"<h2>時計</h2><p>この事業者の時計では {moment(standin.book.now())} です。"
        "進めると、支払い画面やコンビニの払込番号の期限が過ぎます。</p>"
        + _form("advance", "進める", f'<div class="row">{_select("hours", "進める時間", HOURS)}</div>')
    )


def _table(title: str, heads: list[str], rows: list[str]) -> str:
    if not rows:
        return f"<h2>{title}</h2><p>まだありません。</p>"
    head = "".join(f"<th>{name}</th>" for name in heads)
    table = f'<table class="small"><tr>{head}</tr>{"".join(rows)}</table>'
    return f'<h2>{title}</h2><div class="scroll" tabindex="0">{table}</div>'


def _events(standin: StandIn) -> str:
    newest = list(reversed(standin.courier.deliveries))[:SHOWN]
    return _table("最近の通知", ["時刻", "種類", "状態", "返事", "操作"], [_event_row(one) for one in newest])


def _event_row(delivery: Delivery) -> str:
    event = delivery.event
    again = "もう一度送る" if delivery.state == State.DELIVERED else "いま送る"
    answers = "、".join(str(status or "返事なし") for status in delivery.answers)
    actions = _form("send", again, id=event["id"]) + _form("drop", "捨てる", id=event["id"])
    return (
        f"<tr><td>{moment(event['created'])}</td><td>{event['type']}</td><td>{STATES[delivery.state]}</td>"
        f"<td>{answers}</td><td>{actions}</td></tr>"
    )


def _money(standin: StandIn) -> str:
    """Charges that a bank may ask back, disputes, and refunds on their way."""
    book = standin.book
    charges = [thing for thing in book.newest("charge") if thing["paid"] and not thing["disputed"]]
    rows = [_money_row(thing, _form("dispute", "異議を申し立てる", id=thing["id"])) for thing in charges]
    rows += [_money_row(thing, _closings(thing)) for thing in book.newest("dispute")]
    rows += [_money_row(thing, _settlements(thing)) for thing in book.newest("refund")]
    return _table("お金", ["番号", "種類", "金額", "状態", "操作"], rows)


def _money_row(thing: Thing, actions: str) -> str:
    return (
        f"<tr><td>{thing['id']}</td><td>{thing['object']}</td><td class='number'>{yen(thing['amount'])}</td>"
        f"<td>{thing['status']}</td><td>{actions}</td></tr>"
    )


def _closings(dispute: Thing) -> str:
    if dispute["status"] in {"won", "lost"}:
        return ""
    ways = {"won": "異議が退けられる", "lost": "異議が認められる"}
    return "".join(_form("close", label, id=dispute["id"], how=how) for how, label in ways.items())


def _settlements(refund: Thing) -> str:
    ways = {"failed": "返金に失敗させる"} if refund["status"] not in refunds.ENDED else {}
    if refund["status"] == "requires_action":
        ways = {"succeeded": "口座を知らせて受け取る", **ways}
    return "".join(_form("settle", label, id=refund["id"], how=how) for how, label in ways.items())
