"""What an editor wrote, as a mail says it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from applications.outbox import deliver_due
from outreach.plain import plain_text
from tests.outreach.letterbox import Letterbox
from tests.support.cast import SOMEBODY, Cast, make_form, submit


@pytest.fixture(autouse=True)
def base_url(settings: Settings) -> None:
    settings.BASE_URL = "https://mihon.example.jp"


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        (
            '<p>A &amp; B は<a href="https://x.jp/">こちら</a></p><ul><li>一</li><li>二</li></ul>',
            ["A & B はこちら（https://x.jp/）", "・一", "・二"],
        ),
        ("一<br>二<br/>三<br />四", ["一", "二", "三", "四"]),
        ("<h3>見出し</h3><p>本文</p>", ["見出し", "本文"]),
        ("<ul><li>一<ul><li>甲</li><li>乙</li></ul></li><li>二</li></ul>", ["・一", "　・甲", "　・乙", "・二"]),
        ("<ol><li>一<ul><li>甲</li></ul></li><li>二</li></ol><p>三</p>", ["1. 一", "　・甲", "2. 二", "三"]),
        ("<ul><li><p>一<br/>続き</p></li></ul><p>次</p>", ["・一", "　続き", "次"]),
        ("<ul><li></li></ul><p>次</p>", ["次"]),
        ("<p></p><p>一</p>\n<p> </p><p>二</p>", ["一", "二"]),
        ("<p>1 &lt; 2 &amp;amp; &#x1F338;&nbsp;&quot;</p>", ['1 < 2 &amp; 🌸\xa0"']),
        ("<p><b>太い</b>と<i>斜め</i></p>", ["太いと斜め"]),
        ("<p>　字下げ\n  と  改行</p>", ["　字下げ と 改行"]),
        ("<p>一 & 二 <", ["一 & 二 <"]),
        ("", []),
    ],
)
def test_rich_text_becomes_lines(html: str, lines: list[str]) -> None:
    assert plain_text(html).split("\n") == (lines or [""])


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<a href="/kodomo/">案内</a>を', "案内（https://mihon.example.jp/kodomo/）を"),
        ('<a href="https://x.jp/?a=1&amp;b=2">先</a>', "先（https://x.jp/?a=1&b=2）"),
        ('<a href="https://x.jp/">https://x.jp/</a>', "https://x.jp/"),
        ('<a href="mailto:a@example.jp">a@example.jp</a>', "a@example.jp"),
        ('<a href="mailto:a@example.jp">メール</a>', "メール（a@example.jp）"),
        ('<a href="tel:025-000-0000">電話</a>', "電話（025-000-0000）"),
        ('<a href="#top">上へ</a>', "上へ"),
        ("<a>消えたページ</a>", "消えたページ"),
        ('<a href="http://[">こわれた先</a>', "こわれた先（http://[）"),
    ],
)
def test_a_link_keeps_its_address(html: str, text: str) -> None:
    assert plain_text(html) == text


@given(st.lists(st.text(st.characters(categories=["L", "N", "P"]), min_size=1), min_size=1))
def test_no_word_of_a_list_is_lost(words: list[str]) -> None:
    escaped = [re.sub(r"[<>&]", lambda found: f"&#{ord(found[0])};", word) for word in words]
    html = "".join(f"<li>{word}</li>" for word in escaped)
    assert plain_text(f"<ul>{html}</ul>").split("\n") == [f"・{word}" for word in words]


def test_the_mail_says_where_a_link_to_a_page_leads(cast: Cast, letterbox: Letterbox) -> None:
    form = make_form(cast.children, code="linked")
    link = f'<a linktype="page" id="{form.pk}">こちら</a>'
    form.after = f"<p>A &amp; B は{link}</p><h3>このあと</h3><ul><li>一</li><li>二</li></ul>"
    form.save_revision().publish()
    submit(form, {**SOMEBODY, "メールアドレス": "hanako@example.jp"})
    deliver_due()
    address = f"https://mihon.example.jp{form.relative_url(form.get_site())}"
    text = letterbox.letters[0].text.replace("\r\n", "\n")
    assert f"■ このあとの流れ\nA & B はこちら（{address}）\nこのあと\n・一\n・二\n" in text
