/** The media browser: kinds, controls, keys and runs side by side, one picture large, output. */

import type { Kind } from "../../bridge/media.ts";
import { count } from "../../core/figures.ts";
import { make, say } from "../dom.ts";
import { colourOf, isDark } from "../theme.ts";
import { Bar } from "./bar.ts";
import { Cells, sizeOf, stepWords } from "./cells.ts";
import { Grid } from "./grid.ts";
import { Large, legendOf } from "./large.ts";
import type { Model } from "./model.ts";
import { Output } from "./output.ts";
import { PAGE_ROWS } from "./sheet.ts";
import { Slider } from "./slider.ts";

const LATE_MS = 3000;
const NARROW = 480;
const NARROW_PX = 136;

export class Browser {
  readonly node: HTMLElement;
  /** Called once there is something to be seen. */
  onready: () => void = () => {};
  private readonly bar: Bar;
  private readonly slider: Slider;
  private readonly grid: Grid;
  private readonly cells: Cells;
  private readonly large: Large;
  readonly output: Output;
  private readonly message = make("div", { class: "message", attrs: { role: "status" } });
  private readonly foot = make("footer", { attrs: { role: "status" } });
  private readonly timer: ReturnType<typeof setInterval>;
  private readonly observer: ResizeObserver;
  private shown = "";
  private keys: number[] = [];
  private room = 0;

  constructor(private readonly model: Model) {
    this.cells = new Cells(model, () => this.grid.draw());
    this.slider = new Slider(model, (step) => this.go(step));
    this.output = new Output(model);
    this.bar = new Bar(model, {
      kind: (kind) => this.turnTo(kind),
      refresh: () => void this.refresh(),
      redraw: () => this.update("all"),
    });
    this.grid = new Grid({
      head: (node, column) => this.head(node, column),
      line: (node, row) => this.line(node, row),
      cell: (node, row, column) => this.cells.fill(node, this.keys[row]!, column),
      seen: (first, end, [top, bottom]) =>
        model.see({ first, end, keys: this.keys.slice(top, bottom) }),
      open: (row, column) => model.kind === "images" && this.large.open(row, column),
      turn: (by) => this.slider.turn(by),
    });
    this.large = new Large(model, this.cells, (row, column) => this.grid.reveal(row, column));
    this.node = make("article", { class: "card media-card", attrs: { "aria-label": "Media" } }, [
      this.bar.node,
      make("div", { class: "m-second" }, [this.slider.node, this.bar.controls]),
      this.message,
      this.grid.node,
      this.output.node,
      this.foot,
      this.large.node,
    ]);
    this.grid.node.hidden = this.output.node.hidden = this.message.hidden = true;
    this.timer = setInterval(() => this.tell(), 1000);
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(this.node);
    setTimeout(() => {
      if (model.facts === null) say(this.foot, "Reading the media …");
    }, 300);
  }

  /** Draw again after a change of the model. */
  update(what: "all" | "cells"): void {
    const { model } = this;
    const isDarkNow = isDark(this.node);
    this.node.classList.toggle("dark", isDarkNow);
    this.cells.dark = isDarkNow;
    if (model.facts === null && model.fault === null) return;
    if (what === "all") this.lay();
    this.slider.show();
    const isGrid = this.isGrid;
    this.slider.node.hidden ||= !isGrid || model.kind === "histograms";
    if (isGrid) this.grid.draw();
    this.large.show();
    this.tell();
    this.onready();
  }

  dispose(): void {
    clearInterval(this.timer);
    this.observer.disconnect();
    this.grid.dispose();
    this.model.dispose();
    this.node.remove();
  }

  private get isGrid(): boolean {
    return this.model.kind !== "output";
  }

  /** Lay out anew: another kind, other keys, another size. */
  private lay(): void {
    const { model } = this;
    this.bar.show();
    this.keys = this.isGrid ? model.keys : [];
    const isEmpty = this.isGrid && (this.keys.length === 0 || model.columns === 0);
    this.grid.node.hidden = !this.isGrid || isEmpty;
    this.output.node.hidden = this.isGrid;
    this.message.hidden = !isEmpty && model.fault === null;
    say(this.message, model.fault ?? (isEmpty ? this.nothing() : ""));
    if (!this.isGrid || isEmpty) return;
    const [width, height] = sizeOf(model.kind, model.px, this.room || 700);
    const shown = JSON.stringify([model.kind, model.run, model.filter, model.at]);
    this.grid.resize(
      { columns: model.columns, rows: this.keys.length, width, height },
      shown !== this.shown,
    );
    const isOther = shown !== this.shown;
    this.shown = shown;
    // Steps begin at the one that is looked at.
    if (isOther && model.run !== null) this.grid.reveal(0, model.place);
  }

  private nothing(): string {
    const { facts, filter, run } = this.model;
    if (facts !== null && facts.n === 0) return "No run matches by now.";
    if (filter !== "") return "No key is like this.";
    return run === null
      ? "These runs logged nothing of this kind."
      : "This run logged nothing of this kind.";
  }

  private head(node: HTMLElement, column: number): void {
    const { model } = this;
    if (model.run !== null) {
      const step = model.steps[column]!;
      if (node.textContent !== stepWords(step))
        node.replaceChildren(make("b", { text: stepWords(step) }));
      node.classList.toggle("now", column === model.place && model.step !== null);
      return;
    }
    const head = model.heads.get(column);
    if (head === undefined) return;
    const [id, name, short, status, glyph] = head;
    const said = `${id} ${status} ${this.cells.dark}`;
    if (node.dataset.said === said) return;
    node.dataset.said = said;
    node.dataset.status = status;
    const swatch = make("span", { class: "m-swatch" });
    swatch.style.background = colourOf(column < 8 ? column : -1, this.cells.dark);
    const go = make(
      "button",
      {
        class: "m-run",
        title: `${name} ${id} (${status}): show its steps`,
        attrs: { type: "button" },
        on: { click: () => void model.set({ run: column }) },
      },
      [make("span", { class: "m-name", text: name }), make("code", { text: short })],
    );
    node.replaceChildren(swatch, make("span", { class: "sign", text: glyph, title: status }), go);
  }

  private line(node: HTMLElement, row: number): void {
    const { model } = this;
    const key = this.keys[row]!;
    const [, runs] = model.facts?.keys[model.kind]?.[key] ?? ["", 0];
    let most = 1;
    let rows = 0;
    let over: [string, string][] = [];
    for (const cell of this.inSight(key)) {
      most = Math.max(most, cell.n ?? 1);
      rows = Math.max(rows, cell.rows ?? 0);
      if (cell.over && cell.over.length > over.length) over = cell.over;
    }
    const item = Math.min(model.item.get(key) ?? 0, most - 1);
    const page = this.cells.page.get(key) ?? 0;
    const said = JSON.stringify([key, runs, most, rows, item, page, over, model.over]);
    if (node.dataset.said === said) return;
    node.dataset.said = said;
    // Before all runs are read nobody knows in how many of them it is.
    const [n, read] = [model.facts?.n ?? 0, model.facts?.read ?? 0];
    const isKnown = model.run === null && n > 1 && read === n;
    const of = isKnown ? `${count(runs)} of ${count(n)} runs` : "";
    const parts: HTMLElement[] = [
      make("b", { class: "m-key", text: model.name(key), title: model.name(key) }),
      make("span", { class: "quiet", text: of }),
    ];
    if (most > 1) {
      parts.push(...stepper(item, most, "picture", (at) => model.choose(key, at)));
    }
    if (model.kind === "tables" && rows > PAGE_ROWS) {
      parts.push(
        ...stepper(page, Math.ceil(rows / PAGE_ROWS), "page", (at) => {
          this.cells.page.set(key, at);
          this.grid.draw();
        }),
      );
    }
    if (model.over && over.length > 0)
      parts.push(make("span", { class: "m-legend" }, legendOf(over)));
    node.replaceChildren(make("div", { class: "m-line-in" }, parts));
    this.bar.overlays(over.length > 0);
  }

  private *inSight(key: number) {
    // Few enough to be looked at whenever something is drawn.
    for (let column = 0; column < Math.min(this.model.columns, 300); column++) {
      const cell = this.model.cell(key, column);
      if (cell !== undefined) yield cell;
    }
  }

  private go(step: number | null): void {
    const { model } = this;
    void model.set({ step });
    if (model.run !== null) this.grid.reveal(0, model.place);
  }

  private turnTo(kind: Kind): void {
    this.bar.forget();
    void this.model.set({ kind });
    if (kind === "output" && this.model.facts !== null)
      void this.output.open(this.model.run ?? this.output.run);
  }

  private async refresh(): Promise<void> {
    this.cells.forget();
    this.model.heads.clear();
    await this.model.ask();
    if (!this.isGrid) this.output.refresh();
  }

  private fit(): void {
    const room = Math.round(this.node.clientWidth / 10) * 10;
    if (room === this.room || room === 0) return;
    // In a narrow page two stand side by side.
    if (this.room === 0 && room < NARROW) this.model.px = NARROW_PX;
    this.room = room;
    if (this.model.facts !== null) this.update("all");
  }

  private tell(): void {
    const { facts, requests, fault } = this.model;
    if (facts === null) return;
    const late = requests.since !== null && performance.now() - requests.since > LATE_MS;
    const of = `${count(this.keys.length)} key${this.keys.length === 1 ? "" : "s"}`;
    const nothing = this.model.kinds.length === 1 ? "No images, tables or sounds were logged." : "";
    const keys = this.isGrid ? of : nothing;
    const read =
      facts.read < facts.n
        ? `${count(facts.read)} of ${count(facts.n)} runs read; others when they come into sight`
        : "";
    const words = late
      ? `The ${requests.home} is busy; what is missing comes when it answers.`
      : [keys, read].filter(Boolean).join(" · ");
    this.foot.classList.toggle("late", late);
    this.foot.hidden = words === "" || fault !== null;
    say(this.foot, words);
  }
}

function stepper(at: number, n: number, what: string, set: (at: number) => void): HTMLElement[] {
  const button = (to: number, text: string, title: string) => {
    const node = make("button", {
      class: "m-small",
      text,
      title,
      attrs: { type: "button", "aria-label": title },
      on: { click: () => set(to) },
    });
    node.disabled = to < 0 || to >= n;
    return node;
  };
  return [
    make("span", { class: "m-stepper" }, [
      button(at - 1, "‹", `Previous ${what}`),
      make("span", { class: "quiet", text: `${what} ${at + 1} of ${count(n)}` }),
      button(at + 1, "›", `Next ${what}`),
    ]),
  ];
}
