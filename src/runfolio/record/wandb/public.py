"""``wandb.Api()``: the artifacts of this store by W&B's names; what needs a server says what to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runfolio import settings
from runfolio.errors import ArtifactNotFound
from runfolio.record.artifacts.collections import ArtifactType, Collection, types_in
from runfolio.record.artifacts.names import asked_for
from runfolio.record.artifacts.using import find, of_type
from runfolio.record.session import current
from runfolio.record.wandb.absent import refusing

if TYPE_CHECKING:
    from runfolio.record.artifacts.artifact import Artifact

__all__ = ["Api"]

_RUNS: Final = (
    "there is no server to ask. runfolio.runs(QUERY) finds the runs of this store, "
    "runfolio.load(RUN) reads one."
)
_NO_ACCOUNT: Final = "there is no server, and there are no accounts, projects or reports on one."
_REFUSED: Final = {
    "run": _RUNS, "runs": _RUNS, "from_path": _RUNS, "project": _RUNS, "projects": _RUNS,
    "sweep": "sweeps are not there yet.",
    "registry": "a collection is an artifact like any other; artifact_collection(type, name) has it.",
    "registries": "a collection is an artifact like any other; artifact_types() lists all.",
    **dict.fromkeys(("create_project", "create_run", "reports", "team", "user", "users"), _NO_ACCOUNT),
}  # fmt: skip


class Api:
    """W&B's public interface, as far as it is about artifacts: those of the store of the open run.

    ``entity/project/`` before a name is passed over. What is given to the constructor has no
    effect.
    """

    default_entity = ""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def artifact(self, name: str, type: str | None = None) -> Artifact:  # noqa: A002
        """Return a version by ``name:v3``, ``name:alias`` or ``name``.

        Raises
        ------
        ArtifactNotFound
            There is none.
        UsageError
            It is of another type.
        """
        return of_type(find(_store(), name), type)

    def artifacts(self, type_name: str, name: str, **_: Any) -> list[Artifact]:
        """Return all versions of a name, the newest first; those that were dropped are left out.

        Raises
        ------
        ArtifactNotFound
            There is none of this name and type.
        """
        return self.artifact_collection(type_name, name).artifacts()

    artifact_versions = artifacts

    def artifact_exists(self, name: str, type: str | None = None) -> bool:  # noqa: A002
        """Return whether there is such a version."""
        try:
            return type in (None, find(_store(), name).type)
        except ArtifactNotFound:
            return False

    def artifact_collection(self, type_name: str, name: str) -> Collection:
        """Return the artifact of a name; see `artifacts`."""
        return ArtifactType(_store(), type_name).collection(asked_for(name)[0])

    def artifact_collections(self, project_name: str, type_name: str, **_: Any) -> list[Collection]:
        """Return the artifacts of a type; a store is no project, so all of them."""
        del project_name
        return ArtifactType(_store(), type_name).collections()

    def artifact_collection_exists(self, name: str, type: str) -> bool:  # noqa: A002
        """Return whether there is an artifact of this name and type."""
        try:
            self.artifact_collection(type, name)
        except ArtifactNotFound:
            return False
        return True

    def artifact_type(self, type_name: str, project: str | None = None) -> ArtifactType:
        """Return all artifacts of a type."""
        del project
        return ArtifactType(_store(), type_name)

    def artifact_types(self, project: str | None = None, **_: Any) -> list[ArtifactType]:
        """Return the types that there are."""
        del project
        return types_in(_store())

    def flush(self) -> None:
        """Do nothing: each answer is read anew."""

    def __getattr__(self, name: str) -> Any:
        if name in _REFUSED:
            return refusing(f"wandb.Api().{name}()", _REFUSED[name])
        raise AttributeError(
            f"wandb.Api() has no {name!r} here: it knows the artifacts of this store."
        )


def _store() -> Path:
    run = current()
    return settings.store_dir() if run is None or run.disabled else run.path.parent
