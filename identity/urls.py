"""Before the addresses of `applications`: a form's own address is where alone the browser sends the draft's key."""

from django.urls import path
from django.views.decorators.cache import cache_control

from identity.ekyc.views import notice
from identity.signature import views as signing
from identity.views import resident

# what comes back from the provider is in these addresses: nobody keeps them
never_kept = cache_control(private=True, no_store=True)

urlpatterns = [
    path("apply/<slug:code>/identity/", never_kept(resident.ask), name="apply-identity"),
    path("apply/<slug:code>/identity/return/", never_kept(resident.come_back), name="apply-identity-return"),
    path("apply/<slug:code>/signature/", never_kept(signing.sign), name="apply-signature"),
    path("apply/<slug:code>/signature/return/", never_kept(signing.come_back), name="apply-signature-return"),
    path("identity/ekyc/notice/", never_kept(notice), name="identity-ekyc-notice"),
    path("identity/callback/", never_kept(resident.callback), name="identity-callback"),
]
