"""Write docs/settings.md from the table in ``runfolio.settings``."""

from __future__ import annotations

from pathlib import Path

from runfolio.settings import SETTINGS

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"

HEAD = """# Settings

This page is written from `src/runfolio/settings.py` by `make docs`.

A setting is taken from the first variable of its row that is set, then from `[tool.runfolio]` in the nearest
`pyproject.toml` upwards, then from the default. What is passed to `runfolio.init` goes before all of them. The `WANDB_*`
names are those that ordinary scripts and clusters already set; of those that are not listed here, none is read.

| setting | variables | in `[tool.runfolio]` | default | meaning |
|---|---|---|---|---|
"""


def page() -> str:
    """Return the page."""
    rows = []
    for row in SETTINGS.values():
        variables = ", ".join(f"`{name}`" for name in row.variables)
        toml = f"`{row.toml}`" if row.toml else ""
        default = f"`{row.default}`" if row.default is not None else ""
        rows.append(f"| {row.name} | {variables} | {toml} | {default} | {row.meaning} |\n")
    return HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"docs: wrote {PAGE.relative_to(Path.cwd())}")
