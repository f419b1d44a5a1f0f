"""手数料 in the admin."""

from django.urls import path

from payments.desk import ledger, views

app_name = "fees"

urlpatterns = [
    path("", views.FeeListView.as_view(), name="list"),
    path("results/", views.FeeListView.as_view(results_only=True), name="list_results"),
    path("ledger/", ledger.LedgerView.as_view(), name="ledger"),
    path("<str:number>/", views.FeeView.as_view(), name="fee"),
    path("<str:number>/cash/", views.CashView.as_view(), name="cash"),
    path("<str:number>/change/", views.ChangeView.as_view(), name="change"),
    path("<str:number>/refund/", views.GiveBackView.as_view(), name="refund"),
    path("<str:number>/refunds/<int:pk>/repaid/", views.RepaidView.as_view(), name="repaid"),
    path("<str:number>/refunds/<int:pk>/retry/", views.RetryView.as_view(), name="retry"),
]
