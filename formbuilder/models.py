"""The form as an editor sees it (FormPage), and as an application pins it (FormVersion)."""

import logging
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.crypto import get_random_string
from wagtail.admin.panels import FieldPanel, ObjectList, TabbedInterface
from wagtail.fields import RichTextField
from wagtail.models import Page, Revision
from wagtail.signals import post_page_move

from cms.languages import current, is_japanese
from cms.models import Department, DepartmentPage, ProcedurePage, department_of
from formbuilder.admin_form import FormPageForm
from formbuilder.blocks import FormStreamField, body_block, requirements_block
from formbuilder.changes import changes
from formbuilder.compiler import CompileErrors, compile_form
from formbuilder.definition import FormDefinition, Presentation
from formbuilder.engine import Engine, engine_for, known_engine, spoken_engine
from formbuilder.estimate import minutes
from formbuilder.fields.blocks import RICH_TEXT
from formbuilder.items import Problem
from formbuilder.mails import with_checked_mails, with_mails
from formbuilder.messages import messages_by_step
from formbuilder.preview import preview_steps
from formbuilder.requirements import requirements
from formbuilder.tidy import plain, safe_html
from formbuilder.translating import Native
from formbuilder.translations import tidy, with_translations

logger = logging.getLogger(__name__)

CODE_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that looks like something else


PRESENTATIONS = [
    (Presentation.STEPS.value, "画面ごとにまとめて"),
    (Presentation.QUESTIONS.value, "1問ずつ"),
]

RESERVED_CODES = frozenset({"postcode", "list"})  # addresses below /apply/ that are no form


def not_reserved(code: str) -> None:
    if code in RESERVED_CODES:
        raise ValidationError(f"「{code}」は、システムが使う番地です。ほかの番地にしてください。", code="reserved")


def new_code() -> str:
    return get_random_string(8, CODE_ALPHABET)


class FormPage(ProcedurePage):
    """申請フォーム: a procedure, its guide page, and the blocks its form is compiled from."""

    code = models.SlugField(
        "申請の番地",
        max_length=40,
        unique=True,
        default=new_code,
        validators=[not_reserved],
        help_text="申請画面のアドレス /apply/（ここ）/ になります。"
        "半角の英数字とハイフン。公開した後は変えられません。",
    )
    guide = RichTextField("案内", blank=True, features=RICH_TEXT, help_text="対象となる方、必要なもの、期限など。")
    minutes = models.PositiveSmallIntegerField("入力にかかる時間（分）", null=True, blank=True)
    standard_days = models.PositiveSmallIntegerField(
        "標準処理期間（開庁日の日数）",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(366)],
        help_text="申請が届いた日の翌日から数えます。案内ページに出て、申請状況の画面に結果の予定日が出ます。",
    )
    presentation = models.CharField(
        "質問の出し方",
        max_length=10,
        choices=PRESENTATIONS,
        default=Presentation.STEPS.value,
        help_text="申請する人は、入力の途中でも、もう一方に切り替えられます。",
    )
    body = FormStreamField(body_block(), blank=True, verbose_name="画面と項目")
    requires = FormStreamField(requirements_block(), blank=True, verbose_name="手続（本人確認・予約・支払い）")
    after = RichTextField(
        "完了画面の案内", blank=True, features=RICH_TEXT, help_text="申請のあとに何が起きるかを書いてください。"
    )

    translations = models.JSONField("翻訳", default=dict, blank=True)  # language -> text -> translation
    required_languages = models.JSONField("公開に必要な言語", default=list, blank=True)
    mails = models.JSONField("メールの文面", default=dict, blank=True)  # name -> "subject" and "body"

    base_form_class = FormPageForm
    template = "formbuilder/form_page.html"
    parent_page_types: ClassVar = ["cms.DepartmentPage"]
    exclude_fields_in_copy: ClassVar = ["code"]  # a copy is another form: it gets an address of its own
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar = [
        FieldPanel("title", heading="手続の名前", help_text="申請する人が見る名前です。"),
        FieldPanel("summary"),
        FieldPanel("presentation"),
        FieldPanel("body"),
    ]
    guide_panels: ClassVar = [
        FieldPanel("guide"),
        FieldPanel("minutes"),
        FieldPanel("standard_days"),
        FieldPanel("after"),
        FieldPanel("code"),
    ]
    edit_handler = TabbedInterface(
        [
            ObjectList(content_panels, heading="画面と項目"),
            ObjectList(guide_panels, heading="案内とアドレス"),
            ObjectList(ProcedurePage.catalogue_panels, heading="受付期間と一覧"),
            # a tab with nothing to set would only puzzle
            *([ObjectList([FieldPanel("requires")], heading="本人確認・予約・支払い")] if requirements() else []),
        ]
    )

    class Meta:
        verbose_name = "申請フォーム"

    @property
    def department(self) -> Department:
        """The department in whose part of the site the page stands."""
        department = department_of(self)
        if department is None:
            raise DepartmentPage.DoesNotExist(f"{self} is not below a department's page")
        return department

    def compile(self) -> FormDefinition:
        """The definition as the page stands now; raises CompileErrors."""
        try:
            definition = compile_form(
                title=self.title,
                body=self.body,
                requires=self.requires,
                after=self.after,
                department=department_of(self),
                presentation=self.presentation,
            )
            definition = with_mails(definition, self.mails)
            return with_checked_mails(with_translations(definition, self.translations, self.required_languages))
        except CompileErrors as errors:
            errors.title = self.title
            raise

    def publish(self, revision: Revision, *args: Any, **kwargs: Any) -> None:
        """Publish as Wagtail does; a form that is broken, now or for a later date, raises CompileErrors.

        Every way of publishing comes through here: the editor, a schedule, an approved workflow, a script.
        """
        try:
            revision.as_object().compile()
        except CompileErrors as errors:
            if kwargs.get("log_action") != "wagtail.publish.scheduled":
                raise
            # Whole when its date was set, broken by an update since. The pages after it must not wait for it.
            logger.exception("「%s」は、予定の日時に公開できませんでした。", errors.title)
            self.revisions.update(approved_go_live_at=None)
            return
        super().publish(revision, *args, **kwargs)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A live page has a current version of what it is, however it came to be live: published, copied, an alias."""
        if self._state.adding and self.alias_of_id:
            self.code = new_code()  # Wagtail gives a new alias everything of its page
        with transaction.atomic():
            super().save(*args, **kwargs)
            if self.live and not kwargs.get("update_fields"):
                mint_version(self)

    def with_content_json(self, content: dict[str, Any]) -> "FormPage":
        """An alias follows its page in everything but its address; and the address of a published form is for good."""
        page: FormPage = super().with_content_json(content)
        if self.alias_of_id or self.versions.exists():
            page.code = self.code
        return page

    def said(self, text: str) -> str:
        """A text of the guide page in the language of the request."""
        if translation := tidy(self.translations).get(current().code, {}).get(text):
            return safe_html(translation) if text == self.guide else plain(translation)
        return text if is_japanese() else Native(text)

    @property
    def start_url(self) -> str:
        return reverse("apply", kwargs={"code": self.code})

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["department"] = self.department
        context["start_url"] = self.start_url
        context["period"] = self.period
        context["shown"] = {name: self.said(getattr(self, name)) for name in ("title", "summary", "guide")}
        return context

    preview_modes: ClassVar = [
        ("form", "入力画面"),
        ("messages", "誤りの案内"),
        ("changes", "公開中の版との違い"),
        ("guide", "案内ページ"),
    ]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse | TemplateResponse:
        if mode_name == "guide":
            return super().serve_preview(request, mode_name)
        problems: list[Problem] = []
        try:
            definition = self.compile()
        except CompileErrors as errors:
            definition, problems = errors.draft, errors.problems
        context: dict[str, Any] = {"page": self, "title": self.title, "problems": problems}
        match mode_name:
            case "messages":
                context["steps"] = messages_by_step(definition)
            case "changes":
                version = FormVersion.objects.filter(form_id=self.pk, is_current=True).first()
                context["version"] = version
                context["changes"] = changes(version.engine.definition, definition) if version else []
            case _:
                context["steps"] = preview_steps(definition, is_whole=not problems)
                context["minutes"] = minutes(definition)
        return TemplateResponse(request, PREVIEWS.get(mode_name, "formbuilder/preview.html"), context)


PREVIEWS = {"messages": "formbuilder/preview_messages.html", "changes": "formbuilder/preview_changes.html"}


class FormVersion(models.Model):
    """版: one published state of a form, never changed afterwards. Applications pin it."""

    wagtail_reference_index_ignore = True  # a frozen document needs no index of what it refers to

    form = models.ForeignKey(FormPage, on_delete=models.PROTECT, related_name="versions", verbose_name="申請フォーム")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, verbose_name="所管課")
    number = models.PositiveIntegerField("版")
    document = models.JSONField("定義")
    digest = models.CharField("ハッシュ", max_length=64)
    is_current = models.BooleanField("今の版", default=True)
    created_at = models.DateTimeField("作成", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "版"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("form", "number"), name="version_number_once_per_form"),
            models.UniqueConstraint(
                fields=("form",), condition=models.Q(is_current=True), name="one_current_version_per_form"
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.number}版"

    @property
    def engine(self) -> Engine:
        """The version ready to run; reads `document` only if this process has not met the version yet."""
        return known_engine(self.digest) or engine_for(FormDefinition.from_json(self.document), self.digest)

    @property
    def spoken(self) -> Engine:
        """The same for who reads it in the language of this request; answers are kept alike in all of them."""
        return spoken_engine(self.engine, self.digest, current().code)


def mint_version(page: FormPage) -> FormVersion:
    """Freeze the page's present state as its current version; an unchanged form keeps the version it has.

    Call it inside the transaction that publishes. Raises CompileErrors.
    """
    definition = page.compile()
    return _freeze(page, page.department, definition.to_json(), definition.digest())


@receiver(post_page_move)
@transaction.atomic
def follow_move(instance: Page, **_: object) -> None:
    """What arrives from now on belongs to the department in whose section the form stands now."""
    for page in FormPage.objects.descendant_of(instance, inclusive=True):
        current = FormVersion.objects.filter(form=page, is_current=True).first()
        if current is not None:
            _freeze(page, page.department, current.document, current.digest)


def _freeze(page: FormPage, department: Department, document: dict[str, Any], digest: str) -> FormVersion:
    # the page row is the lock: two people publishing at once get their versions one after the other
    FormPage.objects.select_for_update().only("pk").get(pk=page.pk)
    current = FormVersion.objects.filter(form=page, is_current=True).first()
    if current and current.digest == digest and current.department_id == department.pk:
        return current
    last = FormVersion.objects.filter(form=page).aggregate(models.Max("number"))["number__max"] or 0
    FormVersion.objects.filter(form=page, is_current=True).update(is_current=False)
    return FormVersion.objects.create(
        form=page, department=department, number=last + 1, document=document, digest=digest
    )
