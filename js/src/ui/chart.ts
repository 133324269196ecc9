/** Somebody's own chart: its lines decimated to the pixels there are, drawn by Vega. */

import type { View } from "vega";
import { changeset } from "vega";
import type { Feed } from "../bridge/feed.ts";
import { Drawn, decimate, type Line } from "../core/decimate.ts";
import { exact, moment } from "../core/figures.ts";
import { draw, forget } from "../core/frames.ts";
import { Pool } from "../core/pool.ts";
import type { Range } from "../core/range.ts";
import { nearest } from "../core/search.ts";
import type { Axis } from "../core/series.ts";
import { guarded } from "./broken.ts";
import { smoothing } from "./controls.ts";
import { make } from "./dom.ts";
import { handle, within, type Zoomable } from "./hand.ts";
import type { Settings } from "./plot.ts";
import { isDark } from "./theme.ts";
import { Tip, type Told } from "./tip.ts";
import { viewOf } from "./vega.ts";

/** A chart without its data, as `runfolio/charts/streamed.py` makes it. */
export interface ChartInfo {
  spec: object;
  dataset: string;
  x: "step" | "time";
  y: string;
  /** Whether it draws lines only, which can be smoothed. */
  smooth: boolean;
  series: { run_id: string; name: string; key: string }[];
}

/** So many lines are told of at once. */
const MOST = 12;

export class ChartView implements Zoomable {
  readonly node = make("div", { class: "own" });
  private readonly plot = make("div", {
    class: "own-chart",
    attrs: { tabindex: "0", role: "img" },
  });
  private readonly tip = new Tip(this.plot);
  readonly colours: (fixed: ChartInfo["series"][number]) => string | number;
  private smooth: Settings["smooth"] = "off";
  private readonly view: View;
  private pool: Pool | null = null;
  private drawn = new Drawn(1);
  private columns = 0;
  private zoomed: Range | null = null;
  private readonly paint = () => guarded(this.node, () => this.paintNow());
  private readonly resized = new ResizeObserver(() => this.update());

  constructor(
    private readonly info: ChartInfo,
    private readonly feed: Feed,
  ) {
    const canvas = make("div");
    this.plot.prepend(canvas);
    this.view = viewOf(info.spec, canvas);
    this.colours = coloursOf(info.spec as Scaled, this.view);
    this.plot.setAttribute("aria-label", "Chart of runs. Drag or + and − zoom, 0 shows all.");
    this.node.append(this.plot);
    if (info.smooth) this.node.prepend(make("div", { class: "controls" }, [this.choice()]));
    this.resized.observe(this.plot);
    handle(this.plot, this);
  }

  update(): void {
    draw(this.paint);
  }

  dispose(): void {
    forget(this.paint);
    this.resized.disconnect();
    this.view.finalize();
  }

  /** Return what is drawn as base64 of a PNG. */
  picture(): string | undefined {
    return this.node.querySelector("canvas")?.toDataURL("image/png").split(",")[1];
  }

  private choice(): HTMLElement {
    return smoothing(this.smooth, (chosen) => {
      this.smooth = chosen;
      this.update();
    });
  }

  private get axis(): Axis {
    return this.info.x;
  }

  private full(): Range {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    this.info.series.forEach((_, id) => {
      const { x, n } = this.feed.get(id).line(this.axis);
      if (n === 0) return;
      low = Math.min(low, x[0]!);
      high = Math.max(high, x[n - 1]!);
    });
    if (!(low <= high)) return [0, 1];
    return low < high ? [low, high] : [low - 0.5, high + 0.5];
  }

  private paintNow(): void {
    if (!this.node.isConnected) return;
    const { range } = this;
    const columns = Math.max(32, Math.ceil(this.view.width() * Math.min(devicePixelRatio || 1, 2)));
    if (this.pool === null || columns !== this.columns) {
      if (this.pool !== null) {
        this.view
          .change(
            this.info.dataset,
            changeset().remove(() => true),
          )
          .run();
      }
      this.columns = columns;
      this.drawn = new Drawn(columns);
      this.pool = new Pool(this.info.dataset, columns, this.info.x, this.info.y);
    }
    this.info.series.forEach((fixed, id) => {
      decimate(this.line(id), range[0], range[1], this.drawn);
      this.pool!.write(id, fixed, this.drawn);
    });
    this.pool.flush(this.view);
    const dark = isDark(this.node);
    this.node.classList.toggle("dark", dark);
    this.view.signal("dark", dark);
    this.view.signal("x0", range[0]).signal("x1", range[1]).run();
  }

  /** Return a line as it is drawn. */
  private line(id: number): Line {
    const series = this.feed.get(id);
    const weight = this.smooth === "auto" ? series.autoWeight() : this.smooth;
    if (weight === null || weight === "off") return series.line(this.axis);
    return series.smoothLine(this.axis, weight);
  }

  get range(): Range {
    return this.zoomed ?? this.full();
  }

  zoom(range: Range | null): void {
    this.zoomed = within(this.full(), range);
    this.update();
  }

  at(pixel: number): number {
    const [from, to] = this.range;
    const share = (pixel - this.left()) / Math.max(this.view.width(), 1);
    return from + (to - from) * Math.min(Math.max(share, 0), 1);
  }

  /** Say what was logged nearest to a pixel. */
  point(pixel: number): void {
    const x = this.at(pixel);
    const [from, to] = this.range;
    const told: (Told & { x: number })[] = [];
    this.info.series.forEach((fixed, id) => {
      const line = this.feed.get(id).line(this.axis);
      const place = nearest(line.x, x, line.n);
      if (place < 0 || line.x[place]! < from || line.x[place]! > to) return;
      const [label, colour] = [labelOf(fixed, this.info.series), this.colours(fixed)];
      told.push({ label, colour, x: line.x[place]!, value: line.y[place]! });
    });
    if (told.length === 0) {
      this.leave();
      return;
    }
    const at = told.reduce((a, b) => (Math.abs(b.x - x) < Math.abs(a.x - x) ? b : a)).x;
    const place = this.info.x === "time" ? moment(at) : `step ${exact(at)}`;
    const share = (at - from) / (to - from);
    const rest = told.length > MOST ? ` · ${told.length - MOST} more lines` : "";
    const dark = isDark(this.node);
    this.tip.show(this.left() + share * this.view.width(), place + rest, told.slice(0, MOST), dark);
  }

  leave(): void {
    this.tip.hide();
  }

  private left(): number {
    const around = this.view.padding() as number | { left?: number };
    const beside = typeof around === "number" ? around : (around.left ?? 0);
    return beside + (this.view.origin()[0] ?? 0);
  }
}

interface Scaled {
  scales?: { name: string; domain?: { field?: string } }[];
}

/** Return what gives a series the colour that the chart has for it; grey where it has none. */
function coloursOf(spec: Scaled, view: View): ChartView["colours"] {
  const field = spec.scales?.find(({ name }) => name === "color")?.domain?.field;
  return (fixed) => {
    if (field === undefined || !(field in fixed)) return -1;
    return String(view.scale("color")(fixed[field as keyof typeof fixed]));
  };
}

/** Return what tells a series from the others: its run, its metric, or both. */
function labelOf(fixed: ChartInfo["series"][number], all: ChartInfo["series"]): string {
  const runs = all.some((one) => one.run_id !== fixed.run_id);
  const keys = all.some((one) => one.key !== fixed.key);
  if (runs && keys) return `${fixed.name} ${fixed.key}`;
  return runs ? fixed.name : fixed.key;
}
