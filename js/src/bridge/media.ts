/** What is said of a media browser; mirrors `runfolio/widgets/media_browser.py` and `media_cells.py`. */

import type { Head } from "./table.ts";

export type Kind =
  | "images"
  | "tables"
  | "histograms"
  | "sounds"
  | "videos"
  | "pages"
  | "files"
  | "output";

/** A name, and how many of the runs read so far have it; its number is its place. */
export type Keys = Partial<Record<Kind, [string, number][]>>;

export interface MediaFacts {
  at: number;
  n: number;
  keys: Keys;
  /** The first runs. */
  runs: Head[];
  /** How many of the runs were read. */
  read: number;
}

export interface HeatTold {
  low: number;
  high: number;
  columns: number;
  rows: number;
  /** The first step of each column. */
  firsts: number[];
  last: number;
  n: number;
}

/** What stands in a cell: of key `k`, in column `c`. */
export interface CellTold {
  k: number;
  c: number;
  /** There is nothing; the words say why, if anything went wrong. */
  none?: string;
  /** The first step at which there is something. */
  from?: number;
  type?: string;
  caption?: string;
  bytes?: number;
  width?: number;
  height?: number;
  rows?: number;
  columns?: number;
  duration_s?: number;
  step?: number;
  /** Things that were logged at once, and which of them this is. */
  n?: number;
  item?: number;
  /** Colours and names of what lies over the picture. */
  over?: [string, string][];
  /** What names its picture. */
  token?: string;
  buffer?: number;
  mime?: string;
  w?: number;
  h?: number;
  heat?: HeatTold;
  /** Why there is no picture. */
  why?: string;
  /** Its picture comes with a later answer. */
  later?: boolean;
}

export interface CellsTold {
  at: number;
  gone?: boolean;
  cells: CellTold[];
  first: number;
  runs: Head[];
  later: boolean;
  /** Keys that are known by now. */
  known: number;
  /** Runs that are read by now. */
  read: number;
}

export interface PageTold {
  first: number;
  names: string[];
  right: boolean[];
  rows: string[][];
  exact: string[][];
  n: number;
  columns: number;
}

export interface BinTold {
  step?: number;
  bin: { count: number; from: number | null; to: number | null; total: number } | null;
}

export interface FileTold {
  mime: string;
  w: number;
  h: number;
}

export interface LinesTold {
  n: number;
  first: number;
  lines: string[];
}

export interface FoundTold {
  n: number;
  whole: boolean;
  text: string;
}

export interface HitsTold {
  hits: [number, number][];
  text: string;
}
