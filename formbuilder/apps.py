from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext

from formbuilder.japanese.postcode_table import keep_at
from formbuilder.japanese.wording import translate_with


class FormbuilderConfig(AppConfig):
    name = "formbuilder"
    verbose_name = "申請フォーム"

    def ready(self) -> None:
        translate_with(gettext)
        keep_at(settings.DATA_DIR / "postcodes.sqlite3")
