/** Keys below each other and columns beside each other; only what is in sight is in the page. */

import { revealed, sight } from "../../core/sight.ts";
import { make } from "../dom.ts";

export interface Sizes {
  columns: number;
  rows: number;
  /** Of a cell, in pixels. */
  width: number;
  height: number;
}

export interface Fills {
  head(node: HTMLElement, column: number): void;
  /** The line above the cells of a key. */
  line(node: HTMLElement, row: number): void;
  cell(node: HTMLElement, row: number, column: number): void;
  /** Said when other things came into sight: the first column, the one behind the last, rows. */
  seen(first: number, end: number, rows: [number, number]): void;
  open(row: number, column: number): void;
  /** A key that means one step back or forward. */
  turn(by: number): void;
}

export const HEAD = 34;
export const LINE = 28;
const TALLEST = 620;

export class Grid {
  readonly node: HTMLElement;
  private readonly head = make("div", {
    class: "m-head",
    attrs: { role: "row", "aria-rowindex": "1" },
  });
  private readonly sheet = make("div", { class: "m-sheet" }, [this.head]);
  private readonly rows = new Map<number, HTMLElement>();
  private readonly lines = new Map<number, HTMLElement>();
  private readonly heads = new Map<number, HTMLElement>();
  private readonly cells = new Map<string, HTMLElement>();
  private sizes: Sizes = { columns: 0, rows: 0, width: 1, height: 1 };
  private active: [number, number] = [0, 0];
  private asked = false;
  private readonly observer: ResizeObserver;

  constructor(private readonly fills: Fills) {
    this.node = make(
      "div",
      {
        class: "m-grid",
        attrs: { role: "grid", tabindex: "0", "aria-label": "Media" },
        on: {
          scroll: () => this.later(),
          keydown: (event) => this.key(event as KeyboardEvent),
          click: (event) => this.click(event),
        },
      },
      [this.sheet],
    );
    this.observer = new ResizeObserver(() => this.later());
    this.observer.observe(this.node);
  }

  /** Take over how many there are and how large they are; things of another kind are made anew. */
  resize(sizes: Sizes, anew: boolean): void {
    const { width, height: before } = this.sizes;
    this.sizes = sizes;
    if (anew || width !== sizes.width || before !== sizes.height) {
      for (const map of [this.rows, this.lines, this.heads, this.cells]) map.clear();
      this.head.replaceChildren();
      this.sheet.replaceChildren(this.head);
    }
    if (anew) {
      this.node.scrollTo(0, 0);
      this.active = [0, 0];
    }
    const height = HEAD + sizes.rows * this.tall;
    this.sheet.style.width = `${sizes.columns * sizes.width + 24}px`;
    this.sheet.style.height = `${height}px`;
    // With a bar across, for which there is room where columns do not fit.
    this.node.style.height = `${Math.min(height + 14, TALLEST)}px`;
    this.node.setAttribute("aria-rowcount", String(sizes.rows + 1));
    this.node.setAttribute("aria-colcount", String(sizes.columns));
    this.draw();
  }

  /** Fill what is in sight. */
  draw(): void {
    const { columns, rows, width } = this.sizes;
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = this.node;
    const across = sight(scrollLeft, clientWidth || 700, width, columns, 1);
    const down = sight(scrollTop, (clientHeight || 300) - HEAD, this.tall, rows, 1);
    this.drop(across, down);
    for (let column = across[0]; column < across[1]; column++) {
      this.fills.head(this.headAt(column), column);
    }
    for (let row = down[0]; row < down[1]; row++) {
      const around = this.rowAt(row);
      this.fills.line(this.lineAt(row, around), row);
      for (let column = across[0]; column < across[1]; column++) {
        this.fills.cell(this.cellAt(row, column, around), row, column);
      }
    }
    this.mark();
    this.fills.seen(across[0], across[1], down);
  }

  /** Bring a cell into sight and make it the one that keys move from. */
  reveal(row: number, column: number): void {
    const { node, sizes } = this;
    this.active = [
      Math.min(Math.max(row, 0), Math.max(0, sizes.rows - 1)),
      Math.min(Math.max(column, 0), Math.max(0, sizes.columns - 1)),
    ];
    node.scrollLeft = revealed(node.scrollLeft, node.clientWidth - 24, sizes.width, this.active[1]);
    node.scrollTop = revealed(node.scrollTop, node.clientHeight - HEAD, this.tall, this.active[0]);
    this.draw();
  }

  /** Return the element of a cell that is in sight. */
  at(row: number, column: number): HTMLElement | undefined {
    return this.cells.get(`${row}:${column}`);
  }

  dispose(): void {
    this.observer.disconnect();
  }

  private get tall(): number {
    return this.sizes.height + LINE;
  }

  private later(): void {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.draw();
    });
  }

  private drop([left, right]: [number, number], [top, bottom]: [number, number]): void {
    for (const [name, node] of this.cells) {
      const [row, column] = name.split(":").map(Number) as [number, number];
      if (row >= top && row < bottom && column >= left && column < right) continue;
      this.cells.delete(name);
      node.remove();
    }
    for (const [row, node] of this.rows) {
      if (row >= top && row < bottom) continue;
      this.rows.delete(row);
      this.lines.delete(row);
      node.remove();
    }
    for (const [column, node] of this.heads) {
      if (column >= left && column < right) continue;
      this.heads.delete(column);
      node.remove();
    }
  }

  private headAt(column: number): HTMLElement {
    return held(this.heads, column, () => {
      const node = make("div", {
        class: "m-column",
        attrs: { role: "columnheader", "aria-colindex": String(column + 1) },
      });
      node.style.cssText = `left:${column * this.sizes.width}px;width:${this.sizes.width}px`;
      this.head.append(node);
      return node;
    });
  }

  private rowAt(row: number): HTMLElement {
    return held(this.rows, row, () => {
      const node = make("div", {
        class: "m-row",
        attrs: { role: "row", "aria-rowindex": String(row + 2) },
      });
      node.style.cssText = `top:${HEAD + row * this.tall}px;height:${this.tall}px`;
      this.sheet.append(node);
      return node;
    });
  }

  private lineAt(row: number, around: HTMLElement): HTMLElement {
    return held(this.lines, row, () => {
      const node = make("div", { class: "m-line", attrs: { role: "rowheader" } });
      around.prepend(node);
      return node;
    });
  }

  private cellAt(row: number, column: number, around: HTMLElement): HTMLElement {
    return held(this.cells, `${row}:${column}`, () => {
      const node = make("div", {
        class: "m-cell",
        attrs: {
          role: "gridcell",
          "aria-colindex": String(column + 1),
          "data-place": `${row}:${column}`,
        },
      });
      const { width, height } = this.sizes;
      node.style.cssText = `left:${column * width}px;width:${width}px;height:${height}px`;
      around.append(node);
      return node;
    });
  }

  private mark(): void {
    const active = this.at(...this.active);
    for (const cell of this.cells.values()) {
      cell.classList.toggle("active", cell === active);
      cell.removeAttribute("id");
    }
    if (active === undefined) this.node.removeAttribute("aria-activedescendant");
    else {
      active.id = "m-active";
      this.node.setAttribute("aria-activedescendant", "m-active");
    }
  }

  private click(event: Event): void {
    const target = event.target as HTMLElement;
    const place = target.closest<HTMLElement>("[data-place]")?.dataset.place;
    if (place === undefined || target.closest("button, input, audio, video, a, .m-scroll")) return;
    const [row, column] = place.split(":").map(Number) as [number, number];
    this.active = [row, column];
    this.mark();
    if (target.closest("img")) this.fills.open(row, column);
  }

  private key(event: KeyboardEvent): void {
    if (event.target !== this.node || event.ctrlKey || event.metaKey || event.altKey) return;
    const [row, column] = this.active;
    const moves: Record<string, () => void> = {
      ArrowLeft: () => this.reveal(row, column - 1),
      ArrowRight: () => this.reveal(row, column + 1),
      ArrowUp: () => this.reveal(row - 1, column),
      ArrowDown: () => this.reveal(row + 1, column),
      Home: () => this.reveal(row, 0),
      End: () => this.reveal(row, this.sizes.columns - 1),
      PageUp: () => this.reveal(row - 3, column),
      PageDown: () => this.reveal(row + 3, column),
      Enter: () => this.fills.open(row, column),
      " ": () => this.fills.open(row, column),
      ",": () => this.fills.turn(-1),
      ".": () => this.fills.turn(1),
    };
    const does = moves[event.key];
    if (does === undefined) return;
    event.preventDefault();
    does();
  }
}

function held<Name>(
  map: Map<Name, HTMLElement>,
  name: Name,
  create: () => HTMLElement,
): HTMLElement {
  let node = map.get(name);
  if (node === undefined) {
    node = create();
    map.set(name, node);
  }
  return node;
}
