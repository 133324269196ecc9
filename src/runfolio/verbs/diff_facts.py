"""The parts of a difference that are no code, in words: environment, data, seeds, metrics, files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runfolio.charts.figures import difference as signed
from runfolio.charts.figures import figure
from runfolio.query.compare import Change
from runfolio.query.diff import RunDiff
from runfolio.query.diff_courses import Course
from runfolio.query.diff_data import DataSetDiff
from runfolio.query.diff_files import SavedFile
from runfolio.query.diff_metrics import FigureDiff, MetricDiff
from runfolio.query.fields import ABSENT
from runfolio.query.summary import unit_of
from runfolio.verbs.diff_sections import (
    MAX_LINES,
    UNDER,
    Block,
    Line,
    Section,
    cut_lines,
    lines_of,
    names_of,
    plural,
)

__all__ = ["data", "environment", "files", "metrics", "seeds"]

_DIGITS: Final = 8
_PATHS: Final = 6
_NAMES: Final = 12
_OF_ONE: Final = ("content", "rows", "columns", "bytes", "files", "path")


def environment(diff: RunDiff) -> Section:
    """Return interpreter and system, then packages and variables, each in a block of its own."""
    found = diff.environment
    also = f"{plural(found.n_packages, 'package')} the same" if found.n_packages else ""
    if found.is_same:
        return Section("environment", _joined("the same environment", also))
    blocks = []
    if found.packages:
        title = f"{plural(len(found.packages), 'package')} in other versions"
        note = (
            f"{found.n_imported:,} of them imported, these come first" if found.n_imported else ""
        )
        blocks.append(cut_lines(title, lines_of(found.packages), note))
    for some, which in ((found.added, "second"), (found.removed, "first")):
        if some:
            title = f"{plural(len(some), 'package')} only in the {which} run"
            names = [f"{one.name} {one.was or one.now}" for one in lines_of(some)]
            blocks.append(Block(title, notes=(names_of(names, _NAMES),)))
    if found.variables:
        blocks.append(cut_lines("variables", lines_of(found.variables)))
    return Section("environment", also, tuple(lines_of(found.facts)), tuple(blocks))


def data(diff: RunDiff) -> Section:
    """Return what changed in each data set, and the files in it."""
    found = diff.data
    also = f"{plural(len(found.same), 'data set')} the same" if found.same else ""
    if not found.sets:
        return Section("data", also or "no data set was recorded")
    kept = found.sets[:MAX_LINES]
    return Section("data", also, blocks=tuple(map(_data_set, kept)),
                   more=len(found.sets) - len(kept))  # fmt: skip


def _data_set(one: DataSetDiff) -> Block:
    lines = [_fact(change) for change in one.facts]
    if one.kind != "changed":
        which = "second" if one.kind == "added" else "first"
        told = [f"{line.name} {line.was or line.now}" for line in lines if line.name in _OF_ONE]
        return Block(f"{one.name}, only in the {which} run", notes=(_joined(*told),))
    columns = lines_of(one.schema)
    lines += [Line(f"column {line.name}".rstrip(), line.was, line.now) for line in columns]
    found = one.members
    members = [
        f"{plural(len(paths), 'file')} {kind}: {names_of(paths, _PATHS)}"
        for paths, kind in (
            (found.changed, "changed"), (found.added, "added"), (found.removed, "removed")
        )
        if paths
    ]  # fmt: skip
    partial = "only the first of its files are listed" if found.partial else ""
    return cut_lines(f"{one.name} changed", lines, one.note, partial, *members)


def _fact(change: Change) -> Line:
    was, now = (
        "" if value is ABSENT else _digest(value) if change.name == "content"
        else f"{value:,}" if isinstance(value, int) else str(value)
        for value in (change.was, change.now)
    )  # fmt: skip
    return Line(change.name, was, now)


def _digest(value: object) -> str:
    kind, colon, digits = str(value).rpartition(":")
    return f"{kind}{colon}{digits[:_DIGITS]}"


def seeds(diff: RunDiff) -> Section:
    """Return the seeds that were set, and whether the generators began in the same states."""
    found = diff.seeds
    words = []
    if found.same_set:
        words.append(f"set the same: {', '.join(found.same_set[:8])}")
    if found.same_states:
        words.append(f"the same states at the start: {', '.join(found.same_states[:8])}")
    if found.is_same:
        return Section("seeds", _joined("the same seeds" if words else "no seeds", *words))
    lines = lines_of(found.set)
    lines += [Line(f"state of {line.name}", line.was, line.now, "began in another state")
              for line in lines_of(found.states)]  # fmt: skip
    return Section("seeds", _joined(*words), tuple(lines[:MAX_LINES]),
                   more=max(len(lines) - MAX_LINES, 0))  # fmt: skip


def metrics(diff: RunDiff) -> Section:
    """Return last and best value of each metric, and where its curves part."""
    differ = [one for one in diff.metrics if not one.is_same]
    n_same = len(diff.metrics) - len(differ)
    if not differ:
        return Section(
            "metrics", f"{plural(n_same, 'metric')} the same" if n_same else "no metrics"
        )
    lines = [line for one in differ[:MAX_LINES] for line in _metric(one, diff)]
    return Section("metrics", f"{n_same:,} the same" if n_same else "", tuple(lines),
                   more=max(len(differ) - MAX_LINES, 0))  # fmt: skip


def _metric(one: MetricDiff, diff: RunDiff) -> Iterator[Line]:
    unit = unit_of(one.key, (diff.now, diff.was))
    name = f"{one.key} ({unit})" if unit else one.key
    about = _joined(_amounts(one), *_course(one.course))
    if not one.figures:
        yield Line(name, "", "", about=about)
    for place, found in enumerate(one.figures):
        last = place == len(one.figures) - 1
        title = name if place == 0 else f"{UNDER}{found.word}"
        yield _figure(title, found, about if last else "")


def _figure(title: str, one: FigureDiff, about: str) -> Line:
    was, now = (
        "" if value is None else figure(value) + (f" at {_step(step)}" if step is not None and one.word != "last" else "")
        for value, step in ((one.was, one.was_step), (one.now, one.now_step))
    )  # fmt: skip
    if one.delta is None or one.now is None:
        return Line(title, was, now, about=about)
    mark = {True: "▲ ", False: "▼ ", None: ""}[one.better]
    words = mark + signed(one.delta, one.now) if one.delta else "="
    return Line(title, was, now, words, one.better, about)


def _amounts(one: MetricDiff) -> str:
    """Return how many points there are, up to which step; once where both have the same."""
    course = one.course
    spans = (course.steps_was, course.steps_now) if course else (None, None)
    was, now = (
        "" if n is None else plural(n, "point") + (f", steps {_step(span[0])} to {_step(span[1])}" if span else "")
        for n, span in zip((one.n_was, one.n_now), spans, strict=True)
    )  # fmt: skip
    if not (was and now):
        return f"only the {'first' if was else 'second'} run has it: {was or now}"
    return was if was == now else f"{was} → {now}"


def _course(course: Course | None) -> Iterator[str]:
    if course is None:
        return
    if not course.n_common:
        yield "no step in common"
        return
    if course.parts_at is None:
        yield f"equal at all {course.n_common:,} common steps"
        return
    values = f"{figure(course.was or 0.0)} → {figure(course.now or 0.0)}"
    if course.equal_until is None:
        yield f"different from step {_step(course.parts_at)} on"
    else:
        yield f"equal until step {_step(course.equal_until)}, at {_step(course.parts_at)} {values}"
    if course.crosses_at is not None:
        often = f"{course.crossings:,} times, first " if course.crossings > 1 else ""
        yield f"the curves cross {often}at step {_step(course.crosses_at)}"


def _step(step: float) -> str:
    return f"{int(step):,}" if step == int(step) else f"{step:g}"


def files(diff: RunDiff) -> Section:
    """Return the saved files that are not the same, with size and hash."""
    found = diff.files
    also = [f"{plural(found.n_same, 'file')} the same"] if found.n_same else []
    if found.by_size:
        also.append(f"{plural(len(found.by_size), 'file')} of the same size, not compared")
    if not found.files:
        return Section("files", _joined(*also) or "no saved files")
    lines = [_file(one) for one in found.files[:MAX_LINES]]
    return Section("files", _joined(*also), tuple(lines), more=len(found.files) - len(lines))


def _file(one: SavedFile) -> Line:
    was, now = (
        "" if size is None else f"{size:,} bytes {digest[:_DIGITS] if digest else ''}".rstrip()
        for size, digest in ((one.was_bytes, one.was_hash), (one.now_bytes, one.now_hash))
    )
    return Line(one.path, was, now, f"renamed from {one.was_path}" if one.was_path else one.kind)


def _joined(*words: str) -> str:
    return " · ".join(filter(None, words))
