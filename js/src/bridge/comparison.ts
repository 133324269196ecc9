/** What is said of a comparison; mirrors `runfolio/widgets/compare.py` and `compare_told.py`. */

/** Id, name, short id, glyph and word of the status. */
export type RunInfo = [string, string, string, string, string];

export type Goal = "minimize" | "maximize" | null;

export interface MetricInfo {
  key: string;
  label: string;
  goal: Goal;
  unit: string;
}

export interface CompareFacts {
  runs: RunInfo[];
  metrics: MetricInfo[];
  settings: { key: string; label: string }[];
  metric: string;
  x: string;
  by: string;
  panels: string[];
  query: string;
  total: number;
  /** Metrics that curves may run over, and what they are called. */
  xs: [string, string][];
  bys: [string, string][];
}

/** A part of a curve: places of its run, its metric and its buffer, and how many points are in that. */
export interface PartTold {
  r: number;
  k: number;
  b: number;
  raw: number;
  smooth: number;
  w: number;
  n: number;
  of: number;
  odd: number;
}

export interface CurvesTold {
  parts: PartTold[];
  runs: number[];
  axes: (string | null)[];
}

export interface AxisTold {
  key: string;
  label: string;
  kind: "linear" | "log" | "ordered";
  metric: boolean;
  places: number;
  bottom: string;
  top: string;
  between: [number, string][];
  labels: [number, string][];
  words?: string[];
  values?: number;
}

export interface AxesTold {
  metric: string;
  way: Goal;
  axes: AxisTold[];
  more: number;
}

export interface ScatterTold {
  metric: string;
  way: Goal;
  axis: AxisTold;
  y: number;
  n: number;
  words: string;
}

export interface ImportanceTold {
  metric: string;
  why: string;
  n: number;
  explained: string;
  more: number;
  /** What could not be compared, and why. */
  remarks: string[];
  shares: { key: string; label: string; mean: number; low: number; high: number }[];
}

export interface ProgressTold {
  metric: string;
  way: Goal;
  n: number;
  better: number;
  runs: number;
  at: number;
  values: number;
  best: number;
}

export interface BandTold {
  label: string;
  n: number;
  x: number;
  mean: number;
  deviation: number;
}

export interface GroupsTold {
  by: string;
  x: string;
  panels: { key: string; by: string; more: number; bands: BandTold[] }[];
}

export interface CellTold {
  t: string;
  exact?: string;
  aside?: string;
  sign?: string;
  status?: string;
  tags?: string[];
  role?: string;
  weight?: number;
  points?: (number | null)[];
}

export interface TableTold {
  title: string;
  footer: string;
  /** Whether each run is a column; else it is a row. */
  beside: boolean;
  ids: string[];
  of: number;
  columns: { title: string; right: boolean; exact: string; cells: CellTold[] }[];
}

/** Return the numbers of a buffer, which may begin anywhere in its message. */
export function floats(view: DataView | undefined): Float64Array {
  if (view === undefined) return new Float64Array(0);
  const { buffer, byteOffset, byteLength } = view;
  return new Float64Array((buffer as ArrayBuffer).slice(byteOffset, byteOffset + byteLength));
}
