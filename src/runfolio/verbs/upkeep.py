"""The commands that look after a store: check, doctor, gc, du, upgrade; and ui, which shows it."""

from __future__ import annotations

from typing import Final

import click

from runfolio.verbs.group import call, json_option
from runfolio.verbs.view import View

__all__ = ["COMMANDS"]


@click.command("check")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@json_option
def _check(runs: tuple[str, ...]) -> View:
    """Check that run directories are sound.

    All of the store, or each RUN. Mends nothing.
    """
    return call("check", *runs)  # type: ignore[no-any-return]


@click.command("doctor")
@json_option
def _doctor() -> View:
    """Explain the set-up, and what to do where something is amiss.

    Store, git, GPU, notebook, versions, settings in force, what works where.
    """
    return call("doctor")  # type: ignore[no-any-return]


@click.command("gc")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--trash", "trash_days", type=float, metavar="DAYS",
              help="Delete for good what has lain in the trash for DAYS days.")  # fmt: skip
@click.option("--convert", is_flag=True,
              help="Only convert, as the next run of a store does in the background.")  # fmt: skip
@json_option
def _gc(*, dry_run: bool, trash_days: float | None, convert: bool) -> View:
    """Put the store in order: convert, take in edits, sweep.

    What killed runs left becomes finished tables; temporary files and stale claims go. Nothing
    that a reader finds in a run changes.
    """
    return call("gc", dry_run=dry_run, trash_days=trash_days, convert=convert)  # type: ignore[no-any-return]


@click.command("du")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@json_option
def _du(runs: tuple[str, ...]) -> View:
    """Tell what takes the space, the largest run first.

    All of the store, or each RUN.
    """
    return call("du", *runs)  # type: ignore[no-any-return]


@click.command("upgrade")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@json_option
def _upgrade(runs: tuple[str, ...], *, dry_run: bool) -> View:
    """Carry run directories to the newest format.

    All of the store, or each RUN; a run in a newer format is named and left.
    """
    return call("upgrade", *runs, dry_run=dry_run)  # type: ignore[no-any-return]


@click.command("ui", context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[FOLDER] [OPTION]...")
def _ui(words: tuple[str, ...]) -> View:
    """Show runs in a page, without JupyterLab.

    Those of all stores below FOLDER, by default the folder that holds this project's. An OPTION
    is one of Jupyter server's, as --no-browser or --port=8899.
    """
    folder = words[0] if words and not words[0].startswith("-") else None
    options = words if folder is None else words[1:]
    return call("ui", folder, options=options)  # type: ignore[no-any-return]


COMMANDS: Final = (_check, _doctor, _gc, _du, _upgrade, _ui)
"""In the order in which help lists them."""
