import pytest

from aiqa.onnx_session import processors


def test_the_number_of_threads_is_the_usual_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert processors() == 3
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert processors() >= 1
