"""The media of a run as static HTML: drawn anew, escaped, or in a frame where nothing runs.

Nothing out of a run reaches the page as it is: pictures are decoded and drawn small, text is
escaped, a page stands in a sandboxed frame, a stored chart shows its picture and is never run.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, Final

from runfolio.charts.bars import histogram_svg
from runfolio.charts.figures import figure
from runfolio.charts.heatmap import heatmap_svg
from runfolio.charts.thumbnails import Thumbnail, class_colour, thumbnail
from runfolio.errors import CorruptRecord, RunfolioError
from runfolio.model.media import MediaItem, media_path, sandboxed_frame
from runfolio.query.media import HistogramSeries, bins_of, file_bytes
from runfolio.query.pictures import sound_type
from runfolio.query.tables import TableHead, table_head
from runfolio.verbs.figures import size
from runfolio.verbs.media_words import media_words, step_words
from runfolio.verbs.sheet_html import ROOT, isolated, style
from runfolio.verbs.terminal import one_line

__all__ = ["MAX_BYTES", "MediaSection", "beside_html"]

MAX_BYTES: Final = 2_000_000
"""Of all that stands beside a card."""

_KEYS: Final = 24
_PICTURES: Final = 12
_OTHERS: Final = 3
_IMAGE_PX: Final = 160
_LONE_PX: Final = 320
_FIGURE_PX: Final = 480
_READ: Final = 32 << 20
_SOUND: Final = 400_000
_PAGE: Final = 200_000
_ROWS: Final = 8
_COLUMNS: Final = 12
_CAPTION: Final = 160
_LEAST: Final = 1000
_CELL: Final = 60
_CELL_PX: Final = 48
_LABELS: Final = 12


@dataclass(frozen=True, slots=True)
class MediaSection:
    """What stands beside the card of one run.

    Attributes
    ----------
    title, ident : str
        The run's name and short id.
    folder : Path
        Its directory.
    media : mapping of str to sequence of MediaItem
        The latest of each key.
    output : sequence of str
        The last lines it printed.
    over_steps : mapping of str to HistogramSeries
        All histograms of the keys that have some.
    """

    title: str
    ident: str
    folder: Path
    media: Mapping[str, Sequence[MediaItem]]
    output: Sequence[str] = ()
    over_steps: Mapping[str, HistogramSeries] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.media or self.output)


def beside_html(sections: Sequence[MediaSection], limit: int = MAX_BYTES) -> str:
    """Return what stands beside cards as HTML of at most about `limit` bytes, else nothing.

    What finds no room is named with its size.
    """
    shown = [section for section in sections if section]
    frames = []
    # Styles come once; each run has its share of what is left.
    left = limit - len(_sheet())
    for place, section in enumerate(shown):
        made = _frame(section, left // (len(shown) - place), styled=not place)
        left -= len(made) - (len(_sheet()) if not place else 0)
        frames.append(made)
    return "".join(frames)


def _frame(section: MediaSection, limit: int, *, styled: bool) -> str:
    head = (
        f'<div class="{ROOT} rf-beside tex2jax_ignore mathjax_ignore">'
        f"{_sheet() if styled else ''}"
        f'<div class="rf-head"><b>{"Media" if section.media else "Output"}</b> '
        f'<span class="rf-quiet">{isolated(section.title)}</span> '
        f"<code>{isolated(section.ident)}</code></div>"
    )
    left = limit - len(head)
    blocks = []
    for key, items in list(section.media.items())[:_KEYS]:
        block = _block(section, key, items, left)
        left -= len(block)
        blocks.append(block)
    body = f'<div class="rf-media">{"".join(blocks)}</div>' if blocks else ""
    more = len(section.media) - _KEYS
    if more > 0:
        body += f'<div class="rf-foot">and {more:,} more key{"s" * (more != 1)}</div>'
    if section.output:
        body += _output(section, titled=bool(section.media))
    return f"{head}{body}</div>"


def _output(section: MediaSection, *, titled: bool) -> str:
    lines = "\n".join(isolated(one_line(line, 400) or " ") for line in section.output)
    title = '<div class="rf-foot">Output</div>' if titled else ""
    return f'{title}<pre class="rf-output">{lines}</pre>'


def _block(section: MediaSection, key: str, items: Sequence[MediaItem], room: int) -> str:
    """Return one key with what was logged last; in words alone where there is no room."""
    kind = items[0].type
    wide = kind in ("table", "html") or (kind in ("image", "video") and len(items) > 2)
    head = (
        f'<section class="rf-medium{" rf-wide" * wide}"><div class="rf-key">'
        f"<b>{isolated(one_line(key, 60))}</b> "
        f'<span class="rf-quiet">{isolated(media_words(items))} · {step_words(items)}</span></div>'
    )
    most = _PICTURES if kind in ("image", "video", "figure") else _OTHERS
    parts: list[str] = []
    for item in items[:most]:
        part = _shown(section.folder, item, alone=len(items) == 1) if room > _LEAST else ""
        if not part or sum(map(len, parts)) + len(part) > room:
            break  # what follows is as large, and each picture takes its time
        parts.append(part)
    left_out = len(items) - len(parts)
    body = f'<div class="rf-items">{"".join(parts)}</div>' if parts else ""
    if parts and key in section.over_steps:
        drawn = heatmap_svg(section.over_steps[key])
        body += drawn if len(body) + len(drawn) < room else ""
    labels = _legend(items[:most]) if parts else ""
    more = f'<div class="rf-quiet">{_left_out(left_out, items)}</div>' if left_out else ""
    return f"{head}{body}{labels}{more}</section>"


def _left_out(n: int, items: Sequence[MediaItem]) -> str:
    total = size(sum(item.size_bytes for item in items))
    return f"and {n:,} more" if n < len(items) else f"not shown here: {total}"


def _shown(folder: Path, item: MediaItem, *, alone: bool) -> str:
    """Return one item drawn, or in words what it is or why it cannot be shown."""
    try:
        made = _SHOWERS.get(item.type, _name)(folder, item, alone)
    except (RunfolioError, OSError) as error:
        made = f'<span class="rf-why">{isolated(one_line(str(error), 200))}</span>'
    caption = one_line(item.caption, _CAPTION)
    words = f"<figcaption>{isolated(caption)}</figcaption>" if caption else ""
    return f"<figure>{made}{words}</figure>"


def _picture(folder: Path, item: MediaItem, alone: bool) -> str:
    preview = media_path(item.extra.get("preview"))
    path = preview or item.path
    drawing = item.type == "figure"
    if path is None or (drawing and not path.endswith(".png")):
        return _name(folder, item, alone)
    largest = _FIGURE_PX if drawing else _LONE_PX if alone else _IMAGE_PX
    small = thumbnail(
        file_bytes(folder, path, _READ),
        largest,
        masks=list(_masks(folder, item)),
        boxes=[box for _, boxes in _boxes(item) for box in boxes],
        drawing=drawing,
    )
    return _img(small, one_line(item.caption or item.key, 100))


def _img(small: Thumbnail, words: str) -> str:
    pixels = ' class="rf-pixels"' if small.pixelated else ""
    return (
        f'<img{pixels} width="{small.width}" height="{small.height}" alt="{escape(words)}" '
        f'src="data:{small.type};base64,{base64.b64encode(small.data).decode("ascii")}">'
    )


def _video(folder: Path, item: MediaItem, alone: bool) -> str:
    still = item.path is not None and item.path.endswith(".gif")
    return (_picture(folder, item, alone) if still else "") + _name(folder, item, alone)


def _sound(folder: Path, item: MediaItem, alone: bool) -> str:
    if item.path is None or item.size_bytes > _SOUND:
        return _name(folder, item, alone)
    data = file_bytes(folder, item.path, _SOUND)
    kind = sound_type(data)
    if kind is None:
        return _name(folder, item, alone)
    coded = base64.b64encode(data).decode("ascii")
    return f'<audio controls preload="metadata" src="data:{kind};base64,{coded}"></audio>'


def _page(folder: Path, item: MediaItem, alone: bool) -> str:
    if item.path is None or item.size_bytes > _PAGE:
        return _name(folder, item, alone)
    page = file_bytes(folder, item.path, _PAGE).decode("utf-8", "replace")
    return sandboxed_frame(page, title=one_line(item.caption or item.key, 100), height_px=240)


def _histogram(folder: Path, item: MediaItem, alone: bool) -> str:
    bins = bins_of(item)
    return histogram_svg(*bins) if bins is not None else _name(folder, item, alone)


def _table(folder: Path, item: MediaItem, alone: bool) -> str:
    if item.path is None:
        return _name(folder, item, alone)
    head = table_head(file_bytes(folder, item.path, _READ), _ROWS, _COLUMNS)
    sides = [_side([row[place] for row in head.rows]) for place in range(len(head.columns))]
    names = "".join(
        f'<th scope="col"{side}>{isolated(one_line(name, 40))}</th>'
        for name, side in zip(head.columns, sides, strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td{side}>{_cell(folder, cell, kind)}</td>"
            for cell, side, kind in zip(row, sides, head.types, strict=True)
        )
        + "</tr>"
        for row in head.rows
    )
    more = ", ".join(_more_of(head))
    note = f'<div class="rf-quiet">{more}</div>' if more else ""
    return (
        f'<div class="rf-scroll"><table><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>'
        f"</div>{note}"
    )


def _more_of(head: TableHead) -> Iterator[str]:
    for what, n in (
        ("row", head.n_rows - len(head.rows)),
        ("column", head.n_columns - len(head.columns)),
    ):
        if n > 0:
            yield f"{n:,} more {what}{'s' * (n != 1)}"


def _side(cells: Sequence[Any]) -> str:
    numbers = [cell for cell in cells if cell is not None]
    right = numbers and all(type(cell) in (int, float) for cell in numbers)
    return ' class="rf-right" align="right"' if right else ' align="left" style="text-align:left"'


def _cell(folder: Path, cell: Any, kind: str) -> str:
    if cell is None:
        return '<span class="rf-quiet">–</span>'
    if type(cell) is float:
        return f'<span title="{cell!r}">{escape(figure(cell))}</span>'
    path = media_path(cell) if kind == "image" else None
    if path is not None:
        with contextlib.suppress(CorruptRecord):
            return _img(thumbnail(file_bytes(folder, path, _READ), _CELL_PX), path)
    return isolated(one_line(cell if isinstance(cell, str) else str(cell)[: 8 * _CELL], _CELL))


def _name(folder: Path, item: MediaItem, alone: bool) -> str:
    """Return a file by its ending and size: it is there, and not shown."""
    del folder, alone
    ending = (item.path or "").rpartition(".")[2] if "." in (item.path or "") else ""
    name = item.extra.get("name")
    words = [one_line(name, 60)] if isinstance(name, str) else [ending.upper()] if ending else []
    words += [size(item.size_bytes)] if item.size_bytes else []
    return f'<span class="rf-file">{isolated(" · ".join(words) or "no file")}</span>'


_SHOWERS: Final[Mapping[str, Any]] = {
    "image": _picture, "figure": _picture, "video": _video, "audio": _sound, "html": _page,
    "histogram": _histogram, "table": _table, "file": _name,
}  # fmt: skip


def _masks(folder: Path, item: MediaItem) -> Iterator[bytes]:
    masks = item.extra.get("masks")
    for mask in masks.values() if isinstance(masks, Mapping) else ():
        path = media_path(mask.get("path")) if isinstance(mask, Mapping) else None
        if path is not None:
            with contextlib.suppress(CorruptRecord):  # the image itself is there
                yield file_bytes(folder, path, _READ)


def _boxes(item: MediaItem) -> Iterator[tuple[Mapping[str, Any], list[Mapping[str, Any]]]]:
    """Yield each group of boxes with the names of its classes."""
    groups = item.extra.get("boxes")
    for group in groups.values() if isinstance(groups, Mapping) else ():
        if isinstance(group, Mapping) and isinstance(group.get("boxes"), list):
            labels = group.get("labels")
            yield (
                labels if isinstance(labels, Mapping) else {},
                [box for box in group["boxes"] if isinstance(box, Mapping)],
            )


def _legend(items: Sequence[MediaItem]) -> str:
    """Return which colour is which class, of masks and of boxes."""
    names: dict[int, dict[str, None]] = {}

    def add(labels: Mapping[str, object]) -> None:
        # A mask and a box may call the same number differently; both have its colour.
        for number, name in _numbered(labels).items():
            names.setdefault(number, {})[name] = None

    for item in items:
        masks = item.extra.get("masks")
        for mask in masks.values() if isinstance(masks, Mapping) else ():
            if isinstance(mask, Mapping) and isinstance(mask.get("labels"), Mapping):
                # The class 0 of a mask is the picture behind it, and not drawn.
                add({key: name for key, name in mask["labels"].items() if key != "0"})
        for labels, boxes in _boxes(item):
            used = {str(box.get("class_id")) for box in boxes}
            add({key: name for key, name in labels.items() if key in used})
    shown = [
        f'<span><i style="background:{class_colour(number)}"></i>{isolated(", ".join(called))}</span>'
        for number, called in list(names.items())[:_LABELS]
    ]
    more = len(names) - _LABELS
    shown += [f"<span>{more} more</span>"] if more > 0 else []
    return f'<div class="rf-legend">{"".join(shown)}</div>' if shown else ""


def _numbered(labels: Mapping[str, Any]) -> dict[int, str]:
    return {
        int(key): one_line(name, 40)
        for key, name in labels.items()
        if key.isascii() and key.isdigit() and len(key) < 10
    }


def _sheet() -> str:
    root = f".{ROOT}" * 3
    return (
        f"<style>{style()}"
        f"{root}.rf-beside{{display:block;width:728px;margin-top:8px}}"
        f"{root} .rf-media{{display:grid;gap:20px 24px;padding:4px 12px 12px;"
        "grid-template-columns:repeat(auto-fill,minmax(min(320px,100%),1fr));"
        "grid-auto-flow:row dense}"
        f"{root} .rf-medium{{min-width:0}}"
        f"{root} .rf-wide{{grid-column:1/-1}}"
        f"{root} .rf-key{{display:flex;flex-wrap:wrap;gap:0 8px;align-items:baseline;"
        "margin-bottom:6px}"
        f"{root} .rf-key b{{font-size:12.5px;font-weight:600;overflow-wrap:anywhere}}"
        f"{root} .rf-quiet,{root} .rf-legend,{root} .rf-file,{root} .rf-why,{root} figcaption"
        "{font-size:11.5px;color:var(--rf-secondary)}"
        f"{root} .rf-items{{display:flex;flex-wrap:wrap;gap:12px;align-items:flex-start}}"
        f"{root} figure{{margin:0;min-width:0;max-width:100%;display:flex;flex-direction:column}}"
        f"{root} figure:has(iframe,.rf-scroll){{flex:1 1 100%}}"
        f"{root} figcaption{{overflow-wrap:anywhere;white-space:pre-line;"
        "contain:inline-size}"
        f"{root} img{{display:block;margin:0;max-width:100%;height:auto;border-radius:2px}}"
        f"{root} figure img+*{{margin-top:4px}}"
        f"{root} .rf-pixels{{image-rendering:pixelated}}"
        f"{root} audio{{width:300px;max-width:100%;height:36px}}"
        f"{root} iframe{{background:#fff;border-radius:2px;color-scheme:light}}"
        f"{root} .rf-legend{{display:flex;flex-wrap:wrap;gap:2px 12px;margin-top:6px}}"
        f"{root} .rf-legend i{{display:inline-block;width:9px;height:9px;border-radius:2px;"
        "margin-right:5px}"
        f"{root} .rf-items+.rf-quiet,{root} .rf-legend+.rf-quiet{{margin-top:4px}}"
        f"{root} .rf-bars{{max-width:100%;height:auto}}"
        f"{root} .rf-bars path{{fill:var(--rf-accent)}}"
        f"{root} .rf-bars .rf-line{{fill:none;stroke:var(--rf-hairline)}}"
        f"{root} .rf-label{{fill:var(--rf-secondary);font-size:11px}}"
        f"{root} .rf-media td,{root} .rf-media th{{padding:4px 10px;max-width:260px;"
        "overflow:hidden;text-overflow:ellipsis}"
        f"{root} .rf-media thead th{{border-top:0}}"
        f"{root} .rf-output{{margin:0;padding:8px 12px;border:0;"
        "border-top:1px solid var(--rf-hairline);background:none;color:inherit;overflow-x:auto;"
        "font:11.5px/1.45 var(--jp-code-font-family,var(--vscode-editor-font-family,"
        "ui-monospace,monospace))}"
        "</style>"
    )
