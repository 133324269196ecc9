"""Methods of a run that W&B's has and that mean less here; `Run` inherits them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from runfolio.errors import UsageError
from runfolio.record.guard import guard, warn_once
from runfolio.record.labels import Labelled

if TYPE_CHECKING:
    from runfolio.record.run import Run
    from runfolio.record.wandb.artifact import Artifact

__all__ = ["WandbMethods"]


class WandbMethods(Labelled):
    """What scripts for W&B call on a run beside what `Run` has itself."""

    sweep_id: None = None
    """``None``: the run belongs to no sweep."""

    sweep_url: None = None
    project_url: None = None

    def log_artifact(
        self,
        artifact_or_path: Any,
        name: str | None = None,
        type: str | None = None,  # noqa: A002 - as W&B has it
        aliases: Sequence[str] | None = None,
        **_: Any,
    ) -> Artifact:
        """Keep the files of an artifact, or a file or folder, below ``files/artifacts`` of the run.

        Raises
        ------
        UsageError
            There is no such file.
        """
        from runfolio.record.wandb.artifact import Artifact, keep

        run = cast("Run", self)
        run.require_open("log_artifact")
        artifact = artifact_or_path
        if not isinstance(artifact, Artifact):
            path = Path(artifact_or_path)
            artifact = Artifact(name or path.name, type or "unspecified")
            (artifact.add_dir if path.is_dir() else artifact.add_file)(path)
        artifact.aliases = [aliases] if isinstance(aliases, str) else list(aliases or ["latest"])
        if not (self.life.disabled or self.life.disowned):
            with guard("keeping an artifact"):
                keep(run, artifact)
        return artifact

    def upsert_artifact(self, artifact_or_path: Any, *given: Any, **more: Any) -> Artifact:
        """Keep the files of an artifact; see `log_artifact`."""
        return self.log_artifact(artifact_or_path, *given, **more)

    def log_model(self, path: Any, name: str | None = None, **_: Any) -> None:
        """Keep a model's file or folder; see `log_artifact`."""
        self.log_artifact(path, name=name, type="model")

    def use_artifact(self, artifact_or_name: Any, *_: Any, **__: Any) -> Artifact:
        """Return an artifact that was made in this program.

        Raises
        ------
        UsageError
            It is given by its name: what another run logged cannot be fetched yet.
        """
        from runfolio.record.wandb.artifact import Artifact, no_version

        if isinstance(artifact_or_name, Artifact):
            return artifact_or_name
        raise no_version(f"use_artifact({artifact_or_name!r})")

    def use_model(self, name: str) -> str:
        """Raise: what another run logged cannot be fetched by its name yet.

        Raises
        ------
        UsageError
        """
        return self.use_artifact(name).download()

    def link_artifact(self, *_: Any, **__: Any) -> None:
        """Say once that there is no registry yet."""
        warn_once("link", "link_artifact(): there is no registry yet; tag the run instead.")

    def link_model(self, path: Any, registered_model_name: str, name: str | None = None, **_: Any) -> None:  # fmt: skip
        """Keep a model's file or folder, and say once that there is no registry yet."""
        self.log_model(path, name or registered_model_name)
        self.link_artifact()

    def watch(self, *_: Any, **__: Any) -> None:
        """Say once that a model's gradients and parameters are not recorded yet."""
        warn_once(
            "watch",
            "watch(): gradients and parameters are not recorded yet; all that is logged is. Log what "
            'you need: run.log({"gradients/fc1": runfolio.Histogram(fc1.weight.grad)}).',
        )

    def unwatch(self, models: Any = None) -> None:
        """Do nothing: no model is watched."""

    def log_code(self, *_: Any, **__: Any) -> None:
        """Do nothing: the code is recorded by itself."""

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
