"""``doctor``: the set-up explained, and what to do where something does not stand right."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rich.text import Text

from runfolio.errors import RunfolioError
from runfolio.verbs import surroundings
from runfolio.verbs.terminal import clean
from runfolio.verbs.view import STYLES, View, join_lines

__all__ = ["DoctorView", "Item", "doctor"]

_GLYPHS: Final = {"ok": "✓", "note": "·", "fault": "✕"}
_ROLES: Final = {"ok": "good", "note": "secondary", "fault": "fault"}

WHERE: Final[Mapping[str, str]] = {
    "JupyterLab 4": "%%track, tables, charts to zoom in (Vega), pictures, journal as Markdown",
    "Notebook 7": "%%track, tables, charts to zoom in (Vega), pictures, journal as Markdown",
    "VS Code, Colab": "%%track, tables, charts as pictures (VS Code: to zoom in with its renderers)",
    "nbclient, nbconvert": "%%track, all outputs saved; charts as pictures in HTML",
    "marimo": "runfolio.init() and the functions; %%track needs IPython",
    "terminal": "every verb; charts as text",
    "scripts, clusters": "runfolio.init(); writing needs only orjson, blake3, psutil, platformdirs",
}
"""Front end → what works there."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was looked at.

    Attributes
    ----------
    state : str
        ``ok``, ``note`` (works, with something to know) or ``fault``.
    advice : str
        What to do; empty where nothing is to be done.
    """

    title: str
    found: str
    state: str = "ok"
    advice: str = ""


class DoctorView(View):
    """What was looked at, line by line, and what works in which front end."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = tuple(items)
        self.exit_code = 1 if any(item.state == "fault" for item in items) else 0

    def text(self, width: int | None = None) -> Text:
        """Return a line for each thing, its advice below it, then what works where."""
        del width
        lines: list[Text] = []
        for item in self.items:
            lines.append(_line(item))
            if item.advice:
                lines.append(Text(f"{'':17}{clean(item.advice)}", STYLES["secondary"]))
        lines += [Text(""), Text("What works where", "bold")]
        lines += [
            Text.assemble((f"  {place:<21}", STYLES["secondary"]), words)
            for place, words in WHERE.items()
        ]
        return join_lines([*lines, Text(""), self._verdict()])

    def _verdict(self) -> Text:
        faults = [item.title for item in self.items if item.state == "fault"]
        if not faults:
            return Text.assemble(("✓ ", STYLES["good"]), "Runs can be recorded here.")
        return Text.assemble(("✕ ", STYLES["fault"]), f"To be mended: {', '.join(faults)}.")

    def data(self) -> Any:
        """Return every item, and what works where."""
        return {
            "sound": self.exit_code == 0,
            "items": [
                {
                    "title": i.title,
                    "found": i.found,
                    "state": i.state,
                    "advice": i.advice,
                }
                for i in self.items
            ],
            "works_where": dict(WHERE),
        }


def doctor() -> DoctorView:
    """Return the set-up: interpreter, store, git, hardware, front end, versions, settings."""
    looks: Sequence[tuple[str, Callable[[], Item]]] = (
        ("python", _python),
        ("packages", _packages),
        ("store", _store),
        ("index", _index),
        ("project", _project),
        ("metrics", _metrics),
        ("git", _git),
        ("GPU", _gpu),
        ("notebook", _notebook),
        ("settings", _settings),
    )
    return DoctorView([_look(title, look) for title, look in looks])


def _look(title: str, look: Callable[[], Item]) -> Item:
    """Return what was found; a look that fails is itself a finding, never a traceback."""
    try:
        return look()
    except (RunfolioError, OSError, ImportError) as error:
        return Item(title, f"could not be looked at: {error}", "note")


def _line(item: Item) -> Text:
    glyph = (f"{_GLYPHS[item.state]} ", STYLES[_ROLES[item.state]])
    # Continuation lines (one setting each) stand below the first.
    found = clean(item.found).replace("\n", "\n" + " " * 17)
    return Text.assemble(glyph, (f"{item.title:<15}", STYLES["secondary"]), found)


def _python() -> Item:
    return Item("python", f"{sys.version.split()[0]} · {sys.executable}")


def _packages() -> Item:
    found = surroundings.packages()
    words = f"runfolio {surroundings.version_of('runfolio') or '(not installed)'}"
    if not found.lacking:
        return Item("packages", f"{words}\n{', '.join(found.present)}")
    missing = "; ".join(f"{name} {why}" for name, why in found.lacking.items())
    install = " ".join(f"'{requirement}'" for requirement in found.install)
    # Recording goes on without most of them; only these four are the writing side.
    hard = any(name in surroundings.WRITING for name in found.lacking)
    return Item("packages", f"{words} · {missing}", "fault" if hard else "note",
                f"Install what is missing: pip install {install}")  # fmt: skip


def _store() -> Item:
    found = surroundings.store()
    words = f"{found.path} ({found.reason}) · {found.runs}"
    if found.unusable:
        advice = "Make the folder writable, or set RUNFOLIO_DIR to another one."
        return Item("store", f"{words} · {found.unusable}", "fault", advice)
    return Item("store", words)


def _index() -> Item:
    found, fault = surroundings.index()
    if not fault:
        return Item("index", found)
    advice = "Runs are listed all the same, from their folders, which takes longer. Where it stays "
    advice += "so, delete the index, or name a folder that can be written in RUNFOLIO_INDEX."
    return Item("index", f"{found} · {fault}", "note", advice)


def _project() -> Item:
    name, reason = surroundings.project()
    return Item("project", f"{name} ({reason})")


def _metrics() -> Item:
    found, state, advice = surroundings.metrics()
    return Item("metrics", found, state, advice)


def _git() -> Item:
    found, state, advice = surroundings.git()
    return Item("git", found, state, advice)


def _gpu() -> Item:
    gpus = surroundings.gpus()
    return Item("GPU", ", ".join(gpus)) if gpus else Item("GPU", "none seen by NVML", "note")


def _notebook() -> Item:
    found, advice = surroundings.notebook()
    return Item("notebook", found, "note" if advice else "ok", advice)


def _settings() -> Item:
    rows = surroundings.settings_in_force()
    return Item("settings", "\n".join(rows) if rows else "all at their defaults")
