import pytest
@pytest.mark.skip(reason="x")
def test_a(): pass
def test_b(): pytest.skip("later")
@pytest.mark.xfail
def test_c(): assert 0
@pytest.mark.xfail
def test_d(): assert 1
