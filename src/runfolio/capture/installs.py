"""What was installed, removed or replaced between two looks at the distributions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from runfolio.capture.distributions import normalised
from runfolio.model.context import Distribution

__all__ = ["Installs", "installs"]


@dataclass(frozen=True, slots=True)
class Installs:
    """How the distributions differ between two looks.

    Attributes
    ----------
    added, removed : mapping of str to str
        Name → version.
    changed : mapping of str to (str, str)
        Name → version before and after; where they are the same, with their kinds.
    loaded : tuple of str
        Those removed or changed that the program goes on with as they were, for it had imported
        them already.
    """

    added: Mapping[str, str] = field(default_factory=dict)
    removed: Mapping[str, str] = field(default_factory=dict)
    changed: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    loaded: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def installs(
    before: Sequence[Distribution], after: Sequence[Distribution], in_memory: Mapping[str, str]
) -> Installs:
    """Return what was installed, removed and replaced.

    Parameters
    ----------
    before, after : sequence of Distribution
    in_memory : mapping of str to str
        Name → version of those that are imported: see `imported.imported_versions`.
    """
    was = {normalised(one.name): one for one in before}
    now = {normalised(one.name): one for one in after}
    replaced = [(was[n], now[n]) for n in sorted(was.keys() & now.keys()) if was[n] != now[n]]
    removed = [was[name] for name in sorted(was.keys() - now.keys())]
    return Installs(
        added={now[name].name: now[name].version for name in sorted(now.keys() - was.keys())},
        removed={one.name: one.version for one in removed},
        changed={new.name: _versions(old, new) for old, new in replaced},
        loaded=(
            *(one.name for one in removed if one.name in in_memory),
            *(
                old.name
                for old, new in replaced
                if in_memory.get(old.name) == old.version != new.version
            ),
        ),
    )


def _versions(old: Distribution, new: Distribution) -> tuple[str, str]:
    if old.version != new.version:
        return old.version, new.version
    return f"{old.version} ({old.kind})", f"{new.version} ({new.kind})"
