import pytest

from formbuilder.expressions.formula import describe, parse_formula
from formbuilder.expressions.nodes import Call, Constant, Expression, FieldRef, Value

from .items import name_of, resolve


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ('=［多胎］="はい"', "「多胎」が「はい」のとき"),
        ("=［多胎］", "「多胎」が「はい」のとき"),
        ("=ではない(［多胎］)", "「多胎」が「はい」でないとき"),
        ('=［受取方法］<>"account"', "「受取方法」が「account」でないとき"),
        ('=ではない(［受取方法］="account")', "「受取方法」が「account」でないとき"),
        ("=［胎児の数］≧2", "「胎児の数」が2以上のとき"),
        ("=2<=［胎児の数］", "「胎児の数」が2以上のとき"),
        ("=［胎児の数］<2.50", "「胎児の数」が2.5より小さいとき"),
        ("=［胎児の数］>1000", "「胎児の数」が1000より大きいとき"),
        ("=［妊娠届出日］>日付(2026,4,1)", "「妊娠届出日」が2026年4月1日より後のとき"),
        ("=［妊娠届出日］≦今日()", "「妊娠届出日」が今日以前のとき"),
        ("=［妊娠届出日］<か月後(今日,3)", "「妊娠届出日」が今日の3か月後より前のとき"),
        ("=年齢(［生年月日］)>=18", "「生年月日」の年齢が18以上のとき"),
        ("=年齢(［生年月日］,［妊娠届出日］)<18", "「妊娠届出日」の時点での「生年月日」の年齢が18より小さいとき"),
        ("=空欄(［受取方法］)", "「受取方法」が空欄のとき"),
        ("=ではない(空欄(［受取方法］))", "「受取方法」に入力があるとき"),
        ('=含む(［希望］,"mail")', "「希望」に「mail」を含むとき"),
        ('=ではない(含む(［希望］,"mail"))', "「希望」に「mail」を含まないとき"),
        ('=［住所.市区町村］で始まる"新潟"', "「住所」の「市区町村」が「新潟」で始まるとき"),
        ('=ではない(［住所.市区町村］で始まる"新潟")', "「住所」の「市区町村」が「新潟」で始まらないとき"),
        ('=いずれか(［受取方法］,"a","b")', "「受取方法」が「a」、「b」のどれかのとき"),
        ("=ではない(いずれか(［胎児の数］,{1,2}))", "「胎児の数」が1、2のどれでもないとき"),
        ("=かつ(［多胎］,［胎児の数］>2)", "「多胎」が「はい」で、かつ「胎児の数」が2より大きいとき"),
        ("=かつ(［胎児の数］>2,［多胎］)", "「胎児の数」が2より大きく、かつ「多胎」が「はい」のとき"),
        ("=かつ(ではない(空欄(［受取方法］)),［多胎］)", "「受取方法」に入力があり、かつ「多胎」が「はい」のとき"),
        ("=または(［多胎］,［胎児の数］>2)", "「多胎」が「はい」、または「胎児の数」が2より大きいとき"),
        (
            '=または(かつ(［多胎］,［胎児の数］>2),［受取方法］="a")',
            "（「多胎」が「はい」で、かつ「胎児の数」が2より大きい）、または「受取方法」が「a」のとき",
        ),
        (
            "=ではない(または(［多胎］,［胎児の数］>2))",
            "（「多胎」が「はい」、または「胎児の数」が2より大きい）でないとき",
        ),
        ("=［胎児の数］*2+1>=5", "（「胎児の数」×2）＋1が5以上のとき"),
        ("=もし(［多胎］,2,1)*50000", "もし（「多胎」、2、1）×50000"),
        ("=もし(［多胎］=いいえ,2,1)", "もし（「多胎」が「いいえ」、2、1）"),
        ("=-［胎児の数］", "－「胎児の数」"),
        ("=50000", "50000"),
    ],
)
def test_a_condition_is_put_in_words(formula: str, words: str) -> None:
    assert describe(parse_formula(formula, resolve), name_of) == words


def test_values_are_shown_by_the_labels_that_people_see() -> None:
    labels = {"account": "口座を指定", "public": "公金受取口座", True: "双子以上"}

    def value_of(key: str, part: str | None, value: Constant) -> str:
        return labels[value] if isinstance(value, str | bool) else str(value)

    def words(expression: Expression) -> str:
        return describe(expression, name_of, value_of)

    method = FieldRef("method")
    assert words(Call("eq", (method, Value("account", "text")))) == "「受取方法」が「口座を指定」のとき"
    assert (
        words(Call("one_of", (method, Value(("account", "public"), "texts"))))
        == "「受取方法」が「口座を指定」、「公金受取口座」のどれかのとき"
    )
    assert words(Call("eq", (FieldRef("twins"), Value(True, "boolean")))) == "「多胎」が「双子以上」のとき"
