/** The table of differences: runs as rows, or beside each other, with the colours they have. */

import type { CellTold, TableTold } from "../../bridge/comparison.ts";
import { COLOURED, lookOf } from "../../core/looks.ts";
import { curvePath } from "../../core/shown.ts";
import { make } from "../dom.ts";
import { swatch } from "../tip.ts";
import type { State } from "./state.ts";

export class Differences {
  readonly node = make("div", { class: "differences" });
  /** Rows, or the cells of a column, by their run. */
  private readonly parts = new Map<number, HTMLElement[]>();

  constructor(private readonly state: State) {
    this.node.addEventListener("pointerleave", () => state.hover(-1));
  }

  show(told: TableTold): void {
    this.parts.clear();
    const runs = told.ids.map((id) => this.state.place(id));
    const head = make(
      "tr",
      {},
      told.columns.map((column, at) =>
        this.head(column, told.beside && at > 0 ? runs[at - 1]! : -1),
      ),
    ); // prettier-ignore
    const n = told.columns[0]?.cells.length ?? 0;
    const rows = Array.from({ length: n }, (_, row) => {
      const run = told.beside ? -1 : (runs[row] ?? -1);
      const cells = told.columns.map((column, at) => {
        const own = told.beside && at > 0 ? runs[at - 1]! : -1;
        const node = this.cell(column.cells[row]!, column.right, at === 0, run);
        if (own >= 0) this.keep(own, node);
        return node;
      });
      const node = make("tr", {}, cells);
      if (run >= 0) this.keep(run, node);
      return node;
    });
    const table = make("table", { attrs: { "aria-label": told.title } }, [
      make("thead", {}, [head]),
      make("tbody", {}, rows),
    ]);
    this.node.replaceChildren(
      make(
        "div",
        { class: "table-room", attrs: { tabindex: "0", role: "region", "aria-label": told.title } },
        [table],
      ),
      make("div", { class: "caption quiet", text: told.footer }),
    );
    this.update();
  }

  /** Show how runs look by now. */
  update(): void {
    for (const [run, nodes] of this.parts) {
      const faint = lookOf(run, this.state)?.level === "faint" || this.state.hidden.has(run);
      for (const node of nodes) {
        node.classList.toggle("faint", faint);
        node.classList.toggle("on", run === this.state.hovered);
      }
    }
  }

  private keep(run: number, node: HTMLElement): void {
    const held = this.parts.get(run) ?? [];
    held.push(node);
    this.parts.set(run, held);
    node.addEventListener("pointerenter", () => this.state.hover(run));
  }

  private head({ title, right, exact }: TableTold["columns"][number], run: number): HTMLElement {
    const node = make(
      "th",
      { class: right ? "right" : "", title: exact, attrs: { scope: "col" } },
      [...(run >= 0 ? [this.swatch(run)] : []), make("span", { text: title })],
    );
    if (run >= 0) this.keep(run, node);
    return node;
  }

  private swatch(run: number): HTMLElement {
    const node = swatch(
      run < COLOURED || this.state.pinned.has(run) ? run % COLOURED : -1,
      this.state.dark,
    );
    node.dataset.run = String(run);
    return node;
  }

  private cell(cell: CellTold, right: boolean, first: boolean, run: number): HTMLElement {
    const parts: Node[] = [];
    if (first && run >= 0) parts.push(this.swatch(run));
    if (cell.sign) {
      parts.push(
        make("span", {
          class: `sign ${cell.status ?? ""}`,
          text: cell.sign,
          attrs: { role: "img", "aria-label": cell.status ?? "" },
        }),
      ); // prettier-ignore
    }
    if (cell.points) parts.push(spark(cell.points));
    else if (cell.tags)
      parts.push(...cell.tags.map((tag) => make("span", { class: "tag", text: tag })));
    else parts.push(make(cell.role === "strong" ? "b" : "span", { text: cell.t }));
    if (cell.aside) parts.push(make("code", { text: cell.aside }));
    const options = {
      class: `${right ? "right" : ""} ${cell.role === "quiet" ? "quiet" : ""}`,
      title: cell.exact ?? "",
    };
    const node = first
      ? make("th", { ...options, attrs: { scope: "row" } }, parts)
      : make("td", options, parts);
    if (cell.weight !== undefined) {
      node.classList.add("shaded");
      node.style.setProperty("--weight", String(cell.weight));
    }
    return node;
  }
}

function spark(points: (number | null)[]): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("width", "72");
  svg.setAttribute("height", "18");
  svg.setAttribute("role", "img");
  const path = document.createElementNS(space, "path");
  const values = Float32Array.from(points, (point) => point ?? Number.NaN);
  path.setAttribute("d", curvePath(values, 72, 14));
  path.setAttribute("transform", "translate(0 2)");
  svg.append(path);
  return svg;
}
