from importlib import import_module

from django.db import migrations

# The same as in 0005 with fewer statements, each of which costs the database as much as a line of writing does: the
# first limit and the rules are judged by the INSERT itself, somebody who comes alone is no list of one.
PLACE = """
CREATE OR REPLACE FUNCTION reservations_place(
    of_slot bigint, of_application bigint, by_channel text, by_key text, party_digest text,
    made_at timestamptz, expires_at timestamptz, of_calendar bigint, calendar_version text,
    buckets bigint[], amounts int[], layouts int[], people json, with_items boolean
) RETURNS bigint LANGUAGE plpgsql AS $place$
DECLARE
    free boolean;
    booking bigint;
    alone bigint;
BEGIN
    -- Who is refused anyway neither writes nor waits.
    FOR i IN 2 .. cardinality(buckets) LOOP
        SELECT NOT b.closed AND NOT b.queued AND b.taken + amounts[i] <= b.limit_public INTO free
          FROM reservations_bucket b WHERE b.id = buckets[i] AND b.layout = layouts[i];
        IF NOT FOUND THEN
            RETURN -1;
        ELSIF NOT free THEN
            RETURN 0;
        END IF;
    END LOOP;
    INSERT INTO reservations_booking
        (application_id, slot_id, state, channel, key, party, hold_expires_at, created_at, extended, kept, sequence)
    SELECT of_application, of_slot, 'hold', by_channel, by_key, party_digest, expires_at, made_at, false, false, 0
      FROM reservations_bucket b, reservations_calendar c
     WHERE b.id = buckets[1] AND b.layout = layouts[1] AND NOT b.closed AND NOT b.queued
       AND b.taken + amounts[1] <= b.limit_public AND c.id = of_calendar AND c.xmin::text = calendar_version
    RETURNING id INTO booking;
    IF NOT FOUND THEN
        -- Whether the caller has judged by what is so: the rules of the reception, and the buckets of the slot.
        PERFORM FROM reservations_bucket b, reservations_calendar c
          WHERE b.id = buckets[1] AND b.layout = layouts[1] AND c.id = of_calendar AND c.xmin::text = calendar_version;
        RETURN CASE WHEN FOUND THEN 0 ELSE -1 END;
    END IF;
    IF json_typeof(people) = 'object' THEN
        INSERT INTO reservations_attendee (booking_id, ordinal, name, places, person, once)
        VALUES (booking, 0, people->>'name', (people->>'places')::int, people->>'person', people->>'once')
        RETURNING id INTO alone;
        IF with_items THEN
            INSERT INTO reservations_attendeeitem (attendee_id, item_id)
            SELECT alone, item::bigint FROM json_array_elements_text(people->'items') AS item;
        END IF;
    ELSE
        INSERT INTO reservations_attendee (booking_id, ordinal, name, places, person, once)
        SELECT booking, p.ordinal, p.name, p.places, p.person, p.once
          FROM json_to_recordset(people) AS p(ordinal int, name text, places int, person text, once text)
         ORDER BY p.once;
        IF with_items THEN
            INSERT INTO reservations_attendeeitem (attendee_id, item_id)
            SELECT a.id, unnest(p.items) FROM json_to_recordset(people) AS p(ordinal int, items bigint[])
              JOIN reservations_attendee a ON a.booking_id = booking AND a.ordinal = p.ordinal;
        END IF;
    END IF;
    FOR i IN 1 .. cardinality(buckets) LOOP
        INSERT INTO reservations_claim (booking_id, bucket_id, n) VALUES (booking, buckets[i], amounts[i]);
    END LOOP;
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
        schema_editor.execute(import_module("reservations.migrations.0005_quick_place").PLACE, params=None)


class Migration(migrations.Migration):
    dependencies = [("reservations", "0005_quick_place")]

    operations = [migrations.RunPython(replace, put_back)]
