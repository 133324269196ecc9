"""``check``: are run directories as the format says? Names what is not and mends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from runfolio.store.scan import is_run_folder
from runfolio.verbs.lookup import find, label, the_store
from runfolio.verbs.terminal import one_line
from runfolio.verbs.view import STYLES, View, join_lines

if TYPE_CHECKING:
    from runfolio.format.check_artifacts import ArtifactCheck
    from runfolio.format.finding import Finding
    from runfolio.model.run import RunRecord

__all__ = ["CheckView", "check"]


class CheckView(View):
    """What was found, run by run.

    Parameters
    ----------
    found : sequence of (RunRecord, sequence of Finding)
        Every run that was looked at; no findings means it is sound.
    store : sequence of Finding
        What is wrong with the artifacts of the store, beside its runs.
    """

    def __init__(
        self,
        found: Sequence[tuple[RunRecord, Sequence[Finding]]],
        store: Sequence[Finding] = (),
    ) -> None:
        self.found, self.store = tuple(found), tuple(store)
        faults = sum(len(_of(findings, "fault")) for _, findings in self.found)
        faults += len(_of(self.store, "fault"))
        self.exit_code = 1 if faults else 0

    def text(self, width: int | None = None) -> Text:
        """Return a line for every finding and one that sums up."""
        del width
        lines: list[Text] = []
        for record, findings in self.found:
            if findings:
                lines.append(label(record))
                lines += [_line(finding) for finding in findings]
        if self.store:
            lines.append(Text("The store's artifacts", "bold"))
            lines += [_line(finding) for finding in self.store]
        return join_lines([*lines, self._sum()])

    def _sum(self) -> Text:
        n, faulty = len(self.found), sum(bool(_of(f, "fault")) for _, f in self.found)
        runs = "1 run" if n == 1 else f"{n} runs"
        if _of(self.store, "fault"):
            told = f"{runs} checked, {faulty} with faults; the store's artifacts have faults."
            return Text.assemble(("✕ ", STYLES["fault"]), told)
        if n == 0:
            return Text("No runs yet: nothing to check.")
        if faulty == 0:
            return Text.assemble(("✓ ", STYLES["good"]), f"{runs} checked, no faults.")
        which = "it has faults." if n == 1 else f"{faulty} with faults."
        return Text.assemble(("✕ ", STYLES["fault"]), f"{runs} checked, {which}")

    def data(self) -> Any:
        """Return the findings of every run that was looked at, and those of the store without an id."""
        found = [_facts(record.id, findings) for record, findings in self.found]
        return found + ([_facts(None, self.store)] if self.store else [])


def check(*runs: Any) -> CheckView:
    """Return what is wrong with run directories, and with the artifacts of the store.

    Parameters
    ----------
    *runs : str or run
        Which runs; all of the store without any.

    Raises
    ------
    RunNotFound
        One of them is meant by nothing.
    """
    store = the_store()
    from runfolio.format.check_artifacts import ArtifactCheck

    records = [find(run, store) for run in runs] if runs else store.records()
    artifacts = ArtifactCheck(store.path)
    found = [(record, _findings(record, artifacts)) for record in records]
    return CheckView(found, () if runs else artifacts.of_store())


def _facts(run: str | None, findings: Sequence[Finding]) -> dict[str, Any]:
    told = [{"file": f.file, "offset": f.offset, "fault": f.fault, "severity": f.severity}
            for f in findings]  # fmt: skip
    return {"id": run, "sound": not _of(findings, "fault"), "findings": told}


def _findings(record: RunRecord, artifacts: ArtifactCheck) -> list[Finding]:
    from runfolio.format.check import check_run
    from runfolio.format.finding import Finding

    if not is_run_folder(record.path):
        return [Finding(".", None, problem) for problem in record.problems]
    return [*check_run(record.path), *artifacts.of_run(record.path)]


def _of(findings: Sequence[Finding], severity: str) -> list[Finding]:
    return [finding for finding in findings if finding.severity == severity]


def _line(finding: Finding) -> Text:
    fault = finding.severity == "fault"
    place = one_line(finding.file, 60)
    if finding.offset is not None:
        place += f" at byte {finding.offset:,}"
    return Text.assemble(
        ("  ✕ " if fault else "  · ", STYLES["fault" if fault else "secondary"]),
        (f"{place}: ", STYLES["secondary"]),
        one_line(finding.fault, 200),
    )
