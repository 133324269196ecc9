"""Methods of a run that W&B's has and that mean less here; `Run` inherits them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from runfolio.errors import UsageError
from runfolio.record import frameworks
from runfolio.record.artifacts.methods import ArtifactMethods

if TYPE_CHECKING:
    from runfolio.record.run import Run

__all__ = ["WandbMethods"]


class WandbMethods(ArtifactMethods):
    """What scripts for W&B call on a run beside what `Run` has itself."""

    sweep_id: None = None
    """``None``: the run belongs to no sweep."""

    sweep_url: None = None
    project_url: None = None

    def watch(self, models: Any, *given: Any, **more: Any) -> None:
        """Log gradients, parameters and learning rates of models of PyTorch as they train.

        See `runfolio.integrations.torch.watch` for the arguments: ``log="gradients"``,
        ``log_freq``, ``optimizer``.
        """
        cast("Run", self).require_open("watch")
        frameworks.of("torch").watch(models, *given, run=self, **more)

    def unwatch(self, models: Any = None) -> None:
        """Watch models no longer; without any, none."""
        frameworks.of("torch").unwatch(models)

    def log_code(self, *_: Any, **__: Any) -> None:
        """Do nothing: the code is recorded by itself."""

    def _label(self, *_: Any, **__: Any) -> None:
        """Do nothing: libraries tell W&B by it that they are used."""

    def mark_preempting(self) -> None:
        """Do nothing: ``resume="auto"`` goes on with a run that was cut short."""

    def restore(
        self, name: str, run_path: str | None = None, replace: bool = False, root: Any = None  # noqa: ARG002, FBT002
    ) -> IO[Any]:  # fmt: skip
        """Open a file that this run, or another of the store, has saved.

        Parameters
        ----------
        name : str
            As it lies below the run's ``files/``.
        run_path : str, optional
            The other run: its id, or a path that ends in it.

        Raises
        ------
        UsageError
            The run has no such file.
        """
        folder = self.life.folder
        if run_path:
            folder = folder.parent / Path(run_path).name
        saved = (folder / "files").absolute()
        path = Path(os.path.abspath(saved / name))  # noqa: PTH100 - links stay links
        if not (path.is_relative_to(saved) and path.is_file()):
            raise UsageError(
                f"restore({str(name)!r}): the run {folder.name!r} has no such file; run.save() keeps one."
            )
        return path.open(encoding="utf-8", errors="surrogateescape")

    def get_url(self) -> None:
        """Return ``None``: there is no server."""

    def get_project_url(self) -> None:
        """Return ``None``: there is no server."""

    def get_sweep_url(self) -> None:
        """Return ``None``: there is no server, and no sweep."""

    def project_name(self) -> str:
        """Return the project; the older name of `project`."""
        return self.project

    def join(self, exit_code: int | None = None) -> None:
        """End the run; the older name of `Run.finish`."""
        cast("Run", self).finish(exit_code)
