"""``runfolio.seed``: one number for every random generator there is, and recorded."""

from __future__ import annotations

import operator
import os
import random
import sys
from collections.abc import Callable
from typing import Any, Final

from runfolio.capture.at_import import when_imported
from runfolio.capture.seeds import SEEDED, remember
from runfolio.errors import UsageError
from runfolio.record.guard import guard
from runfolio.record.session import current

__all__ = ["seed"]

# More than this numpy does not take.
_ABOVE: Final = 2**32
# The smaller of the two that cuBLAS repeats itself with.
_WORKSPACE: Final = ":4096:8"


def seed(value: int, *, deterministic: bool = False) -> tuple[str, ...]:
    """Seed every global random generator with one number, and record it.

    ``random`` at once; numpy's global generator, torch (CPU and every GPU), TensorFlow and CuPy
    as far as they are imported, and those that are imported later as soon as they are. Not
    reached are generators that lie in variables (``numpy.random.default_rng``), and JAX, which
    has no global one: make those from the same number.

    Parameters
    ----------
    value : int
        From 0 to 2³² - 1.
    deterministic : bool
        Also have torch and TensorFlow use deterministic algorithms: slower, and an operation
        that has none raises an error.

    Returns
    -------
    tuple of str
        What was seeded now: ``random``, ``numpy``, ``torch`` …

    Raises
    ------
    UsageError
        The value is no such number.

    Examples
    --------
    >>> runfolio.seed(42)  # doctest: +SKIP
    ('random', 'numpy', 'torch')
    """
    number = _number(value)
    random.seed(number)
    seeded = ["random"]
    for module, (name, sow) in _PACKAGES.items():
        _pending.pop(module, None)
        if module in sys.modules:
            with guard(f"seeding {name}"):
                sow(sys.modules[module], number, deterministic)
                seeded.append(name)
        else:
            _pending[module] = (number, deterministic)
            if module not in _heard:
                _heard.add(module)
                # Before anybody else looks at what the module came with.
                when_imported(module, _on_import(module), first=True)
    remember(number)
    run = current()
    if run is not None:
        run.life.add_seeds({SEEDED: number})
        run.life.writer.event("seed", value=number, seeded=seeded, deterministic=deterministic)
    return tuple(seeded)


def _number(value: Any) -> int:
    number = None
    if not isinstance(value, bool):
        try:
            number = operator.index(value)  # numpy's integers are numbers, too
        except TypeError:
            number = None
    if number is None or not 0 <= number < _ABOVE:
        raise UsageError(
            f"seed: the value is {value!r}; expected a whole number from 0 to 2**32 - 1, as in "
            "runfolio.seed(42)."
        )
    return number


def _numpy(module: Any, number: int, deterministic: bool) -> None:
    del deterministic
    module.seed(number)


def _torch(module: Any, number: int, deterministic: bool) -> None:
    # This reaches every kind of device, those that are started later, too.
    module.manual_seed(number)
    if deterministic:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", _WORKSPACE)
        module.use_deterministic_algorithms(mode=True)
        module.backends.cudnn.deterministic = True
        module.backends.cudnn.benchmark = False


def _tensorflow(module: Any, number: int, deterministic: bool) -> None:
    module.random.set_seed(number)
    if deterministic:
        module.config.experimental.enable_op_determinism()


def _cupy(module: Any, number: int, deterministic: bool) -> None:
    del deterministic
    module.random.seed(number)


_Sow = Callable[[Any, int, bool], None]
_PACKAGES: Final[dict[str, tuple[str, _Sow]]] = {
    "numpy.random": ("numpy", _numpy),
    "torch": ("torch", _torch),
    "tensorflow": ("tensorflow", _tensorflow),
    "cupy": ("cupy", _cupy),
}
# Module → what it is seeded with as soon as it is imported.
_pending: dict[str, tuple[int, bool]] = {}
_heard: set[str] = set()


def _on_import(module: str) -> Callable[[], None]:
    def sow() -> None:
        _heard.discard(module)
        waiting = _pending.pop(module, None)
        if waiting is not None:
            with guard(f"seeding {module}"):
                _PACKAGES[module][1](sys.modules[module], *waiting)

    return sow
