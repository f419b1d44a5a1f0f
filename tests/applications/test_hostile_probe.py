import pytest
from django.test import Client
from tests.applications.residents import *
from tests.support.cast import Cast, make_form, key_of, make_admin

def test_probe(cast):
    form = make_form(cast.children, steps=STEPS)
    r = Resident(form, Client(raise_request_exception=False))
    r.fill("1", APPLICANT)
    def show(what, resp):
        body = resp.content.decode(errors="replace") if not resp.streaming else "<stream>"
        print(f"{what:60.60} -> {resp.status_code} len={len(body)} jp={'ページ' in body or '申請' in body} {body[:80]!r}")
    c = r.client
    for url in ["/?q=%00", "/?q=%ff", "/?%00=1", "/%00", "/%00/", "/apply/%00/", "/apply/gift/%00/", "/apply/gift%00/1/", "/media/%00", "/static/%00", "/static/cms/%00.css","/documents/1/%00", "/admin/%00", "/apply/postcode/%00/", "/apply/postcode/%f0%9f%98%80/", "/apply/postcode/"+"9"*5000+"/", "/"+"a"*9000, "/apply/gift/1/?x=%00", "/%ED%A0%80/", "/apply/gift/files/%00/", "/?q="+"あ"*5000]:
        show(url, c.get(url))
    for m in ["put","patch","delete","options","trace","head"]:
        for u in ["","1","check","done","stop","new","update","files/x"]:
            resp = getattr(c,m)(r.url(u)); 
            if resp.status_code not in (405,302,404): show(m+" "+u, resp)
    for u in ["stop","done","","files/"+"A"*22]:
        show("post "+u, c.post(r.url(u)))
    show("host", c.get("/", headers={"host":"evil.example"}))
    show("host2", c.get("/apply/gift/1/", headers={"host":"evil.example"}))
    show("host3", c.get("/apply/gift/1/", headers={"host":"a\x00b"}))
    show("5MB", c.post(r.url("1"), {"f-x": "x"*6_000_000}))
    show("5MBurl", c.post(r.url("1"), "f-x="+"x"*6_000_000, content_type="application/x-www-form-urlencoded"))
    show("20001 fields", c.post(r.url("1"), "&".join(f"a{n}=1" for n in range(20_001)), content_type="application/x-www-form-urlencoded"))
    show("19000 fields", c.post(r.url("1"), "&".join(f"a{n}=1" for n in range(19_000)), content_type="application/x-www-form-urlencoded"))
    show("malformed", c.generic("POST", r.url("1"), b"garbage", content_type="multipart/form-data; boundary=x"))
    show("malformed2", c.generic("POST", r.url("1"), b"--x\r\ngarbage", content_type="multipart/form-data; boundary=x"))
    show("malformed noboundary", c.generic("POST", r.url("1"), b"garbage", content_type="multipart/form-data"))
    show("json", c.generic("POST", r.url("1"), b"{}", content_type="application/json"))
    for cs in ["utf-16","hex","rot13","idna","undefined","shift_jis","base64", "punycode","unicode_escape"]:
        show("charset mp "+cs, c.generic("POST", r.url("1"), b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nzz\r\n--x--\r\n', content_type="multipart/form-data; boundary=x; charset="+cs))
        show("charset url "+cs, c.generic("POST", r.url("1"), b'a=1', content_type="application/x-www-form-urlencoded; charset="+cs))
        show("charset get "+cs, c.generic("GET", "/?q=%80", b'', content_type="text/html; charset="+cs))
    show("101 files", c.post(r.url("2"), {"f-"+key_of("表紙"): [photo() for _ in range(101)]}))
    cc = Client(enforce_csrf_checks=True, raise_request_exception=False)
    show("csrf", cc.post(r.url("1"), {}))
    show("csrf5MB", cc.post(r.url("1"), {"x":"x"*6_000_000}))
    show("cookie nul", Client(headers={"cookie":'mg-gift="\\000\\000"; csrftoken="\\000"; sessionid="\\000abc"'}, raise_request_exception=False).get("/admin/"))
    show("session nul", Client(headers={"cookie":'sessionid="\\000abc"'}, raise_request_exception=False).get("/"))
    show("session nul", Client(headers={"cookie":'sessionid="\\000abc"'}, raise_request_exception=False).get("/apply/gift/1/"))
    show("admin login nul", c.post("/admin/login/", {"username":"\x00","password":"x"}))
    show("accept-lang", c.get("/", headers={"accept-language":"x"*9000}))
    assert 0
