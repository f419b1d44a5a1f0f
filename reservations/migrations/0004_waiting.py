import datetime
from importlib import import_module

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# The same as in 0002, but that a place for which somebody waits is not for whoever comes first.
PLACE = """
CREATE OR REPLACE FUNCTION reservations_place(
    of_slot bigint, of_application bigint, by_channel text, by_key text, party_digest text,
    made_at timestamptz, expires_at timestamptz, of_calendar bigint, calendar_version text,
    buckets bigint[], amounts int[], layouts int[], people json, with_items boolean
) RETURNS bigint LANGUAGE plpgsql AS $place$
DECLARE
    known int;
    fits boolean;
    booking bigint;
BEGIN
    -- Whether the caller has judged by what is so: the rules of the reception, and the buckets of the slot.
    SELECT count(*), bool_and(NOT b.closed AND NOT b.queued AND b.taken + w.n <= b.limit_public) INTO known, fits
      FROM unnest(buckets, amounts, layouts) AS w(id, n, layout)
      JOIN reservations_bucket b ON b.id = w.id AND b.layout = w.layout
      JOIN reservations_calendar c ON c.id = of_calendar AND c.xmin::text = calendar_version;
    IF known < cardinality(buckets) THEN
        RETURN -1;
    END IF;
    -- Who is refused anyway neither writes nor waits.
    IF NOT fits THEN
        RETURN 0;
    END IF;
    INSERT INTO reservations_booking
        (application_id, slot_id, state, channel, key, party, hold_expires_at, created_at, extended, kept, sequence)
    VALUES (of_application, of_slot, 'hold', by_channel, by_key, party_digest, expires_at, made_at, false, false, 0)
    RETURNING id INTO booking;
    INSERT INTO reservations_attendee (booking_id, ordinal, name, places, person, once)
    SELECT booking, p.ordinal, p.name, p.places, p.person, p.once
      FROM json_to_recordset(people) AS p(ordinal int, name text, places int, person text, once text)
     ORDER BY p.once;
    IF with_items THEN
        INSERT INTO reservations_attendeeitem (attendee_id, item_id)
        SELECT a.id, unnest(p.items) FROM json_to_recordset(people) AS p(ordinal int, items bigint[])
          JOIN reservations_attendee a ON a.booking_id = booking AND a.ordinal = p.ordinal;
    END IF;
    INSERT INTO reservations_claim (booking_id, bucket_id, n)
    SELECT booking, w.id, w.n FROM unnest(buckets, amounts) AS w(id, n);
    -- Last, because everybody else waits from here on. In the order of ids; each judged as it is once it is locked.
    FOR i IN 1 .. cardinality(buckets) LOOP
        UPDATE reservations_bucket SET taken = taken + amounts[i]
         WHERE id = buckets[i] AND layout = layouts[i] AND NOT queued
           AND NOT closed AND taken + amounts[i] <= limit_public;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'not taken' USING ERRCODE = 'MG001';
        END IF;
    END LOOP;
    RETURN booking;
END
$place$
"""


def replace(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(PLACE, params=None)


def put_back(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        before = import_module("reservations.migrations.0002_place").PLACE
        schema_editor.execute(before.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"), params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0001_initial"),
        ("reservations", "0003_attendance"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="booking",
            name="unasked",
            field=models.BooleanField(db_default=False, default=False, verbose_name="本人の確認待ち"),
        ),
        migrations.AddField(
            model_name="bucket",
            name="queued",
            field=models.BooleanField(default=False, verbose_name="順番待ち"),
        ),
        migrations.AddField(
            model_name="calendar",
            name="reminder_time",
            field=models.TimeField(
                blank=True,
                default=datetime.time(18, 0),
                help_text="予約の前の日のこの時刻に、メールで知らせます。空欄なら知らせません。",
                null=True,
                verbose_name="前日のお知らせの時刻",
            ),
        ),
        migrations.AddField(
            model_name="calendar",
            name="waiting_hours",
            field=models.PositiveSmallIntegerField(
                default=24,
                help_text="この時間のうちに予約されなければ、次の人に案内します。予約の締切より後にはなりません。",
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="空きを案内してから待つ時間",
            ),
        ),
        migrations.AddField(
            model_name="calendar",
            name="waiting_list",
            field=models.BooleanField(
                default=True,
                help_text="満員の枠に空きが出たら、登録した順に案内します。",
                verbose_name="キャンセル待ちを受け付ける",
            ),
        ),
        migrations.CreateModel(
            name="Lottery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="例: 2027年度 前期", max_length=60, verbose_name="名称")),
                ("first_day", models.DateField(verbose_name="対象の初日")),
                ("last_day", models.DateField(verbose_name="対象の最終日")),
                ("opens_at", models.DateTimeField(verbose_name="申込みの開始")),
                ("closes_at", models.DateTimeField(verbose_name="申込みの締切")),
                (
                    "draws_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="空欄なら、締切のあとに職員が抽選します。",
                        null=True,
                        verbose_name="自動で抽選する日時",
                    ),
                ),
                (
                    "wishes",
                    models.PositiveSmallIntegerField(
                        default=3,
                        help_text="第何希望まで選べるか",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10),
                        ],
                        verbose_name="希望の数",
                    ),
                ),
                (
                    "reserves",
                    models.PositiveIntegerField(
                        blank=True, help_text="空欄なら、全員を補欠にします。", null=True, verbose_name="補欠の数"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("prepared", "準備中"), ("open", "受付・抽選待ち"), ("drawn", "抽選済")],
                        default="prepared",
                        max_length=20,
                        verbose_name="状態",
                    ),
                ),
                ("seed", models.CharField(blank=True, max_length=64)),
                (
                    "seed_hash",
                    models.CharField(blank=True, max_length=64, verbose_name="乱数の種のハッシュ値（SHA-256）"),
                ),
                ("ground", models.JSONField(default=dict)),
                ("drawn_at", models.DateTimeField(null=True, verbose_name="抽選した日時")),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lotteries",
                        to="reservations.calendar",
                        verbose_name="受付",
                    ),
                ),
                (
                    "drawn_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "抽選",
                "verbose_name_plural": "抽選",
                "ordering": ("-first_day", "pk"),
            },
        ),
        migrations.CreateModel(
            name="LotteryEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="抽選番号")),
                ("party", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                ("slots", models.JSONField()),
                ("email", models.CharField(blank=True, max_length=254, verbose_name="メール")),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("entered", "申込み"),
                            ("won", "当選"),
                            ("reserve", "補欠"),
                            ("lost", "落選"),
                            ("withdrawn", "取りやめ"),
                            ("void", "無効（申請が未完了）"),
                        ],
                        default="entered",
                        max_length=20,
                        verbose_name="結果",
                    ),
                ),
                ("place", models.PositiveIntegerField(null=True, verbose_name="抽選の順番")),
                ("reserve", models.PositiveIntegerField(null=True, verbose_name="補欠の順番")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="申込み")),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lottery_entries",
                        to="applications.application",
                        verbose_name="申請",
                    ),
                ),
                (
                    "booking",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lottery_entry",
                        to="reservations.booking",
                    ),
                ),
                (
                    "lottery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="reservations.lottery",
                        verbose_name="抽選",
                    ),
                ),
            ],
            options={
                "verbose_name": "抽選の申込み",
                "verbose_name_plural": "抽選の申込み",
                "ordering": ("number",),
            },
        ),
        migrations.CreateModel(
            name="LotteryPerson",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person", models.CharField(max_length=64)),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="persons",
                        to="reservations.lotteryentry",
                    ),
                ),
                (
                    "lottery",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="reservations.lottery",
                    ),
                ),
            ],
            options={
                "verbose_name": "抽選に加わる人",
                "verbose_name_plural": "抽選に加わる人",
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="日時")),
                (
                    "booking",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reminders",
                        to="reservations.booking",
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="reservations.slot"
                    ),
                ),
            ],
            options={
                "verbose_name": "前日のお知らせ",
                "verbose_name_plural": "前日のお知らせ",
            },
        ),
        migrations.CreateModel(
            name="WaitingEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "待っています"),
                            ("offered", "案内中"),
                            ("taken", "予約済"),
                            ("declined", "辞退"),
                            ("lapsed", "案内の期限切れ"),
                            ("left", "取りやめ"),
                            ("removed", "職員が取消"),
                            ("ended", "締切"),
                        ],
                        default="waiting",
                        max_length=20,
                        verbose_name="状態",
                    ),
                ),
                ("rank", models.BigIntegerField(verbose_name="順番")),
                ("party", models.JSONField()),
                ("email", models.CharField(blank=True, max_length=254, verbose_name="メール")),
                ("offered_until", models.DateTimeField(null=True, verbose_name="案内の期限")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="登録")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="終了")),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waits",
                        to="applications.application",
                        verbose_name="申請",
                    ),
                ),
                (
                    "booking",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offer",
                        to="reservations.booking",
                    ),
                ),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.calendar",
                        verbose_name="受付",
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waits",
                        to="reservations.slot",
                        verbose_name="枠",
                    ),
                ),
            ],
            options={
                "verbose_name": "キャンセル待ち",
                "verbose_name_plural": "キャンセル待ち",
                "ordering": ("rank", "pk"),
            },
        ),
        migrations.AddConstraint(
            model_name="lottery",
            constraint=models.CheckConstraint(
                condition=models.Q(("closes_at__gt", models.F("opens_at")), ("last_day__gte", models.F("first_day"))),
                name="lottery_ends_after_it_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="lottery",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "prepared"), models.Q(("seed_hash", ""), _negated=True), _connector="OR"),
                name="an_open_lottery_has_a_seed",
            ),
        ),
        migrations.AddConstraint(
            model_name="lotteryentry",
            constraint=models.UniqueConstraint(fields=("lottery", "number"), name="one_entry_per_number"),
        ),
        migrations.AddConstraint(
            model_name="lotteryentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("result", "withdrawn"), _negated=True),
                fields=("lottery", "application"),
                name="one_entry_per_application",
            ),
        ),
        migrations.AddConstraint(
            model_name="lotteryentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("booking__isnull", False), ("result", "won")),
                    models.Q(models.Q(("result", "won"), _negated=True), ("booking__isnull", True)),
                    _connector="OR",
                ),
                name="who_won_has_a_booking",
            ),
        ),
        migrations.AddConstraint(
            model_name="lotteryperson",
            constraint=models.UniqueConstraint(fields=("lottery", "person"), name="nobody_enters_twice"),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.UniqueConstraint(fields=("booking", "slot"), name="one_reminder_per_slot"),
        ),
        migrations.AddIndex(
            model_name="waitingentry",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "offered"])), fields=["calendar", "rank"], name="queue"
            ),
        ),
        migrations.AddConstraint(
            model_name="waitingentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["waiting", "offered"])),
                fields=("application", "slot"),
                name="one_wait_per_slot",
            ),
        ),
        migrations.AddConstraint(
            model_name="waitingentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "offered")), fields=("application",), name="one_offer_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="waitingentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "offered"), _negated=True),
                    models.Q(("booking__isnull", False), ("offered_until__isnull", False)),
                    _connector="OR",
                ),
                name="an_offer_is_a_booking",
            ),
        ),
        migrations.RunPython(replace, put_back),
    ]
