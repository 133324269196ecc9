"""A live card in JupyterLab: four series of a million points, and more while the kernel is busy.

A run of another process is taken up again in a notebook, where a Python loop computes and logs
without a pause; beside it, in the same browser and the same minute, an empty page. Draws are those
that the card tells the browser's performance timeline; a thing counts as painted when the page gets
its turn after the frame that drew it.
"""

from __future__ import annotations

import argparse
import bisect
import json
import os
import statistics
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from lab import open_lab, settle, write_notebook
from report import publish, table
from tests.jupyter import run_all_cells, wait_for_kernel

KEYS = ("train/loss", "train/error", "val/mse", "val/mae")
ZOOM, PAN = "+ + + -", "ArrowLeft ArrowRight"
TARGETS = {
    "frames a second": "≥ 55",
    "draws a second and chart": "≥ 15",
    "kernel to paint, ms": "≤ 60",
    "zoom, ms": "≤ 40",
    "pan, ms": "≤ 40",
}

# Executed in the notebook. Only what goes by is noted: the card is the one that users see.
CELL = """
import json, os, random, time
from pathlib import Path
import psutil, runfolio
from runfolio.verbs.live import card_output
from runfolio.widgets import live, streaming

signs, sent, heard, beats = Path(SIGNS), [], [], []
plain_points, plain_heard = streaming.points, live.LiveCard.heard

def points(at, parts):
    now = time.time() * 1000
    message, buffers = plain_points(at, parts)
    ends = {s: begin + len(columns[0]) for s, begin, columns in parts}
    times = parts[0][2][1]
    sent.append({"at": at, "ms": now, "ends": ends, "bytes": sum(map(len, buffers)),
                 "logged_ms": [times[0], times[-1]]})
    return message, buffers

def take(self, message):
    heard.append([message["kind"], message.get("at", 0)])
    plain_heard(self, message)

streaming.points, live.LiveCard.heard = points, take
run = runfolio.init(id=RUN, resume="must")
memory = {"before": psutil.Process().memory_info().rss}
draw = random.Random(0).random
step, units, shown, due = FIRST, 0, False, time.perf_counter()
beat = due
while not (signs / "end").exists():
    while time.perf_counter() < beat:
        runfolio.log({key: 1 / (1 + step / 1e6) + 0.1 * draw() for key in KEYS}, step=step)
        step += 1
        due += PERIOD
        while time.perf_counter() < due:
            sum(range(40))
            units += 1
    now = time.perf_counter()
    due, beat = max(due, now - 0.05), now + 0.1
    beats.append([time.time() * 1000, step, units])
    if not shown and (signs / "show").exists():
        card_output(run.path, run.life.writer.flush).begin()
        shown = True
memory["shown"] = psutil.Process().memory_info().rss
(signs / "kernel.json").write_text(json.dumps(
    {"sent": sent, "heard": heard, "beats": beats, "memory": memory}))
run.finish()
"""

# Executed in a page: frames, moments after frames, draws, keys.
WATCH = """() => {
  const seen = {frames: [], painted: [], draws: [], keys: []};
  const after = new MessageChannel();
  after.port1.onmessage = () => seen.painted.push(performance.now());
  const frame = () => {
    seen.frames.push(performance.now());
    after.port2.postMessage(0);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => {
    for (const {name, startTime, duration, detail} of list.getEntries()) {
      if (name !== "runfolio:draw") continue;
      const {series, points, range} = detail;
      const [from, to] = [startTime, startTime + duration];
      seen.draws.push({chart: series.join(), points, range: range.join(), from, to});
    }
  }).observe({type: "measure"});
  addEventListener("keydown", (event) => seen.keys.push([event.key, event.timeStamp]), true);
  seen.origin = Date.now() - performance.now();
  window.seen = seen;
}"""
EMPTY = """<body tabindex=0><p>0</p><script>
  addEventListener("keydown", () => requestAnimationFrame(() => {
    const from = performance.now(), p = document.querySelector("p");
    p.textContent = Number(p.textContent) + 1;
    performance.measure("runfolio:draw", {start: from, detail: {series: ["none"], points: 0, range: [from]}});
  }));
</script>"""


def record(steps: int) -> tuple[str, float]:
    """Log so many steps of all series; return the run's id."""
    import random

    import runfolio

    draw = random.Random(1).random
    run = runfolio.init(id="long", name="long")
    for step in range(steps):
        run.log({key: 2 - step / steps + 0.1 * draw() for key in KEYS}, step=step)
    run.finish()
    return run.id


class Seen:
    """What a page noted between two moments."""

    def __init__(self, page: Any, seconds: float) -> None:
        self.seconds = seconds
        found = page.evaluate("() => seen")
        self.origin: float = found["origin"]
        self.frames, self.painted = found["frames"], found["painted"]
        self.draws, self.keys = found["draws"], found["keys"]

    def paint_after(self, moment: float) -> float | None:
        """Return when the page had its turn after the frame of a draw."""
        place = bisect.bisect_right(self.painted, moment)
        return self.painted[place] if place < len(self.painted) else None

    def charts(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for draw in self.draws:
            found.setdefault(draw["chart"], []).append(draw)
        return found

    def answers(self, keys: str, chart: str) -> list[float]:
        """Return milliseconds from each press of these keys to the paint of what it did.

        That is the first exact draw that shows another part of the axis than the one before.
        """
        draws = self.charts().get(chart, [])
        begins = [draw["from"] for draw in draws]
        taken = []
        for key, at in self.keys:
            place = bisect.bisect_left(begins, at)
            shown = draws[place - 1]["range"] if place else ""
            drawn = next((one["to"] for one in draws[place:] if one["range"] != shown), None)
            painted = None if drawn is None else self.paint_after(drawn)
            if key in keys.split() and painted is not None:
                taken.append(painted - at)
        return taken

    def rates(self) -> dict[str, float]:
        return {
            "frames a second": len(self.frames) / self.seconds,
            **(
                {"draws a second and chart": min(map(len, self.charts().values())) / self.seconds}
                if self.charts()
                else {}
            ),
        }


def watch(page: Any, seconds: float) -> Seen:
    """Let a page go on for some seconds."""
    page.evaluate(WATCH)
    page.wait_for_timeout(1000 * seconds)
    return Seen(page, seconds)


def press(page: Any, keys: str, rounds: int) -> None:
    for round_ in range(rounds):
        page.keyboard.press(keys.split()[round_ % len(keys.split())])
        page.wait_for_timeout(130 + 7 * (round_ % 9))


def latencies(seen: Seen, kernel: dict[str, Any]) -> tuple[list[float], list[float]]:
    """Return milliseconds from sending and from logging to the paint that shows it."""
    numbers = {key.rpartition("/")[2]: str(place) for place, key in enumerate(KEYS)}
    from_kernel, from_log = [], []
    for chart, draws in seen.charts().items():
        series = [numbers[label] for label in chart.split(",")]
        points = [draw["points"] for draw in draws]
        for message in kernel["sent"]:
            ends = [message["ends"].get(number, 0) for number in series]
            place = bisect.bisect_left(points, sum(ends))
            # What was sent before anybody looked is no latency.
            if not all(ends) or message["ms"] < seen.origin + seen.frames[0]:
                continue
            painted = seen.paint_after(draws[place]["to"]) if place < len(draws) else None
            if painted is not None:
                from_kernel.append(seen.origin + painted - message["ms"])
                from_log += [seen.origin + painted - at for at in message["logged_ms"]]
    return from_kernel, from_log


def work(kernel: dict[str, Any], from_ms: float, to_ms: float) -> dict[str, float]:
    """Return what the loop did a second between two moments."""
    beats = [beat for beat in kernel["beats"] if from_ms <= beat[0] <= to_ms]
    (began, first, done), (ended, last, all_done) = beats[0], beats[-1]
    seconds = (ended - began) / 1000
    return {
        "points a second": len(KEYS) * (last - first) / seconds,
        "units": (all_done - done) / seconds,
    }


def spread(taken: list[float]) -> dict[str, float]:
    """Return median and 95th percentile."""
    if len(taken) < 2:
        return {"median": -1.0, "p95": -1.0, "n": len(taken)}
    return {
        "median": statistics.median(taken),
        "p95": statistics.quantiles(taken, n=20)[-1],
        "n": len(taken),
    }


def page_memory(page: Any) -> float:
    """Return MiB of the process that renders a page, the largest of the browser's."""
    import psutil

    found = [
        child.memory_info().rss
        for child in psutil.Process().children(recursive=True)
        if "--type=renderer" in child.cmdline()
    ]
    return max(found) / 2**20


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of the card, and those of an empty page."""
    run = record(options.steps)
    home = settle()
    signs = home / "signs"
    signs.mkdir()
    period = len(KEYS) / options.rate
    told = {"SIGNS": str(signs), "RUN": run, "FIRST": options.steps, "KEYS": KEYS, "PERIOD": period}
    write_notebook("live.ipynb", "\n".join(f"{k} = {v!r}" for k, v in told.items()) + CELL)
    with open_lab(home, width=1100) as (browser, address):
        page = browser.new_page()
        page.goto(f"{address}lab/tree/live.ipynb")
        wait_for_kernel(page, address)
        run_all_cells(page)
        page.wait_for_timeout(3000)
        bare_mib = page_memory(page)

        empty = browser.new_page()
        empty.set_content(EMPTY)
        closed_from = time.time() * 1000
        alone = watch(empty, options.seconds)
        press(empty, "+", options.presses)
        alone = alone, Seen(empty, 1)
        closed_to = time.time() * 1000
        empty.close()
        page.bring_to_front()

        began = time.monotonic()
        (signs / "show").touch()
        # Charts out of sight are not drawn.
        page.locator(".card .plot").last.wait_for(timeout=60_000)
        page.locator(".card .plot").last.scroll_into_view_if_needed()
        page.locator(".card .plot canvas").last.wait_for(timeout=60_000)
        loaded_s = wait_for_points(page, len(KEYS) * options.steps) - began
        page.wait_for_timeout(1000)
        open_from = time.time() * 1000
        with profiled(page, options):
            seen = watch(page, options.seconds)
            open_to = time.time() * 1000
            page.locator(".plot").first.focus()
            press(page, ZOOM, options.presses)
            press(page, "0 + +", 3)  # half of the points are in sight, and there is room to move
            press(page, PAN, options.presses)
        handled = Seen(page, 1)
        memory = {"page, empty Lab": bare_mib, "page": page_memory(page)}
        (signs / "end").touch()
        kernel = wait_for_file(page, signs / "kernel.json")
    chart = ",".join(key.rpartition("/")[2] for key in KEYS[:2])
    from_kernel, from_log = latencies(seen, kernel)
    closed, shown = work(kernel, closed_from, closed_to), work(kernel, open_from, open_to)
    got = {at for kind, at in kernel["heard"] if kind == "got"}
    live = [message for message in kernel["sent"] if message["ms"] >= open_from]
    return {
        "card": {
            **seen.rates(),
            "kernel to paint, ms": spread(from_kernel),
            "log to paint, ms": spread(from_log),
            "zoom, ms": spread(handled.answers(ZOOM, chart)),
            "pan, ms": spread(handled.answers(PAN, chart)),
            "draw, ms": spread([draw["to"] - draw["from"] for draw in seen.draws]),
        },
        "empty": {**alone[0].rates(), "zoom, ms": spread(alone[1].answers("+", "none"))},
        "memory_mib": memory
        | {f"kernel, {when}": size / 2**20 for when, size in kernel["memory"].items()},
        "messages": {
            "sent": len(kernel["sent"]),
            "acknowledged": len(got),
            "asked for again": sum(kind == "want" for kind, _ in kernel["heard"]),
            "MB in all": sum(m["bytes"] for m in kernel["sent"]) / 1e6,
            "live, kB a second": sum(m["bytes"] for m in live)
            / max(live[-1]["ms"] - live[0]["ms"], 1),
        },
        "loop": {
            "points a second, card closed": closed["points a second"],
            "points a second, card open": shown["points a second"],
            "slower by, %": 100 * (1 - shown["units"] / closed["units"]),
        },
        "seconds until all is shown": loaded_s,
    }


def profiled(page: Any, options: argparse.Namespace) -> ExitStack:
    """Have Chromium note what the page computes, where that is asked for."""
    stack = ExitStack()
    if options.profile:
        session = page.context.new_cdp_session(page)
        session.send("Profiler.enable")
        session.send("Profiler.start")
        where = Path(os.environ.get("RUNFOLIO_BENCH_PROFILE", "live.cpuprofile"))
        stack.callback(
            lambda: where.write_text(json.dumps(session.send("Profiler.stop")["profile"]))
        )
    return stack


def wait_for_points(page: Any, wanted: int) -> float:
    """Wait until the charts say that they have so many points."""
    script = """(wanted) => {
      const find = (node) => node.shadowRoot?.querySelectorAll('.panel .caption')
        ?? [...node.children].flatMap((child) => [...find(child)]);
      const said = find(document.querySelector('.jp-OutputArea'));
      const counts = [...said].map((one) => one.textContent.match(/of ([\\d,]+) point/)?.[1]);
      return counts.reduce((sum, n) => sum + Number((n ?? '0').replaceAll(',', '')), 0) >= wanted;
    }"""
    page.wait_for_function(script, arg=wanted, timeout=120_000, polling=200)
    return time.monotonic()


def wait_for_file(page: Any, path: Path) -> dict[str, Any]:
    for _ in range(100):
        if path.exists():
            break
        page.wait_for_timeout(100)
    page.wait_for_timeout(300)
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def as_lines(result: dict[str, Any]) -> list[str]:
    """Return the page."""

    def told(found: Any) -> str:
        if isinstance(found, dict):
            return f"{found['median']:.1f} / {found['p95']:.1f}"
        return "" if found is None else f"{found:,.1f}"

    card, empty = result["card"], result["empty"]
    plain = {
        name: told(value)
        for part in ("memory_mib", "messages", "loop")
        for name, value in result[part].items()
    }
    return [
        *table(
            "what (median / p95) | card | empty page | target",
            {
                name: (told(value), told(empty.get(name)), TARGETS.get(name, ""))
                for name, value in card.items()
            },
        ),
        *table(
            "what | figure",
            plain | {"s until all is shown": told(result["seconds until all is shown"])},
        ),
    ]


if __name__ == "__main__":
    publish(
        "live", __doc__, measure, as_lines,
        steps=1_000_000, rate=10_000, seconds=10, presses=60, profile=0,
    )  # fmt: skip
