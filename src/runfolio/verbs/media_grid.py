"""The media of a few runs side by side as static HTML, for a notebook without its kernel.

As everywhere nothing out of a run reaches the page as it is: pictures are drawn anew and small,
all else stands there in words.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from runfolio.charts.bars import histogram_svg
from runfolio.charts.theme import LIGHT
from runfolio.errors import MissingDependency, RunfolioError
from runfolio.model.media import MediaItem
from runfolio.model.run import RunRecord
from runfolio.query.media import bins_of
from runfolio.verbs.media_words import media_words, step_words
from runfolio.verbs.sheet_html import ROOT, isolated, style
from runfolio.verbs.terminal import one_line
from runfolio.widgets.media_cells import picture, picture_path

__all__ = ["MAX_BYTES", "grid_html"]

MAX_BYTES: Final = 270_000
"""Of all of it, about."""

_KEYS: Final = 8
_ITEMS: Final = 3
_PX: Final = 112
_CAPTION: Final = 60
_LEAST: Final = 4000


def grid_html(
    runs: Sequence[tuple[str, RunRecord]],
    media: Sequence[Mapping[str, Sequence[MediaItem]]],
    *,
    total: int,
    query: str = "",
    empty: str = "",
    mark: str = "",
    hits: Mapping[int, Sequence[tuple[int, str]]] | None = None,
) -> str:
    """Return runs beside each other and keys below each other as HTML.

    Parameters
    ----------
    runs : sequence of (str, RunRecord)
        What each is called, and it.
    media : sequence of mapping of str to sequence of MediaItem
        Of each run what is shown, by key.
    total : int
        Runs there are.
    query : str
        Stands beside the title.
    empty : str
        Why there is nothing.
    mark : str
        Id of the widget whose page takes the place of this where it can.
    hits : mapping of int to sequence of (int, str), optional
        Printed lines of some of the runs, with their numbers.
    """
    marked = f' data-runfolio-table="{escape(mark)}"' if mark else ""
    aside = f"<code>{isolated(query)}</code>" if query else ""
    words = f"{total:,} run{'s' * (total != 1)}"
    head = (
        f'<div class="{ROOT} tex2jax_ignore mathjax_ignore"{marked}><style>{_style()}</style>'
        f'<div class="rf-head"><b>Media</b> <span class="rf-quiet">{words}</span> {aside}</div>'
    )
    keys = list(dict.fromkeys(key for found in media for key in found))
    if not keys and not hits:
        said = empty or "None of these runs logged images, tables or sounds."
        return f'{head}<div class="rf-foot">{escape(said)}</div></div>'
    table = _table(runs, media, keys[:_KEYS], MAX_BYTES - len(head) - _LEAST) if keys else ""
    lines = "".join(_lines(runs[place][0], found) for place, found in (hits or {}).items())
    return f"{head}{table}{lines}{_foot(len(runs), total, len(keys))}</div>"


def _foot(shown: int, total: int, keys: int) -> str:
    said = [f"the first {shown} of {total:,} runs"] if total > shown else []
    said += [f"the first {_KEYS} of {keys:,} keys"] if keys > _KEYS else []
    return f'<div class="rf-foot">{" · ".join(said)}</div>' if said else ""


def _table(
    runs: Sequence[tuple[str, RunRecord]],
    media: Sequence[Mapping[str, Sequence[MediaItem]]],
    keys: Sequence[str],
    room: int,
) -> str:
    heads = "".join(_run(place, name, record) for place, (name, record) in enumerate(runs))
    parts = [f'<div class="rf-scroll"><table><thead><tr><th scope="col">key</th>{heads}</tr>',
             "</thead><tbody>"]  # fmt: skip
    left = room - sum(map(len, parts))
    for number, key in enumerate(keys):
        # The first keys are seen; of the last ones perhaps only words.
        share = left // (min(len(keys) - number, 2) * len(runs))
        cells = ""
        for (_, record), found in zip(runs, media, strict=True):
            cells += f"<td>{_cell(record, found.get(key, ()), share)}</td>"
        name = isolated(one_line(key, 40))
        row = f'<tr><th scope="row" title="{escape(one_line(key, 200))}">{name}</th>{cells}</tr>'
        left -= len(row)
        parts.append(row)
    return "".join([*parts, "</tbody></table></div>"])


def _run(place: int, name: str, record: RunRecord) -> str:
    colour = LIGHT.series[place % len(LIGHT.series)]
    status = record.status
    return (
        f'<th scope="col"><i class="rf-swatch" style="background:{colour}"></i>'
        f'<span class="rf-{status.value}" title="{status.value}">{status.glyph}</span> '
        f"{isolated(name)} <code>{isolated(record.short_id)}</code></th>"
    )


def _cell(record: RunRecord, items: Sequence[MediaItem], room: int) -> str:
    """Return what one run has under a key: as much of it drawn as there is room for."""
    if not items:
        return '<span class="rf-quiet">–</span>'
    drawn: list[str] = []
    for item in items[:_ITEMS]:
        left = room - sum(map(len, drawn))
        part = _drawn(record, item, _PX)
        if len(part) > left:
            part = _drawn(record, item, _PX // 2)
        if not part or len(part) > left:
            break
        drawn.append(part)
    rest = len(items) - len(drawn)
    words = "" if drawn and not rest else f"and {rest:,} more" if drawn else media_words(items)
    caption = one_line(items[0].caption, _CAPTION) if drawn else ""
    said = " · ".join(part for part in (caption, words, step_words(items)) if part)
    return f'{"".join(drawn)}<div class="rf-quiet">{isolated(said)}</div>'


def _drawn(record: RunRecord, item: MediaItem, px: int) -> str:
    if item.type == "histogram":
        bins = bins_of(item)
        return histogram_svg(*bins) if bins is not None else ""
    if picture_path(item) is None or (item.type == "video" and not str(item.path).endswith(".gif")):
        return ""
    try:
        made = picture(record.path, item, px, over=True, anew=True)
    except (RunfolioError, MissingDependency, OSError) as error:
        return f'<div class="rf-why">{isolated(one_line(str(error), 200))}</div>'
    pixels = ' class="rf-pixels"' if made.pixelated else ""
    return (
        f'<img{pixels} width="{made.width}" height="{made.height}" '
        f'alt="{escape(one_line(item.caption or item.key, 100))}" '
        f'src="data:{made.type};base64,{base64.b64encode(made.data).decode("ascii")}">'
    )


def _lines(name: str, hits: Sequence[tuple[int, str]]) -> str:
    body = "\n".join(isolated(f"{number:>7,}  {one_line(line, 200)}") for number, line in hits)
    return f'<div class="rf-foot">Output of {isolated(name)}</div><pre>{body or "no line holds it"}</pre>'


def _style() -> str:
    root = f".{ROOT}" * 3
    return (
        f"{style()}"
        f"{root} td{{vertical-align:top;min-width:{_PX}px}}"
        f"{root} tbody th{{vertical-align:top;font-weight:600;max-width:180px;min-width:90px;"
        "white-space:normal;overflow-wrap:break-word;z-index:1}"
        f"{root} td .rf-quiet{{font-size:11.5px;white-space:normal;max-width:320px;"
        "overflow-wrap:anywhere}"
        f"{root} .rf-why{{font-size:11.5px;white-space:normal;max-width:240px}}"
        f"{root} .rf-swatch{{display:inline-block;width:12px;height:3px;border-radius:2px;"
        "margin-right:6px;vertical-align:middle}"
        f"{root} img{{display:inline-block;margin:0 4px 4px 0;max-width:none;border-radius:2px}}"
        f"{root} .rf-pixels{{image-rendering:pixelated}}"
        f"{root} .rf-bars{{width:200px;height:auto}}"
        f"{root} .rf-bars path{{fill:var(--rf-accent)}}"
        f"{root} .rf-bars .rf-line{{fill:none;stroke:var(--rf-hairline)}}"
        f"{root} .rf-label{{fill:var(--rf-secondary);font-size:11px}}"
        f"{root} pre{{margin:0;padding:4px 12px 10px;border:0;background:none;color:inherit;"
        "overflow-x:auto;font-size:11.5px;line-height:1.45}"
    )
