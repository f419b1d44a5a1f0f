"""The resident's pages behind the link, and where Stripe calls."""

from django.urls import path
from django.views.decorators.cache import cache_control

from payments.views import resident, webhook

# who has the address of one of these can pay, and sees what was paid: nobody keeps them
own = cache_control(private=True, no_store=True)

urlpatterns = [
    path("payments/stripe/webhook/", webhook.stripe_webhook, name="payment-webhook"),
    path("payments/<str:token>/", own(resident.show), name="payment"),
    path("payments/<str:token>/return/", own(resident.come_back), name="payment-return"),
    path("payments/<str:token>/cancelled/", own(resident.cancelled), name="payment-cancelled"),
    path("payments/<str:token>/stop/", own(resident.stop), name="payment-stop"),
    path("payments/<str:token>/receipt.pdf", own(resident.receipt), name="payment-receipt"),
    path("apply/<slug:code>/payment/<str:token>/", own(resident.done), name="payment-done"),
]
