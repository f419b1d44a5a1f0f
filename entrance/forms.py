"""What staff fill in to get in: name and password, then the code of their authenticator app."""

import unicodedata
from typing import Any

from allauth.account.forms import ReauthenticateForm as ReauthenticateByPasswordForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from wagtail.admin.forms.auth import LoginForm as WagtailLoginForm

from entrance import limits


class LoginForm(WagtailLoginForm):
    """Wagtail's label for the password is not translatable."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "ユーザー名"
        self.fields["password"].label = "パスワード"

    def clean(self) -> dict[str, Any]:
        username = self.cleaned_data.get("username", "")
        if not limits.admit(self.request, username):
            raise forms.ValidationError(limits.LOCKED, code="locked")
        cleaned: dict[str, Any] = super().clean()
        limits.forgive(self.request, username)
        return cleaned


class PasswordAgainForm(ReauthenticateByPasswordForm):
    """Who sits down at a desk that was left open does not get to guess here either."""

    def clean_password(self) -> str:
        who = str(self.user.pk)
        if not limits.PASSWORD_AGAIN.take(who):
            raise forms.ValidationError(limits.LOCKED, code="locked")
        password: str = super().clean_password()
        limits.PASSWORD_AGAIN.give_back(who)
        return password


def plain_digits(text: str) -> str:
    """As people type it: with blanks, or in full width."""
    return "".join(unicodedata.normalize("NFKC", text).split())


class CodeForm(forms.Form):
    """The code's label, and its way to the library's check."""

    WRONG = "コードが違います。アプリに今出ている6桁の数字（または、まだ使っていない回復コード）を入力してください。"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        code.label = "確認コード"
        code.widget.attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": ""}

    def clean_code(self) -> str:
        who = str(self.user.pk)  # type: ignore[attr-defined]  # the library's forms have it
        if not limits.CODES.take(who):
            raise forms.ValidationError(limits.LOCKED, code="locked")
        self.cleaned_data["code"] = plain_digits(self.cleaned_data["code"])
        try:
            code: str = super().clean_code()  # type: ignore[misc]  # of the library, whose form stands beside this one
        except forms.ValidationError as wrong:
            raise forms.ValidationError(self.WRONG, code="incorrect_code") from wrong
        if not limits.SAME_CODE.take(f"{who} {code}"):  # the library remembers it in one process only
            raise forms.ValidationError(self.WRONG, code="incorrect_code")
        limits.CODES.give_back(who)
        return code


class SecondFactorForm(CodeForm, AuthenticateForm):
    pass


class AgainForm(CodeForm, ReauthenticateForm):
    pass


class ActivateForm(CodeForm, ActivateTOTPForm):
    WRONG = (
        "コードが違います。アプリに今出ている6桁の数字を入力してください。"
        "スマートフォンの時刻が合っているかも確かめてください。"
    )
