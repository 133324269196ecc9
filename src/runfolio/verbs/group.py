"""The group of all verbs that both doors use, and what their commands have in common."""

from __future__ import annotations

import importlib
from typing import Any, Final

import click

from runfolio.verbs.names import RESERVED, VERBS, reserved_sentence, unknown_sentence
from runfolio.verbs.terminal import one_line
from runfolio.verbs.view import Message, View

__all__ = ["AS_JSON", "FUNCTIONS", "GROUP", "call", "json_option"]

FUNCTIONS: Final = {
    "start": "runfolio.verbs.start:start",
    "stop": "runfolio.verbs.start:stop",
    "status": "runfolio.verbs.status:status",
    "run": "runfolio.verbs.run_command:run",
    "runs": "runfolio.verbs.runs:runs",
    "show": "runfolio.verbs.show:show",
    "diff": "runfolio.verbs.diff:diff",
    "compare": "runfolio.verbs.compare:compare",
    "media": "runfolio.verbs.media:media",
    "note": "runfolio.verbs.edit:note",
    "tag": "runfolio.verbs.edit:tag",
    "rename": "runfolio.verbs.edit:rename",
    "rm": "runfolio.verbs.trash:rm",
    "restore": "runfolio.verbs.trash:restore_run",
    "journal": "runfolio.verbs.journal:journal",
    "report": "runfolio.verbs.report:report",
    "artifacts": "runfolio.verbs.artifacts:artifacts",
    "promote": "runfolio.verbs.promote:promote",
    "autolog": "runfolio.verbs.autolog:autolog",
    "check": "runfolio.verbs.check:check",
    "doctor": "runfolio.verbs.doctor:doctor",
    "gc": "runfolio.verbs.gc:gc",
    "du": "runfolio.verbs.du:du",
    "upgrade": "runfolio.verbs.upgrade:upgrade",
    "ui": "runfolio.server.ui:ui",
}
"""Verb → the Python function it stands for, as ``module:name``; imported at the call."""

AS_JSON: Final = "runfolio.as_json"
"""Where the context of a call says that its answer is wanted as JSON."""


def call(verb: str, *args: Any, **options: Any) -> Any:
    """Call the Python function of a verb and return its view."""
    module, _, name = FUNCTIONS[verb].partition(":")
    return getattr(importlib.import_module(module), name)(*args, **options)


class _Verbs(click.Group):
    """The group that knows later verbs and names the nearest one for a slip of the keys."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of the table, not of the alphabet."""
        del ctx
        return list(VERBS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first word means.

        Raises
        ------
        click.UsageError
            It means a verb of a later version, or none.
        """
        word = args[0]
        if word in RESERVED:
            raise click.UsageError(reserved_sentence(word), ctx)
        if word not in self.commands and not word.startswith("-"):
            raise click.UsageError(unknown_sentence(one_line(word), ctx.info_name or ""), ctx)
        return super().resolve_command(ctx, args)


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        from importlib.metadata import version

        click.echo(f"runfolio {version('runfolio')}")
        ctx.exit()


_EPILOG: Final = (
    "RUN is an id or any unique piece of it, a name, @last or @best:METRIC. "
    "Exit status: 0 done, 1 nothing found or faults found, 2 not understood."
)


@click.group(
    cls=_Verbs,
    invoke_without_command=True,
    subcommand_metavar="VERB ...",
    epilog=_EPILOG,
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False,
              callback=_print_version, help="Print the version.")  # fmt: skip
@click.pass_context
def _group(ctx: click.Context) -> View | None:
    """Keep, find and compare runs: one plain folder each, no server."""
    if ctx.invoked_subcommand is not None:
        return None
    return call("status") if ctx.obj and ctx.obj.start else Message(ctx.get_help())


GROUP: Final = _group
"""The click group that both doors use."""


def _keep_json(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        ctx.meta[AS_JSON] = True


json_option = click.option("--json", is_flag=True, expose_value=False, callback=_keep_json,
                           help="Print JSON for machines.")  # fmt: skip
"""The option that every verb with facts in its answer takes."""
