/** Tables of a version's card: what a data set holds, and what differs between two versions. */

import type {
  ComparedBlock,
  ComparedLine,
  Difference,
  Profile,
  SheetInfo,
} from "../../bridge/artifacts.ts";
import { count } from "../../core/figures.ts";
import { make } from "../dom.ts";

/** Return the tables of a data set, each with a row a column and its first rows. */
export function profileNodes({ tables, faults }: Profile): Node[] {
  return [...faults.map((text) => make("p", { class: "quiet", text })), ...tables.flatMap(sheet)];
}

function sheet({ title, footer, columns }: SheetInfo): Node[] {
  const cell = (column: SheetInfo["columns"][number], text: string, isFirst: boolean) =>
    make(isFirst ? "th" : "td", {
      class: column.right ? "right-hand" : "",
      text,
      attrs: isFirst ? { scope: "row" } : {},
    });
  const head = columns.map(({ title: text, right }) =>
    make("th", { class: right ? "right-hand" : "", text, attrs: { scope: "col" } }),
  );
  const rows = (columns[0]?.cells ?? []).map((_, row) =>
    make(
      "tr",
      {},
      columns.map((column, at) => cell(column, column.cells[row] ?? "", at === 0)),
    ),
  );
  return [
    make("p", { class: "quiet" }, [make("b", { text: title }), ` · ${footer}`]),
    make(
      "div",
      { class: "scroll tall", attrs: { tabindex: "0", role: "group", "aria-label": title } },
      [
        make("table", { class: "sheet", attrs: { "aria-label": `${title}, ${footer}` } }, [
          make("thead", {}, [make("tr", {}, head)]),
          make("tbody", {}, rows),
        ]),
      ],
    ),
  ];
}

/** Return what differs: files first, then each table. */
export function differenceNodes(
  { sections, remarks }: Difference,
  names: [string, string],
): Node[] {
  return [
    ...sections.flatMap((section) => [
      make("p", { class: "quiet" }, [make("b", { text: section.title }), ` · ${section.summary}`]),
      ...notes(section.notes),
      ...lines(section, names),
      ...section.blocks.map((block) =>
        make("div", { class: "block" }, [
          make("p", { class: "quiet" }, [
            make("b", { text: block.title }),
            ...block.notes.slice(0, 1).map((text) => ` · ${text}`),
          ]),
          ...notes(block.notes.slice(1)),
          ...lines(block, names),
        ]),
      ),
    ]),
    ...notes(remarks),
  ];
}

function notes(words: string[]): Node[] {
  return words.map((text) => make("p", { class: "quiet", text }));
}

function lines(block: ComparedBlock, names: [string, string]): Node[] {
  if (block.lines.length === 0) return [];
  const head = ["", ...names, ""].map((text) => make("th", { text, attrs: { scope: "col" } }));
  const more = block.more > 0 ? notes([`and ${count(block.more)} more`]) : [];
  const table = make("table", { class: "compared wraps", attrs: { "aria-label": block.title } }, [
    make("thead", {}, [make("tr", {}, head)]),
    make("tbody", {}, block.lines.flatMap(compared)),
  ]);
  return [make("div", { class: "scroll" }, [table]), ...more];
}

function compared({ name, was, now, mark, about }: ComparedLine): Node[] {
  const kind = /^[▁▂▃▄▅▆▇█·]+$/.test(was + now) ? "bars" : "";
  const row = make("tr", {}, [
    make("th", { text: name, attrs: { scope: "row" } }),
    make("td", { class: kind, text: was || "–" }),
    make("td", { class: kind }, [make("b", { text: now || "–" })]),
    make("td", { class: "mark", text: mark }),
  ]);
  if (about === "") return [row];
  const more = make("td", { class: "quiet", text: about, attrs: { colspan: "4" } });
  return [row, make("tr", { class: "about" }, [more])];
}
