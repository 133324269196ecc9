/** The rows of a table that are here, in blocks; which ones are missing, and what stands in a cell. */

import type { ColumnPart, Group, Head, RowsTold, Traits } from "../bridge/table.ts";

export const BLOCK = 64;
const MOST_BLOCKS = 96;

export type Cell = number | string | string[] | null | undefined;

interface Block {
  /** The place of a run, or -1 - n for a group. */
  items: Int32Array;
  /** Which run of the block each row is; -1 for groups. */
  nth: Int16Array;
  heads: Head[];
  groups: Map<number, Group>;
  columns: Map<string, Part>;
}

interface Part {
  values?: Float64Array;
  there?: Uint8Array;
  texts?: string[];
  exact?: string[];
  lists?: string[][];
}

export interface Missing {
  first: number;
  end: number;
  columns: string[];
}

export class Windows {
  /** Rows that stand below each other, groups among them; null until the first answer. */
  n: number | null = null;
  metric: string | null = null;
  mean: number | null = null;
  readonly traits = new Map<string, Traits>();
  private readonly blocks = new Map<number, Block>();

  /** Forget all rows: they stand in another order, or are others. */
  clear(): void {
    this.blocks.clear();
    this.n = null;
  }

  /** Return which rows and columns of a part of the table are not here. */
  missing(first: number, end: number, columns: string[]): Missing | null {
    const last = this.n === null ? end : Math.min(end, this.n);
    let [from, to] = [Infinity, -1];
    const lacking = new Set<string>();
    for (let place = Math.floor(first / BLOCK); place * BLOCK < last; place++) {
      const block = this.blocks.get(place);
      const lacks = columns.filter((column) => !block?.columns.has(column));
      if (block !== undefined && lacks.length === 0) continue;
      for (const column of lacks) lacking.add(column);
      from = Math.min(from, place);
      to = place;
    }
    if (to < 0) return null;
    return { first: from * BLOCK, end: (to + 1) * BLOCK, columns: [...lacking] };
  }

  /** Take in rows that begin at a block. */
  put(told: RowsTold, buffers: DataView[]): void {
    this.n = told.n;
    this.metric = told.metric;
    this.mean = told.mean;
    const items = new Int32Array(aligned(buffers[0]!));
    for (const { id, right, low, high, goal, decimals } of told.columns) {
      this.traits.set(id, {
        right,
        low: low ?? null,
        high: high ?? null,
        goal: goal ?? null,
        decimals: decimals ?? null,
      });
    }
    const parts = told.columns.map((column) => [column.id, partOf(column, buffers)] as const);
    let [run, group] = [0, 0];
    for (let from = 0; from < items.length; from += BLOCK) {
      const some = items.slice(from, from + BLOCK);
      const begin = run;
      const nth = new Int16Array(some.length);
      const groups = new Map<number, Group>();
      some.forEach((item, place) => {
        nth[place] = item < 0 ? -1 : run++ - begin;
        if (item < 0) groups.set(place, told.groups[group++]!);
      });
      const place = (told.first + from) / BLOCK;
      const block = this.renewed(place, some, nth, told.runs.slice(begin, run), groups);
      for (const [id, part] of parts) block.columns.set(id, cut(part, begin, run));
    }
    this.forget();
  }

  head(row: number): Head | undefined {
    const [block, place] = this.at(row);
    const nth = block?.nth[place];
    return nth === undefined || nth < 0 ? undefined : block!.heads[nth];
  }

  group(row: number): Group | undefined {
    const [block, place] = this.at(row);
    return block?.groups.get(place);
  }

  /** Return what stands in a cell: null where the run has nothing, undefined where it is not here. */
  cell(row: number, column: string): Cell {
    const [block, place] = this.at(row);
    const part = block?.columns.get(column);
    const nth = block?.nth[place] ?? -1;
    if (part === undefined || nth < 0) return undefined;
    if (part.values !== undefined) return part.there![nth] ? part.values[nth]! : null;
    return part.lists?.[nth] ?? part.texts?.[nth] ?? null;
  }

  /** Return the text of a cell with all digits; empty where it has no text. */
  exact(row: number, column: string): string {
    const [block, place] = this.at(row);
    const part = block?.columns.get(column);
    return (part?.exact ?? part?.texts)?.[block!.nth[place]!] ?? "";
  }

  /**
   * Take in some runs as they are by now, each where it stands; columns not told are forgotten.
   *
   * Returns whether the status of one is another now.
   */
  renew(heads: Head[], columns: ColumnPart[], buffers: DataView[]): boolean {
    let isOtherwise = false;
    const parts = columns.map((column) => [column.id, partOf(column, buffers)] as const);
    const told = new Set(columns.map((column) => column.id));
    heads.forEach((head, from) => {
      for (const block of this.blocks.values()) {
        const nth = block.heads.findIndex((one) => one[0] === head[0]);
        if (nth < 0) continue;
        isOtherwise ||= block.heads[nth]![3] !== head[3];
        block.heads[nth] = head;
        for (const id of block.columns.keys()) if (!told.has(id)) block.columns.delete(id);
        for (const [id, part] of parts) copy(part, from, block.columns.get(id), nth);
      }
    });
    return isOtherwise;
  }

  /** Say something else of a cell until it is told anew. */
  change(run: string, column: string, tags: string[]): void {
    for (const block of this.blocks.values()) {
      const nth = block.heads.findIndex((head) => head[0] === run);
      const lists = block.columns.get(column)?.lists;
      if (nth >= 0 && lists !== undefined) lists[nth] = tags;
    }
  }

  private at(row: number): [Block | undefined, number] {
    return [this.blocks.get(Math.floor(row / BLOCK)), row % BLOCK];
  }

  private renewed(
    place: number,
    items: Int32Array,
    nth: Int16Array,
    heads: Head[],
    groups: Map<number, Group>,
  ): Block {
    const before = this.blocks.get(place);
    this.blocks.delete(place);
    const block = { items, nth, heads, groups, columns: before?.columns ?? new Map() };
    this.blocks.set(place, block);
    return block;
  }

  private forget(): void {
    for (const place of this.blocks.keys()) {
      if (this.blocks.size <= MOST_BLOCKS) return;
      this.blocks.delete(place);
    }
  }
}

function partOf(column: ColumnPart, buffers: DataView[]): Part {
  if (column.buffer !== undefined) {
    return {
      values: new Float64Array(aligned(buffers[column.buffer]!)),
      there: new Uint8Array(aligned(buffers[column.buffer + 1]!)),
    };
  }
  if (column.lists !== undefined) return { lists: column.lists };
  return { texts: column.texts ?? [], ...(column.exact && { exact: column.exact }) };
}

function copy(part: Part, from: number, to: Part | undefined, at: number): void {
  if (to === undefined) return;
  if (part.values !== undefined && to.values !== undefined) {
    to.values[at] = part.values[from]!;
    to.there![at] = part.there![from]!;
  }
  if (part.texts !== undefined && to.texts !== undefined) {
    if (part.exact !== undefined) to.exact ??= [...to.texts];
    if (to.exact !== undefined) to.exact[at] = (part.exact ?? part.texts)[from]!;
    to.texts[at] = part.texts[from]!;
  }
  if (part.lists !== undefined && to.lists !== undefined) to.lists[at] = part.lists[from]!;
}

function cut(part: Part, begin: number, end: number): Part {
  if (part.values !== undefined) {
    return { values: part.values.slice(begin, end), there: part.there!.slice(begin, end) };
  }
  if (part.lists !== undefined) return { lists: part.lists.slice(begin, end) };
  const texts = part.texts!.slice(begin, end);
  return part.exact === undefined ? { texts } : { texts, exact: part.exact.slice(begin, end) };
}

/** Return the bytes of a buffer by themselves: it may begin anywhere in its message. */
function aligned(view: DataView): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = view;
  return (buffer as ArrayBuffer).slice(byteOffset, byteOffset + byteLength);
}
