/** How a table is looked at: what a saved view holds, and what the widget's `view` says. */

export interface Folding {
  /** Whether groups are closed, but for those in `but`; else only those in `but` are. */
  all: boolean;
  but: string[];
}

export type Sort = [string, boolean][];

export interface View {
  /** Ids of the columns in order; null shows those that differ. */
  columns: string[] | null;
  /** Shows columns that are equal in all runs, too, where nobody chose. */
  every: boolean;
  pinned: string[];
  sort: Sort;
  group: string | null;
  folding: Folding;
  /** Which metrics are shaded by their value. */
  colour: "main" | "all" | "none";
  widths: Record<string, number>;
}

export const PLAIN: View = {
  columns: null,
  every: false,
  pinned: [],
  sort: [],
  group: null,
  folding: { all: false, but: [] },
  colour: "main",
  widths: {},
};

const MOST = 2000;

/** Return a view of whatever somebody's file or program holds; what is nonsense is as nobody chose. */
export function viewOf(given: unknown): View {
  const { columns, every, pinned, sort, group, folding, colour, widths } = mapping(given);
  const { all, but } = mapping(folding);
  return {
    columns: Array.isArray(columns) ? texts(columns) : null,
    every: every === true,
    pinned: texts(pinned),
    sort: list(sort).filter(isSort).slice(0, 8),
    group: typeof group === "string" && group !== "" ? group : null,
    folding: { all: all === true, but: texts(but) },
    colour: colour === "all" || colour === "none" ? colour : "main",
    widths: Object.fromEntries(
      Object.entries(mapping(widths))
        .filter((pair): pair is [string, number] => typeof pair[1] === "number")
        .map(([id, width]) => [id, Math.min(Math.max(width, 40), 800)]),
    ),
  };
}

/** Return whether a group is closed. */
export function isClosed(folding: Folding, label: string): boolean {
  return folding.all !== folding.but.includes(label);
}

/** Return the folding with one group opened or closed. */
export function toggled(folding: Folding, label: string): Folding {
  const others = folding.but.filter((one) => one !== label);
  return { ...folding, but: others.length < folding.but.length ? others : [...others, label] };
}

function mapping(given: unknown): Record<string, unknown> {
  return typeof given === "object" && given !== null && !Array.isArray(given)
    ? (given as Record<string, unknown>)
    : {};
}

function list(given: unknown): unknown[] {
  return Array.isArray(given) ? given.slice(0, MOST) : [];
}

function texts(given: unknown): string[] {
  return list(given).filter((one): one is string => typeof one === "string");
}

function isSort(given: unknown): given is [string, boolean] {
  return (
    Array.isArray(given) &&
    given.length === 2 &&
    typeof given[0] === "string" &&
    typeof given[1] === "boolean"
  );
}
