from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0011_unread_since"), ("followup", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Tally",
                    fields=[
                        ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("count", models.PositiveIntegerField(default=0)),
                        ("until", models.DateTimeField(db_index=True)),
                    ],
                    options={"verbose_name": "回数", "verbose_name_plural": "回数", "db_table": "followup_tally"},
                )
            ]
        )
    ]
