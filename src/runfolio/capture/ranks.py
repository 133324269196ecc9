"""Which process of a distributed run this is, as its launcher says in the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

__all__ = ["local_rank", "rank", "world_size"]

# Rank, rank on this host, number of processes. A launcher started inside another one (torchrun
# in a Slurm step) comes first: its numbers count what really trains together.
_LAUNCHERS: Final = (
    (("RANK",), ("LOCAL_RANK",), ("WORLD_SIZE",)),
    (("HOROVOD_RANK",), ("HOROVOD_LOCAL_RANK",), ("HOROVOD_SIZE",)),
    (("OMPI_COMM_WORLD_RANK",), ("OMPI_COMM_WORLD_LOCAL_RANK",), ("OMPI_COMM_WORLD_SIZE",)),
    (("MV2_COMM_WORLD_RANK",), ("MV2_COMM_WORLD_LOCAL_RANK",), ("MV2_COMM_WORLD_SIZE",)),
    (("PMI_RANK",), ("MPI_LOCALRANKID",), ("PMI_SIZE",)),
    (("JSM_NAMESPACE_RANK",), ("JSM_NAMESPACE_LOCAL_RANK",), ("JSM_NAMESPACE_SIZE",)),
    (("SLURM_PROCID",), ("SLURM_LOCALID",), ("SLURM_STEP_NUM_TASKS", "SLURM_NTASKS")),
)


def rank(environment: Mapping[str, str] | None = None) -> int:
    """Return the rank of this process, 0 outside a distributed run.

    Parameters
    ----------
    environment : mapping, optional
        Without it: the variables of this process.
    """
    return _found(environment)[0]


def local_rank(environment: Mapping[str, str] | None = None) -> int:
    """Return the rank of this process among those of its host, 0 outside a distributed run."""
    return _found(environment)[1]


def world_size(environment: Mapping[str, str] | None = None) -> int:
    """Return the number of processes of the run, 1 outside a distributed one."""
    return _found(environment)[2]


def _found(environment: Mapping[str, str] | None) -> tuple[int, int, int]:
    variables = os.environ if environment is None else environment
    for rank_names, local_names, size_names in _LAUNCHERS:
        number, size = _number(variables, rank_names), _number(variables, size_names)
        # A size of one, or a rank outside it, is a left-over of an outer allocation.
        if number is None or size is None or not number < size or size == 1:
            continue
        return number, _number(variables, local_names) or 0, size
    return 0, 0, 1


def _number(variables: Mapping[str, str], names: tuple[str, ...]) -> int | None:
    for name in names:
        text = variables.get(name, "")
        if text.isascii() and text.isdigit() and len(text) < len("1000000000"):
            return int(text)
    return None
