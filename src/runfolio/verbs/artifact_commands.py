"""The commands about artifacts: artifacts, promote."""

from __future__ import annotations

from typing import Any, Final

import click

from runfolio.verbs.group import call, json_option
from runfolio.verbs.view import View

__all__ = ["ARTIFACT_COMMANDS"]


@click.command("artifacts")
@click.argument("name", required=False, metavar="[NAME[:VERSION]]")
@click.option("--stage", help="The history of a stage.")
@click.option("--at", metavar="TIME", help="What had the stage then: 2026-11-01, 7d.")
@click.option("--download", metavar="FOLDER", help="Fetch the files of NAME:VERSION into FOLDER.")
@click.option("--replace", is_flag=True, help="Also where files of another content stand.")
@click.option("--diff", metavar="VERSION", help="What differs from NAME:VERSION to this one.")
@click.option("--key", metavar="COLUMNS", help="By which --diff tells rows apart; with commas.")
@click.option("--lineage", is_flag=True, help="Where it came from, and what came of it.")
@json_option
def _artifacts(name: str | None, **given: Any) -> View:
    """List artifacts; tell one, with versions, stages and history.

    NAME:VERSION means a version: v3, an alias, or a stage, as in digits:production.
    """
    return call("artifacts", name, **given)  # type: ignore[no-any-return]


@click.command("promote")
@click.argument("artifact", metavar="NAME:VERSION")
@click.argument("stage")
@click.option("--why", default="", metavar="TEXT", help="The reason; it is kept.")
@click.option("--force", is_flag=True, help="Also where a rule is not met; needs --why.")
@click.option("--rollback", is_flag=True, help="Back to the version before; NAME alone.")
@click.option("--clear", is_flag=True, help="No version has the stage any more; NAME alone.")
@json_option
def _promote(artifact: str, stage: str, **given: Any) -> View:
    """Give an artifact version a stage, after its rules.

    STAGE is staging, production or any other word. Its rules stand in pyproject.toml, in
    [tool.runfolio.promote.STAGE].
    """
    return call("promote", artifact, stage, **given)  # type: ignore[no-any-return]


ARTIFACT_COMMANDS: Final = (_artifacts, _promote)
"""In the order in which help lists them."""
