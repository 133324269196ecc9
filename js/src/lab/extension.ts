/** The plugin that JupyterLab and Notebook 7 start. */

import type { App, Parts, Restorer, RunsPanel, Settings } from "./jupyter.ts";
import { activatePanel } from "./panel.ts";
import { module, type Scope } from "./shared.ts";

export const PLUGIN = "runfolio:plugin";

interface Registry {
  load(plugin: string): Promise<Settings>;
}

/** Return the plugins, made of the tokens that this front end has. */
export async function plugins(scope: Scope): Promise<unknown[]> {
  const of = <Module extends object>(name: string) => module<Module>(scope, name);
  const [application, registry] = await Promise.all([
    of<{ ILayoutRestorer: object }>("@jupyterlab/application"),
    of<{ ISettingRegistry: object }>("@jupyterlab/settingregistry"),
  ]);
  const [widgets, apputils, icons, services] = await Promise.all([
    of<Required<Parts["widgets"]>>("@lumino/widgets"),
    of<Required<Parts["apputils"]>>("@jupyterlab/apputils"),
    of<Required<Parts["icons"]>>("@jupyterlab/ui-components"),
    of<Required<Parts["services"]>>("@jupyterlab/services"),
  ]);
  const tokens = { settings: registry.ISettingRegistry, restorer: application.ILayoutRestorer };
  const has = Object.entries(tokens).filter(([, token]) => token !== undefined);
  const activate = async (app: App, ...given: unknown[]): Promise<RunsPanel> => {
    const got = Object.fromEntries(has.map(([name], at) => [name, given[at] ?? null]));
    const settings = await loaded(got.settings as Registry | null);
    const restorer = (got.restorer ?? null) as Restorer | null;
    return activatePanel(app, { widgets, apputils, icons, services, settings, restorer });
  };
  return [{ id: PLUGIN, autoStart: true, optional: has.map(([, token]) => token), activate }];
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
