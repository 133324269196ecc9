/** Rows of a logged table, as text; what differs from the table at the left is marked. */

import type { PageTold } from "../../bridge/media.ts";
import { differing } from "../../core/differs.ts";
import { make } from "../dom.ts";

export const PAGE_ROWS = 10;

/** Draw a page of a table into an element. */
export function drawPage(
  node: HTMLElement,
  page: PageTold,
  other: PageTold | null,
  name: string,
): void {
  const differs = other === null ? null : differing(page, other);
  const side = (column: number) => (page.right[column] ? "right" : "");
  const heads = page.names.map((one, column) =>
    make("th", { class: side(column), text: one, title: one, attrs: { scope: "col" } }),
  );
  const rows = page.rows.map((row, at) =>
    make("tr", {}, [
      make("th", { text: String(page.first + at + 1), attrs: { scope: "row" } }),
      ...row.map((cell, column) => {
        const isOther = differs?.[at]?.[column] ?? false;
        const exact = page.exact[at]?.[column] || cell;
        return make("td", {
          class: `${side(column)}${isOther ? " differs" : ""}`,
          text: cell,
          title: isOther ? `${exact} (differs from ${name})` : exact,
        });
      }),
    ]),
  );
  const table = make("table", {}, [
    make("thead", {}, [make("tr", {}, [make("th", { text: "" }), ...heads])]),
    make("tbody", {}, rows),
  ]);
  const more = page.columns - page.names.length;
  node.replaceChildren(
    table,
    ...(more > 0 ? [make("div", { class: "m-words", text: `and ${more} more columns` })] : []),
  );
}
