"""PyTorch: norms and histograms of a model's gradients and parameters, and the learning rates.

They are read just before an optimizer's step, by the hook that torch has for it: gradients are
whole then, unscaled and clipped, and neither forward nor backward is touched, compiled ones included.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Final

from runfolio._optional import require
from runfolio.errors import UsageError
from runfolio.integrations.looks import Looks
from runfolio.integrations.watched import Watched
from runfolio.record.guard import warn_once
from runfolio.record.needed_run import needed_run
from runfolio.record.run import Run

__all__ = ["unwatch", "watch"]

_KINDS: Final = {
    None: (), "gradients": ("gradient",), "parameters": ("parameter",),
    "all": ("gradient", "parameter"),
}  # fmt: skip

_WRAPPERS: Final = ("DataParallel", "DistributedDataParallel")

_watched: list[Watched] = []


def watch(
    models: Any,
    criterion: Any = None,
    log: str | None = "gradients",
    log_freq: int | None = None,
    idx: int | None = None,
    log_graph: bool = False,  # noqa: FBT002 - as W&B has it
    *,
    optimizer: Any = None,
    run: Run | None = None,
) -> None:
    """Log the gradients and parameters of a model while it trains.

    Parameters
    ----------
    models : torch.nn.Module or sequence of torch.nn.Module
        Compiled and distributed ones, too.
    log : str, optional
        ``gradients`` (default), ``parameters`` or ``all``; ``None``: the learning rates alone.
    log_freq : int, optional
        Look at every how many steps of the optimizer, the first included. Without it every 100 and,
        as they become many, every fiftieth part of those done; less often where looking would take
        more than 2 % of the time.
    optimizer : torch.optim.Optimizer, optional
        Whose steps count; else the first one that holds a parameter of the model.
    run : Run, optional
        Else the open one.
    criterion, idx, log_graph
        Accepted for W&B's sake.

    Raises
    ------
    NoActiveRun, UsageError, MissingDependency
        No run is open; what was given cannot be meant; torch is not installed, or is too old.

    Notes
    -----
    Logged are ``gradient_norm`` and ``gradient_norm/PARAMETER``, which charts leave out unless asked,
    histograms ``gradients/PARAMETER`` of at most 16,384 evenly spaced values, the same of
    parameters, and ``learning_rate``. They belong to the step of the next `Run.log`.
    """
    del criterion, idx, log_graph
    into = needed_run("watch", run)
    modules = _asked(models, log, log_freq)
    if into.disabled or into.life.paths.rank:
        return  # gradients of other ranks are the same, once they are gathered
    unwatch(modules)
    for module in modules:
        if next(module.parameters(), None) is None:
            name = type(module).__name__
            warn_once(f"watch {id(module)}", f"watch: {name} has no parameters to watch.")
            continue
        prefix = f"model{len(_watched)}." if _watched else ""
        one = Watched(into, module, _KINDS[log], Looks(log_freq), prefix, optimizer)
        _watched.append(one)
        into.life.before_end.append(functools.partial(_end, one))


def unwatch(models: Any = None) -> None:
    """Watch models no longer.

    Parameters
    ----------
    models : torch.nn.Module or sequence, optional
        Else all of them.
    """
    few = [_inner(one) for one in models] if isinstance(models, Sequence) else [_inner(models)]
    for one in list(_watched):
        module = one.module()
        if models is None or module is None or any(module is other for other in few):
            one.stop()
            _watched.remove(one)


def _end(one: Watched) -> None:
    """Watch a model no longer whose run ends, and say so if it was never seen to learn."""
    one.stop()
    if one in _watched:
        _watched.remove(one)
        if not one.looks.steps:
            warn_once(
                "watch no steps",
                "watch: no optimizer of torch.optim made a step with the model's parameters, so nothing "
                "of it was logged. Name the one that does: run.watch(model, optimizer=optimizer).",
            )


def _asked(models: Any, log: str | None, log_freq: int | None) -> list[Any]:
    """Return the modules to watch, once all that was asked for can be meant."""
    torch: Any = require("torch", feature="watch", install="runfolio[torch]", at_least="2.3")
    if log not in _KINDS:
        raise UsageError(
            f"watch: log is {log!r}; expected 'gradients', 'parameters', 'all' or None."
        )
    if log_freq is not None and not (type(log_freq) is int and log_freq >= 1):
        raise UsageError(f"watch: log_freq is {log_freq!r}; expected a number of steps from 1 on.")
    found = [_inner(one) for one in (models if isinstance(models, Sequence) else [models])]
    for one in found:
        if not isinstance(one, torch.nn.Module):
            kind = type(one).__name__
            raise UsageError(f"watch takes a torch.nn.Module, or several, not {kind}.")
    return found


def _inner(model: Any) -> Any:
    """Return the module that the user wrote, of one that is compiled or distributed."""
    while True:
        inside = getattr(model, "_orig_mod", None)
        if inside is None and type(model).__name__ in _WRAPPERS:
            inside = getattr(model, "module", None)
        if inside is None:
            return model
        model = inside
