/**
 * What kernel and page say to each other; mirrors `runfolio/widgets/protocol.py`.
 *
 * Points are numbered per series by the order in which they were logged: a message says from which
 * one on it holds them, so that what comes twice, out of order or not at all is seen.
 */

import type { Entry, Placed } from "./journal.ts";

/** One series of a card. */
export interface SeriesInfo {
  id: number;
  key: string;
  label: string;
  /** Place among the colours; -1 is grey. */
  colour: number;
  goal: "minimize" | "maximize" | null;
  /** The series over whose values it runs; null for steps. */
  along: number | null;
  /** What that one is called. */
  over: string;
}

export interface PanelInfo {
  id: string;
  title: string;
  series: number[];
}

export interface Meter {
  label: string;
  value: string;
  rest: string;
}

/** What a run `used` or `made`; `more` are counted only. */
export interface Uses {
  what: string;
  versions: { name: string; old: string }[];
  more: number;
}

/** All that a card shows but its points. */
export interface CardInfo {
  version: 1;
  run: string;
  ident: string;
  name: string;
  status: string;
  sign: string;
  tags: string[];
  started_ms: number;
  /** Of the kernel, when this was told. */
  now_ms: number;
  elapsed_s: number;
  step: number | null;
  total: number | null;
  rate: number | null;
  series: SeriesInfo[];
  panels: PanelInfo[];
  more: string[];
  system: Meter[];
  facts: string;
  /** What changed since the best run, in a line. */
  since: string;
  /** Which versions of artifacts it used and made; absent from what older kernels told. */
  uses?: Uses[];
  warnings: string[];
  alert: string;
  reason: string;
  note: string;
  can: string[];
  empty: string;
}

/** The latest that was logged under a key beside numbers; `picture` is the place of its buffer. */
export interface MediaInfo {
  key: string;
  step: string;
  n: number;
  type: string;
  picture: number;
  mime: string;
  width: number;
  /** Whether its few pixels are shown as squares. */
  pixelated: boolean;
}

export type Down =
  | { kind: "points"; at: number; parts: { s: number; from: number; n: number }[] }
  | { kind: "reset"; series: number[] }
  | { kind: "tick"; now_ms: number }
  | { kind: "answer"; id: number; error: string | null }
  | { kind: "media"; items: MediaInfo[] }
  | { kind: "journal"; entry: Entry }
  | Told;

export type Up =
  | { kind: "ready" }
  | { kind: "want"; from: Record<string, number> }
  | { kind: "got"; at: number }
  | { kind: "placed"; run: string; what: { placed: Placed } }
  | { kind: "do"; id: number; verb: string; text: string }
  | { kind: "ask"; id: number; verb: string; page: string; what: Record<string, unknown> };

/** An answer to what a page asked; every page hears it, the one named is meant. */
export interface Told {
  kind: "told";
  id: number;
  verb: string;
  page: string;
  error?: { message: string; position: number | null };
}
