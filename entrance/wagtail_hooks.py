"""Where the second factor appears in Wagtail's admin."""

from collections.abc import Iterator
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.urls import reverse
from wagtail import hooks
from wagtail.admin.views.account import BaseSettingsPanel
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogActionRegistry

from staff.models import User


class Nothing(forms.ModelForm[User]):
    """Wagtail wants a form; this panel only tells and links."""

    class Meta:
        model = User
        fields = ()


@hooks.register("register_account_settings_panel")
class SecondFactorPanel(BaseSettingsPanel):
    name = "second_factor"
    title = "2段階認証"
    order = 600
    template_name = "entrance/panel.html"

    form_class = Nothing

    def get_context_data(self) -> dict[str, Any]:
        return {"is_on": is_mfa_enabled(self.user)}


@hooks.register("register_user_listing_buttons")
def reset_button(user: User, request_user: User) -> Iterator[Button]:
    if request_user.is_superuser:
        yield Button("2段階認証の解除", url=reverse("second_factor_reset", args=(user.pk,)), icon_name="lock-open")


@hooks.register("register_log_actions")
def register_actions(actions: LogActionRegistry) -> None:
    actions.register_action("entrance.second_factor_reset", "2段階認証の解除", "2段階認証を解除しました")
