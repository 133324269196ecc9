/** What is said of a runs table; mirrors `runfolio/widgets/runs_table.py` and `table_rows.py`. */

export interface ColumnInfo {
  /** `run`, a field of every run, `config.NAME` or `metrics.KEY`. */
  id: string;
  title: string;
  kind: "field" | "config" | "metric";
  type: "run" | "status" | "time" | "duration" | "tags" | "number" | "text" | "curve";
  unit: string;
  /** Whether it stands in a table of which nobody chose the columns. */
  shown: boolean;
  /** Whether all runs have the same in it. */
  equal: boolean;
  /** Characters of its widest text, of the first rows. */
  wide: number;
}

export interface Facts {
  at: number;
  n: number;
  total: number;
  notes: string[];
  main: string | null;
  columns: ColumnInfo[];
  /** What the query sorts by: columns, and whether their largest come first. */
  sorted: [string, boolean][];
  views: Record<string, unknown>;
  /** What to do where there is no run at all. */
  hint: string;
}

export interface Group {
  label: string;
  n: number;
  best: number | null;
  mean: number | null;
}

/** Of a whole column, told with its first cells. */
export interface Traits {
  right: boolean;
  low?: number | null;
  high?: number | null;
  goal?: "minimize" | "maximize" | null;
  decimals?: number | null;
}

export interface ColumnPart extends Traits {
  id: string;
  /** Place of the buffer of its numbers; the next one says which are there. */
  buffer?: number;
  texts?: string[];
  /** The texts with all digits, where the table shows fewer of some. */
  exact?: string[];
  lists?: string[][];
}

/** Id, name, short id, status and its glyph. */
export type Head = [string, string, string, string, string];

export interface RowsTold {
  at: number;
  gone?: boolean;
  n: number;
  first: number;
  runs: Head[];
  columns: ColumnPart[];
  groups: Group[];
  metric: string | null;
  mean: number | null;
}

/** What became of the runs since they were read; those that changed stand in it as they are by now. */
export interface News {
  new: number;
  gone: number;
  runs: Head[];
  columns: ColumnPart[];
}

export interface RunTold {
  run: string;
  ident: string;
  name: string;
  sign: string;
  status: string;
  why: string;
  notes: string;
  settings: [string, string][];
  metrics: [string, string, string][];
  more: number;
  faults: string[];
}
