"""The pages that a person sees, in the look of nobody in particular."""

from datetime import datetime
from html import escape

from payments.standin.attempts import CARDS, JAPAN, STORES
from payments.standin.book import Thing

STYLE = """
body { margin: 0; font-family: "Noto Sans JP", sans-serif; line-height: 1.7; color: #1a1a1a; background: #eef2f5; }
main { box-sizing: border-box; max-width: 32rem; margin: 0 auto; min-height: 100vh; padding: 1.5rem 1rem 3rem;
  background: #fff; }
main.wide { max-width: 72rem; }
h1 { font-size: 1.375rem; } h2 { font-size: 1.0625rem; margin: 2rem 0 .5rem; }
.practice { margin: 0 0 1.5rem; padding: .5rem .75rem; background: #fff4d6; border-left: .375rem solid #927200; }
.alert { padding: .75rem 1rem; border: 2px solid #ce0000; border-radius: .5rem; color: #ce0000; font-weight: 700; }
.sum { font-size: 2rem; font-weight: 700; margin: 0; }
fieldset { border: 0; margin: 1.5rem 0; padding: 0; } legend { font-weight: 700; padding: 0; }
label.choice { display: flex; gap: .75rem; padding: .75rem 0; border-bottom: 1px solid #ccc; }
label.choice input { width: 1.5rem; height: 1.5rem; flex: none; margin: 0; }
label.choice small { display: block; color: #555; }
label.box { display: block; margin-top: 1rem; font-weight: 700; }
input[type=text], input[type=email], input[type=tel], input[type=number], select { box-sizing: border-box;
  width: 100%; min-height: 3rem; font-size: 1.0625rem; padding: .5rem; border: 1px solid #666; border-radius: .5rem;
  background: #fff; color: inherit; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; margin: 1rem 0; } dd { margin: 0; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { padding: .5rem; border-bottom: 1px solid #ccc; text-align: left; vertical-align: top; }
td.number { text-align: right; white-space: nowrap; }
button, a.button { box-sizing: border-box; display: block; width: 100%; min-height: 3.25rem; margin-top: 1rem;
  padding: .75rem; border: 1px solid #3b3fa0; border-radius: .5rem; font: inherit; font-weight: 700; line-height: 1.6;
  text-align: center; text-decoration: none; background: #fff; color: #3b3fa0; cursor: pointer; }
button.main { background: #3b3fa0; color: #fff; }
.row { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; } .row > * { flex: 1 1 8rem; }
td form { display: inline-block; } .small button { width: auto; min-height: 2.75rem; margin: 0 .25rem .25rem 0;
  padding: .25rem .75rem; }
:focus-visible { outline: 4px solid #000; outline-offset: 2px; }
"""


def page(title: str, body: str, kind: str = "") -> str:
    return (
        '<!doctype html><html lang="ja"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}（練習用）</title><link rel="icon" href="data:,"><style>{STYLE}</style></head>'
        f'<body><main class="{kind}"><p class="practice">練習用の画面です。本物の決済事業者ではありません。'
        f"お金は動きません。</p><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def yen(amount: int) -> str:
    return f"{amount:,}円"


def moment(seconds: int) -> str:
    at = datetime.fromtimestamp(seconds, JAPAN)
    return f"{at.year}年{at.month}月{at.day}日 {at.hour}時{at.minute:02d}分"


def spaced(number: str) -> str:
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def alert(problem: str) -> str:
    return f'<p class="alert" role="alert">{escape(problem)}</p>' if problem else ""


def link(url: str | None, label: str) -> str:
    return f'<a class="button" href="{escape(url)}">{escape(label)}</a>' if url else ""


def checkout_page(session: Thing, items: list[Thing], problem: str = "") -> str:
    rows = "".join(
        f'<tr><td>{escape(item["description"] or "")}</td><td class="number">{yen(item["amount_total"])}</td></tr>'
        for item in items
    )
    choices = "".join(_choices(session["payment_method_types"]))
    person = session["customer_details"] or {"name": "見本 花子", "phone": "09000000000"}
    mail = person.get("email") or session["customer_email"] or "hanako@example.jp"
    return page(
        "お支払い",
        f'{alert(problem)}<p class="sum">{yen(session["amount_total"])}</p><table>{rows}</table>'
        f'<form method="post"><fieldset><legend>お支払い方法</legend>{choices}</fieldset>'
        f"{_box('email', 'email', 'メールアドレス', mail)}{_box('name', 'text', '氏名', person['name'])}"
        f"{_box('phone', 'tel', '電話番号', person['phone'])}"
        f'<button class="main" name="action" value="pay">{yen(session["amount_total"])}を支払う</button></form>'
        f"{link(session['cancel_url'], 'やめて、もとのサイトにもどる')}"
        f"<p>この画面の期限: {moment(session['expires_at'])}</p>",
    )


def _choices(methods: list[str]) -> list[str]:
    offered = []
    if "card" in methods:
        offered += [(card.number, f"カード {spaced(card.number)}", card.label) for card in CARDS.values()]
    if "konbini" in methods:
        offered.append(("konbini", "コンビニエンスストア", "払込番号を受け取って、あとで店で払う"))
    return [
        f'<label class="choice"><input type="radio" name="with" value="{value}"{"" if number else " checked"}>'
        f"<span>{label}<small>{about}</small></span></label>"
        for number, (value, label, about) in enumerate(offered)
    ]


def _box(name: str, kind: str, label: str, value: str) -> str:
    return (
        f'<label class="box" for="{name}">{label}</label>'
        f'<input type="{kind}" id="{name}" name="{name}" value="{escape(value)}" required>'
    )


def bank_page(amount: int) -> str:
    return page(
        "カード会社の本人認証",
        f"<p>みほん市への支払い {yen(amount)} を確かめます。</p>"
        '<form method="post"><button class="main" name="action" value="confirm">認証する</button>'
        '<button name="action" value="fail">認証に失敗する</button></form>',
    )


def voucher_page(voucher: Thing, amount: int, intent: str, back: str) -> str:
    rows = "".join(
        f"<tr><td>{STORES[name]}</td><td>{its['payment_code']}</td><td>{escape(its['confirmation_number'])}</td></tr>"
        for name, its in voucher["stores"].items()
    )
    return page(
        "コンビニエンスストアでのお支払い",
        f'<p class="sum">{yen(amount)}</p><p>{moment(voucher["expires_at"])}までに、店のレジでお支払いください。</p>'
        f'<div class="scroll"><table><tr><th>店</th><th>払込番号</th><th>確認番号</th></tr>{rows}</table></div>'
        f"{link(f'/c/store/{intent}', '店のレジに行く（練習）')}{link(back, 'もとのサイトにもどる')}",
    )


def store_page(amount: int) -> str:
    choices = "".join(
        f'<label class="choice"><input type="radio" name="store" value="{name}"{"" if number else " checked"}>'
        f"<span>{label}</span></label>"
        for number, (name, label) in enumerate(STORES.items())
    )
    return page(
        "店のレジ",
        f'<p class="sum">{yen(amount)}</p><form method="post"><fieldset><legend>店</legend>{choices}</fieldset>'
        '<button class="main" name="action" value="pay">現金で支払う</button>'
        '<button name="action" value="expire">支払わずに、期限を過ぎさせる</button></form>',
    )


def paid_page(amount: int, back: str) -> str:
    return page("お支払いを受け取りました", f'<p class="sum">{yen(amount)}</p>{link(back, "もとのサイトにもどる")}')


def over_page(session: Thing | None) -> str:
    """Nothing can be paid here any more; or nobody knows this address."""
    if session is None:
        return page("画面が見つかりません", "<p>もとのサイトからやり直してください。</p>")
    if session["payment_status"] == "paid":
        return page(
            "お支払いは済んでいます",
            f"<p>もう一度払う必要はありません。</p>{link(session['success_url'], 'もとのサイトにもどる')}",
        )
    return page(
        "この画面では支払えません",
        f"<p>期限が過ぎたか、取り消されました。</p>{link(session['cancel_url'], 'もとのサイトにもどる')}",
    )


def about_page() -> str:
    return page(
        "支払い",
        "<p>申請の画面で支払いに進むと、ここに移ります。</p>"
        + link("/control", "通知と障害を起こしてみる（練習だけの画面）"),
    )
