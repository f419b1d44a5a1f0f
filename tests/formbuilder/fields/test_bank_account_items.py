import pytest

from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.bank_account import BankAccountType
from tests.formbuilder.fields.making import cells, item, refusal, shown, take, type_of

ACCOUNT = BankAccountType.example
YUCHO = {"bank_code": "9900", "bank_name": "", "branch_name": "", "kind": "", "holder": "ミホン ハナコ"}


def test_every_part_is_made_uniform() -> None:
    typed = {
        "bank_code": "０１４０",
        "bank_name": " みほん銀行 ",
        "branch_code": "001",
        "branch_name": "本店",
        "kind": "1",
        "number": "１２３４５６",
        "holder": "みほん　はなこ",
    }

    assert take(item("bank_account"), typed) == ACCOUNT


@pytest.mark.parametrize("part", ["bank_code", "bank_name", "branch_code", "branch_name", "number", "holder"])
def test_every_part_is_needed(part: str) -> None:
    refused = refusal(item("bank_account"), {**ACCOUNT, part: ""})

    assert refused.message == f"{BankAccountType.parts[part].label}を入力してください。"
    assert refused.part == part


@pytest.mark.parametrize(
    ("part", "text", "words"),
    [
        ("bank_code", "140", "金融機関コードは4桁"),
        ("branch_code", "01", "支店コードは3桁"),
        ("branch_code", "10530", "支店コードは3桁"),  # 記号 means nothing at another bank
        ("number", "12345678", "口座番号は7桁以内"),
        ("number", "口座", "口座番号は7桁以内"),
        ("kind", "", "預金の種類を選んで"),
        ("kind", "9", "預金の種類を選んで"),
        ("holder", "見本花子", "口座名義に使えない文字"),
        ("holder", "ア" * 31, "30文字以内"),
        ("holder", "ア" * 10_000, "30文字以内"),
        ("bank_name", "あ" * 41, "金融機関名は40文字以内"),
        ("branch_name", "あ" * 10_000, "支店名は40文字以内"),
    ],
)
def test_a_wrong_part_is_named(part: str, text: str, words: str) -> None:
    refused = refusal(item("bank_account"), {**ACCOUNT, part: text})

    assert words in refused.message
    assert refused.part == part


def test_a_postal_account_may_be_given_as_its_passbook_shows_it() -> None:
    assert take(item("bank_account"), {**YUCHO, "branch_code": "10530", "number": "12345671"}) == {
        "bank_code": "9900",
        "bank_name": "ゆうちょ銀行",
        "branch_code": "058",
        "branch_name": "〇五八",
        "kind": "1",
        "number": "1234567",
        "holder": "ﾐﾎﾝ ﾊﾅｺ",
    }


def test_a_postal_account_may_be_given_as_other_banks_write_it() -> None:
    typed = {**YUCHO, "branch_code": "058", "branch_name": "〇五八店", "kind": "4", "number": "1234567"}

    kept = take(item("bank_account"), typed)

    assert (kept["branch_code"], kept["branch_name"], kept["kind"], kept["number"]) == (
        "058",
        "〇五八店",
        "4",
        "1234567",
    )


@pytest.mark.parametrize(
    ("symbol", "number", "part"),
    [("00530", "12345671", "branch_code"), ("1053", "12345671", "branch_code"), ("10530", "12345672", "number")],
)
def test_a_wrong_number_of_a_passbook_is_refused_at_its_box(symbol: str, number: str, part: str) -> None:
    assert refusal(item("bank_account"), {**YUCHO, "branch_code": symbol, "number": number}).part == part


def test_a_postal_account_without_its_numbers_is_refused() -> None:
    assert refusal(item("bank_account"), {**YUCHO, "branch_code": "10530", "number": ""}).part == "kind"
    assert (
        refusal(item("bank_account"), {**YUCHO, "kind": "1", "branch_code": "", "number": "12345671"}).part
        == "branch_code"
    )


def test_empty_boxes_are_no_answer() -> None:
    assert take(item("bank_account"), dict.fromkeys(ACCOUNT, "")) is None


def test_an_account_is_shown_in_lines_and_exported_in_seven_columns() -> None:
    field = item("bank_account", "口座")

    assert shown(field, ACCOUNT) == "みほん銀行（0140） 本店（001）\n普通 0123456\nﾐﾎﾝ ﾊﾅｺ"
    assert type_of(field).headers(field) == [
        "口座：金融機関コード",
        "口座：金融機関名",
        "口座：支店コード",
        "口座：支店名",
        "口座：種別",
        "口座：口座番号",
        "口座：名義",
    ]
    assert cells(field, ACCOUNT) == ["0140", "みほん銀行", "001", "本店", "普通", "0123456", "ﾐﾎﾝ ﾊﾅｺ"]
    assert cells(field, None) == [""] * 7


def test_an_account_is_sealed_unless_the_editor_decides_otherwise() -> None:
    assert FIELD_TYPES["bank_account"].block().get_default()["sensitive"] is True
    assert FIELD_TYPES["text"].block().get_default()["sensitive"] is False
