"""A page on which an officer does one thing, and says why."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import TemplateView

from reservations.refusals import Refused

NO_REASON = "理由を入力してください。申請の履歴に残ります。"
LONGEST_REASON = 500


class WithReason(TemplateView):
    """done: what is said afterwards; problem: why it was not done; needs_reason: whether it asks for one."""

    http_method_names = ["get", "head", "post"]
    done = ""
    problem = ""
    needs_reason = True

    def act(self, reason: str) -> None:
        """Do it; raises Refused."""
        raise NotImplementedError  # what it is, each page says

    def afterwards(self) -> str:
        """The address to go on to."""
        raise NotImplementedError  # as above

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        reason = request.POST.get("reason", "").replace("\x00", "").strip()[:LONGEST_REASON]
        try:
            if self.needs_reason and not reason:
                raise Refused(NO_REASON)
            self.act(reason)
        except Refused as refused:
            self.problem = refused.message
            return self.render_to_response(self.get_context_data(refused=refused), status=409)
        messages.success(request, self.done)
        return redirect(self.afterwards())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "problem": self.problem,
            "reason": self.request.POST.get("reason", ""),
            "needs_reason": self.needs_reason,
        }
