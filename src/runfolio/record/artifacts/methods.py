"""What a run makes and uses of artifacts; `Run` inherits it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from runfolio.errors import UsageError
from runfolio.record.labels import Labelled
from runfolio.record.media.medium import Medium
from runfolio.record.values import kind_name

if TYPE_CHECKING:
    from runfolio.record.artifacts.artifact import Artifact
    from runfolio.record.artifacts.policies import Keep
    from runfolio.record.run import Run

__all__ = ["ArtifactMethods"]


class ArtifactMethods(Labelled):
    """Logging artifacts, and using those that are there."""

    def log_artifact(
        self,
        artifact_or_path: Any,
        name: str | None = None,
        type: str | None = None,  # noqa: A002 - as W&B has it
        aliases: Any = None,
        tags: Any = None,
        *,
        move: bool = False,
        keep: Keep | None = None,
        **_: Any,
    ) -> Artifact:
        """Keep files under a name; what differs from the version before is the next one.

        Parameters
        ----------
        artifact_or_path : Artifact, path, address or object
            A file, a folder, ``s3://…``, what is put together in an `Artifact`, or an object that
            `Artifact.add_object` takes.
        name : str, optional
            Of one given by its path; by default ``run-<id>-<file>``.
        type : str, optional
            ``model``, ``dataset`` and so on.
        aliases : str or sequence of str, optional
            What else the version is called; ``latest`` comes by itself.
        tags : sequence of str, optional
            Kept in the version's metadata.
        move : bool
            The file is given away: it costs no copy, and is gone from where it was.
        keep : Keep, optional
            Which of the versions that this run made stay; what has an alias or a stage, and what
            another run used, always does. The metric's last value stands in the metadata.

        Returns
        -------
        Artifact
            What was made of it; it has its ``version`` at once.

        Raises
        ------
        UsageError
            There is no such file, or a name or an alias cannot be given.
        """
        from runfolio.record.artifacts.keeping import keep as kept

        run, artifact = self._opened(artifact_or_path, name, type, "log", move=move)
        if tags:
            artifact.tags = [tags] if isinstance(tags, str) else list(tags)
        kept(run, artifact, aliases, keep)
        return artifact

    def upsert_artifact(
        self,
        artifact_or_path: Any,
        name: str | None = None,
        type: str | None = None,  # noqa: A002
        aliases: Any = None,
        distributed_id: str | None = None,
    ) -> Artifact:
        """Log a part of an artifact that several processes put together; see `finish_artifact`.

        Parameters
        ----------
        distributed_id : str, optional
            What all of them call it; without it the group of the run.

        Raises
        ------
        UsageError
            It has no such word, or see `log_artifact`.
        """
        from runfolio.record.artifacts.shared import upsert

        return upsert(
            *self._opened(artifact_or_path, name, type, "upsert"), aliases, distributed_id
        )

    def finish_artifact(
        self,
        artifact_or_path: Any,
        name: str | None = None,
        type: str | None = None,  # noqa: A002
        aliases: Any = None,
        distributed_id: str | None = None,
    ) -> Artifact:
        """Make a version of what all parts of an artifact hold, and this one.

        The versions that the parts made are dropped, and their aliases go over to it.

        Raises
        ------
        UsageError
            As `upsert_artifact`.
        """
        from runfolio.record.artifacts.shared import finish

        return finish(
            *self._opened(artifact_or_path, name, type, "finish"), aliases, distributed_id
        )

    def use_artifact(
        self,
        artifact_or_name: Any,
        type: str | None = None,  # noqa: A002
        aliases: Any = None,
        use_as: str | None = None,
    ) -> Artifact:
        """Say that the run uses a version, and return it.

        Parameters
        ----------
        artifact_or_name : str or Artifact
            ``name:v3``, ``name:alias``, ``name`` (its latest), also behind ``entity/project/``.
            One that was not logged yet is logged first.
        type : str, optional
            What type it is to have.
        aliases : str or sequence of str, optional
            For one that is logged first.
        use_as : str, optional
            What it is to the run; it stands in the record.

        Raises
        ------
        UsageError
            There is no such version, or it is of another type.
        """
        from runfolio.record.artifacts.artifact import Artifact
        from runfolio.record.artifacts.using import use

        cast("Run", self).require_open("use_artifact")
        if isinstance(artifact_or_name, Artifact) and artifact_or_name.is_draft():
            self.log_artifact(artifact_or_name, aliases=aliases)
            if artifact_or_name.is_draft() or self.life.disabled or self.life.disowned:
                return artifact_or_name
        return use(self.life, artifact_or_name, type, use_as)

    def log_model(self, path: Any, name: str | None = None, aliases: Any = None, **_: Any) -> None:
        """Keep a model's file or folder; see `log_artifact`."""
        self.log_artifact(path, name=name, type="model", aliases=aliases)

    def use_model(self, name: str) -> str:
        """Copy a model's files and return the folder, or the file where it is one.

        Raises
        ------
        UsageError
            There is no such version, or it is no model.
        """
        artifact = self.use_artifact(name)
        if "model" not in artifact.type.lower():
            raise UsageError(f"use_model: {artifact.name} is a {artifact.type!r}, no model.")
        folder = artifact.download()
        inside = os.listdir(folder)  # noqa: PTH208 - names alone
        return str(Path(folder, inside[0])) if len(inside) == 1 else folder

    def link_artifact(self, artifact: Artifact, target_path: str, aliases: Any = None) -> Artifact:
        """Make it a version of another artifact, a collection, too; see `Artifact.link`."""
        from runfolio.record.artifacts.artifact import Artifact

        cast("Run", self).require_open("link_artifact")
        if not isinstance(artifact, Artifact):
            raise UsageError(
                f"link_artifact: a {artifact.__class__.__name__} is given; expected an Artifact, as "
                "log_artifact and use_artifact return it."
            )
        if artifact.is_draft():
            self.log_artifact(artifact)
        return artifact if artifact.is_draft() else artifact.link(target_path, aliases)

    def link_model(
        self, path: Any, registered_model_name: str, name: str | None = None, aliases: Any = None
    ) -> Artifact:
        """Keep a model's file or folder, and make it a version of a collection, too."""
        artifact = self.log_artifact(path, name=name, type="model")
        return self.link_artifact(artifact, registered_model_name, aliases)

    def logged_artifacts(self) -> list[Artifact]:
        """Return the versions that the run made so far and that are there."""
        return self._told("made")

    def used_artifacts(self) -> list[Artifact]:
        """Return the versions that the run used so far and that are there."""
        return self._told("used")

    def _opened(
        self, given: Any, name: str | None, kind: str | None, call: str, *, move: bool = False
    ) -> tuple[Run, Artifact]:
        """Return the run, which is open, and an artifact of what a call was given."""
        from runfolio.record.artifacts.artifact import Artifact

        run = cast("Run", self)
        run.require_open(f"{call}_artifact")
        if isinstance(given, Artifact):
            return run, given
        return run, _of_path(run, given, name, kind, move=move)

    def _told(self, what: str) -> list[Artifact]:
        from runfolio.record.artifacts.neighbours import told_in

        life = self.life
        if life.disabled or life.disowned:
            return []
        life.writer.flush()
        return told_in(life.folder, what)


def _of_path(run: Run, given: Any, name: str | None, kind: str | None, *, move: bool) -> Artifact:
    """Return an artifact that holds what lies at a path, or an address."""
    from runfolio.record.artifacts.artifact import Artifact

    if not isinstance(given, (str, os.PathLike)):
        return _of_object(given, name, kind)
    text = os.fsdecode(given)
    artifact = Artifact(name or f"run-{run.id}-{Path(text).name}", kind or "unspecified")
    if "://" in text and not Path(text).exists():
        artifact.add_reference(text)
    elif Path(text).is_dir():
        artifact.add_dir(text)
    else:
        artifact.add_file(text, move=move)
    return artifact


def _of_object(given: Any, name: str | None, kind: str | None) -> Artifact:
    from runfolio.record.artifacts.artifact import Artifact
    from runfolio.record.artifacts.objects import instead_of, is_object

    if isinstance(given, Medium) or not is_object(given):
        raise UsageError(
            f"log_artifact: a {kind_name(given)} is no artifact; expected a file, a folder, an address, "
            "an Artifact, or a table, an array, a dict of arrays, a state_dict or what JSON holds."
            f"{instead_of(given)}"
        )
    if name is None:
        raise UsageError(f"log_artifact: a {kind_name(given)} has no name of its own; give name=.")
    artifact = Artifact(name, kind or "unspecified")
    artifact.add_object(given, artifact.plain_name)
    return artifact
