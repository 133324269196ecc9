"""What runfolio imports for its views draws no number that a training would have drawn."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "door", ["runfolio.runs", "runfolio.magics.load.load_ipython_extension(InteractiveShell())"]
)
def test_the_generator_is_left_as_it_was(door: str) -> None:
    program = (
        "import random\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "import runfolio, runfolio.magics.load\n"
        "before = random.getstate()\n"
        f"{door}\n"
        "import rich.console\n"
        "print(random.getstate() == before)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.strip() == b"True"
