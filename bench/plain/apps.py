from django.apps import AppConfig


class PlainConfig(AppConfig):
    name = "bench.plain"

    def ready(self) -> None:
        from wagtail.admin.telepath import register
        from wagtail.blocks import StructBlock
        from wagtail.blocks.struct_block import StructBlockAdapter

        from formbuilder.item_block import ItemBlock, ScreenBlock

        register(StructBlockAdapter(), ItemBlock)
        register(StructBlockAdapter(), ScreenBlock)
        ItemBlock.get_form_state = StructBlock.get_form_state  # type: ignore[method-assign]
