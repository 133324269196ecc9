"""Files that the workers of torch's own loader read are data of the run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

TRAIN = """
    import sys
    import numpy as np
    import torch
    from torch.utils.data import DataLoader, Dataset
    import runfolio

    class Pictures(Dataset):
        def __len__(self):
            return 24

        def __getitem__(self, n):
            return torch.from_numpy(np.load(f"pictures/{n:02d}.npy"))

    if __name__ == "__main__":
        with runfolio.init(id="r") as run:
            loader = DataLoader(
                Pictures(), batch_size=4, num_workers=2, multiprocessing_context=sys.argv[1],
                shuffle=True, persistent_workers=True,
            )
            for epoch in range(2):
                for batch in loader:
                    run.log({"mean": batch.mean()})
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_what_workers_of_a_data_loader_read_is_detected(
    method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pictures").mkdir()
    for n in range(24):
        np.save(f"pictures/{n:02d}.npy", np.full((8, 8), n, np.float32))
        os.utime(f"pictures/{n:02d}.npy", (1, 1))
    Path("train.py").write_text(textwrap.dedent(TRAIN))

    done = subprocess.run(
        [sys.executable, "train.py", method], capture_output=True, text=True, check=False,
        env=os.environ | {"RUNFOLIO_DIR": str(tmp_path / "store"), "RUNFOLIO_CAPTURE": "1"},
        timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr

    (folder,) = Path("store").glob("r*")
    told = json.loads((folder / "data.json").read_text())["used"]
    (pictures,) = [item for item in told if item["uri"] == "pictures"]
    assert (pictures["files"], pictures["evidence"]) == (24, ["child"])
    assert pictures["hash"].startswith("blake3:")
