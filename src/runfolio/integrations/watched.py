"""One model of PyTorch that is looked at as it trains."""

from __future__ import annotations

import math
import time
import weakref
from typing import TYPE_CHECKING, Any

from runfolio.integrations.tensors import dense, histogram, is_there, norms, samples, wait_for
from runfolio.record.guard import guard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runfolio.integrations.looks import Looks
    from runfolio.record.run import Run

__all__ = ["Watched"]


class Watched:
    """Looks at a model before the steps of its optimizer; it keeps neither alive.

    Parameters
    ----------
    run : Run
    module : torch.nn.Module
    kinds : sequence of str
        ``gradient``, ``parameter``.
    looks : Looks
    prefix : str
        Stands before the names of the parameters.
    optimizer : torch.optim.Optimizer, optional
        Whose steps count.
    """

    def __init__(
        self, run: Run, module: Any, kinds: Sequence[str], looks: Looks, prefix: str, optimizer: Any
    ) -> None:
        from torch.compiler import disable
        from torch.optim.optimizer import register_optimizer_step_pre_hook

        self._run = run
        self.module = weakref.ref(module)
        self._kinds = kinds
        self.looks = looks
        self._prefix = prefix
        self._lead: Any = weakref.ref(optimizer) if optimizer is not None else lambda: None
        self._is_given = optimizer is not None
        self._known: weakref.WeakKeyDictionary[Any, bool] = weakref.WeakKeyDictionary()
        self._open_step = -1.0
        self._is_told = False
        for kind in kinds:
            with guard("watching a model"):
                run.define_metric(f"{kind}_norm/*", hidden=True)
        # A step that is compiled itself is left for the look, and not compiled with it.
        self._hook = register_optimizer_step_pre_hook(disable(self._before_step))

    def stop(self) -> None:
        """Look no longer."""
        self._hook.remove()

    def _before_step(self, optimizer: Any, *_: Any) -> None:
        if optimizer not in self._known:
            self._known[optimizer] = self._holds(optimizer)
        if not self._known[optimizer] or optimizer is not (self._lead() or optimizer):
            return
        if self._lead() is None:
            self._lead = weakref.ref(optimizer)
        if self._run.life.ended or not self.looks.is_due():
            return
        with guard("watching a model"):
            self._look(optimizer)

    def _holds(self, optimizer: Any) -> bool:
        """Return whether an optimizer moves parameters of the model."""
        if self._is_given:
            return optimizer is self._lead()
        module = self.module()
        mine = {id(one) for one in module.parameters()} if module is not None else set()
        return any(id(one) in mine for group in optimizer.param_groups for one in group["params"])

    def _look(self, optimizer: Any) -> None:
        module = self.module()
        if module is None:
            self.stop()
            return
        named = [(f"{self._prefix}{name}", one) for name, one in module.named_parameters()]
        wait_for([one for _, one in named])
        began = time.perf_counter()
        row: dict[str, Any] = dict(_rates(optimizer, self._prefix))
        if "gradient" in self._kinds:
            factor = _unscaled(optimizer)
            grads = [(name, one.grad * factor if factor else one.grad)
                     for name, one in named if one.grad is not None]  # fmt: skip
            row |= self._told("gradient", grads)
        if "parameter" in self._kinds:
            row |= self._told("parameter", [pair for pair in named if is_there(pair[1])])
        self._log(row)
        self.looks.took(time.perf_counter() - began)

    def _told(self, kind: str, named: Sequence[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
        kept = [(name, values) for name, one in named if (values := dense(one)).numel()]
        if not kept:
            return
        lengths = norms([values for _, values in kept])
        yield f"{kind}_norm{self._prefix and '/'}{self._prefix.rstrip('.')}", math.hypot(*lengths)
        for (name, _), length in zip(kept, lengths, strict=True):
            yield f"{kind}_norm/{name}", length
        for (name, _), sample in zip(kept, samples([v for _, v in kept]), strict=True):
            counted = histogram(sample)
            if counted is not None:
                yield f"{kind}s/{name}", counted
        self._tell_of_nonfinite(kind, [n for (n, _), one in zip(kept, lengths, strict=True)
                                       if not math.isfinite(one)])  # fmt: skip

    def _tell_of_nonfinite(self, kind: str, names: Sequence[str]) -> None:
        if names and not self._is_told:
            self._is_told = True
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            self._run.alert(
                f"A {kind} is not finite",
                f"{names[0]}{more} at step {self.looks.steps} of the optimizer.", "warn",
            )  # fmt: skip

    def _log(self, row: dict[str, Any]) -> None:
        """Log into the row that the training logs next; one that it never closed is closed first."""
        if self._run.step == self._open_step:
            self._run.log({})
        self._open_step = self._run.step
        self._run.log(row, commit=False)


def _rates(optimizer: Any, prefix: str) -> Iterator[tuple[str, float]]:
    """Yield the learning rates as they are, whatever scheduler set them."""
    name = f"learning_rate{prefix and '/'}{prefix.rstrip('.')}"
    for at, group in enumerate(optimizer.param_groups):
        if "lr" in group:
            yield f"{name}/{at}" if at else name, float(group["lr"])


def _unscaled(optimizer: Any) -> float | None:
    """Return what gradients are multiplied by where the optimizer itself takes their scale off."""
    scale = getattr(optimizer, "grad_scale", None)
    return None if scale is None else 1.0 / float(scale)
