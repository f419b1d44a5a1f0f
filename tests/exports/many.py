"""Many applications at once, by one statement."""

from django.db import connection

from applications.models import Application

NUMBERS = {
    "postgresql": "SELECT generate_series(1, %s) AS n",
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < %s) SELECT n FROM s",
}


def copy(application: Application, times: int) -> None:
    """So many more like it, each with a public id and a reference of its own."""
    own = {"public_id": "'copy-' || n", "reference": "'N-' || n"}
    names = [str(field.column) for field in Application._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(own.get(name, f'a."{name}"') for name in names)
    table = Application._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} a, ({NUMBERS[connection.vendor]}) AS numbers"
            " WHERE a.id = %s",
            [times, application.pk],
        )
