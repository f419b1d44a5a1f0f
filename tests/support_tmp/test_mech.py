import threading, pytest, os
from django.db import connection, connections, transaction
from wagtail.models import Page, Site, Locale

@pytest.mark.django_db
def test_root_page_exists():
    assert Page.objects.count() >= 1 and Locale.objects.count() == 1
    Site.objects.all().delete()

@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("n", range(4))
def test_commits_are_undone(n):
    assert Site.objects.count() == 1
    Site.objects.all().delete()
    def add(i):
        with transaction.atomic():
            Site.objects.create(hostname=f"h{i}", port=1, root_page_id=1)
        connections.close_all()
    ts = [threading.Thread(target=add, args=[_]) for _ in range(8)]
    [t.start() for t in ts]; [t.join() for t in ts]
    assert Site.objects.count() == 8
    with connection.cursor() as c:
        if connection.vendor == "sqlite":
            assert c.execute("pragma journal_mode").fetchone()[0] == "wal"
            print(connection.settings_dict["NAME"])

@pytest.mark.django_db
def test_again():
    assert Site.objects.count() == 1

def test_no_db():
    with pytest.raises(RuntimeError, match="not allowed"):
        Site.objects.count()
