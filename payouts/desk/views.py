"""支給 as the desk works with it: a batch is made, looked at, frozen, approved by another person, sent, and settled."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import TemplateView
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic.base import BaseListingView, WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import BaseButton, HeaderButton

from applications.desk import ForRoles
from cms.access import has_role
from outreach.wagtail_hooks import Counted
from payouts import lifecycle
from payouts.desk.access import MAY_APPROVE, MAY_MAKE, MAY_READ, MAY_TAKE, batch_or_404, batches
from payouts.desk.forms import NewForm, ReasonForm, RedateForm
from payouts.lifecycle import NotPossible
from payouts.models import Batch, Row
from payouts.status import PAYABLE, BatchAction, BatchState, RowState
from payouts.zengin import Unwritable
from staff.models import User

TITLE = "支給"
ICON = "upload"
PAGE = 100
REFUSED = (NotPossible, Unwritable)


def actor_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # nobody else has a role
    return request.user


class BatchListView(ForRoles, BaseListingView):
    """The payouts of the reader's departments, newest first."""

    roles = MAY_READ
    page_title = TITLE
    header_icon = ICON
    template_name = "payouts/list.html"
    results_template_name = "payouts/list_results.html"
    index_url_name = "payouts:list"
    index_results_url_name = "payouts:list_results"
    verbose_name_plural = TITLE
    paginate_by = 50
    paginator_class = Counted
    default_ordering = "-pk"
    columns: ClassVar = [
        TitleColumn("name", label="名称", get_url=lambda batch: reverse("payouts:batch", args=(batch.number,))),
        Column("scheme", label="支給の種類"),
        Column("department", label="所管課"),
        Column("pay_on", label="振込指定日", accessor=lambda batch: f"{batch.pay_on:%Y-%m-%d}"),
        Column("count", label="件数", accessor=lambda batch: f"{batch.count:,}"),
        Column("total", label="金額", accessor=lambda batch: f"{batch.total or 0:,}円"),
        Column("state", label="状態", accessor="get_state_display"),
    ]

    def get_queryset(self) -> QuerySet[Batch]:
        counted = Q(rows__state__in=(*PAYABLE, RowState.PAID, RowState.BOUNCED))
        rows = batches(self.request.user).defer("file")
        return rows.annotate(count=Count("rows", counted), total=Sum("rows__amount", filter=counted)).order_by("-pk")

    @property
    def header_buttons(self) -> list[BaseButton]:
        if not has_role(self.request.user, MAY_MAKE):
            return []
        return [HeaderButton("支給を作る", url=reverse("payouts:new"), icon_name="plus")]


class NewView(ForRoles, WagtailAdminTemplateMixin, TemplateView):
    """POST takes everybody who waits for this kind of payout."""

    roles = MAY_MAKE
    page_title = "支給を作る"
    header_icon = ICON
    template_name = "payouts/act.html"
    http_method_names = ["get", "head", "post"]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = {"url": reverse("payouts:list"), "label": TITLE}
        return [*self.breadcrumbs_items, above, {"url": "", "label": self.page_title}]

    def post(self, request: HttpRequest) -> HttpResponse:
        form = NewForm(request.POST, user=request.user)
        if form.is_valid():
            given = form.cleaned_data
            try:
                batch = lifecycle.make(
                    name=given["name"],
                    department=form.department,
                    scheme=form.scheme,
                    source=given["source"],
                    pay_on=given["pay_on"],
                    actor=actor_of(request),
                )
            except REFUSED as problem:
                form.add_error(None, str(problem))
            else:
                messages.success(request, "支給を作りました。内容を確かめて、確定してください。")
                return redirect("payouts:batch", batch.number)
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.pop("form", None) or NewForm(user=self.request.user)
        told = "決定済みで、まだ支給に入っていない申請を、すべて入れます。"
        if not form.has_choices:
            told = "支給する申請がありません。「支給」を設定した申請フォームの申請を決定すると、ここで選べます。"
        back = reverse("payouts:list")
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"form": form, "button": self.page_title, "told": told, "back": back, "is_new": True}


class BatchPage(ForRoles, WagtailAdminTemplateMixin, TemplateView):
    """A page below one batch; another department's does not exist."""

    roles = MAY_READ
    header_icon = ICON
    http_method_names = ["get", "head", "post"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.batch = batch_or_404(request, kwargs["number"], self.roles)

    @property
    def address(self) -> str:
        return reverse("payouts:batch", args=(self.batch.number,))

    def get_page_title(self) -> str:
        return self.batch.name

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = [{"url": reverse("payouts:list"), "label": TITLE}]
        if type(self) is not BatchView:
            above.append({"url": self.address, "label": self.batch.name})
        return [*self.breadcrumbs_items, *above, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"batch": self.batch, "back": self.address}


class BatchView(BatchPage):
    """The rows by their state, what can be done now, and the history."""

    template_name = "payouts/batch.html"
    http_method_names = ["get", "head"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        batch = self.batch
        counted = batch.rows.order_by().values("state").annotate(count=Count("pk"), total=Sum("amount"))
        sums = [(RowState(each["state"]), f"{each['count']:,}件", f"{each['total']:,}円") for each in counted]
        sums.sort(key=lambda each: list(RowState).index(each[0]))
        chosen = self.request.GET.get("state", "")
        if chosen not in RowState.values:
            chosen = ""
        rows = batch.rows.select_related("application").defer("application__answers", "application__search_text")
        rows = rows.filter(state=chosen) if chosen else rows
        page = Paginator(rows.order_by("number"), PAGE).get_page(self.request.GET.get("p"))
        return context | {
            "sums": sums,
            "chosen": chosen,
            "page_of_rows": page,
            "rows": [(row, destination_of(row)) for row in page],
            "entries": [(entry, BatchAction(entry.kind).label) for entry in batch.entries.select_related("actor")],
            "may": self._may(),
        }

    def _may(self) -> dict[str, bool]:
        """What the reader may do now. What is offered here is asked again when it is done."""
        batch, user = self.batch, self.request.user
        makes = has_role(user, MAY_MAKE, batch.department)
        is_second = user.pk not in (batch.made_by_id, batch.frozen_by_id)
        is_open, is_frozen = batch.state == BatchState.OPEN, batch.state == BatchState.FROZEN
        is_approved = batch.state == BatchState.APPROVED
        is_taken = batch.entries.filter(kind=BatchAction.TAKE).exists()
        takes = has_role(user, MAY_TAKE, batch.department)
        return {
            "change": makes and is_open,
            "freeze": makes and is_open,
            "open_again": is_frozen and (makes or has_role(user, MAY_APPROVE, batch.department)),
            "approve": is_frozen and is_second and has_role(user, MAY_APPROVE, batch.department),
            "wait": is_frozen,
            "take": takes and is_approved,
            "send": takes and is_approved,
            "cancel": makes
            and batch.state in (BatchState.OPEN, BatchState.FROZEN, BatchState.APPROVED)
            and not is_taken,
            "results": makes and batch.state == BatchState.SENT,
            "lists": makes,
        }


def destination_of(row: Row) -> str:
    """Enough to compare with a paper at hand."""
    account = lifecycle.account_of(row)
    return f"{account.bank_code}-{account.branch_code}　…{account.number[-3:]}　{account.holder}" if account else "－"


class ActOnBatchView(BatchPage):
    """One thing that staff may do. POST does it, or shows the form again with what is wrong."""

    template_name = "payouts/act.html"
    title = button = done = told = ""
    form_class: ClassVar[Callable[..., forms.Form]] = forms.Form

    def get_page_title(self) -> str:
        return self.title

    def act(self, actor: User, given: dict[str, Any]) -> None:
        """Do it; raises NotPossible or Unwritable where it cannot be done."""
        raise NotImplementedError  # each page has its own

    def make_form(self, data: QueryDict | None = None) -> forms.Form:
        return type(self).form_class(data)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.make_form(request.POST)
        if form.is_valid():
            try:
                self.act(actor_of(request), form.cleaned_data)
            except REFUSED as problem:
                form.add_error(None, str(problem))
        if form.errors:
            return self.render_to_response(self.get_context_data(form=form), status=400)
        messages.success(request, self.done)
        return redirect(self.address)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.pop("form", None) or self.make_form()
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"form": form, "button": self.button, "told": self.told}


class RedateView(ActOnBatchView):
    roles = MAY_MAKE
    title = button = "振込指定日を改める"
    done = "振込指定日を改めました。"
    form_class = RedateForm

    def act(self, actor: User, given: dict[str, Any]) -> None:
        lifecycle.redate(self.batch.pk, actor=actor, pay_on=given["pay_on"])


class FreezeView(ActOnBatchView):
    roles = MAY_MAKE
    title = button = "内容を確定する"
    told = "確定すると、内容を変えられなくなります。そのあと、別の決裁者が確かめて承認します。"
    done = "確定しました。別の決裁者に、承認を頼んでください。"

    def act(self, actor: User, given: dict[str, Any]) -> None:
        lifecycle.freeze(self.batch.pk, actor=actor)


class OpenAgainView(ActOnBatchView):
    roles = MAY_MAKE | MAY_APPROVE
    title = button = "確定を取り消す"
    told = "内容をもう一度変えられるようにします。"
    done = "確定を取り消しました。"
    form_class = ReasonForm

    def act(self, actor: User, given: dict[str, Any]) -> None:
        lifecycle.open_again(self.batch.pk, actor=actor, reason=given["reason"])


class ApproveView(ActOnBatchView):
    """The digest of what was shown comes back with the yes."""

    roles = MAY_APPROVE
    title = button = "承認する"
    told = "件数・金額・振込指定日を確かめてから、承認してください。承認すると、振込ファイルを1度だけ作ります。"
    done = "承認し、振込ファイルを作りました。"

    def make_form(self, data: QueryDict | None = None) -> forms.Form:
        form = forms.Form(data)
        form.fields["digest"] = forms.CharField(widget=forms.HiddenInput(), initial=self.batch.digest)
        return form

    def act(self, actor: User, given: dict[str, Any]) -> None:
        lifecycle.approve(self.batch.pk, actor=actor, digest=given["digest"])


class SendView(ActOnBatchView):
    roles = MAY_TAKE
    title = button = "銀行へ送ったことを記録する"
    told = "記録すると、振込ファイルはもう取り出せません。銀行が受け付けたことを確かめてから記録してください。"
    done = "銀行へ送ったことを記録しました。結果が分かったら、結果を入れてください。"

    def act(self, actor: User, given: dict[str, Any]) -> None:
        lifecycle.mark_sent(self.batch.pk, actor=actor)


class CancelView(ActOnBatchView):
    roles = MAY_MAKE
    title = button = "この支給を取り消す"
    told = "入っていた申請は、別の支給に入れられるようになります。"
    done = "取り消しました。"
    form_class = ReasonForm

    def act(self, actor: User, given: dict[str, Any]) -> None:
        lifecycle.cancel(self.batch.pk, actor=actor, reason=given["reason"])


class RowView(ActOnBatchView):
    """One row: in, because somebody has looked, or out."""

    roles = MAY_MAKE
    form_class = ReasonForm

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        rows = self.batch.rows.select_related("application")
        self.row = get_object_or_404(rows, number=kwargs["row"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"row": self.row, "destination": destination_of(self.row)}


class IncludeView(RowView):
    title = button = "確かめて、振込に入れる"
    told = "二重の支給ではないことなど、確かめたことを理由に書いてください。"
    done = "振込に入れました。"

    def act(self, actor: User, given: dict[str, Any]) -> None:
        lifecycle.include(self.row.pk, actor=actor, reason=given["reason"])


class ExcludeView(RowView):
    title = button = "振込から外す"
    told = "外した申請は、あとの支給に入れられます。"
    done = "振込から外しました。"

    def act(self, actor: User, given: dict[str, Any]) -> None:
        lifecycle.exclude(self.row.pk, actor=actor, reason=given["reason"])
