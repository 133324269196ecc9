"""The programs of docs/integrations.md record what the page says they do."""

from __future__ import annotations

import importlib.util
import re
import runpy
import sys
from pathlib import Path

import pytest
from tests.integrations.conftest import media_of

import runfolio
from runfolio.format.manifest import read_record
from runfolio.integrations.xgboost import RunfolioCallback

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "integrations.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))

# Section → the packages it needs, metrics and media that are there afterwards.
PROMISED = {
    "By themselves": (
        ["sklearn", "xgboost"],
        {"cv/score", "cv/best_score", "train/score", "validation_0/mlogloss"},
        {"cv/results", "importances"},
    ),
    "scikit-learn": (
        ["sklearn"],
        {"test/accuracy", "test/roc_auc"},
        {"test/confusion", "test/roc"},
    ),
    "XGBoost": (["xgboost"], {"val/mlogloss", "train/mlogloss"}, {"importances"}),
    "LightGBM": (["lightgbm"], {"val/multi_logloss"}, {"importances"}),
    "PyTorch": (["torch"], {"gradient_norm", "parameter_norm/0.weight"}, {"gradients/2.bias"}),
    "Keras": (["keras", "torch"], {"train/loss", "val/accuracy", "learning_rate"}, set()),
    "Lightning": (["lightning", "torch"], {"train/loss", "epoch"}, set()),
    "Transformers": (["transformers", "torch"], {"train/loss", "eval/loss"}, set()),
    "Accelerate": (["accelerate", "torch"], {"train/loss"}, set()),
    "Optuna": (
        ["optuna", "sklearn"],
        {"train/acc", "intermediate/value", "value"},
        {"study/history", "study/importances"},
    ),
    "SummaryWriter": (["tensorboardX"], {"train/loss", "best"}, set()),
    "Hydra": (["hydra", "sklearn"], {"val/accuracy"}, set()),
}


def test_every_section_has_a_program_that_is_run() -> None:
    assert set(SECTIONS) == set(PROMISED)
    assert [len(re.findall("```python", text)) for text in SECTIONS.values()] == [1] * len(PROMISED)
    assert RunfolioCallback.__name__ in PAGE


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning:tensorboardX")
@pytest.mark.filterwarnings("ignore:.*pin_memory:UserWarning")
@pytest.mark.filterwarnings("ignore:.*does not have many workers", "ignore:.*no validation loop")
@pytest.mark.filterwarnings("ignore:.isinstance.treespec:FutureWarning")
@pytest.mark.parametrize("section", PROMISED)
def test_the_program_of_a_section_records_what_it_says(
    section: str, store_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    needed, metrics, media = PROMISED[section]
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} not installed here; scripts/test-peers runs it")
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "false")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.chdir(tmp_path)
    (program,) = re.findall(r"```python\n(.*?)```", SECTIONS[section], re.DOTALL)
    Path("train.py").write_text(program, "utf-8")
    monkeypatch.setattr(sys, "argv", ["train.py"])
    with runfolio.autolog(on=False):  # afterwards, too, whatever the program switched on
        runpy.run_path("train.py", run_name="__main__")
    records = [read_record(path.parent) for path in store_path.glob("*/run.json")]
    assert len(records) == (9 if section == "Optuna" else 1)
    assert metrics <= {key for record in records for key in record.metrics}
    assert media <= {item.key for record in records for item in media_of(record)}
