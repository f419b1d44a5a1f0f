from django.db import migrations


class Migration(migrations.Migration):
    """The table stays; the model is in applications now."""

    dependencies = [("exports", "0001_initial"), ("applications", "0002_exportrecord")]

    operations = [migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("ExportRecord")])]
