"""What the catalogue finds a form by; forms that are published already are found at once."""

import modelcluster.fields
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from cms.base_pages import searchable


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    pages = apps.get_model("formbuilder", "FormPage").objects
    for pk, title, summary in pages.values_list("pk", "title", "summary"):
        pages.filter(pk=pk).update(search_text=searchable(title, summary))


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0003_topics"),
        ("formbuilder", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="formpage",
            name="accepts_from",
            field=models.DateTimeField(
                blank=True, help_text="空欄：公開したときから。", null=True, verbose_name="受付開始"
            ),
        ),
        migrations.AddField(
            model_name="formpage",
            name="accepts_until",
            field=models.DateTimeField(
                blank=True,
                help_text="この日時になると受付を終わります。月末までのときは、翌月1日の0時00分。空欄：期限なし。",
                null=True,
                verbose_name="受付終了",
            ),
        ),
        migrations.AddField(
            model_name="formpage",
            name="categories",
            field=modelcluster.fields.ParentalManyToManyField(blank=True, to="cms.category", verbose_name="分類"),
        ),
        migrations.AddField(
            model_name="formpage",
            name="keywords",
            field=models.CharField(
                blank=True,
                help_text="名前と概要にない言葉でもさがせるようにします。空白で区切ってください。例：出産祝金 こども 給付金",
                max_length=300,
                verbose_name="検索語",
            ),
        ),
        migrations.AddField(
            model_name="formpage",
            name="life_events",
            field=modelcluster.fields.ParentalManyToManyField(
                blank=True, to="cms.lifeevent", verbose_name="ライフイベント"
            ),
        ),
        migrations.AddField(
            model_name="formpage",
            name="search_text",
            field=models.TextField(default="", editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
