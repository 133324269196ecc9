"""What two runs ran in: interpreter, system and hardware, packages, variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from runfolio.model.run import RunRecord
from runfolio.query.compare import Change, changes, difference, same
from runfolio.query.diff_records import both_lack, document, listed, mapping

__all__ = ["EnvironmentDiff", "environment_diff", "imported"]

# What explains a result; flags of the processor and the build of the interpreter do not.
_SAID: Final = (
    "python", "implementation", "platform", "machine", "libc", "cpu", "cores", "threads_usable", "cuda_driver",
)  # fmt: skip
_OF_GPU: Final = ("name", "driver")
_GB: Final = 1e9


@dataclass(frozen=True, slots=True)
class EnvironmentDiff:
    """What differs between two environments.

    Attributes
    ----------
    facts : tuple of Change
        Interpreter, system, hardware.
    packages : tuple of Change
        Those that both have, in other versions; what the runs imported comes first.
    n_imported : int
        How many of `packages` one of the runs imported.
    added, removed : tuple of Change
        Packages that only the second, only the first run has.
    variables : tuple of Change
    n_packages : int
        Packages that are the same.
    """

    facts: tuple[Change, ...] = ()
    packages: tuple[Change, ...] = ()
    n_imported: int = 0
    added: tuple[Change, ...] = ()
    removed: tuple[Change, ...] = ()
    variables: tuple[Change, ...] = ()
    n_packages: int = 0

    @property
    def is_same(self) -> bool:
        """Whether nothing is known to differ."""
        return not (self.facts or self.packages or self.added or self.removed or self.variables)


def environment_diff(a: RunRecord, b: RunRecord) -> tuple[EnvironmentDiff, list[str]]:
    """Return what differs between the environments of two runs, and what was not compared.

    Where a run has no record of it but the short form in its manifest, that is what is compared.
    """
    was, now = (document(record, "environment", "environment.json") for record in (a, b))
    if not (was.body and now.body):
        found = tuple(c for c in difference(a, b).environment if c.name != "packages")
        why = both_lack(a, b, "environment.json", [one.why for one in (was, now) if one.why])
        if a.software and b.software:
            why.append("all but what the manifests say of it")
        return EnvironmentDiff(facts=found), why
    before, after = _packages(was.body), _packages(now.body)
    used = imported(a).keys() | imported(b).keys()
    differ = sorted(changes(before, after), key=lambda c: (c.name not in used, c.name.lower()))
    both = tuple(c for c in differ if c.name in before and c.name in after)
    found_in_both = EnvironmentDiff(
        tuple(changes(_facts(was.body), _facts(now.body))),
        both,
        sum(c.name in used for c in both),
        tuple(c for c in differ if c.name not in before),
        tuple(c for c in differ if c.name not in after),
        tuple(changes(mapping(was.body.get("variables")), mapping(now.body.get("variables")))),
        sum(name in after and same(version, after[name]) for name, version in before.items()),
    )
    return found_in_both, []


def imported(record: RunRecord) -> Mapping[str, Any]:
    """Return the packages that a run imported, with their versions; empty where it is not known."""
    return mapping(document(record, "environment", "used.json").body.get("distributions"))


def _facts(body: Mapping[str, Any]) -> dict[str, Any]:
    return dict(_each_fact(body))


def _each_fact(body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from (
        (name.replace("_", " "), body[name]) for name in _SAID if body.get(name) is not None
    )
    yield from _memory("memory", body)
    for place, gpu in enumerate(listed(body.get("gpus"))):
        for name in _OF_GPU:
            if gpu.get(name) is not None:
                yield f"GPU {place}" + (f" {name}" if name != "name" else ""), gpu[name]
        yield from _memory(f"GPU {place} memory", gpu)
    container = mapping(body.get("container"))
    if container:
        yield "container", container.get("image") or container.get("kind")
    for pool in listed(mapping(body.get("numerics")).get("thread_pools")):
        name = f"threads of {pool.get('internal_api') or pool.get('library')}"
        yield name, pool.get("num_threads")


def _memory(name: str, holder: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    # Two starts of one machine differ by some kilobytes.
    size = holder.get("memory_bytes")
    if isinstance(size, int):
        yield name, f"{size / _GB:.0f} GB"


def _packages(body: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for one in listed(body.get("distributions")):
        name, version, origin = one.get("name"), one.get("version"), one.get("origin")
        if isinstance(name, str):
            found[name] = f"{version} from {origin}" if isinstance(origin, str) else version
    return found
