from importlib import import_module

from django.db import migrations

# The same as in 0004, but that each bucket is looked up by its number before anything is written. As one join over
# arrays the database could not tell how few rows it was to find, and read the whole table of buckets.
BEFORE = import_module("reservations.migrations.0004_waiting").PLACE
ONE_JOIN = """
    SELECT count(*), bool_and(NOT b.closed AND NOT b.queued AND b.taken + w.n <= b.limit_public) INTO known, fits
      FROM unnest(buckets, amounts, layouts) AS w(id, n, layout)
      JOIN reservations_bucket b ON b.id = w.id AND b.layout = w.layout
      JOIN reservations_calendar c ON c.id = of_calendar AND c.xmin::text = calendar_version;
    IF known < cardinality(buckets) THEN
        RETURN -1;
    END IF;
"""
ONE_BY_ONE = """
    FOR i IN 1 .. cardinality(buckets) LOOP
        SELECT NOT b.closed AND NOT b.queued AND b.taken + amounts[i] <= b.limit_public INTO free
          FROM reservations_bucket b, reservations_calendar c
         WHERE b.id = buckets[i] AND b.layout = layouts[i] AND c.id = of_calendar AND c.xmin::text = calendar_version;
        IF NOT FOUND THEN
            RETURN -1;
        END IF;
        fits := fits AND free;
    END LOOP;
"""
VARIABLES = ("    known int;\n    fits boolean;\n", "    fits boolean := true;\n    free boolean;\n")
PLACE = BEFORE.replace(*VARIABLES).replace(ONE_JOIN, ONE_BY_ONE)


def replace(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(PLACE, params=None)


def put_back(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(BEFORE, params=None)


class Migration(migrations.Migration):
    dependencies = [("reservations", "0004_waiting")]

    operations = [migrations.RunPython(replace, put_back)]
