"""What residents of みほん市 look for procedures by, and where its forms stand in the catalogue."""

from cms.models import Category, LifeEvent
from formbuilder.models import FormPage

LIFE_EVENTS = [
    ("妊娠・出産", "baby"),
    ("子育て", "child"),
    ("入園・入学", "school"),
    ("就職・退職", "work"),
    ("結婚・離婚", "ring"),
    ("引越し・住まい", "house"),
    ("病気・けが", "heart"),
    ("高齢・介護", "care"),
    ("おくやみ", "memorial"),
]
CATEGORIES = [
    ("手当・給付金", "coin"),
    ("届出・証明", "card"),
    ("健康・医療", "heart"),
    ("福祉・介護", "care"),
    ("税・保険・年金", "coin"),
    ("ごみ・環境", "recycle"),
    ("防災・安全", "shield"),
    ("予約・催し", "calendar"),
]
# code of a form -> life events, categories, search words
FILED = {
    "smile-gift": (
        ("妊娠・出産", "子育て"),
        ("手当・給付金",),
        "出産祝金 出産応援ギフト 妊婦 赤ちゃん 5万円 伴走型相談支援",
    ),
    "juminhyo": (("引越し・住まい",), ("届出・証明",), "住民票 証明書 世帯 本籍 続柄 マイナンバーカード"),
    "riyo-card": (("引越し・住まい",), ("届出・証明",), "図書館 体育館 プール 貸出カード 利用者登録 本の貸出"),
    "ogata-gomi": (("引越し・住まい",), ("ごみ・環境",), "粗大ごみ 大型ごみ ソファ 自転車 布団 たんす 家具 回収"),
    "sogo-kenshin": (("病気・けが",), ("健康・医療", "予約・催し"), "健康診断 がん検診 人間ドック 特定健診"),
}


def build_topics() -> None:
    for place, (name, icon) in enumerate(LIFE_EVENTS):
        LifeEvent.objects.create(name=name, icon=icon, sort_order=place)
    for place, (name, icon) in enumerate(CATEGORIES):
        Category.objects.create(name=name, icon=icon, sort_order=place)


def file_forms() -> None:
    """Put every published form of the sample city where residents look for it."""
    for form in FormPage.objects.live().order_by("pk"):
        life_events, categories, form.keywords = FILED[form.code]
        form.life_events.set(LifeEvent.objects.filter(name__in=life_events))
        form.categories.set(Category.objects.filter(name__in=categories))
        form.save_revision().publish()
