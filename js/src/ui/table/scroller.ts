/** The part of a table that scrolls: only the rows and columns in sight are in the page. */

import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualizerOptions,
} from "@tanstack/virtual-core";
import { make } from "../dom.ts";
import type { Columns, Placed } from "./columns.ts";

export const ROW = 31;
const MOST_HEIGHT = 528;
const ROWS_AROUND = 8;
const COLUMNS_AROUND = 2;

type Options = VirtualizerOptions<HTMLElement, Element>;

export interface Sight {
  rows: number[];
  columns: Placed[];
  /** Pixels between the pinned columns and the first of those that scroll. */
  gap: number;
}

export class Scroller {
  readonly node: HTMLElement;
  readonly head = make("div", { class: "head", attrs: { role: "row", "aria-rowindex": "1" } });
  readonly body = make("div", { class: "rows", attrs: { role: "rowgroup" } });
  private readonly down: Virtualizer<HTMLElement, Element>;
  private readonly across: Virtualizer<HTMLElement, Element>;
  private readonly undo: (() => void)[];
  private asked = false;

  constructor(
    private readonly columns: Columns,
    draw: () => void,
  ) {
    this.node = make(
      "div",
      {
        class: "scroller",
        attrs: {
          role: "grid",
          tabindex: "0",
          "aria-label": "Runs",
          "aria-multiselectable": "true",
        },
      },
      [this.head, this.body],
    );
    const onChange = () => {
      if (this.asked) return;
      this.asked = true;
      requestAnimationFrame(() => {
        this.asked = false;
        draw();
      });
    };
    const common = {
      getScrollElement: () => this.node,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      onChange,
    };
    this.down = new Virtualizer<HTMLElement, Element>({
      ...common,
      count: 0,
      estimateSize: () => ROW,
      overscan: ROWS_AROUND,
      scrollPaddingStart: ROW,
    });
    this.across = new Virtualizer<HTMLElement, Element>({
      ...common,
      horizontal: true,
      count: 0,
      estimateSize: (place) => this.columns.scrolled[place]?.width ?? 72,
      overscan: COLUMNS_AROUND,
    });
    this.undo = [this.down._didMount(), this.across._didMount()];
  }

  /** Take over how many rows and which columns there are. */
  resize(rows: number): void {
    const { scrolled, pinnedWidth, width } = this.columns;
    set(this.down, { count: rows });
    set(this.across, {
      count: scrolled.length,
      paddingStart: pinnedWidth,
      scrollPaddingStart: pinnedWidth,
    });
    this.across.measure();
    this.body.style.height = `${rows * ROW}px`;
    this.body.style.width = this.head.style.width = `${width}px`;
    this.node.style.height = `${Math.min(MOST_HEIGHT, (rows + 1) * ROW + 2)}px`;
    this.node.setAttribute("aria-rowcount", String(rows + 1));
    this.node.setAttribute("aria-colcount", String(this.columns.all.length));
    this.down._willUpdate();
    this.across._willUpdate();
  }

  get sight(): Sight {
    const across = this.across.getVirtualItems();
    return {
      rows: this.down.getVirtualItems().map((item) => item.index),
      columns: across.map((item) => this.columns.scrolled[item.index]!),
      gap: across.length > 0 ? across[0]!.start - this.columns.pinnedWidth : 0,
    };
  }

  /** Return how many rows fit. */
  get page(): number {
    return Math.max(1, Math.floor(this.node.clientHeight / ROW) - 2);
  }

  /** Bring a cell into sight; row -1 is the head. */
  reveal(row: number, column: number): void {
    if (row >= 0) this.down.scrollToIndex(row, { align: "auto" });
    const place = column - this.columns.pinned.length;
    if (place >= 0) this.across.scrollToIndex(place, { align: "auto" });
  }

  toTop(): void {
    this.node.scrollTop = 0;
  }

  dispose(): void {
    for (const one of this.undo) one();
  }
}

function set(virtualizer: Virtualizer<HTMLElement, Element>, changed: Partial<Options>): void {
  virtualizer.setOptions({ ...virtualizer.options, ...changed });
}
