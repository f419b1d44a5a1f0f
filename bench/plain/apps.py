from importlib import import_module

from django.apps import AppConfig
from wagtail.admin.telepath import register


class PlainConfig(AppConfig):
    name = "bench.plain"

    def ready(self) -> None:
        ours, theirs = import_module("formbuilder.item_block"), import_module("wagtail.blocks.struct_block")
        for block in (ours.ItemBlock, ours.ScreenBlock):
            register(theirs.StructBlockAdapter(), block)
        ours.ItemBlock.get_form_state = theirs.StructBlock.get_form_state
