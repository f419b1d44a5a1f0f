"""手数料 as the desk works with it: who has paid what, cash at the counter, another amount, money back."""

import logging
from typing import Any, ClassVar

import django_filters
from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import TemplateView
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic.base import BaseListingView, WagtailAdminTemplateMixin

from applications.desk import ForRoles, Searched
from outreach.wagtail_hooks import Counted
from payments import claiming
from payments.desk.access import MAY_READ, MAY_WRITE, fee_or_404, fees, may_open_case, may_write, searched, with_sums
from payments.desk.forms import CashForm, ChangeForm, RefundForm, RepaidForm
from payments.fees import ENDED, balance_of, may_be_paid
from payments.lifecycle import NotPossible, note_repaid, retry_refund
from payments.models import Fee, Payment, Refund
from payments.paying import NothingDue, look_at_all, take_cash
from payments.pricing import lines_of
from payments.providers import Rejected, Unreachable
from payments.requirement import COUNTER, METHODS
from payments.status import RefundState, State
from staff.models import User

logger = logging.getLogger(__name__)

TITLE = "手数料"
ICON = "tag"
PAGE = 50
OWED, PAID, TO_DO = "owed", "paid", "to_do"
STANDINGS = [(OWED, "未納"), (PAID, "納付済み・0円"), (TO_DO, "返金が終わっていない")]
ALREADY = "支払うものがありません。ほかの職員が先に記録したか、オンラインで支払われました。"
OVER = "申請が終わっているため、手数料を改められません。返すときは「返金する」を使ってください。"
OTHERWISE = "この返金は、いまは変えられません。画面を読み直して、状態を確かめてください。"
NOT_REACHED = "決済事業者に確かめられませんでした。少し待ってから、もう一度試してください。"


def actor_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # nobody else has a role
    return request.user


class FeeFilterSet(WagtailFilterSet):
    """`q` belongs to Wagtail's search box."""

    standing = django_filters.ChoiceFilter(
        label="支払い", choices=STANDINGS, method="by_standing", empty_label="すべて", widget=forms.RadioSelect
    )

    class Meta:
        model = Fee
        fields: tuple[str, ...] = ()

    def by_standing(self, rows: QuerySet[Fee], name: str, value: str) -> QuerySet[Fee]:
        if value == TO_DO:
            open_ones = Refund.objects.exclude(state__in=(RefundState.SUCCEEDED, RefundState.REPLACED))
            return rows.filter(pk__in=open_ones.values("payment__fee"))
        is_owed = Q(owed__gt=0)  # as access.with_sums adds it
        return rows.filter(is_owed if value == OWED else ~is_owed)


class FeeListView(ForRoles, Searched, BaseListingView):
    """The fees of the reader's departments, newest first."""

    roles = MAY_READ
    page_title = TITLE
    header_icon = ICON
    search_placeholder = "納付番号・受付番号・氏名など"
    template_name = "payments/desk/list.html"
    results_template_name = "payments/desk/list_results.html"
    index_url_name = "fees:list"
    index_results_url_name = "fees:list_results"
    filterset_class = FeeFilterSet
    verbose_name_plural = TITLE
    is_searchable = True
    paginate_by = PAGE
    paginator_class = Counted
    default_ordering = "-pk"
    columns: ClassVar = [
        TitleColumn(
            "number",
            label="納付番号",
            get_url=lambda fee: reverse("fees:fee", args=(fee.number,)),
            classname="fees-nowrap",
        ),
        Column(
            "reference",
            label="受付番号",
            accessor=lambda fee: fee.application.reference or "受付前",
            classname="fees-nowrap",
        ),
        Column("form", label="申請フォーム", accessor=lambda fee: fee.application.form.title),
        Column("applicant", label="申請者", accessor="application.applicant"),
        Column("total", label="手数料", accessor=lambda fee: f"{fee.total:,}円"),
        Column("standing", label="支払い", accessor=lambda fee: standing_in_words(fee)),
    ]

    def get_base_queryset(self) -> QuerySet[Fee]:
        rows = with_sums(fees(self.request.user)).select_related("application__form")
        rows = rows.defer("lines", "inputs", "application__search_text", "application__answers")
        return searched(rows, self.request.GET.get("q", ""))

    def get_queryset(self) -> QuerySet[Fee]:
        return self.filter_queryset(self.get_base_queryset()).order_by("-pk")


def standing_in_words(fee: Any) -> str:
    if fee.owed > 0:
        return f"未納 {fee.owed:,}円"
    if fee.returned:
        return f"納付 {fee.received:,}円・返金 {fee.returned:,}円"
    return "納付済み" if fee.received else "支払いなし"


class FeePage(ForRoles, WagtailAdminTemplateMixin, TemplateView):
    """A page below one fee; another department's does not exist."""

    roles = MAY_READ
    header_icon = ICON
    http_method_names = ["get", "head", "post"]
    needs = MAY_READ

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.fee = fee_or_404(request, kwargs["number"], self.needs)

    @property
    def address(self) -> str:
        return reverse("fees:fee", args=(self.fee.number,))

    def get_page_title(self) -> str:
        return f"納付番号 {self.fee.number}"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = [{"url": reverse("fees:list"), "label": TITLE}]
        if type(self) is not FeeView:
            above.append({"url": self.address, "label": f"納付番号 {self.fee.number}"})
        return [*self.breadcrumbs_items, *above, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        application = self.fee.application
        return context | {
            "fee": self.fee,
            "application": application,
            "form_title": application.version.engine.definition.title,
            "balance": balance_of(self.fee),
            "case_url": reverse("casework:case", args=(application.public_id,)) if may_open_case(application) else "",
            "back": self.address,
        }


class FeeView(FeePage):
    """Everything about one fee. POST: ask the provider how its payments stand."""

    template_name = "payments/desk/fee.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            look_at_all(self.fee)
        except (Unreachable, Rejected) as problem:
            logger.warning("cannot look at a payment: %s %s", type(problem).__name__, problem)
            messages.error(request, NOT_REACHED)
        else:
            messages.success(request, "決済事業者に確かめました。いまの状態を表示しています。")
        return redirect(self.address)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        writes, fee = may_write(self.request.user, self.fee), self.fee
        refunds = Refund.objects.filter(payment__fee=fee).select_related("payment", "actor")
        return context | {
            "lines": lines_of(fee.lines),
            "payments": [(each, method_of(each)) for each in fee.payments.select_related("staff")],
            "refunds": [(refund, method_of(refund.payment), *_ways(refund, writes=writes)) for refund in refunds],
            "changes": fee.changes.select_related("actor"),
            "may_write": writes,
            "may_take": writes and context["balance"].due > 0 and may_be_paid(fee.application),
            "may_give_back": writes and claiming.refundable(fee) > 0,
            "may_change": writes and fee.application.status not in ENDED,
            "may_look": fee.payments.filter(state__in=(State.OPEN, State.WAITING)).exists(),
        }


def method_of(payment: Payment) -> str:
    return METHODS.get(payment.method, "オンライン")


def _ways(refund: Refund, *, writes: bool) -> tuple[bool, bool]:
    """Whether an officer may try again, and whether it may be given back by other means."""
    has_failed, by_cash = refund.state == RefundState.FAILED, refund.payment.provider == COUNTER
    is_open = refund.state in (RefundState.REQUESTED, RefundState.PENDING)
    return writes and has_failed and not by_cash, writes and (has_failed or (by_cash and is_open))


class ActOnFeeView(FeePage):
    """One thing that officers may do. POST does it, or shows the form again with what is wrong."""

    needs = roles = MAY_WRITE
    template_name = "payments/desk/act.html"
    title = button = done = told = ""

    def get_page_title(self) -> str:
        return self.title

    def make_form(self, data: QueryDict | None = None) -> Any:
        raise NotImplementedError  # each page has its own

    def act(self, form: Any) -> None:
        """Do it; add an error to the form where it cannot be done."""
        raise NotImplementedError  # as above

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.make_form(request.POST)
        if form.is_valid():
            self.act(form)
        if form.errors:
            return self.render_to_response(self.get_context_data(form=form), status=400)
        messages.success(request, self.done)
        return redirect(self.address)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.pop("form", None)
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"form": form or self.make_form(), "button": self.button, "told": self.told}


class CashView(ActOnFeeView):
    title = button = "窓口納付を記録する"
    told = "未納の全額を窓口で受け取ってから、記録してください。記録すると、納付済みになります。"
    done = "窓口納付を記録しました。"

    def make_form(self, data: QueryDict | None = None) -> CashForm:
        return CashForm(data)

    def act(self, form: CashForm) -> None:
        number = form.cleaned_data["receipt_number"]
        try:
            take_cash(self.fee.application_id, actor=actor_of(self.request), receipt_number=number)
        except NothingDue:
            form.add_error(None, ALREADY)


class ChangeView(ActOnFeeView):
    title = button = "手数料を改める"
    told = (
        "下の単価と数の合計が、新しい手数料になります。"
        "減らすと、納付された分との差額を返します。増やすと、差額の支払いを申請者に求めます。"
    )
    done = "手数料を改めました。"

    def make_form(self, data: QueryDict | None = None) -> ChangeForm:
        return ChangeForm(data, before=lines_of(self.fee.lines), total=self.fee.total)

    def act(self, form: ChangeForm) -> None:
        reason = form.cleaned_data["reason"]
        try:
            claiming.change(self.fee.application_id, form.lines, actor=actor_of(self.request), reason=reason)
        except claiming.Over:
            form.add_error(None, OVER)


class GiveBackView(ActOnFeeView):
    title = button = "返金する"
    told = (
        "オンラインで支払われた分は、支払いと同じ方法で返します。窓口で納付された分は、返したあとに記録してください。"
    )
    done = "返金の手続を始めました。"

    def make_form(self, data: QueryDict | None = None) -> RefundForm:
        return RefundForm(data, most=claiming.refundable(self.fee))

    def act(self, form: RefundForm) -> None:
        given = form.cleaned_data
        pk, actor = self.fee.application_id, actor_of(self.request)
        try:
            claiming.give_back(pk, given["amount"], actor=actor, reason=given["reason"])
        except claiming.TooMuch as much:
            form.add_error("amount", f"いま返せるのは{much.most:,}円までです。")


class RepaidView(ActOnFeeView):
    title = button = "返したことを記録する"
    told = "窓口や振込で返してから、記録してください。"
    done = "返したことを記録しました。"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.refund = get_object_or_404(Refund, pk=kwargs["pk"], payment__fee=self.fee)

    def make_form(self, data: QueryDict | None = None) -> Any:
        return RepaidForm(data)

    def act(self, form: Any) -> None:
        number = form.cleaned_data["receipt_number"]
        try:
            note_repaid(self.refund.pk, actor=actor_of(self.request), receipt_number=number)
        except NotPossible:
            form.add_error(None, OTHERWISE)


class RetryView(RepaidView):
    title = button = "もう一度返金する"
    told = "決済事業者に、もう一度返金を求めます。"
    done = "返金の手続をもう一度始めました。"

    def make_form(self, data: QueryDict | None = None) -> forms.Form:
        return forms.Form(data)

    def act(self, form: forms.Form) -> None:
        try:
            retry_refund(self.refund.pk, actor=actor_of(self.request))
        except NotPossible:
            form.add_error(None, OTHERWISE)
