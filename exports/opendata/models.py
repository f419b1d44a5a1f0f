"""Whether, and as whom, a site publishes open data."""

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

LICENCES = [("CC BY 4.0", "CC BY 4.0"), ("CC0 1.0", "CC0 1.0"), ("PDL 1.0", "公共データ利用規約（第1.0版）")]


@register_setting(icon="globe", order=1320)
class OpenData(BaseSiteSetting):
    is_on = models.BooleanField(
        "公開する",
        default=False,
        help_text="/opendata/ で、手続の一覧と、手続ごと・月ごとの件数を公開します。個人情報は含みません。",
    )
    municipality_code = models.CharField(
        "全国地方公共団体コード",
        max_length=6,
        blank=True,
        validators=[RegexValidator(r"\A[0-9]{6}\Z", "検査数字を含む6桁の数字で入力してください。")],
        help_text="検査数字を含む6桁。例：151009",
    )
    has_statistics = models.BooleanField(
        "件数も公開する", default=True, help_text="10件に満たない数は「X」にして、もとの数が分からないようにします。"
    )
    licence = models.CharField("利用条件", max_length=20, choices=LICENCES, default="CC BY 4.0")

    panels: ClassVar = [
        FieldPanel("is_on"),
        FieldPanel("municipality_code"),
        FieldPanel("has_statistics"),
        FieldPanel("licence"),
    ]

    class Meta:
        verbose_name = verbose_name_plural = "オープンデータ"
