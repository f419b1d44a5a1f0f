from django.db import migrations

# Called by reservations/placing.py, which says what it is for. A later version is a later migration.
PLACE = """
CREATE FUNCTION reservations_place(
    of_slot bigint, calendar_version text, of_application bigint, by_channel text, by_key text, party_digest text,
    made_at timestamptz, expires_at timestamptz, names text[], places int[], persons text[],
    wish_ordinals int[], wish_items bigint[]
) RETURNS bigint LANGUAGE plpgsql AS $place$
DECLARE
    all_places int := (SELECT sum(p) FROM unnest(places) AS p);
    season text;
    buckets bigint[];
    amounts int[];
    layouts int[];
    fits boolean;
    booking bigint;
    locked int;
BEGIN
    -- One reading: what to take of which bucket, in which season, under the rules that the caller has judged by.
    SELECT coalesce(s.season_id::text, 'c' || s.calendar_id),
           array_agg(b.id ORDER BY b.id), array_agg(w.n ORDER BY b.id), array_agg(b.layout ORDER BY b.id),
           bool_and(NOT b.closed AND b.taken + w.n <= b.limit_public)
      INTO season, buckets, amounts, layouts, fits
      FROM reservations_slot s
      JOIN reservations_calendar c ON c.id = s.calendar_id AND c.xmin::text = calendar_version
      JOIN reservations_slot_buckets l ON l.slot_id = s.id
      JOIN reservations_bucket b ON b.id = l.bucket_id
     CROSS JOIN LATERAL (
           SELECT CASE WHEN b.item_id IS NULL THEN all_places
                       ELSE (SELECT sum(places[o + 1])::int FROM unnest(wish_ordinals, wish_items) AS u(o, i)
                              WHERE i = b.item_id) END AS n) AS w
     WHERE s.id = of_slot AND w.n > 0
     GROUP BY s.season_id, s.calendar_id;
    IF NOT FOUND THEN
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
    WITH came AS (
        INSERT INTO reservations_attendee (booking_id, ordinal, name, places, person, once)
        SELECT booking, a.ordinal - 1, a.name, a.places, a.person,
               CASE WHEN a.person = '' THEN NULL ELSE season || ':' || a.person END AS once
          FROM unnest(names, places, persons) WITH ORDINALITY AS a(name, places, person, ordinal)
         ORDER BY once
        RETURNING id, ordinal)
    INSERT INTO reservations_attendeeitem (attendee_id, item_id)
    SELECT came.id, w.item FROM came JOIN unnest(wish_ordinals, wish_items) AS w(ordinal, item) USING (ordinal);
    INSERT INTO reservations_claim (booking_id, bucket_id, n)
    SELECT booking, w.id, w.n FROM unnest(buckets, amounts) AS w(id, n);
    -- Last, because everybody else waits from here on: locked in the order of ids, each judged as it is then.
    SELECT count(*) INTO locked FROM (
        SELECT b.id FROM reservations_bucket b JOIN unnest(buckets, amounts, layouts) AS w(id, n, layout) USING (id)
         WHERE b.layout = w.layout AND NOT b.closed AND b.taken + w.n <= b.limit_public
         ORDER BY b.id FOR NO KEY UPDATE OF b) AS held;
    IF locked < cardinality(buckets) THEN
        RAISE EXCEPTION 'not taken' USING ERRCODE = 'MG001';
    END IF;
    UPDATE reservations_bucket b SET taken = b.taken + w.n
      FROM unnest(buckets, amounts) AS w(id, n) WHERE b.id = w.id;
    RETURN booking;
END
$place$
"""
REMOVE = """
DROP FUNCTION reservations_place(
    bigint, text, bigint, text, text, text, timestamptz, timestamptz, text[], int[], text[], int[], bigint[])
"""


def add(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(PLACE, params=None)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(REMOVE, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("reservations", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(add, remove),
    ]
