"""What is said before models in bfloat16 are trained where that is slow."""

import pytest

from aelab.jobs import processors

WITH = "processor\t: 0\nflags\t\t: fpu sse2 avx2 avx512f\n"
WITHOUT = "processor\t: 0\nflags\t\t: fpu sse2 avx2\n"
ARM = "processor\t: 0\nFeatures\t: fp asimd\n"


@pytest.mark.parametrize(("cpuinfo", "slow"), [(WITHOUT, True), (WITH, False), (ARM, False), (None, False)])
def test_models_in_bfloat16_are_named_where_they_are_slow(cpuinfo, slow, tmp_path, monkeypatch):
    monkeypatch.setattr(processors, "CPUINFO", tmp_path / "cpuinfo")
    if cpuinfo:
        processors.CPUINFO.write_text(cpuinfo)
    said = processors.slow_precisions({"fast": "float32", "coarse": "bfloat16"})
    assert (said is not None) == slow
    assert not slow or ("than float32: coarse." in said and "AVX-512" in said)
    assert processors.slow_precisions({"fast": "float32"}) is None
