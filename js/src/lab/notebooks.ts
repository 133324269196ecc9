/** The notebooks that are open in the front end. */

import type { Entry } from "../bridge/journal.ts";
import type { Cell, Notebook } from "../bridge/notebook.ts";
import type { Signal, Widget } from "./jupyter.ts";

/** A message of a kernel to all that listen. */
export interface KernelMessage {
  header: { msg_type: string };
  content: { transient?: { runfolio?: unknown } };
}

export interface Comm {
  open(data?: unknown): unknown;
  close(): unknown;
  onMsg: (message: { content: { data: unknown } }) => void;
  subshellStarted?: Promise<unknown>;
}

export interface Kernel {
  createComm(target: string): Comm;
}

export interface CellWidget extends Widget {
  /** Resolves once it is drawn. */
  readonly ready?: Promise<void>;
  readonly model: {
    readonly sharedModel: Cell;
    readonly contentChanged?: Signal<unknown, unknown>;
  };
}

/** A notebook in its tab. */
export interface Panel extends Widget {
  readonly context: {
    readonly path: string;
    readonly ready: Promise<void>;
    readonly model: {
      readonly sharedModel: Notebook;
      readonly readOnly: boolean;
      dirty: boolean;
      readonly contentChanged: Signal<unknown, unknown>;
    };
    readonly saveState: Signal<unknown, string>;
    readonly sessionContext: {
      readonly iopubMessage: Signal<unknown, KernelMessage>;
      readonly session: { readonly kernel: Kernel | null } | null;
    };
  };
  readonly content: {
    readonly widgets: readonly CellWidget[];
    readonly activeCell: CellWidget | null;
  };
}

export interface Tracker {
  readonly currentWidget: Panel | null;
  readonly widgetAdded: Signal<Tracker, Panel>;
  readonly currentChanged: Signal<Tracker, Panel | null>;
  forEach(call: (panel: Panel) => void): void;
}

/** Call for each notebook that is open, and for each that is opened. */
export function eachPanel(tracker: Tracker, call: (panel: Panel) => void): void {
  tracker.forEach(call);
  tracker.widgetAdded.connect((_, panel) => call(panel));
}

/** What is known of a run beside what stands in a notebook. */
export interface RunInfo {
  run: string;
  name: string;
  status: string;
  sign: string;
  /** Id of the cell that made it, and the hash of its source then; empty where that is not known. */
  cell: string;
  hash: string;
}

export function infoOf(entry: Entry): RunInfo {
  const { run, name, status, sign, cell, hash } = entry;
  return { run, name, status, sign, cell, hash };
}
