"""What the writer's thread does for an open run beside writing: sign of life, edits, manifest."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from runfolio.format.completeness import completeness
from runfolio.format.edits import Edit, merge_text, overtaken, read_edits
from runfolio.format.layout import RunPaths, manifest_name
from runfolio.format.lease import HEARTBEAT_S
from runfolio.format.manifest import read_manifest, write_manifest
from runfolio.format.tail import extend_from_log
from runfolio.format.writers import (
    Sums,
    WriterManifest,
    added_up,
    other_writers,
    parts_that_ended,
)
from runfolio.record.guard import guard
from runfolio.record.naming import Naming
from runfolio.record.neighbours import LOOK_AFTER_S, look_after

if TYPE_CHECKING:
    from runfolio.record.life import Life
    from runfolio.record.opening import Opening

__all__ = ["Upkeep"]

REFRESH_S: Final = 5.0
"""A running run's manifest is written at most this often."""

# A segment that has just opened the run is given so long to write its first manifest.
_WAIT_S: Final = 1.0
_LOOK_S: Final = 0.02


class Upkeep:
    """Keeps what others read of a run up to date, about once a second.

    Parameters
    ----------
    life : Life
    opening : Opening or None
        Whose part of the run is kept; ``None`` for a disabled run, which has none.

    Attributes
    ----------
    counts : mapping of str to int
        What the manifest said last of points.
    complete : mapping of str to str
        What it says at the end of what the record holds.
    """

    def __init__(self, life: Life, opening: Opening | None) -> None:
        self._life = life
        self._counted_before = dict(opening.counted) if opening else {}
        # The points of earlier segments are in their summaries already.
        self._counts_before = {
            key: n for key, n in (opening.counts.items() if opening else ()) if key != "points"
        }
        self.complete: Mapping[str, str] = {}
        self._dirty = False
        self._began = self._last_beat = self._last_refresh = life.clock.monotonic()
        self._looked = False
        self.naming = Naming(life)
        self._seen_edits: set[str] = set(life.document.applied)
        self._joined: set[int] = set()
        self._left_over: Sums | None = None
        self._ended_parts: list[Sums] | None = None

    def touch(self) -> None:
        """Have the manifest written soon: something changed."""
        self._dirty = True

    def tick(self) -> None:
        """Do what is due by now."""
        life, now = self._life, self._life.clock.monotonic()
        if now - self._last_beat >= HEARTBEAT_S - 0.1:
            self._last_beat = now
            if life.heartbeat is not None:
                life.heartbeat.beat(life.clock.time_ns() // 1_000_000)
            self.take_edits()
        if self._dirty or now - self._last_refresh >= REFRESH_S:
            self.refresh()
        self.naming.look_soon()
        if now - self._began >= LOOK_AFTER_S and not self._looked:
            self._looked = True
            if not life.document.joined:
                look_after(life.folder.parent)

    # What others said --------------------------------------------------------------------------

    def take_edits(self) -> None:
        """Take in what others said since the last look."""
        edits, _ = read_edits(self._life.folder)
        applied = self._life.document.applied
        late = overtaken(edits, applied)
        for edit in edits:
            if edit.id not in self._seen_edits:
                self._seen_edits.add(edit.id)
                if edit.id in late:
                    applied.append(edit.id)
                else:
                    self._take(edit)

    def has_seen(self, edit: Edit) -> None:
        """Note an edit of one's own: what it says holds here already."""
        self._seen_edits.add(edit.id)

    def _take(self, edit: Edit) -> None:
        labels = self._life.document.labels
        if edit.op == "stop":
            self._life.ask_to_stop()
        elif not isinstance(edit.value, str):
            return
        elif edit.op == "add":
            labels["tags"] = list(dict.fromkeys([*labels["tags"], edit.value]))
        elif edit.op == "remove":
            labels["tags"] = [tag for tag in labels["tags"] if tag != edit.value]
        elif edit.op == "set" and edit.field == "name":
            labels["name"] = edit.value
        elif edit.op == "set" and edit.field == "notes":
            labels["notes"] = merge_text(labels["notes"] or "", edit.value, edit.was)
        else:
            return
        self._life.document.applied.append(edit.id)
        self.touch()

    # The manifest ------------------------------------------------------------------------------

    def refresh(self, *, final: bool = False, whole: bool = False) -> None:
        """Write the manifest as of now.

        Parameters
        ----------
        final : bool
            Whether no point will come any more.
        whole : bool
            Whether nothing else will, code and environment included: only then the manifest says
            what is missing.
        """
        life = self._life
        self._last_refresh = life.clock.monotonic()
        apart = self._name_apart(wait=final)
        # First of all, for the counts to know what was taken out of them.
        config = life.redaction.config(life.config.recorded)
        sources = life.redaction.keys(life.config.sources, "config")
        summary = life.redaction.value(life.summary.by_hand, "the summary")
        sums = self._sums(final=final, superseded=apart is not None and not life.document.joined)
        if sums is None:
            return
        self.counts = sums.counts
        document = life.document.as_json(
            config=config,
            config_source=sources,
            metrics=sums.metrics,
            summary=summary,
            counts=sums.counts,
            metrics_upto=sums.upto,
            complete={},
            segment=life.segment,
        )
        if whole and apart is None:
            document["complete"] = self.complete = completeness(life.folder, document)
        document |= life.redaction.labels(document)
        write_manifest(life.folder, document, life.files, apart=apart)
        if apart is None and self._name_apart(wait=final) is not None:
            self.refresh(final=final, whole=whole)  # a newer segment opened the run meanwhile

    def _sums(self, *, final: bool, superseded: bool) -> Sums | None:
        """Return what the manifest has to count; ``None`` while the disk refuses."""
        life, mine = self._life, WriterManifest(self._life.paths.rank, self._life.segment, {})
        counted = life.writer.counted()
        if counted is None and not final:
            return None
        self._dirty = False  # before the look: what changes from here on is written next time
        metrics, counts, sizes = counted or ({}, {}, {})
        if superseded:
            return self._beyond_the_newer_one(mine, sizes) if final else Sums(mine)
        if final:
            metrics, counts = life.writer.encoder.summaries(), life.writer.encoder.counts()
        own = Sums(mine, metrics, self._all_counts(counts), self._counted_before | sizes)
        return (
            own if life.document.joined else added_up([own, *self._parts_that_ended(final=final)])
        )

    def _parts_that_ended(self, *, final: bool) -> list[Sums]:
        """Return what others have logged whose part has ended by the end of the run.

        So ``run.json`` alone tells everything of a run whose parts ended before it did.
        """
        if final and self._ended_parts is None:
            self._ended_parts = []
            with guard("counting what other processes logged"):
                self._ended_parts = parts_that_ended(self._life.folder)
        return self._ended_parts or []

    def _all_counts(self, counts: Mapping[str, int]) -> dict[str, int]:
        encoder = self._life.writer.encoder
        refused = self._life.writer.refused + encoder.unwritable
        mine = {**counts, "refused": refused + sum(self._life.refused_values.values())}
        redaction = self._life.redaction
        if redaction.count:
            mine |= {"redacted": redaction.count, "to_supply": redaction.to_supply}
        return {
            key: mine.get(key, 0) + self._counts_before.get(key, 0)
            for key in {**mine, **self._counts_before}
        }

    def _name_apart(self, *, wait: bool) -> str | None:
        """Return the name of this writer's manifest; ``None`` where it is ``run.json``."""
        life = self._life
        if life.document.joined or self._newer_ones(wait=wait):
            return manifest_name(life.segment, life.paths.rank)
        return None

    def is_superseded(self) -> bool:
        """Return whether a newer segment opened the run: it has the manifest now."""
        return bool(self._newer_ones(wait=False))

    def _newer_ones(self, *, wait: bool) -> set[int]:
        """Return the newer segments that opened the run.

        Parameters
        ----------
        wait : bool
            Whether one that has claimed its segment, and not yet said that it is there, is given
            the time to: it has read already what this segment is about to write.
        """
        deadline = time.monotonic() + _WAIT_S
        while True:
            has_spoken = {
                name.segment: path.stat().st_size > 0
                for name, path in RunPaths(self._life.folder).parts("heartbeat", "")
                if not name.rank and name.segment > self._life.segment
            }
            if not wait or all(has_spoken.values()) or time.monotonic() > deadline:
                break
            time.sleep(_LOOK_S)
        # One that has not said anything may be about to join.
        newer = {segment for segment, spoken in has_spoken.items() if spoken}
        if newer - self._joined:
            others, _ = other_writers(self._life.folder)
            self._joined |= {one.segment for one in others if not one.rank and one.joined}
        return newer - self._joined

    def _beyond_the_newer_one(self, mine: WriterManifest, sizes: Mapping[str, int]) -> Sums:
        """Return what this segment logged and the newer one, when it began, did not take over.

        Readers of a live run count it themselves; once, before they are converted, the live files
        are counted here.
        """
        if self._left_over is None:
            self._left_over = Sums(mine, upto=dict(sizes))
            with guard("counting what a newer segment did not"):
                upto = self._manifest_of_the_newest().upto
                tail = extend_from_log(self._life.folder, {}, upto, of=mine.wrote)
                self._left_over = Sums(mine, tail.metrics, tail.counts, dict(sizes))
        return self._left_over

    def _manifest_of_the_newest(self) -> WriterManifest:
        """Return ``run.json`` once it is the newest segment's, which writes it as it begins."""
        newest = max(self._newer_ones(wait=False), default=0)
        deadline = time.monotonic() + _WAIT_S
        while True:
            owner = WriterManifest.of(read_manifest(self._life.folder))
            if owner.segment >= newest or time.monotonic() > deadline:
                return owner
            time.sleep(_LOOK_S)
