/** Settings against a metric: parallel coordinates, importance, scatter, best so far. */

import {
  type AxesTold,
  type AxisTold,
  floats,
  type ImportanceTold,
  type ProgressTold,
  type ScatterTold,
} from "../../bridge/comparison.ts";
import type { Requests } from "../../bridge/requests.ts";
import { figure } from "../../core/figures.ts";
import { make, say } from "../dom.ts";
import { bars, barWords } from "./bars.ts";
import { choice } from "./controls.ts";
import { ParallelPlot, type Placed, wordsOf } from "./parallel.ts";
import { exactly, ScatterPlot } from "./scatter.ts";
import type { State } from "./state.ts";

/** Sections by what is asked for them, where that is called otherwise. */
const NAMES: Record<string, string> = { axes: "parallel", progress: "so-far" };

export class Against {
  readonly node = make("div", { class: "against" });
  private readonly parallel: ParallelPlot;
  private readonly scatter: ScatterPlot;
  private readonly progress: ScatterPlot;
  private readonly importance = make("div");
  private readonly captions = new Map<string, HTMLElement>();
  private setting = "";
  private scattered = "";
  private readonly pickers = make("span", { class: "pickers" });
  private readonly metricPicker = make("span");

  constructor(
    private readonly requests: Requests,
    private readonly state: State,
    chosen: HTMLElement,
  ) {
    this.parallel = new ParallelPlot(state);
    this.scatter = new ScatterPlot(state);
    this.progress = new ScatterPlot(state);
    this.scattered = state.metric;
    this.node.append(
      this.section("parallel", "settings →", this.parallel.node, "wide", this.metricPicker, chosen),
      make("div", { class: "grid" }, [
        this.section("scatter", "", this.scatter.node, "", this.pickers),
        this.section("importance", "importance of settings", this.importance),
        this.section("so-far", "best so far", this.progress.node),
      ]),
    );
  }

  /** Bring everything for the metric that is chosen. */
  async bring(): Promise<void> {
    const { state } = this;
    const few = state.metric === "" || state.facts.settings.length === 0;
    this.node.hidden = few;
    if (!few) {
      this.pick();
      void this.progressed();
    }
    const shares = await this.ask<ImportanceTold>("importance", { metric: state.metric });
    if (shares === null) return;
    // Said where the bars would stand, it need not be said below as well.
    state.remarks = shares[0].remarks.filter((one) => few || one !== shares[0].why);
    if (few) return;
    this.shares(shares[0]);
    this.setting ||= shares[0].shares[0]?.key ?? state.facts.settings[0]!.key;
    const axes = await this.ask<AxesTold>("axes", { metric: state.metric });
    if (axes !== null) this.axes(...axes);
    this.pick();
    await this.point();
  }

  /** Draw runs as they look by now. */
  update(): void {
    this.parallel.update();
    this.scatter.update();
    this.progress.update();
  }

  hover(): void {
    this.parallel.overlay();
    this.scatter.overlay();
    this.progress.overlay();
  }

  dispose(): void {
    this.parallel.dispose();
    this.scatter.dispose();
    this.progress.dispose();
  }

  private async ask<Told>(verb: string, what: Record<string, unknown>) {
    return await this.requests.ask<Told>(verb, what).catch((error: Error) => {
      const caption = this.captions.get(NAMES[verb] ?? verb);
      if (caption) say(caption, error.message);
      return null;
    });
  }

  private section(
    name: string,
    title: string,
    body: HTMLElement,
    more = "",
    ...beside: HTMLElement[]
  ): HTMLElement {
    const caption = make("div", { class: "caption" });
    this.captions.set(name, caption);
    const head = make("div", { class: "panel-head" }, [
      title === "" ? null : make("h4", { text: title }),
      ...beside,
    ]);
    return make("section", { class: `panel ${name} ${more}` }, [head, body, caption]);
  }

  private caption(name: string, words: string[]): void {
    const node = this.captions.get(name)!;
    say(node, words.filter(Boolean).join(" · "));
    node.title = node.textContent ?? "";
  }

  private pick(): void {
    const { state } = this;
    const metrics = state.facts.metrics.map(({ key, label }): [string, string] => [key, label]);
    const settings = state.facts.settings.map(({ key, label }): [string, string] => [key, label]);
    this.metricPicker.replaceChildren(
      choice("Metric of the settings", metrics, state.metric, (key) => {
        state.metric = this.scattered = key;
        state.tell("metric");
      }),
    );
    this.pickers.replaceChildren(
      choice("Setting", settings, this.setting, (key) => {
        this.setting = key;
        void this.point();
      }),
      make("span", { class: "quiet", text: "→" }),
      choice("Metric", metrics, this.scattered, (key) => {
        this.scattered = key;
        void this.point();
      }),
    );
  }

  private axes({ axes, way, more }: AxesTold, buffers: DataView[]): void {
    this.parallel.show(axes.map((axis) => placed(axis, buffers)));
    const few = this.state.n > 1000 ? "of many grey lines some are left out" : "";
    const logs = axes.filter((axis) => axis.kind === "log").map((axis) => axis.label);
    this.caption("parallel", [
      way === null ? "" : way === "maximize" ? "more is better" : "less is better",
      logs.length > 0 ? `log scale: ${logs.join(", ")}` : "",
      more > 0 ? `${more} more setting${more === 1 ? "" : "s"}` : "",
      few,
      "drag along an axis to choose runs",
    ]);
  }

  private shares(told: ImportanceTold): void {
    this.importance.replaceChildren(
      told.shares.length > 0
        ? bars(told, (key) => {
            this.setting = key;
            this.pick();
            void this.point();
          })
        : make("p", { class: "quiet", text: told.why }),
    );
    this.caption("importance", told.shares.length > 0 ? [barWords(told)] : []);
  }

  private async point(): Promise<void> {
    const what = { setting: this.setting, metric: this.scattered };
    const answer = await this.ask<ScatterTold>("scatter", what);
    if (answer === null) return;
    const [told, buffers] = answer;
    const axis = placed(told.axis, buffers);
    const y = floats(buffers[told.y]);
    const runs = [...y.keys()].filter(
      (run) => !Number.isNaN(y[run]) && !Number.isNaN(axis.at[run]),
    );
    const label = this.state.label(told.metric);
    this.scatter.show(
      {
        runs,
        x: Float64Array.from(runs, (run) => axis.at[run]!),
        y: Float64Array.from(runs, (run) => y[run]!),
        labels: axis.labels.map(([share, words]) => ({ share, label: words })),
        best: null,
        words: (at) => [[axis.label, wordsOf(axis, runs[at]!)], exactly(label, y[runs[at]!]!)],
      },
      `${axis.label} against ${label}, a point for each of ${runs.length} runs`,
    );
    this.caption("scatter", [
      `${runs.length} of ${this.state.n} runs`,
      axis.kind === "log" ? "log scale" : "",
      told.words,
    ]);
  }

  private async progressed(): Promise<void> {
    const { state } = this;
    const answer = await this.ask<ProgressTold>("progress", { metric: state.metric });
    if (answer === null) return;
    const [told, buffers] = answer;
    const section = this.progress.node.parentElement as HTMLElement;
    section.hidden = told.n < 2;
    if (told.n < 2) return;
    const runs = [...floats(buffers[told.runs])];
    const [at, values, best] = [told.at, told.values, told.best].map((b) => floats(buffers[b]));
    const label = state.label(told.metric);
    this.progress.show(
      {
        runs,
        x: at!,
        y: values!,
        labels: "time",
        best: best!,
        words: (one) => [exactly(label, values![one]!)],
      },
      `Best ${label} so far, run after run`,
    );
    this.caption("so-far", [
      `${figure(values![0]!)} → ${figure(best![told.n - 1]!)}`,
      `${told.n} runs`,
      `better ${told.better} time${told.better === 1 ? "" : "s"}`,
    ]);
  }
}

function placed(axis: AxisTold, buffers: DataView[]): Placed {
  return {
    ...axis,
    at: floats(buffers[axis.places]),
    exact: axis.values === undefined ? null : floats(buffers[axis.values]),
  };
}
