"""scikit-learn: each fit of an estimator, search, pipeline or cross validation that was called."""

from __future__ import annotations

import functools
import pkgutil
import sys
from typing import TYPE_CHECKING, Any, Final

from runfolio.integrations.autolog.fits import Fit, log_folds
from runfolio.integrations.autolog.training import Training
from runfolio.record.guard import guard

if TYPE_CHECKING:
    from runfolio.integrations.patches import Patches

__all__ = ["hook"]

_FITS: Final = ("fit", "fit_predict", "fit_transform")
_VALIDATIONS: Final = ("cross_validate", "cross_val_score")


def hook(patches: Patches) -> None:
    """Have fits log by themselves, of each part of scikit-learn once it is there."""
    patches.when("sklearn", functools.partial(_begin, patches))


def _begin(patches: Patches) -> None:
    wrap = functools.partial(_wrap_estimators, patches)
    # Estimators are defined in modules that each public part has loaded by its end.
    folders: list[str] = list(sys.modules["sklearn"].__path__)
    parts = [part.name for part in pkgutil.iter_modules(folders, "sklearn.")]
    for part in (*parts, "sklearn.experimental.enable_halving_search_cv"):
        if not part.startswith(("sklearn._", "sklearn.externals", "sklearn.tests")):
            patches.when(part, wrap)
    patches.when("sklearn.model_selection", functools.partial(_wrap_validations, patches))


def _wrap_estimators(patches: Patches) -> None:
    base = sys.modules.get("sklearn.base")
    for kind in _below(base.BaseEstimator) if base is not None else ():
        for name in _FITS:
            patches.method(kind, name, _logged)


def _below(base: type) -> set[type]:
    """Return the library's classes of estimators, with those that they have their methods from."""
    found: set[type] = set()
    seen: set[type] = set()
    left: list[type] = [base]
    while left:
        kind = left.pop()
        if kind not in seen:
            seen.add(kind)
            left += kind.__subclasses__()
            found.update(kind.__mro__)
    return {kind for kind in found if kind.__module__.startswith("sklearn.")}


def _logged(original: Any) -> Any:
    @functools.wraps(original)
    def fit(self: Any, *given: Any, **more: Any) -> Any:
        with Training("sklearn") as run:
            if run is None:
                return original(self, *given, **more)
            logged = None
            with guard("logging a fit of scikit-learn by itself"):
                logged = Fit.begin(run, self, given, more)
            fitted = original(self, *given, **more)
            if logged is not None:
                with guard("logging a fit of scikit-learn by itself"):
                    logged.end()
            return fitted

    return fit


def _wrap_validations(patches: Patches) -> None:
    for name in _VALIDATIONS:
        patches.function(getattr(sys.modules["sklearn.model_selection"], name), _validated)


def _validated(original: Any) -> Any:
    @functools.wraps(original)
    def validate(estimator: Any, *given: Any, **more: Any) -> Any:
        with Training("sklearn") as run:
            scores = original(estimator, *given, **more)
            if run is not None:
                with guard("logging a cross validation by itself"):
                    log_folds(run, estimator, given, more, scores)
            return scores

    return validate
