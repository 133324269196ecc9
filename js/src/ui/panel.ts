/** One panel of a card: title, figures, legend, plot, caption. */

import type { Feed } from "../bridge/feed.ts";
import type { PanelInfo, SeriesInfo } from "../bridge/protocol.ts";
import { type Along, lineOf, serves } from "../core/along.ts";
import { NOWHERE } from "../core/extremes.ts";
import { count, exact, figure } from "../core/figures.ts";
import { make, say } from "./dom.ts";
import { Plot, type Settings, type Shown } from "./plot.ts";
import { swatch } from "./tip.ts";

export class Panel {
  readonly node: HTMLElement;
  readonly plot: Plot;
  private readonly title = make("h4");
  private readonly figures = make("span", { class: "figures" });
  private readonly legend = make("div", { class: "legend" });
  private readonly caption = make("div", { class: "caption" });
  private readonly hidden = new Set<number>();
  private members: SeriesInfo[] = [];
  private along: Along | null = null;
  private told = "";

  constructor(
    specs: Record<string, object>,
    private settings: Settings,
    private readonly feed: Feed,
  ) {
    this.plot = new Plot(specs, settings);
    this.plot.ondraw = () => this.tell();
    const head = make("div", { class: "panel-head" }, [this.title, this.figures]);
    this.node = make("section", { class: "panel" }, [
      head,
      this.legend,
      this.plot.node,
      this.caption,
    ]);
  }

  show(info: PanelInfo, members: SeriesInfo[]): void {
    say(this.title, info.title);
    this.title.title = info.title;
    const same = members.map((one) => `${one.id} ${one.label} ${one.colour}`).join("\n");
    this.members = members;
    this.along = this.axis();
    if (same !== this.told) {
      this.told = same;
      this.drawLegend();
    }
    this.plot.show(members.map((one) => this.shown(one)));
  }

  set(settings: Settings): void {
    this.settings = settings;
    this.plot.set(settings);
    this.drawLegend();
  }

  has(changed: Set<number>): boolean {
    return this.members.some((one) => changed.has(one.id) || changed.has(one.along ?? -1));
  }

  dispose(): void {
    this.plot.dispose();
    this.node.remove();
  }

  /** Return what takes the place of steps: only where all series have the same, and it has values. */
  private axis(): Along | null {
    const { along: id, over } = this.members[0] ?? { along: null, over: "" };
    if (id === null || this.members.some((one) => one.along !== id)) return null;
    const series = this.feed.get(id);
    const fits = this.members.every((one) => serves(series, this.feed.get(one.id)));
    return fits ? { key: over, series } : null;
  }

  private shown(one: SeriesInfo): Shown {
    return {
      series: this.feed.get(one.id),
      along: this.along,
      label: one.label,
      colour: one.colour,
      goal: one.goal,
      visible: !this.hidden.has(one.id),
    };
  }

  private drawLegend(): void {
    this.legend.replaceChildren(
      ...(this.members.length < 2
        ? []
        : this.members.map((one) => {
            const off = this.hidden.has(one.id);
            const value = make("b", { attrs: { "data-series": String(one.id) } });
            return make(
              "button",
              {
                class: off ? "entry off" : "entry",
                title: off ? `Show ${one.label}` : `Hide ${one.label}`,
                attrs: { type: "button", "aria-pressed": String(!off) },
                on: { click: () => this.toggle(one.id) },
              },
              [
                swatch(one.colour, this.settings.dark),
                make("span", { class: "name", text: one.label }),
                value,
              ],
            );
          })),
    );
  }

  private toggle(id: number): void {
    if (this.hidden.has(id)) this.hidden.delete(id);
    else this.hidden.add(id);
    this.drawLegend();
    this.plot.show(this.members.map((one) => this.shown(one)));
  }

  /** Say the figures of what was just drawn. */
  private tell(): void {
    const { shown, of, weight, nonfinite } = this.plot.counted;
    const words = [`${count(shown)} of ${count(of)} point${of === 1 ? "" : "s"}`];
    if (weight > 0) words.push(`smoothed ${Number(weight.toPrecision(5))}`);
    if (nonfinite > 0) words.push(`${count(nonfinite)} not finite`);
    if (this.settings.log) words.push("log scale");
    if (this.along !== null && this.settings.axis === "step") words.push(`over ${this.along.key}`);
    say(this.caption, words.join(" · "));
    if (this.members.length === 1) this.tellOne(this.members[0]!);
    else this.tellAll();
  }

  private tellOne(one: SeriesInfo): void {
    const series = this.feed.get(one.id);
    const last = lastOf(series.value, series.n);
    if (last === null) {
      this.figures.replaceChildren();
      return;
    }
    const line = lineOf(series, "step", this.along);
    const [low, high] = line.extremes.of(0, line.n);
    const place = one.goal === "minimize" ? low : one.goal === "maximize" ? high : NOWHERE;
    const parts: HTMLElement[] = [];
    if (one.label !== this.title.textContent) {
      parts.push(make("span", { class: "quiet name", text: one.label }));
    }
    parts.push(make("b", { text: figure(last), title: exact(last) }));
    if (place !== NOWHERE) {
      const [value, at] = [line.y[place]!, line.x[place]!];
      const where = this.along === null ? count(at) : `${this.along.key} ${count(at)}`;
      const what = value === last ? "best" : `best ${figure(value)} at ${where}`;
      parts.push(make("span", { class: "quiet", text: what, title: exact(value) }));
    }
    this.figures.replaceChildren(...parts);
  }

  private tellAll(): void {
    this.figures.replaceChildren();
    for (const node of this.legend.querySelectorAll<HTMLElement>("b[data-series]")) {
      const series = this.feed.get(Number(node.dataset.series));
      const last = lastOf(series.value, series.n);
      say(node, last === null ? "" : figure(last));
    }
  }
}

function lastOf(values: Float64Array, n: number): number | null {
  return n === 0 ? null : values[n - 1]!;
}
