/** What a media browser shows: which runs, keys and step, and the cells and pictures that are here. */

import type {
  CellsTold,
  CellTold,
  FileTold,
  HeatTold,
  Kind,
  MediaFacts,
} from "../../bridge/media.ts";
import type { Requests } from "../../bridge/requests.ts";
import type { Head } from "../../bridge/table.ts";
import { matcher } from "../../core/glob.ts";
import { Held } from "../../core/held.ts";
import { nearest } from "../../core/search.ts";

export const KINDS: Kind[] = [
  ...(["images", "tables", "histograms", "sounds"] as Kind[]),
  ...(["videos", "pages", "files", "output"] as Kind[]),
];
/** Only these become something that a page loads. */
const SEEN = /^(image\/(png|jpeg|gif|webp)|audio\/(wav|ogg|flac|mpeg)|video\/(mp4|webm|ogg))$/;
const MOST_BYTES = 96 << 20;
const NOTHING = new DataView(new ArrayBuffer(0));
const MOST_CELLS = 4000;
const HELD = 500;
const KEYS_ASKED = 200;

export interface Picture {
  url: string;
  mime: string;
  w: number;
  h: number;
  /** What it is made of, where that is no file which a page loads. */
  data: DataView;
  heat?: HeatTold;
}

export interface Sight {
  first: number;
  end: number;
  keys: number[];
}

export class Model {
  facts: MediaFacts | null = null;
  fault: string | null = null;
  kind: Kind = "images";
  /** One run whose steps stand beside each other; null where runs do. */
  run: number | null = null;
  /** Null for the last of all. */
  step: number | null = null;
  steps: Float64Array = new Float64Array(0);
  item = new Map<number, number>();
  px = 160;
  over = true;
  filter = "";
  readonly heads = new Map<number, Head>();
  readonly pictures: Held<Picture>;
  /** Called when there is something else to be drawn: everything, or only cells. */
  onchange: (what: "all" | "cells") => void = () => {};
  private cells = new Map<string, CellTold & { stamp: number }>();
  private stamp = 0;
  private sight: Sight = { first: 0, end: 0, keys: [] };
  private isAsking = false;
  private shown = new Set<string>();

  constructor(readonly requests: Requests) {
    this.pictures = new Held<Picture>(
      MOST_BYTES,
      ({ url }) => URL.revokeObjectURL(url),
      (token) => this.shown.has(token),
    );
  }

  get at(): number {
    return this.facts?.at ?? 0;
  }

  /** The kinds there are; of output it is not known before it is read. */
  get kinds(): Kind[] {
    return KINDS.filter((kind) => kind === "output" || (this.facts?.keys[kind]?.length ?? 0) > 0);
  }

  /** The numbers of the keys that are shown. */
  get keys(): number[] {
    const matches = matcher(this.filter);
    const all = this.facts?.keys[this.kind] ?? [];
    return all.map((_, number) => number).filter((number) => matches(all[number]![0]));
  }

  get columns(): number {
    return this.run === null ? (this.facts?.n ?? 0) : this.steps.length;
  }

  name(key: number): string {
    return this.facts?.keys[this.kind]?.[key]?.[0] ?? "";
  }

  cell(key: number, column: number): CellTold | undefined {
    return this.cells.get(`${key}:${column}`);
  }

  /** The place of the step among all steps. */
  get place(): number {
    if (this.step === null) return this.steps.length - 1;
    return nearest(this.steps, this.step, this.steps.length);
  }

  /** Read the runs anew. */
  async ask(): Promise<void> {
    await this.tried(async () => {
      const told = await this.requests.ask<MediaFacts>("facts", {});
      if (told === null) return;
      this.facts = told[0];
      for (const [place, head] of this.facts.runs.entries()) this.heads.set(place, head);
      if (this.run !== null && this.run >= this.facts.n) this.run = null;
      if (!this.kinds.includes(this.kind)) this.kind = this.kinds[0]!;
      this.fault = null;
      await this.readSteps();
      this.renew();
    });
  }

  /** Look at something else; what is there stays until what takes its place has come. */
  async set(
    chosen: Partial<Pick<Model, "kind" | "run" | "step" | "px" | "over" | "filter">>,
  ): Promise<void> {
    const others = "kind" in chosen || "run" in chosen || "filter" in chosen;
    const isOther = (chosen.kind ?? this.kind) !== this.kind || "run" in chosen;
    Object.assign(this, chosen);
    if (isOther) this.cells.clear();
    if (isOther && "kind" in chosen) this.item.clear();
    if (others) await this.tried(() => this.readSteps());
    this.renew(others ? "all" : "cells");
  }

  choose(key: number, item: number): void {
    this.item.set(key, item);
    this.renew();
  }

  /** Say what is in sight; what of it is not here is asked for. */
  see(sight: Sight): void {
    this.sight = sight;
    this.shown = new Set();
    for (const cell of this.inSight()) if (cell?.token) this.shown.add(cell.token);
    void this.fill();
  }

  /** Ask for something of one cell. */
  async of<Answer>(
    verb: string,
    key: number,
    column: number,
    more: object = {},
  ): Promise<[Answer, DataView[]] | null> {
    const cell = this.cell(key, column);
    const what = {
      ...{ at: this.at, kind: this.kind, keys: [key], run: this.run ?? column },
      ...{ step: cell?.step ?? this.step, item: { [key]: cell?.item ?? 0 }, ...more },
    };
    const told = await this.requests.ask<Answer & { gone?: boolean }>(verb, what);
    return told === null || told[0].gone ? null : told;
  }

  /** Return a file of one cell, as a picture or whatever a page plays. */
  async file(
    key: number,
    column: number,
    more: { over?: boolean; item?: object; step?: number } = {},
  ): Promise<Picture | null> {
    const cell = this.cell(key, column);
    const name = JSON.stringify([
      "file",
      this.kind,
      key,
      this.run ?? column,
      cell?.step,
      cell?.item,
      more,
    ]);
    const held = this.pictures.get(name);
    if (held !== undefined) return held;
    const told = await this.of<FileTold>("file", key, column, more);
    return told === null ? null : this.keep(name, told[0], told[1][0]!);
  }

  dispose(): void {
    this.pictures.clear();
    this.requests.dispose();
  }

  private keep(name: string, { mime, w, h }: FileTold, data: DataView): Picture {
    const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
    const url = !SEEN.test(mime) ? "" : URL.createObjectURL(new Blob([bytes], { type: mime }));
    const picture = { url, mime, w, h, data: url === "" ? data : NOTHING };
    this.pictures.put(name, picture, data.byteLength);
    return picture;
  }

  private renew(what: "all" | "cells" = "all"): void {
    this.stamp++;
    this.onchange(what);
    void this.fill();
  }

  private async readSteps(): Promise<void> {
    if (this.kind === "output") return;
    const { at, kind, run } = this;
    const keys = this.keys.slice(0, KEYS_ASKED);
    const told = await this.requests.ask("steps", { at, kind, run, keys });
    const [buffer] = told?.[1] ?? [];
    if (buffer !== undefined) this.steps = numbers(buffer);
  }

  private *inSight(): Generator<(CellTold & { stamp: number }) | undefined> {
    for (const key of this.sight.keys) {
      for (let column = this.sight.first; column < this.sight.end; column++) {
        yield this.cells.get(`${key}:${column}`);
      }
    }
  }

  /** Ask for what is in sight and not here; one question at a time, always for the newest. */
  private async fill(): Promise<void> {
    const { first, end, keys } = this.sight;
    const lacks = [...this.inSight()].some((cell) => cell?.stamp !== this.stamp || cell.later);
    if (this.isAsking || this.facts === null || this.kind === "output" || !lacks) return;
    this.isAsking = true;
    const { stamp, at, kind, run, step, px, over } = this;
    const what = {
      ...{ at, kind, run, step, px, over, first, end, keys, item: Object.fromEntries(this.item) },
      steps: run === null ? [] : [...this.steps.slice(first, end)],
      held: this.pictures.names(HELD),
    };
    let isRight = false;
    await this.tried(async () => {
      const told = await this.requests.ask<CellsTold>("cells", what);
      isRight = told !== null;
      if (told === null || kind !== this.kind || run !== this.run) return;
      if (told[0].gone) await this.ask();
      else this.take(told[0], told[1], stamp, run === null ? 0 : first);
    });
    this.isAsking = false;
    if (isRight) void this.fill();
  }

  private take(told: CellsTold, buffers: DataView[], stamp: number, base: number): void {
    if (this.cells.size > MOST_CELLS) this.cells.clear();
    for (const [place, head] of told.runs.entries()) this.heads.set(told.first + place, head);
    for (const cell of told.cells) {
      cell.c += base;
      if (cell.buffer !== undefined && cell.token !== undefined) {
        const { mime = "", w = 0, h = 0 } = cell;
        const kept = this.keep(cell.token, { mime, w, h }, buffers[cell.buffer]!);
        if (cell.heat) kept.heat = cell.heat;
      }
      this.cells.set(`${cell.k}:${cell.c}`, { ...cell, stamp });
    }
    this.fault = null;
    if (this.facts !== null) this.facts.read = told.read;
    this.onchange("cells");
    const known = Object.values(this.facts?.keys ?? {}).reduce((n, keys) => n + keys.length, 0);
    if (told.known > known) void this.moreKeys();
  }

  private async moreKeys(): Promise<void> {
    await this.tried(async () => {
      const told = await this.requests.ask<MediaFacts>("keys", { at: this.at });
      if (told === null || this.facts === null || !told[0].keys) return;
      this.facts = { ...this.facts, keys: told[0].keys, read: told[0].read };
      await this.readSteps();
      this.onchange("all");
    });
  }

  private async tried(what: () => Promise<void>): Promise<void> {
    try {
      await what();
    } catch (error) {
      this.fault = (error as Error).message;
      this.onchange("all");
    }
  }
}

export function numbers(buffer: DataView): Float64Array {
  const copy = buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength);
  return new Float64Array(copy as ArrayBuffer);
}
