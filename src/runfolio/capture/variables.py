"""Environment variables whose values change what a training computes, or where it runs."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Mapping
from typing import Final

from runfolio import settings
from runfolio.capture.secrets.names import is_secret_name, mark

__all__ = ["RECORDED", "variables"]

RECORDED: Final = (
    "ACCELERATE_*",
    "BLIS_NUM_THREADS",
    "CUBLAS_WORKSPACE_CONFIG",
    "CUBLASLT_WORKSPACE_SIZE",
    "CUDA_DEVICE_MAX_CONNECTIONS",
    "CUDA_DEVICE_ORDER",
    "CUDA_LAUNCH_BLOCKING",
    "CUDA_MODULE_LOADING",
    "CUDA_VERSION",
    "CUDA_VISIBLE_DEVICES",
    "CUDNN_VERSION",
    "GOMP_*",
    "HIP_VISIBLE_DEVICES",
    "HSA_OVERRIDE_GFX_VERSION",
    "JAX_*",
    "KERAS_BACKEND",
    "KMP_*",
    "LOCAL_RANK",
    "MKL_*",
    "MPLBACKEND",
    "NCCL_*",
    "NPY_DISABLE_CPU_FEATURES",
    "NUMBA_NUM_THREADS",
    "NUMEXPR_*",
    "NVIDIA_TF32_OVERRIDE",
    "NVIDIA_VISIBLE_DEVICES",
    "OMP_*",
    "OPENBLAS_*",
    "PYTHONHASHSEED",
    "PYTHONOPTIMIZE",
    "PYTORCH_*",
    "RANK",
    "ROCR_VISIBLE_DEVICES",
    "SLURM_ARRAY_JOB_ID",
    "SLURM_ARRAY_TASK_ID",
    "SLURM_CPUS_ON_NODE",
    "SLURM_CPUS_PER_TASK",
    "SLURM_GPUS*",
    "SLURM_JOB_ID",
    "SLURM_JOB_NUM_NODES",
    "SLURM_JOB_PARTITION",
    "SLURM_LOCALID",
    "SLURM_MEM_PER_*",
    "SLURM_NNODES",
    "SLURM_NTASKS*",
    "SLURM_PROCID",
    "SLURM_RESTART_COUNT",
    "TF_*",
    "TOKENIZERS_PARALLELISM",
    "TORCH_*",
    "TORCHINDUCTOR_*",
    "TRITON_*",
    "VECLIB_MAXIMUM_THREADS",
    "WORLD_SIZE",
    "XLA_*",
)
"""Patterns of the names that are recorded; the setting ``environment_variables`` adds to them."""

# They match a pattern and name places, not behaviour.
_PLACES: Final = ("*_HOME", "*_DIR", "*_PATH", "*_CACHE", "*_FILE", "*_ROOT", "*_ADDR*", "*_HOST*")
_MAX_VALUE: Final = 500


def variables(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables that are set and recorded; those of a secret name as marks.

    A value is cut after 500 characters.
    """
    asked = settings.read("environment_variables") or ""
    named = [pattern.strip() for pattern in asked.split(",") if pattern.strip()]
    return {
        name: mark(name) if is_secret_name(name) else _value(environ[name])
        for name in sorted(environ)
        if _matches(name, named) or (_matches(name, RECORDED) and not _matches(name, _PLACES))
    }


def _matches(name: str, patterns: tuple[str, ...] | list[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _value(text: str) -> str:
    return text.encode("utf-8", "replace").decode()[:_MAX_VALUE]
