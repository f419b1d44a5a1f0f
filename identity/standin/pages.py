"""The stand-in's pages, in the look of nobody in particular."""

from html import escape

from identity.standin.cards import PIN, SIGN_PIN, Card
from identity.standin.provider import Request

STYLE = """
body { margin: 0; font-family: "Noto Sans JP", sans-serif; line-height: 1.7; color: #1a1a1a; background: #eef2f5; }
main { box-sizing: border-box; max-width: 30rem; margin: 0 auto; min-height: 100vh; padding: 1.5rem 1rem 3rem;
  background: #fff; }
h1 { font-size: 1.375rem; } h2 { font-size: 1.0625rem; margin-bottom: .25rem; }
.practice { margin: 0 0 1.5rem; padding: .5rem .75rem; background: #fff4d6; border-left: .375rem solid #927200; }
.alert { padding: .75rem 1rem; border: 2px solid #ce0000; border-radius: .5rem; color: #ce0000; font-weight: 700; }
fieldset { border: 0; margin: 1.5rem 0; padding: 0; } legend { font-weight: 700; padding: 0; }
label.card { display: flex; gap: .75rem; padding: .75rem 0; border-bottom: 1px solid #ccc; }
label.card input { width: 1.5rem; height: 1.5rem; flex: none; margin: 0; }
label.card small { display: block; color: #555; }
input[type=text], select { box-sizing: border-box; width: 100%; min-height: 3rem; font-size: 1.25rem; padding: .5rem;
  border: 1px solid #666; border-radius: .5rem; background: #fff; color: inherit; }
button { width: 100%; min-height: 3.25rem; margin-top: 1rem; border: 1px solid #00605a; border-radius: .5rem;
  font: inherit; font-weight: 700; background: #fff; color: #00605a; }
button.main { background: #00605a; color: #fff; }
:focus-visible { outline: 4px solid #000; outline-offset: 2px; }
"""
WISHES = {
    "": "ふつうに読み取る",
    "rotate": "署名の鍵を新しくしてから読み取る",
    "clock": "時計が1時間進んだまま読み取る",
}


def page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="ja"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="icon" href="data:,"><style>{STYLE}</style></head>'
        '<body><main><p class="practice">練習用の画面です。本物のマイナアプリではありません。'
        f"カードも、書類も、人も、架空のものです。</p>{body}</main></body></html>"
    )


def card_page(name: str, cards: dict[str, Card], request: Request, problem: str = "", chosen: str = "") -> str:
    """name: of the request."""
    labels = {"name": "氏名", "address": "住所", "birthdate": "生年月日", "gender": "性別"}
    asked = "、".join(label for scope, label in labels.items() if scope in request.scopes) or "なし"
    told = f"<p>みほん市に、次の情報を渡します。</p><p><b>{asked}</b></p>"
    which, sample, box = "利用者証明用電子証明書の暗証番号（数字4桁）", PIN, 'inputmode="numeric" maxlength="4"'
    if request.signs:
        told = "<p>みほん市への申請に、署名用電子証明書で<b>署名</b>します。</p>"
        which, sample, box = "署名用電子証明書の暗証番号（英数字6〜16文字）", SIGN_PIN, 'maxlength="16"'
    alert = f'<p class="alert" role="alert">{escape(problem)}</p>' if problem else ""
    chosen = chosen if chosen in cards else next(iter(cards))
    rows = "".join(
        f'<label class="card"><input type="radio" name="card" value="{card.code}"'
        f"{' checked' if card.code == chosen else ''}>"
        f"<span>{escape(card.name)}<small>{escape(card.note)}</small></span></label>"
        for card in cards.values()
    )
    wishes = "".join(f'<option value="{value}">{escape(label)}</option>' for value, label in WISHES.items())
    return page(
        "カードの読み取り（練習用）",
        f"<h1>マイナンバーカードの読み取り</h1>{alert}"
        f'{told}<form method="post" action="card"><input type="hidden" name="request" value="{escape(name)}">'
        f"<fieldset><legend>かざすカード</legend>{rows}</fieldset>"
        f'<h2><label for="pin">{which}</label></h2><p>練習用の番号は {sample} です。</p>'
        f'<input type="text" id="pin" name="pin" {box} autocomplete="off">'
        f'<h2><label for="wish">起こしてみること</label></h2><select id="wish" name="wish">{wishes}</select>'
        '<button class="main" name="action" value="read">カードを読み取る</button>'
        '<button name="action" value="cancel">やめる</button></form>',
    )


def failed_page(request: str, title: str, message: str) -> str:
    return page(
        f"{title}（練習用）",
        f'<h1>{escape(title)}</h1><p class="alert" role="alert">{escape(message)}</p>'
        f'<form method="post" action="card"><input type="hidden" name="request" value="{escape(request)}">'
        '<button class="main" name="action" value="cancel">もとのサイトにもどる</button></form>',
    )


def about_page() -> str:
    return page(
        "本人確認（練習用）", "<h1>本人確認の練習</h1><p>申請の画面で「本人確認を始める」を押すと、ここに移ります。</p>"
    )


def lost_page() -> str:
    return page(
        "続けられません（練習用）",
        "<h1>続けられません</h1><p>依頼元が登録されていないか、画面の期限が切れました。もとのサイトからやり直してください。</p>",
    )
