"""runfolio: a run is one plain folder.

In a notebook ``%load_ext runfolio`` and ``%%track NAME`` on top of a cell; in a script
``with runfolio.init() as run: run.log({"loss": loss})``; ``import runfolio as wandb`` runs an
ordinary script unchanged. The recorder comes with the import, so that the first ``init`` does not
have to wait for it; everything else is loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runfolio import _wiring

if TYPE_CHECKING:
    from runfolio.errors import (
        ArtifactNotFound,
        ConfigFrozen,
        MissingDependency,
        NoActiveRun,
        PromotionRefused,
        QueryError,
        RunfolioError,
        RunfolioWarning,
        RunNotFound,
        StopRun,
        StoreUnusable,
        UsageError,
    )
    from runfolio.integrations.autolog.switch import autolog
    from runfolio.magics.load import load_ipython_extension, unload_ipython_extension
    from runfolio.query.runs import load
    from runfolio.record.alerts import AlertLevel
    from runfolio.record.api import (
        alert,
        attach,
        define_metric,
        finish,
        init,
        log,
        log_artifact,
        login,
        save,
        use_artifact,
        use_data,
    )
    from runfolio.record.artifacts.artifact import Artifact
    from runfolio.record.artifacts.policies import Keep
    from runfolio.record.keywords import Settings
    from runfolio.record.media.audio import Audio
    from runfolio.record.media.figures import Plotly
    from runfolio.record.media.files import Molecule, Object3D
    from runfolio.record.media.histogram import Histogram
    from runfolio.record.media.html import Html
    from runfolio.record.media.image import Image
    from runfolio.record.media.overlays import Classes
    from runfolio.record.media.table import Table
    from runfolio.record.media.video import Video
    from runfolio.record.run import Run
    from runfolio.record.seeding import seed
    from runfolio.server.ui import ui
    from runfolio.store.loaded_artifact import load_artifact
    from runfolio.verbs.artifacts import artifacts
    from runfolio.verbs.check import check
    from runfolio.verbs.compare import compare
    from runfolio.verbs.diff import diff
    from runfolio.verbs.doctor import doctor
    from runfolio.verbs.du import du
    from runfolio.verbs.edit import note, rename, tag
    from runfolio.verbs.gc import gc
    from runfolio.verbs.journal import journal
    from runfolio.verbs.lineage import lineage
    from runfolio.verbs.live_views import live
    from runfolio.verbs.media import media
    from runfolio.verbs.promote import promote
    from runfolio.verbs.report import report
    from runfolio.verbs.restore_seeds import restore_seeds
    from runfolio.verbs.run_command import run_command
    from runfolio.verbs.runs import runs
    from runfolio.verbs.show import show
    from runfolio.verbs.status import status
    from runfolio.verbs.trash import restore_run, rm
    from runfolio.verbs.upgrade import upgrade

    config: Any
    run: Run | None
    summary: Any

__version__ = "0.1.0.dev0"

__all__ = [
    "AlertLevel",
    "Artifact",
    "ArtifactNotFound",
    "Audio",
    "Classes",
    "ConfigFrozen",
    "Histogram",
    "Html",
    "Image",
    "Keep",
    "MissingDependency",
    "Molecule",
    "NoActiveRun",
    "Object3D",
    "Plotly",
    "PromotionRefused",
    "QueryError",
    "Run",
    "RunNotFound",
    "RunfolioError",
    "RunfolioWarning",
    "Settings",
    "StopRun",
    "StoreUnusable",
    "Table",
    "UsageError",
    "Video",
    "__version__",
    "alert",
    "artifacts",
    "attach",
    "autolog",
    "check",
    "compare",
    "config",
    "define_metric",
    "diff",
    "doctor",
    "du",
    "finish",
    "gc",
    "init",
    "journal",
    "lineage",
    "live",
    "load",
    "load_artifact",
    "load_ipython_extension",
    "log",
    "log_artifact",
    "login",
    "media",
    "note",
    "promote",
    "rename",
    "report",
    "restore_run",
    "restore_seeds",
    "rm",
    "run",
    "run_command",
    "runs",
    "save",
    "seed",
    "show",
    "status",
    "summary",
    "tag",
    "ui",
    "unload_ipython_extension",
    "upgrade",
    "use_artifact",
    "use_data",
]


def __getattr__(name: str) -> Any:
    """Load a public name on first use; ``run`` is looked up anew each time."""
    if name not in __all__:
        return _wiring.of_wandb(name)
    value = _wiring.lookup(name)
    if name != "run":  # it comes and goes
        globals()[name] = value
    return value


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from runfolio.server.app import extension_points

    return extension_points()


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
