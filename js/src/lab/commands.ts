/** What can be asked of the extension by name: from menu, palette and shortcuts. */

import { place } from "../bridge/journal.ts";
import { journalRun } from "../bridge/notebook.ts";
import { runOf } from "./badges.ts";
import type { App, Command, Palette, RunsPanel, Settings } from "./jupyter.ts";
import type { Panel, Tracker } from "./notebooks.ts";
import type { Runs } from "./runs.ts";

export interface CommandOptions {
  app: App;
  palette: Palette | null;
  panel: RunsPanel;
  settings: Settings | null;
  tracker: Tracker | null;
  runs: Runs;
  /** Tell why something was not done. */
  say(words: string): void;
}

const CATEGORY = "runfolio";
const UNKNOWN =
  "The Jupyter server does not know this run: it has no runfolio, or the run lies outside its folder. " +
  'With the notebook closed, "runfolio journal insert NOTEBOOK" puts the cell in.';
const JOURNAL = "journalCells";
const BADGES = "badges";

/** Register the commands, and list them in the palette. */
export function addCommands(options: CommandOptions): void {
  const { app, palette, panel, settings, tracker, runs } = options;
  const add = (name: string, command: Command) => {
    app.commands.addCommand(`runfolio:${name}`, command);
    palette?.addItem({ command: `runfolio:${name}`, category: CATEGORY });
  };
  const toggle = (name: string, key: string, label: string) =>
    add(name, {
      label,
      isToggled: () => settings?.composite[key] !== false,
      isEnabled: () => settings !== null,
      execute: () => settings?.set(key, settings.composite[key] === false),
    });
  add("show-runs", {
    label: "Show Runs",
    caption: "Show the panel with the runs below this server's folder",
    execute: () => panel.show(),
  });
  add("show-run", {
    label: "Show Run of This Cell",
    caption: "Show the last run that the cell made",
    isEnabled: () => runHere(tracker?.currentWidget ?? null, runs) !== null,
    execute: (given) => {
      const run = given.run ?? runHere(tracker?.currentWidget ?? null, runs);
      if (typeof run === "string") panel.showRun(run);
    },
  });
  add("insert-journal", {
    label: "Insert Journal Cell",
    caption: "Put the journal entry of the cell's last run below it",
    isEnabled: () => runHere(tracker?.currentWidget ?? null, runs) !== null,
    execute: () => insert(tracker?.currentWidget ?? null, options),
  });
  toggle("toggle-journal", JOURNAL, "Journal Cells");
  toggle("toggle-badges", BADGES, "Badges of Tracked Cells");
  settings?.changed.connect(() => {
    for (const name of ["toggle-journal", "toggle-badges"]) {
      app.commands.notifyCommandChanged(`runfolio:${name}`);
    }
  });
}

/** Return the run of the cell that is selected: one that it made, or that it is the journal of. */
function runHere(panel: Panel | null, runs: Runs): string | null {
  const cell = panel?.content.activeCell;
  if (!panel || !cell) return null;
  const at = panel.content.widgets.indexOf(cell);
  return (
    journalRun(cell.model.sharedModel) ?? (at < 0 ? null : runOf(panel.content.widgets, at, runs))
  );
}

/** Give the run of the selected cell its journal cell, as the server knows it. */
async function insert(panel: Panel | null, { runs, say }: CommandOptions): Promise<void> {
  const cell = panel?.content.activeCell?.model.sharedModel;
  const run = runHere(panel, runs);
  if (!panel || !cell || run === null) return;
  const entry = await runs.ask(run);
  const info = runs.get(run);
  if (entry === null || info === null) say(UNKNOWN);
  if (entry === null || info === null || panel.isDisposed) return;
  place(
    panel.context.model.sharedModel,
    { version: 1, ...info, cell: cell.id, source: entry.source, beside: [run], insert: true },
    { wanted: true },
  );
}
