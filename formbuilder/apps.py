from django.apps import AppConfig
from django.utils.translation import gettext

from formbuilder.japanese.wording import translate_with


class FormbuilderConfig(AppConfig):
    name = "formbuilder"
    verbose_name = "申請フォーム"

    def ready(self) -> None:
        translate_with(gettext)
