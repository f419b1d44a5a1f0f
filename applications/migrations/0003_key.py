import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0002_exportrecord"),
    ]

    operations = [
        migrations.CreateModel(
            name="Key",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="keys", to="applications.application"
                    ),
                ),
            ],
            options={
                "verbose_name": "下書きの鍵",
                "verbose_name_plural": "下書きの鍵",
                "ordering": ("pk",),
                "constraints": [models.UniqueConstraint(fields=("application", "digest"), name="one_key_per_secret")],
            },
        ),
    ]
