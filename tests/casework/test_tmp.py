import time, cProfile, pstats
from tests.support.cast import *
def test_x(db, client):
    pr=cProfile.Profile(); pr.enable()
    t=time.time(); c=make_cast(); print("cast",time.time()-t)
    t=time.time(); f=c.form; print("form",time.time()-t)
    t=time.time(); a=submit(f); print("submit",time.time()-t)
    t=time.time(); client.force_login(c.officer); print("login",time.time()-t)
    t=time.time(); client.get("/admin/cases/"); print("list",time.time()-t)
    t=time.time(); client.get("/admin/cases/"); print("list",time.time()-t)
    pr.disable(); pstats.Stats(pr).sort_stats("cumtime").print_stats(45)
def test_y(db, client):
    t=time.time(); c=make_cast(); print("cast",time.time()-t)
    t=time.time(); f=c.form; print("form",time.time()-t)
    t=time.time(); a=submit(f); print("submit",time.time()-t)
    t=time.time(); client.force_login(c.officer); print("login",time.time()-t)
    t=time.time(); client.get("/admin/cases/"); print("list",time.time()-t)
    t=time.time(); client.get("/admin/cases/"); print("list",time.time()-t)
