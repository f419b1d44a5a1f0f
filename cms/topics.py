"""分類 and ライフイベント: what residents look for procedures by. Administrators make and order them."""

from django.db import models
from wagtail.models import Orderable

# The symbols of static/cms/img/topics.svg
ICONS = [
    ("baby", "赤ちゃん"),
    ("child", "こども"),
    ("school", "学校"),
    ("ring", "結婚"),
    ("house", "住まい・引越し"),
    ("work", "仕事"),
    ("heart", "健康・医療"),
    ("care", "介護・福祉"),
    ("memorial", "おくやみ"),
    ("coin", "税・お金"),
    ("card", "証明書・届出"),
    ("recycle", "ごみ・環境"),
    ("shield", "防災・安全"),
    ("calendar", "予約・催し"),
]


class Topic(Orderable):
    name = models.CharField("名前", max_length=40, unique=True)
    icon = models.CharField("絵", max_length=20, choices=ICONS, blank=True, help_text="なくてもかまいません。")

    class Meta(Orderable.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.name


class Category(Topic):
    """分類, by subject: taxes, health, waste."""

    class Meta(Topic.Meta):
        verbose_name = verbose_name_plural = "手続の分類"


class LifeEvent(Topic):
    """ライフイベント, by what happens to a person: a birth, a move."""

    class Meta(Topic.Meta):
        verbose_name = verbose_name_plural = "ライフイベント"
