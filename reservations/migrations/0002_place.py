from django.db import migrations

# Called by reservations/placing.py, which says what it is for. A later version is a later migration.
PLACE = """
CREATE FUNCTION reservations_place(
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
    SELECT count(*), bool_and(NOT b.closed AND b.taken + w.n <= b.limit_public) INTO known, fits
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
         WHERE id = buckets[i] AND layout = layouts[i] AND NOT closed AND taken + amounts[i] <= limit_public;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'not taken' USING ERRCODE = 'MG001';
        END IF;
    END LOOP;
    RETURN booking;
END
$place$
"""
REMOVE = """
DROP FUNCTION reservations_place(
    bigint, bigint, text, text, text, timestamptz, timestamptz, bigint, text, bigint[], int[], int[], json, boolean)
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
