/** The plugin that JupyterLab and Notebook 7 start. */

import { keepBadges } from "./badges.ts";
import { addCommands } from "./commands.ts";
import { keepJournals, refresh } from "./journal.ts";
import type { App, Palette, Parts, RenderMime, Restorer, RunsPanel, Settings } from "./jupyter.ts";
import type { Tracker } from "./notebooks.ts";
import { activatePanel } from "./panel.ts";
import { Runs } from "./runs.ts";
import { Server } from "./server.ts";
import { module, type Scope } from "./shared.ts";
import { keepWords } from "./words.ts";

export const PLUGIN = "runfolio:plugin";

interface Registry {
  load(plugin: string): Promise<Settings>;
}

/** What other plugins of the front end provide; none of them is sure to be there. */
interface Services {
  registry?: Registry | null;
  restorer?: Restorer | null;
  rendermime?: RenderMime | null;
  tracker?: Tracker | null;
  palette?: Palette | null;
}

/** Return the plugins, made of the tokens that this front end has. */
export async function plugins(scope: Scope): Promise<unknown[]> {
  const of = <Module extends object>(name: string) => module<Module>(scope, name);
  const [application, registry, notebook, palette, rendering] = await Promise.all([
    of<{ ILayoutRestorer: object }>("@jupyterlab/application"),
    of<{ ISettingRegistry: object }>("@jupyterlab/settingregistry"),
    of<{ INotebookTracker: object }>("@jupyterlab/notebook"),
    of<{ ICommandPalette: object }>("@jupyterlab/apputils"),
    of<{ IRenderMimeRegistry: object }>("@jupyterlab/rendermime"),
  ]);
  const [widgets, apputils, icons, services] = await Promise.all([
    of<Required<Parts["widgets"]>>("@lumino/widgets"),
    of<Required<Parts["apputils"]>>("@jupyterlab/apputils"),
    of<Required<Parts["icons"]>>("@jupyterlab/ui-components"),
    of<Required<Parts["services"]>>("@jupyterlab/services"),
  ]);
  const tokens = {
    registry: registry.ISettingRegistry,
    restorer: application.ILayoutRestorer,
    tracker: notebook.INotebookTracker,
    palette: palette.ICommandPalette,
    rendermime: rendering.IRenderMimeRegistry,
  };
  const has = Object.entries(tokens).filter(([, token]) => token !== undefined);
  const activate = async (app: App, ...given: unknown[]): Promise<void> => {
    const got: Services = Object.fromEntries(has.map(([name], at) => [name, given[at] ?? null]));
    const settings = await loaded(got.registry ?? null);
    const { restorer = null, rendermime = null } = got;
    const parts = { widgets, apputils, icons, services, settings, restorer, rendermime };
    start(app, parts, activatePanel(app, parts), got);
  };
  return [{ id: PLUGIN, autoStart: true, optional: has.map(([, token]) => token), activate }];
}

function start(app: App, parts: Parts, panel: RunsPanel, { tracker, palette }: Services): void {
  const { settings } = parts;
  const server = new Server(parts.services.ServerConnection, app.serviceManager.serverSettings);
  const runs = new Runs(server);
  const isOn = (name: string) => settings?.composite[name] !== false;
  addCommands({
    app,
    palette: palette ?? null,
    panel,
    settings,
    tracker: tracker ?? null,
    runs,
    say: (words) => parts.apputils.Notification?.warning(words),
  });
  if (!tracker) return;
  keepJournals({ tracker, runs, isOn: () => isOn("journalCells") });
  keepWords(tracker, server);
  const look = keepBadges({
    tracker,
    runs,
    isOn: () => isOn("badges"),
    show: (run) => panel.showRun(run),
  });
  settings?.changed.connect(look);
  follow(tracker, runs, () => Number(settings?.composite.panelRefresh) || 10);
}

/** Ask now and then for the runs that go on, of notebooks that are seen. */
function follow(tracker: Tracker, runs: Runs, everySeconds: () => number): void {
  const turn = async () => {
    try {
      const panel = tracker.currentWidget;
      if (panel?.isVisible && !document.hidden) await refresh(panel, runs, { going: true });
    } finally {
      setTimeout(turn, 1000 * everySeconds());
    }
  };
  void turn();
}

/** Return the settings of this extension; none where they cannot be had. */
async function loaded(registry: Registry | null): Promise<Settings | null> {
  try {
    return (await registry?.load(PLUGIN)) ?? null;
  } catch (error) {
    console.warn("runfolio: its settings could not be read; the defaults hold", error);
    return null;
  }
}
