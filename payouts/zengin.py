"""全銀協規定形式 総合振込: the file that a bank pays from. 120 bytes a record, half-width text, CRLF after each.

Source: the byte table of 全国銀行協会 (レコード・フォーマット 総合振込). Numbers are right-aligned with zeros, texts
left-aligned with spaces; a byte is a character of JIS X 0201, which cp932 writes as it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from formbuilder.japanese.kana import KanaRefused, to_bank_kana

RECORD = 120  # bytes, without the line end
LINE_END = b"\r\n"
ENCODING = "cp932"
MOST_ROWS = 9_999  # some banks take no more in one file
MOST_YEN = 9_999_999_999  # of one row: ten digits
MOST_TOTAL = 999_999_999_999  # twelve digits
NAME, HOLDER, BANK = 40, 30, 15  # bytes of 振込依頼人名, 受取人名, and names of banks and branches
KINDS = frozenset({"1", "2", "4", "9"})  # 普通 当座 貯蓄 その他
CODES = {"bank_code": 4, "branch_code": 3, "number": 7}
_ALLOWED = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞﾟ ().-/")


class Unwritable(ValueError):
    """The file cannot be made of this; the message says which part and why."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where money goes, or comes from. Names of bank and branch are optional; `holder` is half-width kana."""

    bank_code: str
    branch_code: str
    kind: str
    number: str
    holder: str
    bank_name: str = ""
    branch_name: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """amount: yen; customer: twenty digits at most, which the bank hands back (顧客コード1, 2)."""

    account: Account
    amount: int
    customer: str


def problem_of(account: Account) -> str:
    """Why a bank would refuse this account; "" when it would not."""
    for part, digits in CODES.items():
        code = getattr(account, part)
        if not (code.isascii() and code.isdecimal() and len(code) == digits):
            words = {"bank_code": "金融機関コード", "branch_code": "支店コード", "number": "口座番号"}
            return f"{words[part]}が{digits}桁の数字ではありません。"
    if account.kind not in KINDS:
        return "預金の種類が選ばれていません。"
    if not account.holder.strip():
        return "口座名義がありません。"
    if refused := "".join(sorted(set(account.holder) - _ALLOWED)):
        return f"口座名義に使えない文字があります：{refused}"
    if len(account.holder) > HOLDER:
        return f"口座名義が{HOLDER}文字を超えています。"
    return ""


def name_for_file(text: str, length: int = BANK) -> str:
    """A name of a bank or branch in half-width kana, cut to fit; "" when it holds what no file may: it is optional."""
    try:
        return to_bank_kana(text)[:length]
    except KanaRefused:
        return ""


def write(*, source: Account, client_code: str, day: date, transfers: Iterable[Transfer]) -> bytes:
    """The whole file. source.holder: 振込依頼人名; day: 振込指定日, a working day of banks. Raises Unwritable."""
    rows = list(transfers)
    total = sum(row.amount for row in rows)
    if not rows:
        raise Unwritable("振込が1件もありません。")
    if len(rows) > MOST_ROWS:
        raise Unwritable(f"1つのファイルに入るのは{MOST_ROWS:,}件までです。")
    if total > MOST_TOTAL:
        raise Unwritable(f"合計金額が{MOST_TOTAL:,}円を超えています。")
    records = [_header(source, client_code, day), *map(_data, rows), _trailer(len(rows), total), _end()]
    return b"".join(record + LINE_END for record in records)


def _header(source: Account, client_code: str, day: date) -> bytes:
    return _record(
        "1" + "21" + "0",
        _digits(client_code, 10, "振込依頼人コード"),
        _text(source.holder, NAME, "振込依頼人名"),
        f"{day:%m%d}",
        _digits(source.bank_code, 4, "仕向金融機関コード"),
        _text(source.bank_name, BANK, "仕向金融機関名"),
        _digits(source.branch_code, 3, "仕向支店コード"),
        _text(source.branch_name, BANK, "仕向支店名"),
        _digits(source.kind, 1, "預金の種類"),
        _digits(source.number, 7, "口座番号"),
        " " * 17,
    )


def _data(row: Transfer) -> bytes:
    account = row.account
    if problem := problem_of(account):
        raise Unwritable(problem)
    if not 1 <= row.amount <= MOST_YEN:
        raise Unwritable(f"金額が1円から{MOST_YEN:,}円の間ではありません。")
    customer = _digits(row.customer, 20, "顧客コード")
    return _record(
        "2",
        account.bank_code,
        _text(account.bank_name, BANK, "金融機関名"),
        account.branch_code,
        _text(account.branch_name, BANK, "支店名"),
        "0000",  # 手形交換所番号, unused
        account.kind,
        account.number,
        _text(account.holder, HOLDER, "受取人名"),
        f"{row.amount:010}",
        "0",  # 新規コード
        customer,
        "7",  # 電信
        " ",  # 識別表示: the twenty digits before are 顧客コード, not EDI
        " " * 7,
    )


def _trailer(count: int, total: int) -> bytes:
    return _record("8", f"{count:06}", f"{total:012}", " " * 101)


def _end() -> bytes:
    return _record("9", " " * 119)


def _digits(text: str, length: int, what: str) -> str:
    if not (text.isascii() and text.isdecimal() and len(text) <= length):
        raise Unwritable(f"{what}が{length}桁以内の数字ではありません。")
    return text.zfill(length)


def _text(text: str, length: int, what: str) -> str:
    if refused := "".join(sorted(set(text) - _ALLOWED)):
        raise Unwritable(f"{what}に使えない文字があります：{refused}")
    if len(text) > length:
        raise Unwritable(f"{what}が{length}文字を超えています。")
    return text.ljust(length)


def _record(*parts: str) -> bytes:
    record = "".join(parts).encode(ENCODING)
    if len(record) != RECORD:  # a part of the wrong length would move every part behind it
        raise Unwritable(f"{len(record)} bytes")
    return record
