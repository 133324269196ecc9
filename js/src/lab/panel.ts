/** The runs panel of the side bar, and runs in tabs of the main area. */

import { Channel } from "../bridge/channel.ts";
import type { End } from "../bridge/half.ts";
import { ServerApi } from "../bridge/server_api.ts";
import type { PanelDoing, Remembered, RunsPanel as SidePanel } from "../ui/runs_panel/panel.ts";
import { artifactTab, fillTab, type Tab, tabId, tabLabel, tabOf } from "../ui/tab.ts";
import type { App, MainArea, Parts, RunsPanel, Widget } from "./jupyter.ts";
import { journalDraw } from "./markdown.ts";
import { sendToCell } from "./send.ts";

const SIDE = "runfolio-runs";
const OPEN = "runfolio:open-view";
const RANK = 450;
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><path class="jp-icon3 jp-icon-selectable"
 fill="#616161" d="M3 3h2v16h16v2H3V3zm4 12.5 4-5 3.5 3L19.3 7l1.6 1.3-6.2 7.9-3.5-3L8.6 16.8z"/></svg>`;

interface Tracker {
  add(widget: Widget): Promise<void>;
}

/** Put the panel into the side bar; called once, when the front end starts. */
export function activatePanel(app: App, parts: Parts): RunsPanel {
  const { Widget } = parts.widgets;
  if (Widget === undefined) {
    console.warn("runfolio: this front end has no widgets that could hold the runs panel");
    return { show() {}, showRun() {}, refresh() {} };
  }
  return new Side(app, parts, Widget);
}

class Side implements RunsPanel {
  private readonly channel: Channel;
  private readonly tabs = new Map<string, Widget>();
  private readonly args = new Map<string, Tab>();
  private readonly tracker: Tracker | null;
  private readonly side: Widget;
  private readonly icon: unknown;
  private panel: SidePanel | null = null;

  constructor(
    private readonly app: App,
    private readonly parts: Parts,
    private readonly Widget: new (options?: { node?: HTMLElement }) => Widget,
  ) {
    this.channel = new Channel(new ServerApi(fetching(app, parts)));
    const { LabIcon } = parts.icons;
    this.icon = LabIcon ? new LabIcon({ name: "runfolio:runs", svgstr: ICON }) : undefined;
    const { WidgetTracker } = parts.apputils;
    this.tracker = WidgetTracker ? (new WidgetTracker({ namespace: "runfolio" }) as Tracker) : null;
    app.commands.addCommand(OPEN, {
      label: "Open a View of Runs",
      execute: (given) => {
        const tab = tabOf(given);
        return tab === null ? undefined : this.open(tab);
      },
    });
    this.side = this.makeSide();
    if (parts.restorer !== null && this.tracker !== null) {
      void parts.restorer.restore(this.tracker, {
        command: OPEN,
        args: (widget: Widget) => this.args.get(widget.id) ?? {},
        name: (widget: Widget) => widget.id,
      });
    }
  }

  show(): void {
    this.app.shell.activateById(SIDE);
  }

  showRun(run: string): void {
    void this.find(run);
  }

  refresh(): void {
    void this.panel?.refresh();
  }

  private makeSide(): Widget {
    const node = document.createElement("div");
    const side = new this.Widget({ node });
    side.id = SIDE;
    side.title.caption = "Runs";
    if (this.icon === undefined) side.title.label = "Runs";
    else side.title.icon = this.icon;
    this.app.shell.add(side, "left", { rank: RANK });
    this.parts.restorer?.add(side, SIDE);
    // Nothing is asked of the server before somebody looks.
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      void this.begin(node);
    });
    seen.observe(node);
    return side;
  }

  private async begin(node: HTMLElement): Promise<void> {
    const { RunsPanel: Panel } = await import("../ui/runs_panel/panel.ts");
    const doing: PanelDoing = {
      open: (kind, store, runs, title, query = "") =>
        this.bring({ kind, store, runs, query, title }),
      journal: (store, name) =>
        this.bring({ kind: "journal", store, runs: [], query: "", title: name }),
      artifact: (store, name) => this.bring(artifactTab(store, name)),
      send: (runs) => sendToCell(this.app, runs),
    };
    const where = `runfolio:${this.app.serviceManager.serverSettings.baseUrl}`;
    this.panel = new Panel(node, this.channel, doing, remembered(where), (memory) => {
      localStorage.setItem(where, JSON.stringify(memory));
    });
    this.side.disposed.connect(() => this.panel?.dispose());
  }

  /** Open a tab, and bring it to the front. */
  private bring(tab: Tab): void {
    if (this.app.name === "Jupyter Notebook") {
      // It has room for one document in its main area: a run is a page of its own there.
      const { baseUrl } = this.app.serviceManager.serverSettings;
      window.open(
        `${baseUrl}runfolio#${encodeURIComponent(JSON.stringify(tab))}`,
        "_blank",
        "noopener",
      );
      return;
    }
    this.app.shell.activateById(this.open(tab).id);
  }

  private open(tab: Tab): Widget {
    const id = tabId(tab);
    const known = this.tabs.get(id);
    if (known !== undefined && !known.isDisposed) return known;
    const node = document.createElement("div");
    const content = new this.Widget({ node });
    content.id = `${id}-content`;
    const { MainAreaWidget } = this.parts.apputils;
    const widget: MainArea = MainAreaWidget ? new MainAreaWidget({ content }) : content;
    widget.id = id;
    widget.toolbar?.hide();
    Object.assign(widget.title, { label: tabLabel(tab), caption: tab.title, closable: true });
    if (this.icon !== undefined) widget.title.icon = this.icon;
    const { store } = tab;
    const end: End = fillTab(node, this.channel, tab, journalDraw(this.parts.rendermime), {
      run: (run, title = "") => this.bring({ kind: "card", store, runs: [run], query: "", title }),
      artifact: (name) => this.bring(artifactTab(store, name)),
    });
    widget.disposed.connect(() => {
      end();
      this.tabs.delete(id);
      this.args.delete(id);
    });
    this.tabs.set(id, widget);
    this.args.set(id, tab);
    this.app.shell.add(widget, "main");
    void this.tracker?.add(widget);
    return widget;
  }

  private async find(run: string): Promise<void> {
    try {
      const found = await this.channel.api.find(run);
      if (found !== null) {
        const [store, title] = found;
        this.bring({ kind: "card", store, runs: [run], query: "", title });
        return;
      }
    } catch (error) {
      console.warn("runfolio: the run could not be looked for", error);
    }
    this.show();
  }
}

/** Ask as the front end does: with its token, its XSRF value, its own fetch. */
function fetching(app: App, { services }: Parts) {
  const settings = app.serviceManager.serverSettings;
  const { ServerConnection } = services;
  return (path: string, init: RequestInit): Promise<Response> => {
    const url = `${settings.baseUrl}runfolio/api/${path}`;
    if (ServerConnection === undefined) return Promise.reject(new Error("no ServerConnection"));
    return ServerConnection.makeRequest(url, init, settings);
  };
}

function remembered(where: string): Remembered {
  try {
    const { store, query, side } = JSON.parse(localStorage.getItem(where) ?? "{}");
    return {
      ...(typeof store === "string" ? { store } : {}),
      ...(typeof query === "string" ? { query } : {}),
      ...(side === "artifacts" ? { side } : {}),
    };
  } catch {
    return {};
  }
}
