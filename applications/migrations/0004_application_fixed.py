import django.core.serializers.json
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0003_key"),
    ]

    operations = [
        migrations.AddField(
            model_name="application",
            name="fixed",
            field=models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder),
        ),
    ]
