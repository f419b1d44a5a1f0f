import pytest
pytest.importorskip("nonexistent_module")
