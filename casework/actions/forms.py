"""What staff type about a case."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import cached_property

from applications.models import PUBLIC_ID, Application, new_public_id
from casework.access import MAY_BE_ASSIGNED
from casework.actions.uploads import FilesField, PdfField, all_checked, checked
from casework.case import answers_by_item
from casework.thread import Shown, thread_of
from cms.access import staff_of
from dialogue.documents import standing_of
from dialogue.mending import correctable, is_bound
from dialogue.messages import LONGEST as LONGEST_LETTER
from formbuilder.japanese.text import clean_block, clean_line
from formbuilder.uploads.inspect import CheckedFile
from staff.models import User

LONGEST = 2000  # characters
INSTRUCTION = (
    "この決定に不服があるときは、この決定があったことを知った日の翌日から起算して3か月以内に、{chief}に対して"
    "審査請求をすることができます（この決定があった日の翌日から起算して1年を経過したときは、審査請求をすることができなくなります）。\n"
    "この決定の取消しを求める訴えは、この決定があったことを知った日の翌日から起算して6か月以内に、{name}を被告として"
    "（訴訟において{name}を代表する者は{chief}となります）提起することができます（この決定があった日の翌日から起算して1年を"
    "経過したときは、訴えを提起することができなくなります）。審査請求をした場合は、その審査請求に対する裁決があったことを"
    "知った日の翌日から起算して6か月以内に、訴えを提起することができます。"
)


def usual_instruction() -> str:
    """教示 as most ordinances have it (行政不服審査法 第82条, 行政事件訴訟法 第46条)."""
    name = settings.WAGTAIL_SITE_NAME
    return INSTRUCTION.format(name=name, chief=f"{name}長")


class PlainText(forms.CharField):
    """Some lines, without what no database takes."""

    def __init__(self, *, rows: int = 4, missing: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST)
        super().__init__(widget=forms.Textarea({"rows": rows}), **kwargs)
        self.error_messages["max_length"] = "%(limit_value)d文字以内で入力してください（今は%(show_value)d文字です）。"
        if missing:
            self.error_messages["required"] = missing

    def to_python(self, value: Any) -> str:
        return clean_block(str(super().to_python(value or "")))


class CaseForm(forms.Form):
    """A form about a case. shows_case: whether the page shows more of it than its number and state."""

    shows_case = False

    def __init__(self, *args: Any, case: Application, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case


class WithDocument(CaseForm):
    """A decision, with the document that tells it, if there is one, and an address that the resident can be told at."""

    usual_title = "決定通知書"

    document = PdfField(label="一緒に渡す文書", required=False)
    title = forms.CharField(
        label="文書の名前",
        required=False,
        max_length=100,
        strip=True,
        help_text="申請者に表示します。空にすると「決定通知書」か「不承認通知書」になります。",
    )

    def __init__(self, *args: Any, case: Application, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        if not case.email:
            del self.fields["document"], self.fields["title"]

    def clean_document(self) -> CheckedFile | None:
        return checked(self.cleaned_data["document"], self.case)

    def clean_title(self) -> str:
        return clean_line(self.cleaned_data["title"]) or self.usual_title


class ApproveForm(WithDocument):
    message = PlainText(
        label="申請者に伝えること",
        required=False,
        help_text="申請状況の画面に表示します。このあとの手続や、受け取り方などを書けます。",
    )
    field_order = ("message", "document", "title")


class RejectForm(WithDocument):
    usual_title = "不承認通知書"
    field_order = ("reason", "instruction", "document", "title")
    reason = PlainText(
        label="理由",
        help_text="申請者に表示します。どの基準に、なぜ当てはまらないのかを書いてください。",
        missing="理由を入力してください。申請者に表示します。",
    )
    instruction = PlainText(
        label="教示",
        required=False,
        rows=9,
        help_text="不服申立てのしかたです。申請者に表示します。処分にあたらない手続では、消してください。",
        initial=usual_instruction,
    )


class DocumentForm(CaseForm):
    title = forms.CharField(
        label="文書の名前",
        max_length=100,
        help_text="申請者に表示します。例: 交付決定通知書",
        error_messages={"required": "文書の名前を入力してください。申請者に表示します。"},
    )
    document = PdfField(label="ファイル")

    def clean_title(self) -> str:
        return clean_line(self.cleaned_data["title"])

    def clean_document(self) -> CheckedFile | None:
        return checked(self.cleaned_data["document"], self.case)


class TakeBackForm(CaseForm):
    document = forms.ChoiceField(
        label="取り消す文書",
        widget=forms.RadioSelect,
        error_messages={"required": "取り消す文書を選んでください。"},
    )
    reason = PlainText(
        label="理由",
        help_text="申請者に表示します。",
        missing="理由を入力してください。申請者に表示します。",
    )

    def __init__(self, *args: Any, case: Application, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        chooser = self.fields["document"]
        assert isinstance(chooser, forms.ChoiceField)
        chooser.choices = [
            (each.public_id, f"{each.title}（{timezone.localtime(each.issued_at):%Y-%m-%d %H:%M}）")
            for each in standing_of(case)
        ]


class LetterForm(CaseForm):
    shows_case = True
    text = PlainText(
        label="メッセージ",
        rows=6,
        max_length=LONGEST_LETTER,
        help_text="申請者に表示します。メールには、メッセージがあることと、読むページだけを書きます。",
        missing="メッセージを入力してください。",
    )
    enclosed = FilesField(label="ファイル")
    token = forms.CharField(widget=forms.HiddenInput, initial=new_public_id, required=False)

    @cached_property
    def thread(self) -> list[Shown]:
        return thread_of(self.case, show_sensitive=True)

    def clean_enclosed(self) -> list[CheckedFile]:
        return all_checked(self.cleaned_data["enclosed"], self.case)

    def clean_token(self) -> str:
        token: str = self.cleaned_data["token"]
        return token if PUBLIC_ID.fullmatch(token) else new_public_id()


class ReopenForm(CaseForm):
    reason = PlainText(
        label="理由",
        help_text="履歴に残ります。申請者には表示しません。",
        missing="理由を入力してください。履歴に残ります。",
    )


class NoteForm(CaseForm):
    text = PlainText(
        label="内部メモ",
        help_text="職員だけが読めます。申請者には表示しません。",
        missing="メモを入力してください。",
    )


class AssignForm(CaseForm):
    officer = forms.ModelChoiceField(
        label="担当者",
        queryset=User.objects.none(),
        required=False,
        empty_label="（担当者なし）",
        error_messages={"invalid_choice": "この所管課の担当者か決裁者を選んでください。"},
    )

    def __init__(self, *args: Any, case: Application, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        chooser = self.fields["officer"]
        assert isinstance(chooser, forms.ModelChoiceField)
        candidates: QuerySet[User] = staff_of(case.department, MAY_BE_ASSIGNED)
        chooser.queryset = candidates
        # a name; two people may have the same
        chooser.label_from_instance = _named  # type: ignore[method-assign, assignment]  # as Django's documentation does
        assignment = getattr(case, "assignment", None)
        self.initial.setdefault("officer", assignment.officer_id if assignment else None)


def _named(user: User) -> str:
    name = user.get_full_name()
    return f"{name}（{user.get_username()}）" if name else user.get_username()


AFTER_DAYS = 14
MOST_OF_ANSWER = 60  # characters beside an item


def _with_answer(label: str, answer: str) -> str:
    line = " ".join(answer.split()) or "（入力なし）"
    return f"{label}：{line[:MOST_OF_ANSWER]}{'…' if len(line) > MOST_OF_ANSWER else ''}"


class ReturnForm(CaseForm):
    shows_case = True
    keys = forms.MultipleChoiceField(
        label="直してもらう項目",
        widget=forms.CheckboxSelectMultiple,
        help_text="申請者は、ここで選んだ項目だけを直せます。",
        error_messages={"required": "直してもらう項目を、1つ以上選んでください。"},
    )
    reason = PlainText(
        label="直してもらうこと",
        help_text="申請者に表示します。何を、どう直せばよいかを書いてください。",
        missing="直してもらうことを入力してください。申請者に表示します。",
    )
    due_on = forms.DateField(
        label="期限",
        required=False,
        widget=forms.DateInput({"type": "date"}),
        help_text="3日前に、申請者にメールで知らせます。期限を決めないときは、空にします。",
        error_messages={"invalid": "日付を「2026-04-01」のように入力してください。"},
    )
    expires = forms.BooleanField(
        label="期限を過ぎたら、申請を終わりにする（期限切れ）",
        required=False,
        help_text="選ばないと、期限を過ぎても申請者は直せます。",
    )
    beyond_signature = forms.BooleanField(
        label="電子署名が、はじめの内容だけのものになることを確かめた",
        help_text="直した内容には電子署名が付きません。署名が要る内容を直すときは、取り下げて、もう一度申請してもらってください。",
        error_messages={"required": "電子署名のある申請です。確かめて、印を付けてください。"},
    )

    def __init__(self, *args: Any, case: Application, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        chooser = self.fields["keys"]
        assert isinstance(chooser, forms.MultipleChoiceField)
        known = answers_by_item(case, show_sensitive=False)  # what is sensitive is read on the page of the case
        chooser.choices = [
            (
                step.title,
                [(field.key, _with_answer(field.definition.label, known.get(field.key, ""))) for field in fields],
            )
            for step, fields in correctable(case)
        ]
        if not is_bound(case):
            del self.fields["beyond_signature"]
        self.initial.setdefault("due_on", timezone.localdate() + timedelta(days=AFTER_DAYS))

    def clean_due_on(self) -> date | None:
        due_on: date | None = self.cleaned_data["due_on"]
        if due_on is not None and not timezone.localdate() < due_on <= timezone.localdate() + timedelta(days=366):
            raise forms.ValidationError("期限は、明日から1年後までの日にしてください。")
        return due_on
