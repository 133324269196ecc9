"""Write the tables of docs/trust.md from what ``make faults`` and ``make faults-deep`` judged."""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "trust.md"
FOLDER = ROOT / ".faults"

# What is done to a run, by the number that the tests give it.
SCENARIOS = {
    "F01": "killed (SIGKILL) at a random moment: tight loop, slow loop, resumed and killed again",
    "F02": "killed before every system call of the end of a run",
    "F03": "killed before every system call that replaces `run.json`",
    "F04": "power cut: an image of a mounted ext4 disk, taken while the run writes to it",
    "F05": "power cut: every order and loss of unsynced calls, after each call of a whole run",
    "F06": "SIGINT, SIGTERM, SIGHUP, once and twice, in `log` and in `finish`",
    "F07": "kernel of a notebook restarted or killed",
    "F08": "`os._exit`, `os.execv`, segmentation fault, `abort`",
    "F09": "no more memory to be had",
    "F10": "disk full at the start, in the middle, at the end; then there is room again",
    "F11": "disk full for ever: bounded memory, the rest counted and told",
    "F12": "no inodes left, then some again",
    "F13": "limit of a file's size, quota",
    "F14": "short writes, of one byte, all but one, at each byte of a line; interrupted writes",
    "F16": "error at the n-th call, for every n and every kind of call",
    "F17": "error of a sync that succeeds when tried again, which it must not be",
    "F18": "sync or write that hangs, in the middle and at the end",
    "F19": "disk that says it has synced and has not, and a power cut",
    "F20": "folder removed while the run goes on",
    "F21": "folder moved, or a link in its place, while the run goes on",
    "F22": "folder that may no longer be written",
    "F23": "call that does its work and says that it failed, stale handles, as over a network",
    "F24": "two processes open one run at once",
    "F25": "forks, with locks held; worker processes",
    "F26": "several ranks, of which one dies",
    "F27": "clocks that jump or stand still",
    "F28": "process stopped for long, and continued",
    "F29": "number of a gone process taken by another",
    "F30": "error in the writer's own thread",
    "F31": "end of the interpreter, by every door",
    "F32": "errors in the user's own hooks; warnings as errors",
    "F33": "generators, threads and handlers, with and without tracking",
    "F34": "no file descriptors left",
    "F35": "no threads to be had",
    "F36": "live file cut at every byte",
    "F37": "zeros, or another file's bytes, in the middle",
    "F38": "one bit flipped, at every byte of every kind of file",
    "F39": "table that does not read back as it was written",
    "F40": "readers at work during all of it",
    "F53": "random lives: log, define, tag, edit, kill, resume, finish, convert, remove, restore",
}
FIGURES = ("fired", "acknowledged", "safe", "found", "lost", "doubled", "invented")


def verdicts(name: str) -> dict[str, Counter[str]]:
    """Return fault → figures of all its verdicts of one suite."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    path = FOLDER / f"{name}.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        verdict = json.loads(line)
        found[verdict["fault"].partition(" ")[0]].update({key: verdict[key] for key in FIGURES})
    return found


def suite(name: str) -> str:
    """Return how many tests of a suite passed, failed and were skipped, and why those were."""
    cases = list(ET.parse(FOLDER / f"{name}.xml").iter("testcase"))
    skipped = Counter(
        str(reason.get("message")) for case in cases if (reason := case.find("skipped")) is not None
    )
    failed = sum(
        case.find("failure") is not None or case.find("error") is not None for case in cases
    )
    passed = len(cases) - failed - skipped.total()
    text = f"{passed:,} tests passed, {failed:,} failed, {skipped.total():,} were skipped"
    reasons = "; ".join(f"{reason} ({n})" for reason, n in skipped.most_common())
    return f"{text}: {reasons}." if reasons else f"{text}."


def machine() -> str:
    """Return when, on what, and at which state of the sources."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, capture_output=True, text=True,
        check=False,
    ).stdout.strip()  # fmt: skip
    cpus = (
        Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    )
    model = re.search(r"^model name\s*: (.+)$", cpus, re.MULTILINE)
    cores = len(re.findall(r"^processor\s*:", cpus, re.MULTILINE))
    return (
        f"{datetime.now(UTC):%-d %B %Y}, commit {commit}, {platform.system()} {platform.release()}, "
        f"{cores} cores ({model[1] if model else platform.machine()}), Python "
        f"{platform.python_version()}"
    )


def table(name: str) -> str:
    """Return the figures of a suite as Markdown."""
    rows = [
        "| | what is done to a run | times | points acknowledged | promised | found | lost | doubled | invented |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    found = verdicts(name)
    total: Counter[str] = Counter()
    for fault in sorted(found):
        total.update(found[fault])
        figures = " | ".join(f"{found[fault][key]:,}" for key in FIGURES)
        rows.append(f"| {fault} | {SCENARIOS.get(fault, '')} | {figures} |")
    rows.append(f"| | **all** | {' | '.join(f'**{total[key]:,}**' for key in FIGURES)} |")
    return "\n".join(rows)


def filled(page: str, name: str) -> str:
    """Return the page with the table of one suite put between its marks."""
    if not (FOLDER / f"{name}.xml").exists():
        return page
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{machine()}. {suite(name)}\n\n{table(name)}\n\n{end}{after}"


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    for name in sys.argv[1:]:
        text = filled(text, name)
    PAGE.write_text(text, encoding="utf-8")
    print(f"faults: wrote the tables of {PAGE.relative_to(ROOT)}")
