/** Badges of tracked cells: the last run, how it went, and whether the cell has changed since. */

import { journalRun, markedRun } from "../bridge/notebook.ts";
import { sourceHash } from "../core/hashes.ts";
import { make } from "../ui/dom.ts";
import { type CellWidget, eachPanel, type Panel, type Tracker } from "./notebooks.ts";
import type { Runs } from "./runs.ts";

export interface BadgeOptions {
  tracker: Tracker;
  runs: Runs;
  isOn(): boolean;
  /** Show a run, when its badge is pressed. */
  show(run: string): void;
}

const CLASS = "runfolio-badge";
const SOON_MS = 250;
const LONGEST = 60;

const STYLE = `
.jp-CellHeader.runfolio-badge { height: 20px; display: flex; justify-content: flex-end; }
.runfolio-badge-run {
  display: flex; align-items: baseline; gap: 6px; max-width: 100%; height: 18px; padding: 0 6px; margin: 0 4px 0 0;
  border: 0; border-radius: 4px; background: transparent; cursor: pointer; white-space: nowrap; overflow: hidden;
  color: var(--jp-ui-font-color2, #5f6872); font: 12px/18px var(--jp-ui-font-family, system-ui, sans-serif);
  --accent: #3858d8; --good: #2c7a4b; --bad: #b42318; --warn: #8a5a00; --crashed: #6b4c9a;
}
[data-jp-theme-light="false"] .runfolio-badge-run {
  --accent: #88b2ff; --good: #56c48a; --bad: #ff7b72; --warn: #e3b04b; --crashed: #b79cf0;
}
.runfolio-badge-run:hover { background: var(--jp-layout-color2, #f5f7f9); }
.runfolio-badge-run:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.runfolio-badge-run bdi { overflow: hidden; text-overflow: ellipsis; }
.runfolio-badge-changed { color: var(--warn); }
[data-status="running"] > .runfolio-badge-sign { color: var(--accent); }
[data-status="finished"] > .runfolio-badge-sign { color: var(--good); }
[data-status="failed"] > .runfolio-badge-sign { color: var(--bad); }
[data-status="interrupted"] > .runfolio-badge-sign { color: var(--warn); }
[data-status="crashed"] > .runfolio-badge-sign { color: var(--crashed); }
`;

const JOURNAL = `
.jp-Cell.runfolio-journal > .jp-Cell-inputWrapper .jp-MarkdownOutput {
  border-left: 2px solid var(--jp-border-color2, #dfe3e8); padding-left: 12px;
}
`;

const awaited = new WeakSet<CellWidget>();

/** Keep the badges of all notebooks as the cells are; the returned function looks again. */
export function keepBadges(options: BadgeOptions): () => void {
  const panels = new Set<Panel>();
  document.head.append(make("style", { text: STYLE + JOURNAL }));
  let isSoon = false;
  const look = () => {
    if (isSoon) return;
    isSoon = true;
    setTimeout(() => {
      isSoon = false;
      for (const panel of panels) guarded(() => draw(panel, options, look));
    }, SOON_MS);
  };
  options.runs.listen(look);
  eachPanel(options.tracker, (panel) => {
    panels.add(panel);
    panel.disposed.connect(() => panels.delete(panel));
    panel.context.model.contentChanged.connect(look);
    void panel.context.ready.then(look);
  });
  return look;
}

function guarded(draw: () => void): void {
  try {
    draw();
  } catch (error) {
    console.warn("runfolio: the badges could not be drawn", error);
  }
}

function draw(panel: Panel, options: BadgeOptions, look: () => void): void {
  const widgets = panel.content.widgets;
  widgets.forEach((widget, at) => {
    const cell = widget.model.sharedModel;
    widget.node.classList.toggle("runfolio-journal", journalRun(cell) !== null);
    const head = widget.node.querySelector<HTMLElement>(":scope > .jp-CellHeader");
    if (head === null) {
      // Out of sight: it is not drawn yet.
      if (!awaited.has(widget)) void widget.ready?.then(look);
      awaited.add(widget);
      return;
    }
    const run = options.isOn() ? runOf(widgets, at, options.runs) : null;
    const fresh = run === null ? null : badge(run, widget, options);
    const old = head.firstElementChild;
    if (old?.outerHTML === fresh?.outerHTML) return;
    head.classList.toggle(CLASS, fresh !== null);
    head.replaceChildren(...(fresh === null ? [] : [fresh]));
  });
}

/** Return the last run of a cell: made in this page, shown in its outputs, or with its journal below. */
export function runOf(widgets: readonly CellWidget[], at: number, runs: Runs): string | null {
  const cell = widgets[at].model.sharedModel;
  if (cell.cell_type !== "code") return null;
  const made = runs.of(cell.id);
  if (made !== null) return made;
  const shown = (cell.getOutputs?.() ?? []).map((output) => markedRun(output.metadata));
  const below = at + 1 < widgets.length ? journalRun(widgets[at + 1].model.sharedModel) : null;
  return shown.find((run) => run !== null) ?? below;
}

function badge(run: string, widget: CellWidget, { runs, show }: BadgeOptions): HTMLElement {
  const info = runs.get(run);
  const name = info?.name || run.slice(-6);
  const hash = info?.hash ?? "";
  const changed = hash !== "" && sourceHash(widget.model.sharedModel.getSource()) !== hash;
  const status = info?.status ?? "";
  const words = [`Run ${name}`, status, changed ? "the cell has changed since it ran" : ""];
  const button = make("button", {
    class: "runfolio-badge-run",
    attrs: {
      type: "button",
      title: `${words.filter(Boolean).join(", ")}. Show it.`,
      "data-run": run,
      "data-status": status,
    },
  });
  const label = name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name;
  button.append(
    make("span", { class: "runfolio-badge-sign", text: info?.sign ?? "○" }),
    make("bdi", { text: label }),
  );
  if (changed) {
    button.append(make("span", { class: "runfolio-badge-changed", text: "changed since it ran" }));
  }
  button.addEventListener("click", () => show(run));
  return button;
}
