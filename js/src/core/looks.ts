/** How each of many runs is drawn: in its colour, grey, faint, on top, or not at all. */

export type Level = "faint" | "grey" | "plain" | "strong";

export interface Look {
  /** Place among the colours; -1 is grey. */
  colour: number;
  level: Level;
}

export interface Chosen {
  hidden: ReadonlySet<number>;
  pinned: ReadonlySet<number>;
  /** For each run whether it is within the brush; null where nothing is brushed. */
  inside: Uint8Array | null;
}

/** Runs that have a colour: eight, then the same with dashes. */
export const COLOURED = 16;

/** Return how a run is drawn; null where it is not. */
export function lookOf(run: number, chosen: Chosen, hovered = -1): Look | null {
  const colour = run < COLOURED ? run : -1;
  if (run === hovered) return { colour: coloured(run), level: "strong" };
  if (chosen.hidden.has(run)) return null;
  if (chosen.pinned.has(run)) return { colour: coloured(run), level: "strong" };
  if (chosen.inside !== null && !chosen.inside[run]) return { colour: -1, level: "faint" };
  return { colour, level: colour < 0 ? "grey" : "plain" };
}

/** Return the colour that a run has when it is looked at, grey ones included. */
export function coloured(run: number): number {
  return run % COLOURED;
}

const ORDER: Level[] = ["faint", "grey", "plain", "strong"];

/** Return runs with their looks, those that lie on top last; the first of the table above others. */
export function stacked(runs: number[], chosen: Chosen): [number, Look][] {
  const found: [number, Look][] = [];
  for (const run of runs) {
    const look = lookOf(run, chosen);
    if (look !== null) found.push([run, look]);
  }
  return found.sort(
    ([a, one], [b, other]) => ORDER.indexOf(one.level) - ORDER.indexOf(other.level) || b - a,
  );
}

/** Of many faint or grey lines so many say as much as all of them. */
const ENOUGH: Partial<Record<Level, number>> = { faint: 400, grey: 1000 };

/** Leave out lines that would only cover each other: evenly many of each level. */
export function thinnedOut(all: [number, Look][]): [number, Look][] {
  const n = new Map<Level, number>();
  for (const [, { level }] of all) n.set(level, (n.get(level) ?? 0) + 1);
  const seen = new Map<Level, number>();
  return all.filter(([, { level }]) => {
    const at = seen.get(level) ?? 0;
    seen.set(level, at + 1);
    const [of, most] = [n.get(level)!, ENOUGH[level] ?? Number.POSITIVE_INFINITY];
    return of <= most || Math.floor(((at + 1) * most) / of) > Math.floor((at * most) / of);
  });
}

/** Return the runs whose curves are drawn: of many the pinned, the brushed, then the first. */
export function drawnOf(n: number, most: number, chosen: Chosen): number[] {
  if (n <= most) return Array.from({ length: n }, (_, run) => run);
  const found = new Set(chosen.pinned);
  const add = (wanted: (run: number) => boolean) => {
    for (let run = 0; run < n && found.size < most; run++) {
      if (!chosen.hidden.has(run) && wanted(run)) found.add(run);
    }
  };
  add((run) => chosen.inside !== null && chosen.inside[run] === 1);
  add(() => true);
  return [...found].sort((a, b) => a - b);
}
