"""The one command table: every verb, its words and options, whichever door it is called through.

A command does nothing itself: it imports the Python function of the verb, calls it and returns
the view. The doors (command line, notebook magic) call `dispatch`.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import click

from runfolio.errors import RunfolioError, UsageError, did_you_mean
from runfolio.verbs.door import Door
from runfolio.verbs.lookup import short_path
from runfolio.verbs.names import RESERVED, VERBS, reserved_sentence, unknown_sentence
from runfolio.verbs.terminal import one_line
from runfolio.verbs.view import AsJson, Message, Mistake, View

__all__ = ["FUNCTIONS", "GROUP", "START", "dispatch"]

FUNCTIONS: Final = {
    "start": "runfolio.verbs.start:start",
    "stop": "runfolio.verbs.start:stop",
    "status": "runfolio.verbs.status:status",
    "runs": "runfolio.verbs.runs:runs",
    "show": "runfolio.verbs.show:show",
    "note": "runfolio.verbs.edit:note",
    "tag": "runfolio.verbs.edit:tag",
    "rename": "runfolio.verbs.edit:rename",
    "rm": "runfolio.verbs.trash:rm",
    "restore": "runfolio.verbs.trash:restore_run",
    "journal": "runfolio.verbs.journal:journal",
    "check": "runfolio.verbs.check:check",
    "doctor": "runfolio.verbs.doctor:doctor",
}
"""Verb → the Python function it stands for, as ``module:name``; imported at the call."""

_JSON: Final = "runfolio.as_json"


def dispatch(words: Sequence[str], door: Door | None = None) -> View:
    """Carry out one verb and return its view.

    Mistakes come back as a `Mistake` with one plain sentence and the exit code: 2 for a call
    that is not understood, 1 for one that meant nothing that exists.

    Parameters
    ----------
    words : sequence of str
        The verb and what follows it, as a shell would split the line.
    door : Door, optional
        Where the call comes from; the plain command line by default.
    """
    door = door or Door()
    try:
        with GROUP.make_context(door.prog, list(words), obj=door) as context:
            view: View = GROUP.invoke(context)
            return AsJson(view) if context.meta.get(_JSON) else view
    except click.exceptions.Exit as done:
        return Message("", exit_code=done.exit_code)
    except click.Abort:
        return Mistake("Nothing was changed.", 1)
    except click.ClickException as error:
        return Mistake(_sentence(error, door), 2)
    except UsageError as error:
        return Mistake(str(error), 2)
    except BrokenPipeError:  # whoever reads has had enough; the shell knows what that means
        raise
    except RunfolioError as error:
        return Mistake(str(error), 1)
    except OSError as error:
        return Mistake(_refused(error), 1)


def _sentence(error: click.ClickException, door: Door) -> str:
    text = error.format_message().strip()
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None or context.command is GROUP:
        return text
    words = context.command_path.removeprefix(door.prog).strip()
    return f"{text} {door.prog} {words} --help tells more."


def _refused(error: OSError) -> str:
    """Return what the system refused, in a sentence."""
    if error.filename is None or error.strerror is None:
        return str(error)
    place = short_path(Path(os.fsdecode(error.filename)))
    return (
        f"{one_line(place, 200)}: {error.strerror}. doctor tells whether the store can be written."
    )


def _call(verb: str, *args: Any, **options: Any) -> Any:
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
    return _call("status") if ctx.obj and ctx.obj.start else Message(ctx.get_help())


GROUP: Final = _group
"""The click group that both doors use."""


def _keep_json(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        ctx.meta[_JSON] = True


_json_option = click.option("--json", is_flag=True, expose_value=False, callback=_keep_json,
                            help="Print JSON for machines.")  # fmt: skip
# Words such as -old are tags to take away and "-3 % on val" is a note, not options.
_LITERAL: Final = {"ignore_unknown_options": True}


def _start_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        [
            click.argument("name", nargs=-1),
            click.option("--tag", "-t", "tags", multiple=True, help="A tag; may be repeated."),
            click.option("--config", "-c", "config", multiple=True, metavar="NAME=VALUE",
                         help="A setting; may be repeated."),
            click.option("--project", help="The project; the folder's name by default."),
            click.option("--group", help="The group of runs it belongs to."),
            click.option("--job-type", help="What kind of run it is: train, eval ..."),
            click.option("--notes", help="A sentence about the run."),
        ]
    ):  # fmt: skip
        command = option(command)
    return command


@GROUP.command("start")
@_start_options
@click.pass_obj
def _start(door: Door, /, **given: Any) -> View:
    """Open a run that lasts over several cells (in a notebook).

    Every cell until "stop" belongs to it.
    """
    return _call("start", given, door=door)  # type: ignore[no-any-return]


START: Final = _start
"""The command whose words and options the first line of ``%%track`` takes too."""


@GROUP.command("stop")
@click.argument("run", required=False)
@click.pass_obj
def _stop(door: Door, run: str | None) -> View:
    """End the open run, or ask RUN to stop after its present step.

    RUN may run anywhere: its next log call raises StopRun and it ends as stopped.
    """
    return _call("stop", run, door=door)  # type: ignore[no-any-return]


@GROUP.command("status")
@_json_option
def _status() -> View:
    """Tell what is being recorded, and what is not.

    Without an open run in this process: the runs that are going on in the store.
    """
    return _call("status")  # type: ignore[no-any-return]


@GROUP.command("runs")
@click.argument("query", nargs=-1)
@click.option("--columns", metavar="A,B", help="Settings and metrics to show, in this order.")
@click.option("--all", "every", is_flag=True,
              help="Show settings that are equal in all runs, too.")  # fmt: skip
@_json_option
def _runs(query: tuple[str, ...], columns: str | None, *, every: bool) -> View:
    """List the runs that QUERY selects; all of them without one.

    A query is made of words such as status:finished, "lr<1e-3", tag:baseline, sort:-val/acc
    and limit:20. Quote < and > in a shell.
    """
    names = [name.strip() for name in columns.split(",") if name.strip()] if columns else None
    return _call("runs", " ".join(query), columns=names, every=every)  # type: ignore[no-any-return]


@GROUP.command("show")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@_json_option
def _show(runs: tuple[str, ...]) -> View:
    """Show card and charts of any run; of the last one without RUN."""
    return _call("show", *runs)  # type: ignore[no-any-return]


@GROUP.command("note", context_settings=_LITERAL)
@click.argument("run")
@click.argument("text", nargs=-1, type=click.UNPROCESSED)
@click.option("--replace", is_flag=True, help="Put TEXT in the place of what is there.")
def _note(run: str, text: tuple[str, ...], *, replace: bool) -> View:
    """Add TEXT to the notes of RUN; without TEXT, show them."""
    return _call("note", run, " ".join(text), replace=replace)  # type: ignore[no-any-return]


@GROUP.command("tag", context_settings=_LITERAL)
@click.argument("run")
@click.argument("changes", nargs=-1, type=click.UNPROCESSED, metavar="[+TAG|-TAG]...")
def _tag(run: str, changes: tuple[str, ...]) -> View:
    """Give RUN tags (+TAG or TAG) or take them away (-TAG).

    Without any, show the tags it has.
    """
    return _call("tag", run, *changes)  # type: ignore[no-any-return]


@GROUP.command("rename")
@click.argument("run")
@click.argument("name", nargs=-1, required=True)
def _rename(run: str, name: tuple[str, ...]) -> View:
    """Call RUN something else.

    Its id stays; names need not be unique.
    """
    return _call("rename", run, " ".join(name))  # type: ignore[no-any-return]


@GROUP.command("rm")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="Also a run that is still being written.")
@click.pass_obj
def _rm(door: Door, runs: tuple[str, ...], *, yes: bool, force: bool) -> View:
    """Move runs to the trash of the store; "restore" brings them back."""
    confirm = None if yes else door.confirm
    return _call("rm", *runs, force=force, confirm=confirm, prog=door.prog)  # type: ignore[no-any-return]


@GROUP.command("restore")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@_json_option
def _restore(runs: tuple[str, ...]) -> View:
    """Bring runs back from the trash; without RUN, list what is there."""
    return _call("restore", *runs)  # type: ignore[no-any-return]


class _Journal(click.Group):
    """A group whose plain words mean its ``show``: ``journal @last``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``show`` in front of words that are none of the commands."""
        if not args or args[0] not in (*self.commands, *ctx.help_option_names):
            if sum(not word.startswith("-") for word in args) > 1:
                word = one_line(args[0])
                near = did_you_mean(word, self.commands)
                raise click.UsageError(f'The journal has no verb "{word}".{near}', ctx)
            args = ["show", *args]
        return super().parse_args(ctx, args)


@GROUP.group("journal", cls=_Journal, subcommand_metavar="[RUN] | export | pull | insert ...")
def _journal() -> None:
    """Show the journal entry of RUN, or carry entries around.

    Without RUN: the last run's.
    """


@_journal.command("show")
@click.argument("run", required=False)
@_json_option
def _journal_show(run: str | None) -> View:
    """Show the journal entry of RUN; by default the last."""
    return _call("journal", run or "@last")  # type: ignore[no-any-return]


def _journal_call(name: str, *args: Any, **options: Any) -> View:
    module = importlib.import_module("runfolio.verbs.journal")
    return getattr(module, name)(*args, **options)  # type: ignore[no-any-return]


@_journal.command("export")
@click.argument("target")
@click.option("--project", help="Only runs of this project.")
@click.option("--branch", help="Only runs made on this git branch.")
def _journal_export(target: str, project: str | None, branch: str | None) -> View:
    """Write entries of many runs into one Markdown file.

    Words written by hand in TARGET are read back first, never overwritten.
    """
    return _journal_call("export_journal", target, project=project, branch=branch)


@_journal.command("pull")
@click.argument("notebook")
def _journal_pull(notebook: str) -> View:
    """Read words written by hand back into the runs.

    NOTEBOOK is a notebook, or a journal file that "export" wrote.
    """
    return _journal_call("pull_journal", notebook)


@_journal.command("insert")
@click.argument("notebook")
def _journal_insert(notebook: str) -> View:
    """Put a Markdown cell for each of its runs into NOTEBOOK.

    The notebook must be closed meanwhile.
    """
    return _journal_call("insert_journal", notebook)


@GROUP.command("check")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@_json_option
def _check(runs: tuple[str, ...]) -> View:
    """Check that run directories are sound.

    All of the store, or each RUN. Mends nothing.
    """
    return _call("check", *runs)  # type: ignore[no-any-return]


@GROUP.command("doctor")
@_json_option
def _doctor() -> View:
    """Explain the set-up, and what to do where something is amiss.

    Store, git, GPU, notebook, versions, settings in force, what works where.
    """
    return _call("doctor")  # type: ignore[no-any-return]
