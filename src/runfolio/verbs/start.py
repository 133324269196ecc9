"""``start`` and ``stop``: a run that lasts over several cells, and its end."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click
from rich.text import Text

from runfolio.errors import NoActiveRun, UsageError
from runfolio.verbs.door import Door, StartOptions
from runfolio.verbs.lookup import find, label, now_open, short_path
from runfolio.verbs.names import RESERVED, is_verb, reserved_sentence
from runfolio.verbs.view import STYLES, Message, View

if TYPE_CHECKING:
    from runfolio.model.run import RunRecord

__all__ = ["ask_to_stop", "parse_start", "start", "stop"]

_WORDS: Final[Mapping[str, Any]] = {"True": True, "False": False, "None": None}
_SETTING: Final = re.compile(r"(?P<name>[^=\s][^=]*)=(?P<value>.*)\Z", re.DOTALL)


def parse_start(words: Sequence[str], prog: str = "%%track") -> StartOptions:
    """Return what the first line of a tracked cell says.

    Parameters
    ----------
    words : sequence of str
        What follows ``%%track``, as a shell would split it.
    prog : str
        How messages call it.

    Raises
    ------
    UsageError
        An option is unknown, or the first word is a verb.
    """
    from runfolio.verbs.table import START

    if words and is_verb(words[0]):
        raise UsageError(_meant_as_verb(words, prog))
    try:
        with START.make_context(prog, list(words)) as context:
            return options(context.params)
    except click.exceptions.Exit:  # --help was printed
        raise UsageError("Nothing was run.") from None
    except click.ClickException as error:
        raise UsageError(f"{error.format_message()} {prog} --help tells more.") from error


def _meant_as_verb(words: Sequence[str], prog: str) -> str:
    word = words[0]
    if word in RESERVED:
        return f"{reserved_sentence(word)} To give a run that name: {prog} --notes TEXT my-{word}."
    line = " ".join(["%track", *words])
    return f'"{word}" is a verb, not a name: write {line} on a line of its own.'


def options(given: Mapping[str, Any]) -> StartOptions:
    """Return the command's parameters as options of a run.

    Raises
    ------
    UsageError
        A setting is not written NAME=VALUE.
    """
    from runfolio.format.codec import unflatten

    flat = dict(_setting(text) for text in given["config"])
    tags = [tag.strip() for text in given["tags"] for tag in text.split(",")]
    return StartOptions(
        name=" ".join(given["name"]) or None,
        tags=tuple(dict.fromkeys(tag for tag in tags if tag)),
        config=unflatten(flat),
        project=given["project"],
        group=given["group"],
        job_type=given["job_type"],
        notes=given["notes"],
    )


def _setting(text: str) -> tuple[str, Any]:
    match = _SETTING.match(text)
    if match is None:
        raise UsageError(f'"{text}" is no setting; write it NAME=VALUE, as in -c lr=1e-3.')
    return match["name"].strip(), _value(match["value"].strip())


def _value(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    try:
        return json.loads(text, parse_constant=str)
    except ValueError:
        return text


def start(given: Mapping[str, Any], *, door: Door) -> View:
    """Open a run that lasts until ``stop``.

    Parameters
    ----------
    given : mapping
        The command's parameters.
    door : Door
        Where the call comes from; only a notebook can keep a run open.

    Raises
    ------
    UsageError
        The door cannot keep a run open.
    """
    if door.start is None:
        raise UsageError(
            "start opens a run in a notebook's kernel (%track start NAME); a script opens one "
            "with runfolio.init()."
        )
    run = door.start(options(given))
    sentence = Text.assemble((run.status.glyph, STYLES["running"]), " ", (run.name, "bold"), " ",
                             (run.id[-6:], STYLES["secondary"]), " is open: every cell until ",
                             (f"{door.prog} stop", "bold"), " belongs to it.")  # fmt: skip
    return Message(sentence, {"id": run.id, "name": run.name, "path": run.path})


def stop(run: Any = None, *, door: Door | None = None) -> View:
    """End the open run of this process, or ask another one to stop after its present step.

    Raises
    ------
    NoActiveRun
        No run is named and none is open here.
    UsageError
        The named run has ended already.
    RunNotFound
        No run is meant.
    """
    door = door or Door()
    if run is None:
        return _stop_here(door)
    record = find(run)
    if now_open(record) is not None:
        return _stop_here(door)
    if record.status.ended:
        raise UsageError(f"{label(record).plain} has ended already ({record.status.value}).")
    ask_to_stop(record)
    sentence = Text.assemble(label(record), " was asked to stop after its present step.")
    return Message(sentence, {"id": record.id, "asked": True})


def ask_to_stop(record: RunRecord) -> None:
    """Let the next ``log`` of a run end it, wherever it runs."""
    here = now_open(record)
    if here is not None:
        here.life.ask_to_stop()
        return
    from runfolio.format.edits import write_edit

    write_edit(record.path, "stop", "run", value=True)


def _stop_here(door: Door) -> View:
    from runfolio.record.session import current

    open_run = current()
    if open_run is None:
        raise NoActiveRun(
            f"No run is open here. {door.prog} stop RUN asks one elsewhere to stop; "
            f"{door.prog} status lists those that are going on."
        )
    if door.stop is None:
        open_run.finish()
    else:
        door.stop()
    from runfolio.format.manifest import read_record

    record = read_record(open_run.path)
    sentence = Text.assemble(label(record), f" has ended. Its folder: {short_path(record.path)}")
    return Message(sentence, {"id": record.id, "status": record.status.value})
