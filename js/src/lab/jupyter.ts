/**
 * The part of JupyterLab's interfaces that is used here, from 4.2 on and in Notebook 7; written down
 * by hand, so that nothing of it is needed to build. Whatever a front end may lack is optional.
 */

export interface Signal<Sender, Told> {
  connect(slot: (sender: Sender, told: Told) => void): boolean;
  disconnect(slot: (sender: Sender, told: Told) => void): boolean;
}

/** A widget of Lumino's. */
export interface Widget {
  id: string;
  readonly node: HTMLElement;
  readonly title: Title;
  readonly isDisposed: boolean;
  readonly isVisible: boolean;
  readonly disposed: Signal<Widget, void>;
  addClass(name: string): void;
  dispose(): void;
}

/** A widget below a toolbar. */
export interface MainArea extends Widget {
  readonly toolbar?: { hide(): void };
}

export interface Title {
  label: string;
  caption: string;
  icon: unknown;
  closable: boolean;
}

export interface Command {
  label: string | ((given: Record<string, unknown>) => string);
  caption?: string;
  icon?: unknown;
  isEnabled?: () => boolean;
  isToggled?: () => boolean;
  execute(given: Record<string, unknown>): unknown;
}

export interface App {
  readonly name: string;
  readonly version: string;
  readonly restored: Promise<unknown>;
  readonly commands: {
    addCommand(id: string, command: Command): unknown;
    execute(id: string, given?: Record<string, unknown>): Promise<unknown>;
    hasCommand(id: string): boolean;
    notifyCommandChanged(id?: string): void;
  };
  readonly shell: {
    add(widget: Widget, area: string, options?: Record<string, unknown>): void;
    activateById(id: string): void;
    readonly currentWidget?: Widget | null;
    widgets?(area?: string): Iterable<Widget>;
  };
  readonly serviceManager: {
    readonly serverSettings: ServerSettings;
  };
}

/** How the server is asked; the requests carry its token and XSRF value. */
export interface ServerSettings {
  readonly baseUrl: string;
}

export interface ServerConnection {
  makeRequest(url: string, init: RequestInit, settings: ServerSettings): Promise<Response>;
}

/** The settings of this extension; their names are those of `schema/plugin.json`. */
export interface Settings {
  readonly composite: Record<string, unknown>;
  readonly changed: Signal<Settings, void>;
  set(name: string, value: unknown): Promise<void>;
}

/** Places a file browser, the tabs and a reload come back to. */
export interface Restorer {
  restore(tracker: unknown, options: Record<string, unknown>): Promise<unknown>;
  add(widget: Widget, name: string): void;
}

export interface Palette {
  addItem(item: { command: string; category: string }): unknown;
}

/** Draws outputs; what is not trusted is sanitised. */
export interface RenderMime {
  createRenderer(type: string): Widget & { renderModel(model: unknown): Promise<void> };
  createModel(options: { data: Record<string, string>; trusted: boolean }): unknown;
}

/** What `activatePanel` has at hand beside the application. */
export interface Parts {
  /** `@lumino/widgets`. */
  readonly widgets: { Widget?: new (options?: { node?: HTMLElement }) => Widget };
  /** `@jupyterlab/apputils`. */
  readonly apputils: {
    MainAreaWidget?: new (options: { content: Widget }) => MainArea;
    Notification?: { warning(words: string): unknown };
    WidgetTracker?: new (options: { namespace: string }) => unknown;
  };
  /** `@jupyterlab/ui-components`. */
  readonly icons: { LabIcon?: new (options: { name: string; svgstr: string }) => unknown };
  /** `@jupyterlab/services`. */
  readonly services: { ServerConnection?: ServerConnection };
  readonly settings: Settings | null;
  readonly restorer: Restorer | null;
  readonly rendermime: RenderMime | null;
}

/** What the rest of the extension asks of the panel. */
export interface RunsPanel {
  /** Bring the panel to the front. */
  show(): void;
  /** Show a run's card in a tab of the main area. */
  showRun(run: string): void;
  /** Look for stores and runs again. */
  refresh(): void;
}
