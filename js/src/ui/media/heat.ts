/** Histograms over the steps as a heat map; pointing at it tells exact counts. */

import type { BinTold, HeatTold } from "../../bridge/media.ts";
import { count, figure } from "../../core/figures.ts";
import { make } from "../dom.ts";

export const HEAT_HEIGHT = 132;

/** Least and greatest value that heat maps side by side share. */
export type Span = [number, number];

/** Return the values that all of some heat maps have. */
export function spanOf(heats: HeatTold[]): Span {
  const low = Math.min(...heats.map((one) => one.low));
  const high = Math.max(...heats.map((one) => one.high));
  return [low, high];
}

export class Heat {
  readonly node: HTMLElement;
  private readonly canvas = make("canvas", {});
  private readonly hair = make("div", { class: "m-hair" });
  private readonly words = make("div", { class: "m-said", attrs: { "aria-live": "polite" } });
  private at: [number, number] | null = null;
  private drawn = "";
  private span: Span = [0, 1];
  private heat: HeatTold | null = null;

  constructor(
    private readonly width: number,
    private readonly bin: (step: number, value: number) => Promise<BinTold | null>,
  ) {
    const plot = make(
      "div",
      {
        class: "m-heat m-scroll",
        attrs: { tabindex: "0", role: "img" },
        on: {
          pointermove: (event) => this.point(event as PointerEvent),
          pointerleave: () => this.leave(),
          keydown: (event) => this.key(event as KeyboardEvent),
          blur: () => this.leave(),
        },
      },
      [this.canvas, this.hair],
    );
    this.node = make("div", {}, [plot, this.words]);
    this.canvas.style.cssText = `width:${width}px;height:${HEAT_HEIGHT}px`;
  }

  draw(heat: HeatTold, counts: Float32Array, span: Span, colour: string, label: string): void {
    const name = JSON.stringify([heat, span, colour]);
    if (name === this.drawn) return;
    [this.drawn, this.heat, this.span] = [name, heat, span];
    const scale = devicePixelRatio || 1;
    const { canvas } = this;
    canvas.width = this.width * scale;
    canvas.height = HEAT_HEIGHT * scale;
    const pen = canvas.getContext("2d");
    if (pen === null) return;
    const wide = canvas.width / heat.columns;
    const y = (value: number) =>
      Math.round(((span[1] - value) / (span[1] - span[0])) * canvas.height);
    const row = (heat.high - heat.low) / heat.rows;
    pen.fillStyle = colour;
    for (let column = 0; column < heat.columns; column++) {
      const part = counts.subarray(column * heat.rows, (column + 1) * heat.rows);
      const most = part.reduce((a, b) => Math.max(a, b), 0) || 1;
      for (const [place, value] of part.entries()) {
        if (!(value > 0)) continue;
        pen.globalAlpha = Math.max(0.08, Math.sqrt(value / most));
        const top = y(heat.low + (place + 1) * row);
        const bottom = y(heat.low + place * row);
        const left = Math.round(column * wide);
        const right = Math.round((column + 1) * wide);
        pen.fillRect(left, top, Math.max(1, right - left), Math.max(1, bottom - top));
      }
    }
    const plot = this.node.firstElementChild!;
    plot.setAttribute(
      "aria-label",
      `${label}: ${count(heat.n)} histograms, arrows tell exact counts`,
    );
    this.rest();
  }

  private rest(): void {
    if (this.heat === null) return;
    const { firsts, last } = this.heat;
    const [low, high] = this.span;
    const first = firsts[0] ?? 0;
    const steps =
      first === last ? `step ${count(last)}` : `steps ${count(first)} to ${count(last)}`;
    this.words.textContent = `${steps} · values ${figure(low)} to ${figure(high)}`;
  }

  private point(event: PointerEvent): void {
    const box = this.canvas.getBoundingClientRect();
    this.look((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  }

  private key(event: KeyboardEvent): void {
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const move = moves[event.key];
    if (move === undefined || this.heat === null) return;
    event.preventDefault();
    event.stopPropagation();
    const [x, y] = this.at ?? [0.5 / this.heat.columns, 0.5];
    this.look(x + move[0] / this.heat.columns, y + move[1] / this.heat.rows);
  }

  private look(across: number, down: number): void {
    const { heat } = this;
    if (heat === null) return;
    const clamp = (share: number) => Math.min(Math.max(share, 0), 0.9999);
    const at: [number, number] = [clamp(across), clamp(down)];
    this.at = at;
    const column = Math.floor(at[0] * heat.columns);
    const next = heat.firsts[column + 1] ?? heat.last;
    const first = heat.firsts[column]!;
    // Of a column that several steps share the one that is pointed at.
    const step = first + (at[0] * heat.columns - column) * (next - first);
    const value = this.span[1] - at[1] * (this.span[1] - this.span[0]);
    this.hair.style.cssText = `display:block;left:${at[0] * this.width}px`;
    void this.bin(heat.n === heat.columns ? first : step, value).then(
      (told) => this.at === at && this.tell(told),
      () => this.at === at && this.rest(),
    );
  }

  private tell(told: BinTold | null): void {
    const bin = told?.bin;
    if (!bin || told?.step === undefined) return;
    const where =
      bin.from === null ? "no bin here" : `${figure(bin.from)} to ${figure(bin.to ?? 0)}`;
    this.words.textContent = `step ${count(told.step)} · ${where} · ${count(bin.count)} of ${count(bin.total)}`;
  }

  private leave(): void {
    this.at = null;
    this.hair.style.display = "none";
    this.rest();
  }
}
