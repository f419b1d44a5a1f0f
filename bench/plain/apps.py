from importlib import import_module

from django.apps import AppConfig
from wagtail.admin.telepath import register
from wagtail.admin.telepath.widgets import WidgetAdapter


class PlainConfig(AppConfig):
    name = "bench.plain"

    def ready(self) -> None:
        """Items are plain blocks, and items of conditions are typed: our lists would only make it slower."""
        ours, theirs = import_module("formbuilder.item_block"), import_module("wagtail.blocks.struct_block")
        for block in (ours.ItemBlock, ours.ScreenBlock):
            register(theirs.StructBlockAdapter(), block)
        ours.ItemBlock.get_form_state = theirs.StructBlock.get_form_state
        picker = import_module("formbuilder.fields.blocks").FieldPicker
        register(WidgetAdapter(), picker)
        picker.attrs = property(lambda _: {}, lambda *_: None)
