"""A journal entry as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runfolio.charts import figures
from runfolio.logbook.entry import HEADINGS, OTHER, Change, Data, Facts, Result, Words
from runfolio.logbook.escape import code, literal
from runfolio.logbook.parse import PLACEHOLDER, fenced, parse
from runfolio.logbook.words import same, shown
from runfolio.model.run import Status
from runfolio.query.fields import ABSENT

__all__ = ["entry", "facts_body", "page", "words_markdown"]

_VALUE: Final = 48
_WHY_ENDED: Final = {
    Status.RUNNING: "still running",
    Status.FAILED: "failed",
    Status.INTERRUPTED: "interrupted",
    Status.STOPPED: "stopped early",
    Status.PRUNED: "pruned",
    Status.CRASHED: "crashed",
    Status.SILENT: "silent",
}


def facts_body(facts: Facts, *, rule: bool = False) -> str:
    """Return the machine's part of an entry, without its comments.

    Parameters
    ----------
    rule : bool
        Begin with a horizontal rule, which parts the entries of a document.
    """
    sentences = " ".join(_sentences(facts))
    parts = ["---"] if rule else []
    parts.append(_headline(facts))
    if sentences:
        parts.append(sentences)
    if facts.notes:
        parts.append(f"**Notes** {literal(facts.notes, 400)}")
    return "\n\n".join(parts)


def words_markdown(words: Words, *, blanks: bool = True) -> str:
    """Return the hand-written part of an entry.

    Parameters
    ----------
    blanks : bool
        Show headings with nothing below them too; the first one invites to write.
    """
    fields = words.by_field()
    other = shown(fields[OTHER])
    parts = [other] if other else []
    invited = False
    for heading in HEADINGS:
        text = shown(fields[heading])
        if text or blanks:
            # In bold, not as a Markdown heading: Jupyter would list it in the table of contents
            # and fold every cell below it away with it.
            parts.append(f"**{heading}**")
        if text:
            parts.append(text)
        elif blanks and not invited:
            parts.append(PLACEHOLDER)
            invited = True
    return "\n\n".join(parts)


def entry(facts: Facts, words: Words) -> str:
    """Return an entry to be looked at: facts and what was written, no comments, no blanks."""
    return "\n\n".join(
        part for part in (facts_body(facts), words_markdown(words, blanks=False)) if part
    )


def page(facts: Facts, words: Words, old: str | None = None, *, rule: bool = False) -> str:
    """Return an entry as a page that people may edit.

    Parameters
    ----------
    old : str, optional
        The page as it stands. Where it holds the same words, only the machine's part of it
        changes, and every other byte stays.

    Raises
    ------
    UnsupportedVersion
        The old page was made by a newer runfolio.
    """
    body = facts_body(facts, rule=rule)
    if old is not None and old.strip():
        before = parse(old)
        known = words.by_field()
        if all(same(text, known[field]) for field, text in before.words.by_field().items()):
            return before.with_facts(fenced(facts.run_id, body, before.words))
    below = words_markdown(words)
    return fenced(facts.run_id, body, parse(below).words) + "\n\n" + below + "\n"


def _headline(facts: Facts) -> str:
    parts = []
    if facts.status in _WHY_ENDED:
        note = f": {literal(facts.note)}" if facts.note else ""
        parts.append(f"{_WHY_ENDED[facts.status]}{note}")
    if facts.started is not None:
        parts.append(figures.moment(facts.started))
    if facts.took_s is not None:
        parts.append(figures.duration(facts.took_s))
    parts += _code(facts)
    parts += [f"\\#{literal(tag, 40)}" for tag in facts.tags[:6]]
    name = literal(facts.name) or literal(facts.run_id)
    head = f"{facts.status.glyph} **{name}** {code(facts.short_id)}"
    return " · ".join([head, *parts])


def _code(facts: Facts) -> Iterator[str]:
    if facts.sha is None and facts.branch is None:
        return
    text = literal(facts.branch, 40) if facts.branch else ""
    if facts.sha:
        text += (" @ " if text else "") + literal(facts.sha[:7])
    if facts.files_changed:
        text += f" + {facts.files_changed} {'file' if facts.files_changed == 1 else 'files'}"
    yield text


def _sentences(facts: Facts) -> Iterator[str]:
    if facts.previous is not None:
        name = code(facts.previous.name)
        if facts.previous.name == facts.name:
            name = f"{name} {code(facts.previous.short_id)}"
        name += f" ({literal(facts.best, 120)})" if facts.best else ""
        listed = ", ".join(_change(change) for change in facts.changes)
        listed += _more(facts.changes_left_out)
        if listed:
            yield f"**Changed since** {name} {listed}."
        elif facts.code_recorded and facts.other_states:
            drawn = ", ".join(map(literal, facts.other_states))
            yield f"**Same as** {name} but for the random numbers it began with ({drawn})."
        elif facts.code_recorded:
            yield f"**Same as** {name} in all that was recorded."
        else:
            yield f"**Same settings as** {name}; the code was not recorded."
    if facts.since is not None:
        title, words = facts.since
        yield f"**{literal(title.capitalize(), 40)}** {literal(words, 360)}."
    if facts.results:
        listed = ", ".join(_result(result) for result in facts.results)
        yield f"**Result** {listed}{_more(facts.results_left_out)}."
    if facts.data:
        yield f"**Data** {', '.join(_data(data) for data in facts.data)}."
    if facts.replayable:
        yield f"**Replayable** {literal(facts.replayable, 240)}."
    yield from _remarks(facts)


def _remarks(facts: Facts) -> Iterator[str]:
    """Yield what is told of few runs."""
    if facts.counts:
        listed = ", ".join(f"{number:,} {literal(name)}" for name, number in facts.counts.items())
        yield f"**Points** {listed}."
    if facts.command:
        yield f"**Command** {code(facts.command, 120)}."
    if facts.alerts:
        yield f"**Alert** {literal(facts.alerts, 160)}."
    if facts.stale:
        yield f"**Warning** {'; '.join(literal(line, 160) for line in facts.stale)}."
    if facts.problems:
        yield f"**Record** {'; '.join(literal(problem.rstrip('.'), 120) for problem in facts.problems[:3])}."


def _more(number: int) -> str:
    return f" and {number} more" if number else ""


def _change(change: Change) -> str:
    name = literal(change.name, 60)
    if change.was is ABSENT and change.now is ABSENT:
        return f"{name} **changed**"
    now = "" if change.now is ABSENT else f"**{literal(figures.setting(change.now), _VALUE)}**"
    if change.was is ABSENT:
        return f"{name} {now} (new)"
    was = literal(figures.setting(change.was), _VALUE)
    return f"{name} {was} → {now}" if now else f"{name} {was} (gone)"


def _result(result: Result) -> str:
    text = f"{literal(result.key, 60)} **{figures.figure(result.value)}**"
    if result.delta is None:
        return text
    if result.better is None:
        return f"{text} (as the best)"
    sign = "▲" if result.better else "▼"
    return f"{text} ({sign} {figures.difference(result.delta, result.value)} on best)"


def _data(data: Data) -> str:
    text = literal(data.name, 60)
    if data.hash:
        text += f" {code(data.hash)}"
    return text if data.changed is None else f"{text}, {'changed' if data.changed else 'unchanged'}"
