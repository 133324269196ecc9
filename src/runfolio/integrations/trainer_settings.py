"""Which arguments of a Trainer of Transformers are settings of a run."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

__all__ = ["settings_of"]

_ALWAYS: Final = frozenset(
    [
        "learning_rate",
        "num_train_epochs",
        "per_device_train_batch_size",
        "weight_decay",
        "optim",
        "lr_scheduler_type",
        "seed",
    ]
)
_PLACES: Final = frozenset(
    {"output_dir", "logging_dir", "run_name", "report_to", "disable_tqdm", "accelerator_config"}
)


def settings_of(args: Any, model: Any) -> dict[str, Any]:
    """Return the arguments that differ from their defaults, and the model's.

    Parameters
    ----------
    args : TrainingArguments
    model : PreTrainedModel or torch.nn.Module
    """
    given, found = args.to_dict(), dict[str, Any]()
    for field in dataclasses.fields(args):
        value = given.get(field.name)
        is_set = value not in (field.default, None, "", [], {})
        if value is False and not field.default:
            is_set = False
        if field.name in _PLACES or field.name.endswith("_token"):
            continue
        if is_set or field.name in _ALWAYS:
            found[field.name] = value
    config: Any = getattr(model, "config", None)
    if hasattr(config, "to_diff_dict"):  # labels would be two settings for each class
        labels = {"id2label", "label2id"}
        found["model"] = {k: v for k, v in config.to_diff_dict().items() if k not in labels}
    return found
