from django.db import migrations

# Called by reservations/placing.py, which says what it is for. A later version is a later migration.
PLACE = """
CREATE FUNCTION reservations_place(
    of_slot bigint, calendar_version text, of_application bigint, by_channel text, by_key text, party_digest text,
    made_at timestamptz, expires_at timestamptz, people json, with_items boolean
) RETURNS bigint LANGUAGE plpgsql AS $place$
DECLARE
    season text;
    buckets bigint[];
    amounts int[];
    layouts int[];
    fits boolean;
    booking bigint;
    moved int;
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
           SELECT sum(p.places)::int AS n FROM json_to_recordset(people) AS p(places int, items bigint[])
            WHERE b.item_id IS NULL OR b.item_id = ANY (p.items)) AS w
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
    INSERT INTO reservations_attendee (booking_id, ordinal, name, places, person, once)
    SELECT booking, p.ordinal, p.name, p.places, p.person, season || ':' || nullif(p.person, '') AS once
      FROM json_to_recordset(people) AS p(ordinal int, name text, places int, person text)
     ORDER BY once;
    IF with_items THEN
        INSERT INTO reservations_attendeeitem (attendee_id, item_id)
        SELECT a.id, unnest(p.items) FROM json_to_recordset(people) AS p(ordinal int, items bigint[])
          JOIN reservations_attendee a ON a.booking_id = booking AND a.ordinal = p.ordinal;
    END IF;
    INSERT INTO reservations_claim (booking_id, bucket_id, n)
    SELECT booking, w.id, w.n FROM unnest(buckets, amounts) AS w(id, n);
    -- Last, because everybody else waits from here on: locked in the order of ids, each judged as it is then.
    WITH held AS (
        SELECT b.id, w.n FROM reservations_bucket b JOIN unnest(buckets, amounts, layouts) AS w(id, n, layout) USING (id)
         WHERE b.layout = w.layout AND NOT b.closed AND b.taken + w.n <= b.limit_public
         ORDER BY b.id FOR NO KEY UPDATE OF b)
    UPDATE reservations_bucket b SET taken = b.taken + held.n FROM held WHERE b.id = held.id;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved < cardinality(buckets) THEN
        RAISE EXCEPTION 'not taken' USING ERRCODE = 'MG001';
    END IF;
    RETURN booking;
END
$place$
"""
REMOVE = """
DROP FUNCTION reservations_place(bigint, text, bigint, text, text, text, timestamptz, timestamptz, json, boolean)
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
