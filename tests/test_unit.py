"""Every cmocka program of tests/unit is a test here, on both builds."""

import re
import subprocess

import pytest
from play import ROOT, clean_environment

PROGRAMS = sorted(source.stem for source in (ROOT / "tests" / "unit").glob("test_*.c"))


@pytest.mark.parametrize("program", PROGRAMS)
def test_unit(build, program, tmp_path):
    binary = build / "tests" / "unit" / program
    assert binary.exists(), f"{binary} was not built; is cmocka installed?"
    done = subprocess.run(
        [binary],
        cwd=tmp_path,
        env=clean_environment(tmp_path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
    )
    text = done.stdout.decode(errors="replace")
    if done.returncode != 0:
        pytest.fail(f"{program} ended with {done.returncode}\n{text}", pytrace=False)
    ran = re.search(r"\[  PASSED  \] (\d+) test", text)
    assert ran and int(ran[1]) > 0, f"{program} ran no test\n{text}"
