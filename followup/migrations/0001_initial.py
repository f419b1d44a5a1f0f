import applications.models
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("applications", "0003_key"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField(default=0)),
                ("until", models.DateTimeField(db_index=True)),
            ],
            options={
                "verbose_name": "回数",
                "verbose_name_plural": "回数",
            },
        ),
        migrations.CreateModel(
            name="ResumeLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=applications.models.new_public_id, editable=False, max_length=22, unique=True
                    ),
                ),
                ("to", models.CharField(max_length=254)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="applications.application"
                    ),
                ),
            ],
            options={
                "verbose_name": "続きの入力のリンク",
                "verbose_name_plural": "続きの入力のリンク",
            },
        ),
        migrations.CreateModel(
            name="Code",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=applications.models.new_public_id, editable=False, max_length=22, unique=True
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[("address", "メールアドレスの確認"), ("status", "申請状況の確認")], max_length=20
                    ),
                ),
                ("address_digest", models.CharField(max_length=64)),
                ("nonce", models.CharField(max_length=43)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("announced_at", models.DateTimeField(null=True)),
                ("used_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "application",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="applications.application",
                    ),
                ),
            ],
            options={
                "verbose_name": "確認コード",
                "verbose_name_plural": "確認コード",
                "indexes": [
                    models.Index(fields=["application", "purpose", "-created_at"], name="codes_of_application"),
                    models.Index(
                        condition=models.Q(("announced_at__isnull", True), ("application__isnull", False)),
                        fields=["created_at"],
                        name="codes_to_announce",
                    ),
                    models.Index(fields=["expires_at"], name="codes_by_end"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExpiryNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("expires_on", models.DateField()),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="applications.application"
                    ),
                ),
            ],
            options={
                "verbose_name": "期限のお知らせ",
                "verbose_name_plural": "期限のお知らせ",
                "constraints": [
                    models.UniqueConstraint(fields=("application", "expires_on"), name="one_notice_per_expiry")
                ],
            },
        ),
        migrations.CreateModel(
            name="Rating",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("score", models.PositiveSmallIntegerField(verbose_name="満足度")),
                ("comment", models.TextField(blank=True, verbose_name="ご意見")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="日時")),
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="applications.application"
                    ),
                ),
            ],
            options={
                "verbose_name": "満足度",
                "verbose_name_plural": "満足度",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("score__gte", 1), ("score__lte", 5)), name="score_from_1_to_5"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VerifiedAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address_digest", models.CharField(max_length=64)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="applications.application"
                    ),
                ),
            ],
            options={
                "verbose_name": "確認済みのメールアドレス",
                "verbose_name_plural": "確認済みのメールアドレス",
                "constraints": [
                    models.UniqueConstraint(fields=("application", "address_digest"), name="address_verified_once")
                ],
            },
        ),
    ]
