"""Before the addresses of `applications`: a form's own address is where alone the browser sends the draft's key."""

from django.urls import path
from django.views.decorators.cache import cache_control

from followup.views import carrying, copy, correction, documents, later, mail, messages, rating, status

# one resident's pages: no proxy may keep them
own = cache_control(private=True, no_cache=True)
# what a code opened is not kept by the browser either, which may be in a library
never_kept = cache_control(private=True, no_store=True)

urlpatterns = [
    path("apply/<slug:code>/mail/", own(mail.verify), name="apply-mail"),
    path("apply/<slug:code>/later/", own(later.later), name="apply-later"),
    path("apply/<slug:code>/carry/", never_kept(carrying.show_code), name="apply-carry"),
    path("continue/", never_kept(carrying.continue_), name="continue"),
    path("apply/<slug:code>/resume/<str:token>/", own(later.resume), name="apply-resume"),
    path("apply/<slug:code>/rating/", own(rating.rate_here), name="apply-rating"),
    path("status/", never_kept(status.ask), name="status"),
    path("status/code/", never_kept(status.enter), name="status-code"),
    path("status/application/", never_kept(status.show), name="status-application"),
    path("status/withdraw/", never_kept(status.withdraw), name="status-withdraw"),
    path("status/rating/", never_kept(rating.rate_later), name="status-rating"),
    path("status/correction/", never_kept(correction.mend), name="status-correction"),
    path("status/correction/check/", never_kept(correction.check), name="status-correction-check"),
    path("status/copy/", never_kept(copy.save), name="status-copy"),
    path("status/documents/<slug:public_id>/", never_kept(documents.save), name="status-document"),
    path("status/messages/", never_kept(messages.show), name="status-messages"),
    path("status/messages/<slug:public_id>/", never_kept(messages.open_file), name="status-message-file"),
    path("status/leave/", never_kept(status.leave), name="status-leave"),
]
