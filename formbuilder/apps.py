from django.apps import AppConfig


class FormbuilderConfig(AppConfig):
    name = "formbuilder"
    verbose_name = "申請フォーム"
