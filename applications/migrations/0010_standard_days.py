from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import OuterRef, Subquery


def pin(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What has arrived already is promised what its form says now."""
    forms = apps.get_model("formbuilder", "FormPage").objects.filter(pk=OuterRef("form_id"))
    arrived = apps.get_model("applications", "Application").objects.filter(received_at__isnull=False)
    arrived.update(standard_days=Subquery(forms.values("standard_days")))


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0009_uploads_in_pieces"),
        ("formbuilder", "0003_standard_days"),
    ]

    operations = [
        migrations.AddField(
            model_name="application",
            name="standard_days",
            field=models.PositiveSmallIntegerField(null=True, verbose_name="標準処理期間"),
        ),
        migrations.RunPython(pin, migrations.RunPython.noop),
    ]
