"""Wagtail's migrations leave an English workflow and two English groups; ours are made per department."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def rename(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("wagtailcore", "Workflow").objects.filter(name="Moderators approval").update(name="公開の承認")
    apps.get_model("wagtailcore", "Task").objects.filter(name="Moderators approval").update(name="公開の承認")
    groups = apps.get_model("auth", "Group").objects
    groups.filter(name="Moderators").update(name="全課のページ公開者")
    groups.filter(name="Editors").update(name="全課のページ作成者")
    apps.get_model("wagtailcore", "Page").objects.filter(depth=1, title="Root").update(
        title="ルート", draft_title="ルート"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0001_initial"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]
