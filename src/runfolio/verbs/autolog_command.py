"""The command ``autolog``: what logs by itself in the libraries that train."""

from __future__ import annotations

from typing import Final

import click

from runfolio.verbs.door import Door
from runfolio.verbs.group import call, json_option
from runfolio.verbs.view import View

__all__ = ["AUTOLOG"]


@click.command("autolog")
@click.argument("words", nargs=-1, metavar="[on|off|status] [LIBRARY]...")
@json_option
@click.pass_obj
def _autolog(door: Door, words: tuple[str, ...]) -> View:
    """Let trainings log by themselves (in a notebook).

    Those of each LIBRARY: sklearn, xgboost, lightgbm, keras, lightning, transformers, accelerate,
    tensorboard; without any, of all. Into the run that is open, beside no callback of ours.
    """
    return call("autolog", *words, door=door)  # type: ignore[no-any-return]


AUTOLOG: Final = _autolog
