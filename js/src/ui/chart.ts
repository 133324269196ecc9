/** Somebody's own chart: its lines decimated to the pixels there are, drawn by Vega. */

import type { View } from "vega";
import { changeset } from "vega";
import type { Feed } from "../bridge/feed.ts";
import { Drawn, decimate } from "../core/decimate.ts";
import { draw, forget } from "../core/frames.ts";
import { Pool } from "../core/pool.ts";
import type { Range } from "../core/range.ts";
import type { Axis } from "../core/series.ts";
import { guarded } from "./broken.ts";
import { make } from "./dom.ts";
import { handle, within, type Zoomable } from "./hand.ts";
import { isDark } from "./theme.ts";
import { viewOf } from "./vega.ts";

/** A chart without its data, as `runfolio/charts/streamed.py` makes it. */
export interface ChartInfo {
  spec: object;
  dataset: string;
  x: "step" | "time";
  y: string;
  series: { run_id: string; name: string; key: string }[];
}

export class ChartView implements Zoomable {
  readonly node = make("div", { class: "own-chart", attrs: { tabindex: "0", role: "img" } });
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
    this.view = viewOf(info.spec, this.node);
    this.node.setAttribute("aria-label", "Chart of runs. Drag or + and − zoom, 0 shows all.");
    this.resized.observe(this.node);
    handle(this.node, this);
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
      decimate(this.feed.get(id).line(this.axis), range[0], range[1], this.drawn);
      this.pool!.write(id, fixed, this.drawn);
    });
    this.pool.flush(this.view);
    this.view.signal("dark", isDark(this.node));
    this.view.signal("x0", range[0]).signal("x1", range[1]).run();
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
    const share = (pixel - (this.view.origin()[0] ?? 0)) / Math.max(this.view.width(), 1);
    return from + (to - from) * Math.min(Math.max(share, 0), 1);
  }
}
