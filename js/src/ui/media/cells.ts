/** What stands in the cells of each kind; words are only ever set as text. */

import type { BinTold, CellTold, Kind, PageTold } from "../../bridge/media.ts";
import { count, figure } from "../../core/figures.ts";
import { arrange, make, say } from "../dom.ts";
import { colourOf } from "../theme.ts";
import { HEAT_HEIGHT, Heat, type Span, spanOf } from "./heat.ts";
import type { Model } from "./model.ts";
import { BY_ITSELF, frame, player } from "./players.ts";
import { drawPage, PAGE_ROWS } from "./sheet.ts";

const CAPTION = 40;
const COARSE = 3;
const DAMAGED = "The picture is damaged: it cannot be shown.";

/** Return width and height of the cells of a kind; pictures are as large as somebody wants. */
export function sizeOf(kind: Kind, px: number, room: number): [number, number] {
  const fits = (width: number) => Math.min(width, Math.max(240, room - 32));
  if (kind === "images") return [Math.min(px, room - 40) + 16, Math.min(px, room - 40) + CAPTION];
  if (kind === "tables") return [fits(420), 25 * (PAGE_ROWS + 1) + 34];
  if (kind === "histograms") return [fits(340), HEAT_HEIGHT + 26];
  if (kind === "sounds") return [fits(300), 66];
  if (kind === "videos") return [fits(280), 240];
  if (kind === "pages") return [fits(380), 300];
  return [fits(260), 52];
}

/** Fills the cells that are in sight. */
export class Cells {
  private readonly heats = new WeakMap<HTMLElement, Heat>();
  private readonly pages = new Map<string, PageTold>();
  /** Of each table which of its pages is shown. */
  readonly page = new Map<number, number>();
  dark = false;
  /** Pictures that the page could not read. */
  private readonly broken = new Set<string>();

  constructor(
    private readonly model: Model,
    private readonly redraw: () => void,
  ) {}

  /** Forget what was read of tables. */
  forget(): void {
    this.pages.clear();
    this.page.clear();
  }

  fill(node: HTMLElement, key: number, column: number): void {
    const cell = this.model.cell(key, column);
    if (cell === undefined) return;
    if (cell.none !== undefined) {
      this.plain(node, "none", this.absent(cell));
      return;
    }
    const { kind } = this.model;
    if (kind === "images") this.image(node, cell);
    else if (kind === "histograms") this.heat(node, key, column, cell);
    else if (kind === "tables") this.table(node, key, column, cell);
    else if (kind === "files")
      this.plain(node, "file", `${cell.type} of ${bytes(cell.bytes ?? 0)}`, cell);
    else this.media(node, key, column, cell);
  }

  /** Return in words what a cell holds, for those who do not see it. */
  label(cell: CellTold): string {
    const name = this.model.name(cell.k);
    const caption = cell.caption ? `, ${cell.caption}` : "";
    return `${name}${caption}, ${stepWords(cell.step ?? 0)}`;
  }

  private absent(cell: CellTold): string {
    if (cell.none) return cell.none;
    if (cell.from !== undefined) return `Nothing yet: its first is at ${stepWords(cell.from)}.`;
    return this.model.run === null ? "Not logged by this run." : "–";
  }

  private plain(node: HTMLElement, type: string, words: string, cell?: CellTold): void {
    if (node.dataset.type !== type) {
      node.dataset.type = type;
      node.replaceChildren(make("div", { class: "m-words" }), make("div", { class: "m-step" }));
    }
    say(node.firstElementChild as HTMLElement, words);
    const step = node.lastElementChild as HTMLElement;
    if (cell === undefined) say(step, "");
    else this.step(step, cell);
    node.setAttribute("aria-label", words);
  }

  private image(node: HTMLElement, cell: CellTold): void {
    const picture = cell.token === undefined ? undefined : this.model.pictures.get(cell.token);
    const isBroken = cell.token !== undefined && this.broken.has(cell.token);
    if (cell.why || cell.token === undefined || isBroken) {
      const damaged = isBroken ? DAMAGED : "There is no picture that a page can show.";
      this.plain(node, "why", cell.why ?? damaged, cell);
      return;
    }
    if (node.dataset.type !== "image") {
      node.dataset.type = "image";
      const image = make("img", { attrs: { draggable: "false", decoding: "async" } });
      const caption = make("div", { class: "m-caption" });
      const box = make("div", { class: "m-box" }, [image]);
      node.replaceChildren(box, make("div", { class: "m-step" }), caption);
    }
    const [box, step, caption] = node.children as unknown as HTMLElement[];
    const image = box!.firstElementChild as HTMLImageElement;
    node.setAttribute("aria-label", this.label(cell));
    this.step(step!, cell);
    say(caption!, cell.caption ?? "");
    caption!.title = cell.caption ?? "";
    // Until its picture has come the one before it stays.
    if (picture === undefined || image.getAttribute("src") === picture.url) return;
    const { token } = cell;
    image.onerror = () => {
      this.broken.add(token);
      this.redraw();
    };
    image.src = picture.url;
    image.alt = this.label(cell);
    const { px } = this.model;
    const times = px / Math.max(picture.w, picture.h, 1);
    // Few pixels are shown as squares of one size; of more each is too small to be told.
    const isCoarse = times >= COARSE;
    const scale = isCoarse ? Math.floor(times) : times;
    image.style.width = `${Math.max(1, Math.round(picture.w * scale))}px`;
    image.classList.toggle("pixels", isCoarse);
  }

  private step(node: HTMLElement, cell: CellTold): void {
    const { step, run } = this.model;
    const isOther = step !== null && run === null && cell.step !== step;
    node.classList.toggle("other", isOther);
    const words = isOther ? `latest: ${stepWords(cell.step!)}` : stepWords(cell.step ?? 0);
    const isTable = cell.rows !== undefined && cell.columns !== undefined;
    const size = isTable ? ` · ${count(cell.rows!)} rows × ${count(cell.columns!)} columns` : "";
    say(node, words + size);
  }

  private heat(node: HTMLElement, key: number, column: number, cell: CellTold): void {
    const picture = cell.token === undefined ? undefined : this.model.pictures.get(cell.token);
    if (cell.why) this.plain(node, "why", cell.why);
    if (picture?.heat === undefined) return;
    let heat = this.heats.get(node);
    if (heat === undefined || node.dataset.type !== "heat") {
      node.dataset.type = "heat";
      const ask = async (step: number, x: number) =>
        (await this.model.of<BinTold>("bins", key, column, { step, x }))?.[0] ?? null;
      heat = new Heat(node.clientWidth - 20 || 320, ask);
      this.heats.set(node, heat);
      node.replaceChildren(heat.node);
    }
    const { buffer, byteOffset, byteLength } = picture.data;
    const counts = new Float32Array(
      buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer,
    );
    const colour = colourOf(column < 8 ? column : -1, this.dark);
    heat.draw(picture.heat, counts, this.span(key), colour, this.label(cell));
  }

  /** Return the values that the heat maps of a key share: side by side they have one scale. */
  private span(key: number): Span {
    const heats = [];
    for (let column = 0; column < Math.min(this.model.columns, 400); column++) {
      const token = this.model.cell(key, column)?.token;
      const heat = token === undefined ? undefined : this.model.pictures.get(token)?.heat;
      if (heat !== undefined) heats.push(heat);
    }
    return spanOf(heats);
  }

  private table(node: HTMLElement, key: number, column: number, cell: CellTold): void {
    const [page, name] = [this.page.get(key) ?? 0, this.pageName(key, column)];
    const held = this.pages.get(name);
    if (node.dataset.type !== "table") {
      node.dataset.type = "table";
      node.replaceChildren(
        make("div", { class: "m-table m-scroll", attrs: { tabindex: "0" } }),
        make("div", { class: "m-step" }),
      );
    }
    const [body, step] = node.children as unknown as HTMLElement[];
    node.setAttribute("aria-label", this.label(cell));
    this.step(step!, cell);
    if (held === undefined) {
      if (node.dataset.asked === name) return;
      node.dataset.asked = name;
      const [first, end] = [page * PAGE_ROWS, (page + 1) * PAGE_ROWS];
      this.model.of<PageTold>("page", key, column, { first, end }).then(
        (told) => {
          if (told === null) return;
          if (this.pages.size > 400) this.pages.clear();
          this.pages.set(name, told[0]);
          this.redraw();
        },
        (error: Error) =>
          body!.replaceChildren(make("div", { class: "m-words", text: error.message })),
      );
      return;
    }
    const [other, beside] = this.beside(key, column);
    const drawn = `${name} ${other === null ? "" : beside}`;
    if (node.dataset.drawn === drawn) return;
    node.dataset.drawn = drawn;
    drawPage(body!, held, other, this.model.heads.get(beside)?.[1] ?? "the first");
  }

  private pageName(key: number, column: number): string {
    const cell = this.model.cell(key, column);
    return `${key}:${column}:${cell?.step}:${cell?.item}:${this.page.get(key) ?? 0}`;
  }

  /** Return the page of the table at the very left, and its column. */
  private beside(key: number, column: number): [PageTold | null, number] {
    for (let other = 0; other < column; other++) {
      const page = this.pages.get(this.pageName(key, other));
      if (page !== undefined) return [page, other];
    }
    return [null, -1];
  }

  private media(node: HTMLElement, key: number, column: number, cell: CellTold): void {
    const name = `${key}:${column}:${cell.step}:${cell.item}`;
    if (node.dataset.drawn === name) return;
    node.dataset.drawn = name;
    node.dataset.type = "media";
    const place = make("div", { class: "m-place m-scroll" });
    const step = make("div", { class: "m-step" });
    this.step(step, cell);
    if (cell.caption) step.append(` · ${cell.caption}`);
    node.replaceChildren(place, step);
    node.setAttribute("aria-label", this.label(cell));
    const load = () => {
      place.replaceChildren(make("div", { class: "m-words", text: "Loading …" }));
      this.model.file(key, column).then(
        (file) => {
          if (file === null || node.dataset.drawn !== name) return;
          const shows = file.mime === "text/html" ? frame : player;
          place.replaceChildren(shows(file, this.label(cell)));
        },
        (error: Error) =>
          place.replaceChildren(make("div", { class: "m-words", text: error.message })),
      );
    };
    if ((cell.bytes ?? 0) <= BY_ITSELF) load();
    else {
      const text = `Load ${bytes(cell.bytes ?? 0)}`;
      arrange(place, [make("button", { text, attrs: { type: "button" }, on: { click: load } })]);
    }
  }
}

export function stepWords(step: number): string {
  return `step ${Number.isInteger(step) ? count(step) : figure(step)}`;
}

export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  return n < 1e6 ? `${(n / 1e3).toFixed(1)} kB` : `${(n / 1e6).toFixed(1)} MB`;
}
