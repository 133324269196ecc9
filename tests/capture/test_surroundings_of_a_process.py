"""Container, variables and the libraries that compute."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from runfolio.capture import container as containers
from runfolio.capture.container import container
from runfolio.capture.numerics import numerics
from runfolio.capture.secrets.names import mark
from runfolio.capture.variables import variables

DIGEST = "0123456789abcdef" * 4


@pytest.fixture
def files(monkeypatch):
    """The files that a container shows to those inside: path → content."""
    shown: dict[str, bytes] = {}
    monkeypatch.setattr(containers, "read_regular", lambda path, limit: shown.get(path))
    monkeypatch.setattr(containers.os.path, "lexists", lambda path: path in shown)
    return shown


@pytest.mark.parametrize(
    ("sign", "content", "kind"),
    [
        ("/.dockerenv", b"", "docker"),
        ("/run/.containerenv", b"", "podman"),
        ("/proc/self/cgroup", b"12:pids:/docker/0123\n", "docker"),
        ("/proc/self/cgroup", b"0::/kubepods.slice/kubepods-burstable.slice\n", "kubernetes"),
        (
            "/proc/self/mountinfo",
            b"1 2 0:3 / / rw - overlay o upperdir=/var/lib/docker/overlay2/a\n",
            "docker",
        ),
    ],
)
def test_a_container_is_known_by_its_signs(files, sign, content, kind):
    files[sign] = content
    found = container({})
    assert found is not None
    assert found["kind"] == kind


def test_a_host_that_runs_containers_is_none(files):
    files["/proc/self/cgroup"] = b"0::/user.slice/user-1000.slice\n"
    files["/proc/self/mountinfo"] = (
        b"1 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
        b"9 1 0:4 / /var/lib/docker/overlay2/a/merged rw - overlay o rw\n"
    )
    assert container({}) is None


def test_podman_tells_the_image_and_its_digest(files):
    files["/run/.containerenv"] = f'image="host/lab:1"\nimageid="{DIGEST}"\n'.encode()
    assert container({}) == {"kind": "podman", "image": "host/lab:1", "digest": f"sha256:{DIGEST}"}


def test_the_image_that_a_hub_names_is_kept_without_its_password(files):
    image = f"https://u:secret@host/lab@sha256:{DIGEST}"
    found = container({"KUBERNETES_SERVICE_HOST": "h", "JUPYTER_IMAGE_SPEC": image})
    assert found is not None
    assert found["digest"] == f"sha256:{DIGEST}"
    assert "secret" not in found["image"]


def test_of_an_image_in_a_file_only_its_name_is_told(files):
    found = container({"APPTAINER_CONTAINER": "/home/me/images/train.sif"})
    assert found == {"kind": "apptainer", "image": "train.sif"}


def test_variables_are_recorded_by_name_and_those_asked_for(monkeypatch):
    monkeypatch.setenv("RUNFOLIO_ENVIRONMENT_VARIABLES", "STAGE, MYLAB_*")
    environ = {
        "OMP_NUM_THREADS": "4", "SLURM_JOB_ID": "7", "SLURM_JOB_USER": "me", "HOME": "/home/me",
        "STAGE": "b", "MYLAB_SEED": "3", "MYLAB_API_KEY": "sk-123", "TORCH_HOME": "/home/me/t",
        "XLA_FLAGS": "x" * 600,
    }  # fmt: skip
    kept = variables(environ)
    assert kept == {
        "OMP_NUM_THREADS": "4", "SLURM_JOB_ID": "7", "STAGE": "b", "MYLAB_SEED": "3",
        "MYLAB_API_KEY": mark("MYLAB_API_KEY"), "XLA_FLAGS": "x" * 500,
    }  # fmt: skip


def told_by(program: str) -> dict:
    program += "\nimport json; from runfolio.capture.numerics import numerics; print(json.dumps(numerics()))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return json.loads(done.stdout)


def test_what_numpy_computes_with_is_told():
    found = told_by("import os; os.environ['OPENBLAS_NUM_THREADS'] = '1'; import numpy")
    assert found["numpy"]["blas"]["name"]
    assert found["numpy"]["cpu_features"]
    assert [
        pool["num_threads"] for pool in found["thread_pools"] if pool["user_api"] == "blas"
    ] == [1]


def test_nothing_that_computes_is_imported():
    assert "numpy" not in told_by("import sys; sys.modules['threadpoolctl'] = None")


def test_a_library_that_cannot_be_asked_is_left_out(monkeypatch):
    class Torch(type(sys)):
        def __getattr__(self, name):
            raise RuntimeError("half built")

    broken = Torch("torch")
    monkeypatch.setitem(sys.modules, "torch", broken)
    assert "torch" not in numerics()
