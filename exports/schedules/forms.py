"""The form of a schedule: what, when, and where to, with the items that its place needs."""

from typing import Any

from django import forms
from wagtail.admin.widgets import AdminTimeInput

from cms.access import AnyUser
from exports.models import ExportTemplate
from exports.outgoing import NotAllowed, check_url
from exports.schedules.models import Every, PlaceKind, Schedule, Span, Weekday
from exports.schedules.places.folder import NAME
from exports.schedules.places.sftp import host_key_of, login_of
from exports.template_views import templates_for

WRONG_HOST_KEY = "ホスト鍵を読み取れません。「ssh-ed25519 AAAA…」の1行を貼り付けてください。"
KEPT = "空欄なら、今のものをそのまま使います。送り先や利用者を変えるときは、もう一度入力してください。"
AGAIN = "送り先や利用者を変えたときは、もう一度入力してください。"
ABOUT = {
    PlaceKind.MAIL: "ファイルができたら、責任者にリンクをメールで送ります。ログインして受け取ります。",
    PlaceKind.FOLDER: "このサーバーの決められた場所の下に、所管課ごとのフォルダを作って置きます。",
    PlaceKind.SFTP: "SFTPのサーバーに送ります。登録したホスト鍵のサーバーにだけ送ります。",
    PlaceKind.S3: "S3互換のオブジェクトストレージに送ります。",
}


class ScheduleForm(forms.Form):
    """What every place needs; a place adds its own items in `of_place`."""

    name = forms.CharField(label="名称", max_length=60, help_text="ファイル名のはじめにもなります。")
    template = forms.ModelChoiceField(
        ExportTemplate.objects.none(),
        label="出力テンプレート",
        empty_label=None,
        help_text="列と形式は、このテンプレートのとおりです。入るのは、テンプレートの所管課の申請だけです。",
    )
    span = forms.ChoiceField(label="対象", choices=Span.choices)
    every = forms.ChoiceField(label="頻度", choices=Every.choices)
    at = forms.TimeField(label="時刻", widget=AdminTimeInput, initial="08:00")
    weekday = forms.TypedChoiceField(
        label="曜日", choices=Weekday.choices, coerce=int, initial=0, help_text="毎週のときに使います。"
    )
    day = forms.IntegerField(
        label="日", min_value=1, max_value=31, initial=1, help_text="毎月のときに使います。31は、月の最後の日です。"
    )
    places: tuple[str, ...] = ()  # names of the items that become `where`
    receiver: tuple[str, ...] = ()  # those of them that say who gets to see the secret

    def __init__(self, user: AnyUser, *args: Any, schedule: Schedule | None = None, **kwargs: Any) -> None:
        self.schedule = schedule
        if schedule is not None:
            names = ("name", "span", "every", "at", "weekday", "day")
            kwargs["initial"] = {
                **{name: getattr(schedule, name) for name in names},
                "template": schedule.template_id,
                **schedule.where,
            }
        super().__init__(*args, **kwargs)
        template = self.fields["template"]
        assert isinstance(template, forms.ModelChoiceField)
        mine = templates_for(user)
        template.queryset = mine.filter(department=schedule.department_id) if schedule else mine
        if "secret" in self.fields and schedule is not None and schedule.secret:
            self.fields["secret"].required = False
            self.fields["secret"].help_text = KEPT

    def clean(self) -> dict[str, Any]:
        """A secret goes to nobody but those for whom it was typed, whoever changes the schedule."""
        given = super().clean() or {}
        is_kept = self.schedule is not None and bool(self.schedule.secret) and given.get("secret") == ""
        old = self.schedule.where if self.schedule else {}
        if is_kept and any(str(given[name]) != old.get(name) for name in self.receiver if name in given):
            self.add_error("secret", AGAIN)
        return given

    @property
    def chosen(self) -> dict[str, Any]:
        """The fields of a Schedule."""
        given = self.cleaned_data
        names = ("name", "template", "span", "every", "at", "weekday", "day")
        return {
            **{name: given[name] for name in names},
            "department": given["template"].department,
            "where": {name: str(given[name]) for name in self.places},
        }

    @property
    def new_secret(self) -> str:
        return str(self.cleaned_data.get("secret", ""))


class FolderForm(ScheduleForm):
    folder = forms.RegexField(
        rf"\A{NAME.pattern}\Z",
        label="フォルダの名前",
        help_text="使えるのは、文字、数字、_、-、空白、「.」（はじめを除く）です。",
        error_messages={"invalid": "フォルダの名前に使えない文字があります。「/」などは使えません。"},
    )
    places = ("folder",)


class SftpForm(ScheduleForm):
    host = forms.RegexField(
        r"\A[A-Za-z0-9.:-]{1,253}\Z", label="サーバー", error_messages={"invalid": "サーバーの名前を入力してください。"}
    )
    port = forms.IntegerField(label="ポート", min_value=1, max_value=65535, initial=22)
    user = forms.CharField(label="利用者名", max_length=100)
    path = forms.CharField(label="フォルダ", max_length=300, initial=".", help_text="サーバーにあるフォルダ。")
    host_key = forms.CharField(
        label="ホスト鍵",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="「ssh-ed25519 AAAA…」の1行。送り先の管理者から受け取ってください。",
    )
    secret = forms.CharField(
        label="パスワード、または秘密鍵",
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
        help_text="秘密鍵は「-----BEGIN」の行から全部。暗号化して保存し、画面には二度と出しません。",
    )
    places = ("host", "port", "user", "path", "host_key")
    receiver = ("host", "port", "user", "host_key")

    def clean_host_key(self) -> str:
        text: str = self.cleaned_data["host_key"].strip()
        try:
            host_key_of(text)
        except ValueError:
            raise forms.ValidationError(
                "ホスト鍵を読み取れません。「ssh-ed25519 AAAA…」の1行を貼り付けてください。"
            ) from None
        return text

    def clean_secret(self) -> str:
        text: str = self.cleaned_data["secret"]
        try:
            login_of(text)
        except ValueError:
            raise forms.ValidationError("秘密鍵を読み取れません。パスフレーズのない鍵を貼り付けてください。") from None
        return text


class S3Form(ScheduleForm):
    endpoint = forms.CharField(
        label="エンドポイント", max_length=300, help_text="例：https://s3.ap-northeast-1.amazonaws.com"
    )
    region = forms.RegexField(r"\A[a-z0-9-]{1,40}\Z", label="リージョン", initial="ap-northeast-1")
    bucket = forms.RegexField(r"\A[a-z0-9][a-z0-9.-]{1,62}\Z", label="バケット")
    folder = forms.CharField(label="フォルダ（プレフィックス）", max_length=300, required=False)
    access_key = forms.CharField(label="アクセスキー", max_length=200)
    secret = forms.CharField(
        label="シークレットキー",
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="暗号化して保存し、画面には二度と出しません。",
    )
    places = ("endpoint", "region", "bucket", "folder", "access_key")
    receiver = ("endpoint", "bucket", "access_key")

    def clean_endpoint(self) -> str:
        url: str = self.cleaned_data["endpoint"].strip().rstrip("/")
        try:
            check_url(url)
        except NotAllowed as refused:
            raise forms.ValidationError(refused.message) from None
        return url


FORMS: dict[str, type[ScheduleForm]] = {
    PlaceKind.MAIL: ScheduleForm,
    PlaceKind.FOLDER: FolderForm,
    PlaceKind.SFTP: SftpForm,
    PlaceKind.S3: S3Form,
}
