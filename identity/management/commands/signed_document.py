"""What a resident signed, for whoever has to prove it: the text, its digest, the signature."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from applications.models import Application
from applications.vault import VaultError
from identity.signature.services import document_of, signature_of


class Command(BaseCommand):
    help = "署名された申請の内容と署名を、JSONで出します。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reference", help="受付番号")

    def handle(self, *args: Any, reference: str, **options: Any) -> None:
        application = Application.objects.filter(reference=reference).first()
        made = signature_of(application) if application is not None else None
        if application is None or made is None:
            raise CommandError("その受付番号の申請がないか、署名されていません。")
        try:
            text = document_of(made, application)
        except VaultError:
            raise CommandError("暗号を解けません。MADOGUCHI_VAULT_KEYS を確かめてください。") from None
        said = {"document": text, "digest": made.digest, "signature": made.signature, "at": made.at.isoformat()}
        self.stdout.write(json.dumps(said, ensure_ascii=False))
