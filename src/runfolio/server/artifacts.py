"""What is told of artifacts on request: the list, a card, a version, what had a stage when."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from runfolio.errors import ArtifactNotFound, RunfolioError

if TYPE_CHECKING:
    from runfolio.model.artifact import ArtifactVersion
    from runfolio.model.artifact_history import LogEntry, Standing
    from runfolio.server.stores import OpenStore
    from runfolio.store.artifacts import Artifact, Told
    from runfolio.store.version_shelf import ShelvedVersion

__all__ = ["card_of", "held_at", "list_of", "run_head", "version_of"]

_ENTRIES: Final = 200
_FACTS: Final = 200
_VALUE: Final = 400
_WORDS: Final = 2000


def list_of(store: OpenStore, text: str, kind: str, part: slice) -> dict[str, Any]:
    """Return artifacts in which each word of a text is found, those made last first.

    Parameters
    ----------
    text : str
        Words of names, types, stages and aliases, in whatever letters.
    kind : str
        Only those of this type; empty for all.
    """
    store.check()
    told = store.artifacts.told()
    words = text.casefold().split()
    found = [one for one in told if all(word in _words_of(one) for word in words)]
    types = sorted({one.newest.type for one in told if one.newest})
    found = [one for one in found if not kind or (one.newest and one.newest.type == kind)]
    found.sort(key=lambda one: one.newest.created_at if one.newest else "", reverse=True)
    heads = _Heads(store)
    return {
        "artifacts": [_listed(one, heads) for one in found[part]],
        "n": len(found), "total": len(told), "offset": part.start,
        "versions": sum(one.versions for one in told), "types": [_line(one) for one in types],
    }  # fmt: skip


def card_of(store: OpenStore, name: str, part: slice) -> dict[str, Any]:
    """Return an artifact: some of its versions, the newest first, and the history of its stages."""
    from runfolio.store.version_shelf import VersionShelf

    store.check()
    artifact, numbers = _artifact(store, name)
    lying = VersionShelf.of(store.path).versions({name}, at_most=0).get(name, {})
    entries = list(reversed(_stages(artifact)))
    heads = _Heads(store)
    newest = lying.get(numbers[-1])
    aliases = _aliases(artifact.standing, numbers)
    return {
        "name": name, "type": _line(newest.type) if newest else "", "n": len(numbers),
        "offset": part.start, "dropped": len(artifact.standing.dropped),
        "versions": [_row(artifact, lying.get(n), n, heads, aliases) for n in numbers[::-1][part]],
        "numbers": numbers[::-1][:_ENTRIES],
        "stages": artifact.standing.stages, "aliases": aliases,
        "history": [_entry(entry, heads) for entry in entries[:_ENTRIES]], "entries": len(entries),
        "problems": [_line(one) for one in artifact.problems[:_FACTS]],
    }  # fmt: skip


def version_of(store: OpenStore, name: str, number: int, part: slice) -> dict[str, Any]:
    """Return a version, with some of its files."""
    store.check()
    artifact, numbers = _artifact(store, name)
    if number not in numbers:
        raise ArtifactNotFound(f"{name} has no version v{number}. Its newest is v{numbers[-1]}.")
    version = store.artifacts.of.versions(name).described(number)
    facts = _facts(version)
    dropped = artifact.standing.dropped.get(number)
    return {
        "name": name, "version": number, "type": _line(version.type), "digest": version.digest,
        "created_ms": _ms(version.created_at), "size_bytes": version.size,
        "aliases": _names(_aliases(artifact.standing, numbers), number),
        "stages": _names(artifact.standing.stages, number),
        "run": _Heads(store).of(version.run_id),
        "description": _text(version.description or ""), "ttl_days": version.ttl_days,
        "dropped": _line(f"dropped {dropped.told()}") if dropped else "",
        "metadata": facts[:_FACTS], "more_metadata": max(len(facts) - _FACTS, 0),
        "n": len(version.entries), "offset": part.start,
        "files": [
            {"path": entry.path, "size_bytes": entry.size, "blake3": entry.blake3,
             "uri": _line(entry.uri)} for entry in version.entries[part]
        ],
    }  # fmt: skip


def held_at(store: OpenStore, name: str, moment: datetime) -> dict[str, Any]:
    """Return which version had which stage at a moment."""
    from runfolio.store.registry import entry_at

    store.check()
    artifact, _ = _artifact(store, name)
    heads, found = _Heads(store), {}
    for stage in dict.fromkeys(entry.name for entry in _stages(artifact)):
        entry = entry_at(artifact, stage, moment)
        found[stage] = None if entry is None else _entry(entry, heads)
    return {"at_ms": 1000 * moment.timestamp(), "stages": found}


class _Heads:
    """What is told of runs beside what they made; each is looked up once."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store
        self._known: dict[str, dict[str, Any] | None] = {}

    def of(self, run: str) -> dict[str, Any] | None:
        """Return what is known of a run; ``None`` where none is meant."""
        if run not in self._known:
            self._known[run] = run_head(self._store, run) if run else None
        return self._known[run]


def run_head(store: OpenStore, run: str) -> dict[str, Any]:
    """Return how a run is called and how it went; of one that is not there only its id."""
    from runfolio.format.layout import is_run_id
    from runfolio.query.run_names import run_name

    gone = {"id": "", "name": _line(run, 140), "status": "", "glyph": ""}
    if not is_run_id(run):
        return gone
    try:
        record = store.store.record(run)
    except (RunfolioError, OSError):
        return gone | {"name": f"{run}, which is not in this store any more"}
    return {"id": run, "name": _line(run_name(record)), "status": record.status.value,
            "glyph": record.status.glyph}  # fmt: skip


def _artifact(store: OpenStore, name: str) -> tuple[Artifact, list[int]]:
    """Return an artifact with what was said of it, and its numbers; no version of it is read."""
    artifact = store.artifacts.of.said_of(name)
    if not artifact.numbers:
        raise ArtifactNotFound(f"{name} has no version that could be shown.")
    return artifact, list(artifact.numbers)


def _listed(one: Told, heads: _Heads) -> dict[str, Any]:
    newest = one.newest
    return {
        "name": one.name, "type": _line(newest.type) if newest else "",
        "versions": one.versions, "newest": newest.number if newest else None,
        "size_bytes": newest.size if newest else None,
        "created_ms": _ms(newest.created_at) if newest else None,
        "run": heads.of(newest.run_id) if newest else None,
        "stages": dict(one.stages), "dropped": one.dropped,
        "aliases": {word: number for word, number in one.aliases.items() if word != "latest"},
        "problems": [_line(problem) for problem in one.problems[:3]],
    }  # fmt: skip


def _row(
    artifact: Artifact,
    lying: ShelvedVersion | None,
    number: int,
    heads: _Heads,
    aliases: Mapping[str, int],
) -> dict[str, Any]:
    dropped = artifact.standing.dropped.get(number)
    why = f"dropped: {dropped.why}" if dropped and dropped.why else "dropped" if dropped else ""
    fault = "it is not there any more" if lying is None else lying.fault
    there = lying is not None and not fault
    return {
        "version": number, "type": _line(lying.type) if lying else "",
        "size_bytes": lying.bytes if there and lying else None,
        "files": lying.files if there and lying else None,
        "created_ms": 1000 * lying.created_at.timestamp() if lying and lying.created_at else None,
        "run": heads.of(lying.run_id) if lying else None, "dropped": _line(why), "fault": _line(fault),
        "stages": _names(artifact.standing.stages, number),
        "aliases": _names(aliases, number),
    }  # fmt: skip


def _stages(artifact: Artifact) -> list[LogEntry]:
    from runfolio.store.registry import history

    return history(artifact)


def _entry(entry: LogEntry, heads: _Heads) -> dict[str, Any]:
    from runfolio.verbs.artifacts_sheet import entry_words, reason_words, who_words

    return {
        "at_ms": _ms(entry.time), "stage": entry.name, "version": entry.version, "was": entry.was,
        "told": _line(entry_words(entry)), "by": _line(who_words(entry)),
        "why": _text(reason_words(entry)), "run": heads.of(entry.run_id),
    }  # fmt: skip


def _facts(version: ArtifactVersion) -> list[dict[str, str]]:
    """Return what was noted beside a version, one line each, without secrets."""
    from runfolio.format.codec import flatten
    from runfolio.model.data_profile import KEY
    from runfolio.record.redaction import redactor

    noted = {key: value for key, value in version.metadata.items() if key != KEY}
    clean = redactor()
    return [
        {"name": _line(name), "value": _line(clean.redact_text(_word(value), name=name)[0], _VALUE)}
        for name, value in flatten(noted).items()
    ]


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _aliases(now: Standing, numbers: Sequence[int]) -> dict[str, int]:
    there = [number for number in numbers if number not in now.dropped]
    return now.aliases | ({"latest": there[-1]} if there else {})


def _names(known: Mapping[str, int], number: int) -> list[str]:
    return [word for word, one in known.items() if one == number]


def _words_of(one: Told) -> str:
    kind = one.newest.type if one.newest else ""
    parts: Iterable[str] = (one.name, kind, *one.stages, *one.aliases)
    return "\n".join(parts).casefold()


def _ms(text: str) -> float | None:
    from runfolio.format.codec import parse_time

    moment = parse_time(text)
    return None if moment is None else 1000 * moment.timestamp()


def _line(text: str, width: int = 200) -> str:
    from runfolio.verbs.terminal import one_line

    return one_line(text, width)


def _text(text: str) -> str:
    from runfolio.verbs.terminal import clean

    return clean(text[:_WORDS])
