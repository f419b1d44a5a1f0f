"""What pages are made from: every page of the product, and those that stand in the catalogue."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.models import Page, get_page_models

from cms.folding import search_key
from cms.periods import Period
from cms.topics import Category, LifeEvent


class BasePage(Page):
    """What every page of the product shares; a project-wide field belongs here."""

    # Wagtail's privacy settings would close the guide page only, and leave the form behind it open
    private_page_options: ClassVar[list[str]] = []

    summary = models.CharField("概要", max_length=200, blank=True, help_text="一覧に出る短い説明です。")

    class Meta:
        abstract = True


class ProcedurePage(BasePage):
    """手続: what the catalogue lists, and what it is found by."""

    keywords = models.CharField(
        "検索語",
        max_length=300,
        blank=True,
        help_text="名前と概要にない言葉でもさがせるようにします。空白で区切ってください。例：出産祝金 こども 給付金",
    )
    categories = ParentalManyToManyField(Category, blank=True, verbose_name="分類")
    life_events = ParentalManyToManyField(LifeEvent, blank=True, verbose_name="ライフイベント")
    accepts_from = models.DateTimeField("受付開始", null=True, blank=True, help_text="空欄：公開したときから。")
    accepts_until = models.DateTimeField(
        "受付終了",
        null=True,
        blank=True,
        help_text="この日時になると受付を終わります。月末までのときは、翌月1日の0時00分。空欄：期限なし。",
    )
    search_text = models.TextField(editable=False, default="")

    catalogue_panels: ClassVar = [
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("accepts_from"), FieldPanel("accepts_until")])],
            heading="受付期間",
            help_text="期間の前と後も案内は公開され、申請だけができません。",
        ),
        MultiFieldPanel(
            [
                FieldPanel("life_events", widget=forms.CheckboxSelectMultiple),
                FieldPanel("categories", widget=forms.CheckboxSelectMultiple),
                FieldPanel("keywords"),
            ],
            heading="手続の一覧でのさがし方",
        ),
    ]

    class Meta:
        abstract = True

    @property
    def period(self) -> Period:
        return Period(self.accepts_from, self.accepts_until)

    def clean(self) -> None:
        super().clean()
        if self.accepts_from and self.accepts_until and self.accepts_from >= self.accepts_until:
            raise ValidationError({"accepts_until": "受付終了は、受付開始より後の日時にしてください。"})

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_text = searchable(self.title, self.summary, *self.keywords.split())
        super().save(*args, **kwargs)


def searchable(*texts: str) -> str:
    """What is searched, folded; nothing is found across the border of two texts."""
    return "\n".join(map(search_key, texts))


def procedure_models() -> list[type[ProcedurePage]]:
    """The kinds of pages that the catalogue lists; the apps above bring them."""
    return [model for model in get_page_models() if issubclass(model, ProcedurePage)]
