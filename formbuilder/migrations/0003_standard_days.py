import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("formbuilder", "0002_catalogue"),
    ]

    operations = [
        migrations.AddField(
            model_name="formpage",
            name="standard_days",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="申請が届いた日の翌日から数えます。案内ページに出て、申請状況の画面に結果の予定日が出ます。",
                null=True,
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(366)],
                verbose_name="標準処理期間（開庁日の日数）",
            ),
        ),
    ]
