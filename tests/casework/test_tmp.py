from tests.support.cast import *
def test_x(cast, client):
    a = submit(cast.form)
    print(a.reference, a.status, a.received_at, a.search_text)
    client.force_login(cast.officer)
    r = client.get("/admin/cases/")
    print(r.status_code)
    open("/tmp/w/list.html","w").write(r.content.decode())
    r = client.get(f"/admin/cases/{a.public_id}/")
    print(r.status_code)
    open("/tmp/w/case.html","w").write(r.content.decode())
