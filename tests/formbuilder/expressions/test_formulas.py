from datetime import date
from decimal import Decimal

import pytest

from formbuilder.expressions.evaluate import evaluate
from formbuilder.expressions.formula import format_formula, parse_formula
from formbuilder.expressions.kinds import Scalar
from formbuilder.expressions.nodes import Call, FieldRef, Value

from .items import SCOPE, TODAY, name_of, resolve


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("=50000", Decimal(50000)),
        ("50000", Decimal(50000)),
        (" ＝　５００００ ", Decimal(50000)),
        ("=［胎児の数］*50000", Decimal(150000)),
        ("=[胎児の数]×５０，０００".replace("，", ""), Decimal(150000)),
        ("=［ 胎児の数 ]＊2", Decimal(6)),
        ('=もし(［多胎］="はい", 2, 1)*50000', Decimal(100000)),
        ("＝もし（［多胎］＝”いいえ”、２、１）×５００００", Decimal(50000)),
        ("=if([多胎]=true,2,1)", Decimal(2)),
        ("=IF([多胎]=はい,2)", Decimal(2)),
        ("=2+3*4-10/4", Decimal("11.5")),
        ("=(2+3)*4", Decimal(20)),
        ("=10-4-3", Decimal(3)),
        ("=16÷4÷2", Decimal(2)),
        ("=-2*-3", Decimal(6)),
        ("=1ー2", Decimal(-1)),
        ("=+.5+0．25", Decimal("0.75")),
        ("=--3", Decimal(3)),
        ("=1+1=2", True),
        ("=1<>2", True),
        ("=1≠1", False),
        ("=1!=2", True),
        ("=3≧3", True),
        ("=3>=12", False),
        ("=3＞＝3", True),
        ("=3=>4", False),
        ("=2≦12", True),
        ("=2＜＝1", False),
        ("=2≤2", True),
        ("=年齢(［生年月日］)≧18", True),
        ("=［住所.市区町村］＝「新潟市」", True),
        ("=［住所．市区町村］<>“長岡市”", True),
        ('=［住所.市区町村］&"の"&［胎児の数］&"人"', "新潟市の3人"),
        ('="言う""はい"""', '言う"はい"'),
        ("=「かぎ」」かっこ」", "かぎ」かっこ"),
        ('=［受取方法］=""', False),
        ('=［点数］=""', True),
        ('=""<>［点数］', False),
        ("=空欄(［点数］)", True),
        ("=かつ(［多胎］, ［胎児の数］>2, ではない(空欄(［受取方法］)))", True),
        ("=［多胎］=はい かつ ［胎児の数］≧5 または ［胎児の数］=3", True),
        ("=1=2 または 1=1 かつ 1=2", False),
        ('=いずれか(［受取方法］, "cash", "account")', True),
        ('=どれか(［受取方法］, {"cash","account"})', True),
        ('=［希望］含む"phone"', True),
        ('=含む(［希望］, "fax")', False),
        ('=［住所.市区町村］ で始まる "新"', True),
        ("=今日", TODAY),
        ("=今日()", TODAY),
        ("=今日()-［妊娠届出日］", Decimal(21)),
        ("=日数(［妊娠届出日］, 今日)", Decimal(21)),
        ("=［妊娠届出日］+30", date(2026, 12, 1)),
        ("=30+［妊娠届出日］", date(2026, 12, 1)),
        ("=［妊娠届出日］-1", date(2026, 10, 31)),
        ("=か月後(［妊娠届出日］, 1)", date(2026, 12, 1)),
        ("=ヶ月後(年度初め(［妊娠届出日］), 12)", date(2027, 4, 1)),
        ('=［妊娠届出日］>="2026/11/1"', True),
        ('="2026年11月2日">［妊娠届出日］', True),
        ("=［妊娠届出日］>日付(2026,10,31)", True),
        ('=日付("2026-04-01")', date(2026, 4, 1)),
        ('=［胎児の数］="3"', True),
        ('="はい"=［多胎］', True),
        ("=最大(合計(1,2,3),件数(［希望］))", Decimal(6)),
        ("=切り捨て(1999*1.1, -2)+切上げ(1.2)+四捨五入(2.5)", Decimal(2105)),
        ('=絶対値(-5)+文字数("新潟")', Decimal(7)),
        ("=round_down(2.9)", Decimal(2)),
        ("=1/0", None),
        ('=［ただし書き［注］］"１"．］=1=はい'.replace("=1=はい", '="あ"'), False),
    ],
)
def test_what_an_editor_types_gives_what_the_editor_means(formula: str, result: Scalar) -> None:
    assert evaluate(parse_formula(formula, resolve), SCOPE, today=TODAY) == result


def test_a_text_compared_with_a_yes_no_item_becomes_yes_or_no() -> None:
    assert parse_formula('=［多胎］="いいえ"', resolve) == Call("eq", (FieldRef("twins"), Value(False, "boolean")))


def test_a_text_compared_with_a_text_stays_a_text() -> None:
    assert parse_formula('=［受取方法］="はい"', resolve) == Call("eq", (FieldRef("method"), Value("はい", "text")))


def test_an_item_whose_name_has_a_point_comes_before_a_part() -> None:
    assert parse_formula('=［ただし書き［注］］"１"．］', resolve) == FieldRef("remark")


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("=[胎児の数] × 50000", "=［胎児の数］*50000"),
        ("＝もし（［多胎］＝”はい”、２、１）", "=もし(［多胎］=はい,2,1)"),
        ("=((1+2))*3-(4-5)", "=(1+2)*3-(4-5)"),
        ("=-(1+2)*-[胎児の数]", "=-(1+2)*-［胎児の数］"),
        ("=AND([多胎],NOT([多胎]))", "=かつ(［多胎］,ではない(［多胎］))"),
        ('=[妊娠届出日]>"2026/4/1"', "=［妊娠届出日］>日付(2026,4,1)"),
        ("=［住所．市区町村］=「”」", '=［住所.市区町村］="””"'),
        ("=いずれか([胎児の数],{1,2.50})", "=いずれか(［胎児の数］,{1,2.5})"),
    ],
)
def test_a_formula_is_written_in_one_way(typed: str, written: str) -> None:
    assert format_formula(parse_formula(typed, resolve), name_of) == written
