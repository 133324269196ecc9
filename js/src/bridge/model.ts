/** What the page's half of a widget is made from: state that it shares with its other half, and messages. */

import type { Down, Up } from "./protocol.ts";

/**
 * A model as anywidget gives it, as far as it is used here.
 *
 * Whatever keeps these words can stand for it. Beside its traits it has `_id`, by which its other
 * half and static HTML in the page know it. What is sent is an `Up`, what comes a `Down`.
 */
export interface WidgetModel {
  get(trait: string): unknown;
  set(trait: string, value: unknown): void;
  save_changes(): void;
  send(message: Up): void;
  on(event: "msg:custom", heard: (message: Down, buffers: DataView[]) => void): void;
  on(event: `change:${string}`, heard: () => void): void;
  off(event: string, heard: (message: Down, buffers: DataView[]) => void): void;
  widget_manager?: unknown;
  /** What its other half lives in; a kernel where it does not say. */
  readonly home?: "kernel" | "server";
}

export interface Signal {
  connect(slot: (sender: unknown, status: string) => void): unknown;
  disconnect(slot: (sender: unknown, status: string) => void): unknown;
}

export interface Comm {
  open(data?: unknown): unknown;
  send(data: unknown): unknown;
  close?(): unknown;
  isDisposed?: boolean;
  /** Resolves once the kernel has a thread for it; JupyterLab 4.4 and later. */
  subshellStarted?: Promise<unknown>;
}

export interface Kernel {
  isDisposed?: boolean;
  statusChanged?: Signal;
  createComm?(target: string): Comm;
}

export interface Output {
  data?: Record<string, unknown>;
}

export interface Outputs {
  length: number;
  get(place: number): Output;
  set(place: number, output: object): void;
}

/** A notebook as it is written to its file. */
export interface Saved {
  cells?: { outputs?: Output[] }[];
}

export interface Notebook {
  cells?: { length: number; get(place: number): { outputs?: Outputs } };
  toJSON?(): Saved;
}

export interface View {
  el?: HTMLElement;
  remove?(): void;
}

/** What a front end may have around a model. None documents it, so it may be otherwise, or throw. */
export interface Surroundings {
  kernel?: Kernel | null;
  context?: { model?: Notebook };
  get_model?(id: string): Promise<unknown> | undefined;
  create_view?(model: unknown): Promise<View>;
}

/** Return what a front end has around a model. */
export function around(model: WidgetModel): Surroundings {
  return (model.widget_manager ?? {}) as Surroundings;
}
