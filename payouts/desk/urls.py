"""支給 in the admin."""

from django.urls import path, re_path

from payouts.desk import files, views

app_name = "payouts"

urlpatterns = [
    path("", views.BatchListView.as_view(), name="list"),
    path("results/", views.BatchListView.as_view(results_only=True), name="list_results"),
    path("new/", views.NewView.as_view(), name="new"),
    path("<str:number>/", views.BatchView.as_view(), name="batch"),
    path("<str:number>/redate/", views.RedateView.as_view(), name="redate"),
    path("<str:number>/freeze/", views.FreezeView.as_view(), name="freeze"),
    path("<str:number>/open/", views.OpenAgainView.as_view(), name="open_again"),
    path("<str:number>/approve/", views.ApproveView.as_view(), name="approve"),
    path("<str:number>/send/", views.SendView.as_view(), name="send"),
    path("<str:number>/cancel/", views.CancelView.as_view(), name="cancel"),
    path("<str:number>/file/", files.TakeView.as_view(), name="file"),
    path("<str:number>/bank/", files.ResultsView.as_view(), name="results"),
    path("<str:number>/rows/<int:row>/include/", views.IncludeView.as_view(), name="include"),
    path("<str:number>/rows/<int:row>/exclude/", views.ExcludeView.as_view(), name="exclude"),
    re_path("^(?P<number>[^/]+)/lists/(?P<what>accounts|apart|results)/$", files.ListView.as_view(), name="lists"),
]
