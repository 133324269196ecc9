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
from runfolio.verbs.artifact_commands import ARTIFACT_COMMANDS
from runfolio.verbs.autolog_command import AUTOLOG
from runfolio.verbs.door import Door
from runfolio.verbs.group import AS_JSON, GROUP, call, json_option
from runfolio.verbs.lookup import short_path
from runfolio.verbs.terminal import one_line
from runfolio.verbs.upkeep import COMMANDS
from runfolio.verbs.view import AsJson, AsMarkdown, Message, Mistake, View

__all__ = ["GROUP", "START", "dispatch"]


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
            return AsJson(view) if context.meta.get(AS_JSON) else view
    except click.exceptions.Exit as done:
        return Message("", exit_code=done.exit_code)
    except click.Abort:
        return Mistake("Nothing was changed.", 1)
    except click.ClickException as error:
        return Mistake(_sentence(error, door), 2)
    except UsageError as error:
        return Mistake(str(error), 1 if isinstance(error, LookupError) else 2)
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


# Words such as -old are tags to take away and "-3 % on val" is a note, not options.
_LITERAL: Final = {"ignore_unknown_options": True}


def _label_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        [
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
@click.argument("name", nargs=-1)
@_label_options
@click.pass_obj
def _start(door: Door, /, **given: Any) -> View:
    """Open a run that lasts over several cells (in a notebook).

    Every cell until "stop" belongs to it.
    """
    return call("start", given, door=door)  # type: ignore[no-any-return]


START: Final = _start
"""The command whose words and options the first line of ``%%track`` takes too."""


@GROUP.command("stop")
@click.argument("run", required=False)
@click.pass_obj
def _stop(door: Door, run: str | None) -> View:
    """End the open run, or ask RUN to stop after its present step.

    RUN may run anywhere: its next log call raises StopRun and it ends as stopped.
    """
    return call("stop", run, door=door)  # type: ignore[no-any-return]


@GROUP.command("status")
@json_option
def _status() -> View:
    """Tell what is being recorded, and what is not.

    Without an open run in this process: the runs that are going on in the store.
    """
    return call("status")  # type: ignore[no-any-return]


@GROUP.command("run", context_settings={"allow_interspersed_args": False})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="COMMAND...")
@click.option("--name", "-n", help="What to call the run; its id by default.")
@_label_options
@click.option("--as-wandb", is_flag=True,
              help='Let "import wandb" mean runfolio in it and in its children.')  # fmt: skip
@click.pass_obj
def _run(door: Door, /, command: tuple[str, ...], **given: Any) -> View:
    """Run any COMMAND as a run, with no line of it changed.

    Code, environment, all it prints (output.log) and its exit status are recorded; the exit status
    of this command is the same. "runfolio.init()" in it joins the run. Asked to "stop", a program
    that writes to no run itself gets SIGTERM after 10 seconds.
    """
    return call("run", command, given, door=door)  # type: ignore[no-any-return]


def _listed(names: str | None) -> list[str] | None:
    return [name.strip() for name in names.split(",") if name.strip()] if names else None


@GROUP.command("runs")
@click.argument("query", nargs=-1)
@click.option("--columns", metavar="A,B", help="Settings and metrics to show, in this order.")
@click.option("--all", "every", is_flag=True,
              help="Show settings that are equal in all runs, too.")  # fmt: skip
@json_option
def _runs(query: tuple[str, ...], columns: str | None, *, every: bool) -> View:
    """List the runs that QUERY selects; all of them without one.

    A query is made of words such as status:finished, "lr<1e-3", tag:baseline, sort:-val/acc
    and limit:20. Quote < and > in a shell.
    """
    return call("runs", " ".join(query), columns=_listed(columns), every=every)  # type: ignore[no-any-return]


@GROUP.command("show")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@click.option("--hidden", is_flag=True, help="Show metrics that are defined as hidden, too.")
@click.option("--search", metavar="TEXT", help="Show the printed lines that hold a text.")
@json_option
def _show(runs: tuple[str, ...], hidden: bool, search: str | None) -> View:
    """Show card and charts of any run; of the last one without RUN."""
    return call("show", *runs, hidden=hidden, search=search)  # type: ignore[no-any-return]


@GROUP.command("diff")
@click.argument("was", metavar="RUN")
@click.argument("now", metavar="[RUN]", default="@last")
@click.option(
    "--only",
    metavar="PART,...",
    help="config, cells, code, environment, data, seeds, metrics, files.",
)
@click.option("--markdown", is_flag=True, help="Print Markdown, for a message.")
@json_option
def _diff(was: str, now: str, only: str | None, *, markdown: bool) -> View:
    """Tell what differs between two runs.

    From the first to the second, by default the last: settings, cells, code, environment, data,
    seeds, metrics, saved files. What is the same is told in a line.
    """
    view = call("diff", was, now, only=_listed(only))
    return AsMarkdown(view) if markdown else view


@GROUP.command("compare")
@click.argument("runs", nargs=-1, required=True, metavar="RUN... | QUERY")
@click.option("--metric", "-m", metavar="KEY", help="What settings are held against.")
@click.option(
    "--x",
    default="step",
    metavar="AXIS",
    help="What curves run over: step, relative, time, or a metric such as epoch.",
)
@click.option(
    "--by",
    metavar="SETTING",
    help="Draw the mean of groups with its spread: group, sweep, any setting.",
)
@click.option("--scatter", metavar="SETTING", help="The setting that stands against the metric.")
@json_option
def _compare(runs: tuple[str, ...], **given: Any) -> View:
    """Compare runs: curves, differences, what matters.

    Two RUNs or more, or a QUERY that selects them.
    """
    return call("compare", *runs, **given)  # type: ignore[no-any-return]


@GROUP.command("media")
@click.argument("runs", nargs=-1, metavar="[RUN... | QUERY]")
@click.option(
    "--key", "-k", multiple=True, metavar="PATTERN", help="Only keys of this name or pattern."
)
@click.option("--step", type=float, metavar="N", help="What was logged last by this step.")
@click.option("--search", metavar="TEXT", help="Show the printed lines that hold a text, too.")
@json_option
def _media(runs: tuple[str, ...], **given: Any) -> View:
    """Show images, tables, sounds side by side.

    Those of RUNs, or of the runs that a QUERY selects; of the last one without any.
    """
    return call("media", *runs, **given)  # type: ignore[no-any-return]


@GROUP.command("note", context_settings=_LITERAL)
@click.argument("run")
@click.argument("text", nargs=-1, type=click.UNPROCESSED)
@click.option("--replace", is_flag=True, help="Put TEXT in the place of what is there.")
def _note(run: str, text: tuple[str, ...], *, replace: bool) -> View:
    """Add TEXT to the notes of RUN; without TEXT, show them."""
    return call("note", run, " ".join(text), replace=replace)  # type: ignore[no-any-return]


@GROUP.command("tag", context_settings=_LITERAL)
@click.argument("run")
@click.argument("changes", nargs=-1, type=click.UNPROCESSED, metavar="[+TAG|-TAG]...")
def _tag(run: str, changes: tuple[str, ...]) -> View:
    """Give RUN tags (+TAG or TAG) or take them away (-TAG).

    Without any, show the tags it has.
    """
    return call("tag", run, *changes)  # type: ignore[no-any-return]


@GROUP.command("rename")
@click.argument("run")
@click.argument("name", nargs=-1, required=True)
def _rename(run: str, name: tuple[str, ...]) -> View:
    """Call RUN something else.

    Its id stays; names need not be unique.
    """
    return call("rename", run, " ".join(name))  # type: ignore[no-any-return]


@GROUP.command("rm")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="Also a run that is still being written.")
@click.pass_obj
def _rm(door: Door, runs: tuple[str, ...], *, yes: bool, force: bool) -> View:
    """Move runs to the trash; "restore" brings them back."""
    confirm = None if yes else door.confirm
    return call("rm", *runs, force=force, confirm=confirm, prog=door.prog)  # type: ignore[no-any-return]


@GROUP.command("restore")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@json_option
def _restore(runs: tuple[str, ...]) -> View:
    """Bring runs back from the trash; without RUN, list it."""
    return call("restore", *runs)  # type: ignore[no-any-return]


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
@json_option
def _journal_show(run: str | None) -> View:
    """Show the journal entry of RUN; by default the last."""
    return call("journal", run or "@last")  # type: ignore[no-any-return]


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


@GROUP.command("report")
@click.argument("query", nargs=-1)
@click.option(
    "--output",
    "-o",
    default="report.html",
    metavar="FILE",
    help="Where to: a name that ends with .html or .md.",
)
@click.option("--title", help="What stands above it.")
@click.option(
    "--metric",
    "-m",
    "metrics",
    multiple=True,
    metavar="KEY",
    help="A metric whose curves are drawn; may be repeated.",
)
@click.option("--columns", metavar="A,B", help="Settings and metrics of the table, in this order.")
@click.option("--x", default="step", metavar="AXIS", help="step, relative or time.")
@click.option("--charts", is_flag=True, help="Draw the charts of compare in place of curves alone.")
@click.option("--no-journal", is_flag=True, help="Leave the journal entries out.")
@click.option("--force", is_flag=True, help="Replace FILE even if it is no report.")
@json_option
def _report(query: tuple[str, ...], output: str, **given: Any) -> View:
    """Write runs as one page: curves, table, journal.

    Those that QUERY selects, in its order; all of them without one. It opens with no network, holds no script and prints well.
    """
    given["columns"] = _listed(given["columns"])
    journal = not given.pop("no_journal")
    given["metrics"] = list(given["metrics"]) or None
    return call("report", " ".join(query), output, journal=journal, **given)  # type: ignore[no-any-return]


for _command in (*ARTIFACT_COMMANDS, AUTOLOG, *COMMANDS):
    GROUP.add_command(_command)
