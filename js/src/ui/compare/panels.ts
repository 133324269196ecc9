/** The curves of the chosen metrics: a panel each, which share their zoom. */

import type { GroupsTold } from "../../bridge/comparison.ts";
import type { Requests } from "../../bridge/requests.ts";
import { count } from "../../core/figures.ts";
import type { Range } from "../../core/range.ts";
import { arrange, make, say } from "../dom.ts";
import { type Band, bandsOf } from "./bands.ts";
import { CurvePlot } from "./curve.ts";
import { Loader } from "./loader.ts";
import type { State } from "./state.ts";

interface Panel {
  plot: CurvePlot;
  node: HTMLElement;
  caption: HTMLElement;
}

export class Panels {
  readonly node = make("div", { class: "grid" });
  readonly loader: Loader;
  /** The groups of the first panel, for the legend. */
  bands: Band[] = [];
  ongroups: () => void = () => {};
  private panels: Panel[] = [];
  private readonly empty = make("p", { class: "quiet" });
  private grouped = "";
  /** Groups that found no place. */
  private more = 0;

  constructor(
    private readonly requests: Requests,
    private readonly state: State,
  ) {
    this.loader = new Loader(requests, state, () => this.update());
  }

  /** Have a panel for each metric that is chosen. */
  lay(): void {
    const { state } = this;
    const held = new Map(this.panels.map((panel) => [panel.plot.key, panel]));
    this.panels = state.panels.map((key) => held.get(key) ?? this.panel(key));
    for (const [key, panel] of held) if (!state.panels.includes(key)) panel.plot.dispose();
    this.node.classList.toggle("single", this.panels.length === 1);
    say(
      this.empty,
      state.facts.metrics.length === 0
        ? "None of these runs logged a number."
        : "No metric is chosen; Metrics above the charts lists them.",
    );
    arrange(this.node, this.panels.length > 0 ? this.panels.map(({ node }) => node) : [this.empty]);
    this.bring();
  }

  /** Draw with what is here by now. */
  update(first = false): void {
    for (const { plot } of this.panels) plot.update(first);
  }

  zoomed(): void {
    for (const { plot } of this.panels) plot.reset();
    this.update(true);
    this.loader.look();
  }

  hover(): void {
    for (const { plot } of this.panels) plot.overlay();
  }

  /** Bring what is not here: curves, or the means of groups. */
  bring(): void {
    this.loader.look(0);
    void this.group();
    this.update();
  }

  /** Let vertical axes be chosen anew: other lines are seen. */
  reset(): void {
    for (const { plot } of this.panels) plot.reset();
  }

  dispose(): void {
    this.loader.dispose();
    for (const { plot } of this.panels) plot.dispose();
  }

  private panel(key: string): Panel {
    const plot = new CurvePlot(key, this.state, this.loader, (axis) => this.span(axis));
    const label = this.state.label(key);
    const unit = this.state.facts.metrics.find((one) => one.key === key)?.unit ?? "";
    const caption = make("div", { class: "caption" });
    // Beside the title: what comes and goes must not move what stands below.
    const state = make("span", { class: "quiet reading", attrs: { role: "status" } });
    const node = make("section", { class: "panel" }, [
      make("div", { class: "panel-head" }, [
        make("h4", { text: label, title: label }),
        make("span", { class: "quiet", text: unit }),
        state,
      ]),
      plot.node,
      caption,
    ]);
    plot.node.setAttribute(
      "aria-label",
      `Curves of ${label}, a line for each run; drag zooms, Shift and drag moves, 0 shows all`,
    ); // prettier-ignore
    plot.ondraw = () => this.say(plot, caption, state);
    return { plot, node, caption };
  }

  private span(axis: string): Range | null {
    const { state, loader } = this;
    const keys = state.panels.filter((key) => state.axisOf(key) === axis);
    if (!state.groups) return loader.held.span(keys, state.drawn);
    const ends = this.panels
      .filter(({ plot }) => plot.axis === axis)
      .flatMap(({ plot }) =>
        plot.bands.flatMap(({ x }) => (x.length > 0 ? [x[0]!, x[x.length - 1]!] : [])),
      );
    return ends.length > 0 ? [Math.min(...ends), Math.max(...ends)] : null;
  }

  private say(plot: CurvePlot, caption: HTMLElement, reading: HTMLElement): void {
    const { state, loader } = this;
    say(reading, state.groups || plot.counted.exact ? "" : loader.problem || "reading…");
    const words: string[] = [];
    if (state.groups) {
      words.push("mean of each group, one standard deviation around it");
      if (this.more > 0) {
        words.push(`${this.more} more group${this.more === 1 ? "" : "s"} not drawn`);
      }
    } else {
      const { shown, of, odd, weights } = plot.counted;
      if (of === 0) {
        say(caption, loader.problem || (loader.complete ? "no run has a point of it" : "reading…"));
        return;
      }
      words.push(`${count(shown)} of ${count(of)} points`);
      const left = state.n - state.drawn.length;
      if (left > 0) words.push(`${count(left)} more runs not drawn`);
      if (weights.size > 0) words.push("smoothed");
      if (odd > 0) words.push(`${count(odd)} not finite`);
    }
    if (state.log) words.push("log scale");
    const names: Record<string, string> = {
      relative: "over seconds since start",
      time: "over the clock",
      step: "",
    };
    const over = names[plot.axis] ?? `over ${state.label(plot.axis)}`;
    if (over) words.push(over);
    say(caption, words.join(" · "));
    caption.title = caption.textContent ?? "";
  }

  private async group(): Promise<void> {
    const { state } = this;
    if (!state.groups || state.by === "") return;
    const now = JSON.stringify([state.by, state.x, state.panels]);
    if (now === this.grouped) return;
    const answer = await this.requests
      .ask<GroupsTold>("groups", { keys: state.panels, by: state.by, x: state.x })
      .catch((error: Error) => {
        this.loader.problem = error.message;
        return null;
      });
    if (answer === null) return;
    this.grouped = now;
    this.more = answer[0].panels[0]?.more ?? 0;
    const found = bandsOf(...answer);
    for (const { plot } of this.panels) {
      plot.bands = found.get(plot.key) ?? [];
      plot.reset();
    }
    this.bands = this.panels.map(({ plot }) => plot.bands).find((bands) => bands.length > 0) ?? [];
    this.ongroups();
  }
}
