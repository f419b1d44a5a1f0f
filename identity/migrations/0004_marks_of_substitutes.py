import django.core.serializers.json
from django.db import migrations, models


def name_places(apps, schema_editor):
    """Which characters they were was not kept."""
    signatures = apps.get_model("identity", "Signature").objects.using(schema_editor.connection.alias)
    for made in signatures.iterator():
        made.substituted = dict.fromkeys(made.substituted, "")
        made.save(update_fields=["substituted"])


class Migration(migrations.Migration):
    dependencies = [("identity", "0003_ekyc")]

    operations = [
        migrations.AlterField(
            model_name="signature",
            name="substituted",
            field=models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder),
        ),
        migrations.RunPython(name_places, migrations.RunPython.noop, elidable=True),
    ]
