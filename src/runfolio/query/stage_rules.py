"""Rules that a version has to meet before it gets a stage, as ``pyproject.toml`` says them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from runfolio import settings
from runfolio.errors import QueryError, UsageError, did_you_mean
from runfolio.query.filter import parse

__all__ = ["StageRules", "stage_rules"]


@dataclass(frozen=True, slots=True)
class StageRules:
    """What is asked of a version before it gets a stage.

    Attributes
    ----------
    where : tuple of str
        Queries that the run which made it has to answer: ``val/acc >= 0.97``.
    finished : bool
        That run came to its end.
    verified : bool
        A verification found that the run can be repeated.
    no_secrets : bool
        Its text files hold nothing that looks like a secret.
    """

    where: tuple[str, ...] = ()
    finished: bool = True
    verified: bool = False
    no_secrets: bool = True


def stage_rules(stage: str, store: Path) -> StageRules:
    """Return the rules of a stage: ``[tool.runfolio.promote.STAGE]`` of the project's pyproject.toml.

    It is the one nearest above the store, else the one nearest to the current folder; the first of
    them that says anything of stages counts.

    Raises
    ------
    UsageError
        The file cannot be read, or says something that is no rule: a slip must not open the gate.
    """
    for start in (store.absolute().parent, Path.cwd()):
        path = settings.pyproject(start)
        stages = {} if path is None else _stages(path)
        if path is not None and stages:
            found = stages.get(stage, {})
            where = f"[tool.runfolio.promote.{stage}] in {path}"
            if not isinstance(found, dict):
                raise UsageError(f"{where}: expected a table, such as where = 'val/acc >= 0.97'.")
            return _rules(found, where)
    return StageRules()


def _stages(path: Path) -> Mapping[str, Any]:
    try:
        table: Any = tomllib.loads(path.read_text(encoding="utf-8"))
        for name in ("tool", "runfolio", "promote"):
            table = table.get(name, {})
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise UsageError(
            f"{path} cannot be read, so nobody knows the rules of a stage: {error}. Mend it first."
        ) from error
    if not isinstance(table, dict):
        raise UsageError(f"[tool.runfolio.promote] in {path}: expected a table for each stage.")
    return table


def _rules(found: Mapping[str, Any], where: str) -> StageRules:
    known = [field.name for field in fields(StageRules)]
    for name, value in found.items():
        if name not in known:
            raise UsageError(
                f"{where}: there is no rule {name!r}.{did_you_mean(name, known)} "
                f"The rules are {', '.join(known)}."
            )
        if name != "where" and not isinstance(value, bool):
            raise UsageError(f"{where}: {name} is {value!r}; expected true or false.")
    queries = found.get("where", ())
    queries = (queries,) if isinstance(queries, str) else queries
    if not isinstance(queries, (list, tuple)) or not all(isinstance(one, str) for one in queries):
        raise UsageError(f"{where}: where is {queries!r}; expected a query, or a list of them.")
    for query in queries:
        try:
            read = parse(query)
        except QueryError as error:
            raise UsageError(f"{where}: {error}") from error
        if read.where is None or read.sort or read.limit is not None:
            raise UsageError(f"{where}: {query!r} asks nothing of a run; as in 'val/acc >= 0.97'.")
    flags = {name: value for name, value in found.items() if name != "where"}
    return StageRules(tuple(queries), **flags)
