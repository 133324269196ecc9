/** Where two tables that stand side by side say something else. */

import type { PageTold } from "../bridge/media.ts";

/** Return of each cell of a page whether it differs from the one in the same place of another. */
export function differing(page: PageTold, other: PageTold): boolean[][] {
  const places = page.names.map((name, at) =>
    other.names[at] === name ? at : other.names.indexOf(name),
  );
  return page.rows.map((row, at) => {
    const beside = other.rows[at];
    return row.map((cell, column) => {
      const place = places[column]!;
      if (place < 0 || beside === undefined) return true;
      const [exact, its] = [page.exact[at]?.[column], other.exact[at]?.[place]];
      return cell !== beside[place] || (exact ?? "") !== (its ?? "");
    });
  });
}
