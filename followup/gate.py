"""The gate before the check page: opens when the address that was typed has been reached by mail."""

from typing import Any

from django.urls import reverse

from applications.channels import BY_STAFF
from applications.gates import Moment
from applications.models import Application
from followup.addresses import address_of, is_verified
from followup.requirement import NAME


class MailGate:
    name = NAME
    moment = Moment.CHECK

    def applies(self, application: Application) -> bool:
        """Who sits at the counter cannot look into the mailbox."""
        return NAME in application.version.engine.definition.requires and application.channel not in BY_STAFF

    def is_open(self, application: Application) -> bool:
        """Another address is to be verified anew; where the form leaves it out, there is nothing to verify."""
        address = address_of(application)
        return not address or is_verified(application, address)

    def url(self, application: Application) -> str:
        """Below the form's own address, where alone the browser sends the draft's key."""
        return reverse("apply-mail", kwargs={"code": application.form.code})

    def facts(self, application: Application) -> dict[str, Any]:
        address = address_of(application)
        return {"メールアドレスの確認": "確認済み" if address and is_verified(application, address) else "確認なし"}
