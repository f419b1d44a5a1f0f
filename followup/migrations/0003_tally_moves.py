from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("followup", "0002_carrying"), ("applications", "0012_tally")]

    operations = [migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("Tally")])]
