"""The items of a small form, as formulas, conditions and scopes know them."""

from datetime import date
from decimal import Decimal

from formbuilder.expressions.formula import Resolved
from formbuilder.expressions.kinds import ExpressionError, Kind, Scalar

TODAY = date(2026, 11, 22)

ITEMS: dict[str, Resolved] = {
    "多胎": Resolved("twins", None, "boolean"),
    "胎児の数": Resolved("babies", None, "number"),
    "生年月日": Resolved("birth", None, "date"),
    "妊娠届出日": Resolved("notified", None, "date"),
    "受取方法": Resolved("method", None, "text"),
    "希望": Resolved("wishes", None, "texts"),
    "点数": Resolved("scores", None, "numbers"),
    'ただし書き［注］"１"．': Resolved("remark", None, "text"),
}
PARTS: dict[tuple[str, str], Resolved] = {
    ("住所", "市区町村"): Resolved("address", "city", "text"),
    ("住所", "郵便番号"): Resolved("address", "postcode", "text"),
}
ALL = [*ITEMS.values(), *PARTS.values()]
KINDS: dict[str, Kind] = {f"{item.key}.{item.part}" if item.part else item.key: item.kind for item in ALL}
SCOPE: dict[str, Scalar] = {
    "twins": True,
    "babies": Decimal(3),
    "birth": date(2000, 2, 29),
    "notified": date(2026, 11, 1),
    "method": "account",
    "wishes": ("mail", "phone"),
    "address.city": "新潟市",
}


def resolve(name: str, part: str | None) -> Resolved:
    if part is not None:
        if (name, part) in PARTS:
            return PARTS[name, part]
        raise ExpressionError(f"「{name}」に「{part}」という部分はありません。")
    if name not in ITEMS:
        raise ExpressionError(f"「{name}」という項目がありません。")
    return ITEMS[name]


def name_of(key: str, part: str | None) -> tuple[str, str | None]:
    if part is not None:
        return next(names for names, item in PARTS.items() if (item.key, item.part) == (key, part))
    return next(name for name, item in ITEMS.items() if item.key == key), None
