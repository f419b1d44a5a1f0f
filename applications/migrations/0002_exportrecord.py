import uuid

import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """The records of exports move here with their table: day sheets of reservations are recorded beside them."""

    dependencies = [
        ("applications", "0001_initial"),
        ("cms", "0001_initial"),
        ("exports", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="ExportRecord",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("export", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("at", models.DateTimeField(auto_now_add=True, verbose_name="日時")),
                        ("form_code", models.CharField(max_length=40)),
                        ("form_title", models.CharField(max_length=255, verbose_name="申請フォーム")),
                        (
                            "format",
                            models.CharField(
                                choices=[("xlsx", "Excel"), ("csv", "CSV"), ("pdf", "PDF")],
                                max_length=10,
                                verbose_name="形式",
                            ),
                        ),
                        ("rows", models.PositiveIntegerField(verbose_name="件数")),
                        (
                            "filters",
                            models.JSONField(
                                default=list,
                                encoder=django.core.serializers.json.DjangoJSONEncoder,
                                verbose_name="条件",
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cms.department",
                                verbose_name="所管課",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="職員",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "exports_exportrecord",
                        "verbose_name": "出力の記録",
                        "verbose_name_plural": "出力の記録",
                        "ordering": ("-at", "-pk"),
                        "indexes": [models.Index(fields=["department", "-at"], name="exports_of_department")],
                    },
                ),
            ],
        ),
    ]
