/** The step that is looked at: a slider over all steps there are, and a box for any. */

import { count } from "../../core/figures.ts";
import { make, say } from "../dom.ts";
import type { Model } from "./model.ts";

export class Slider {
  readonly node: HTMLElement;
  private readonly range: HTMLInputElement;
  private readonly box: HTMLInputElement;
  private readonly words = make("span", { class: "quiet m-of" });

  constructor(
    private readonly model: Model,
    private readonly chosen: (step: number | null) => void,
  ) {
    this.range = make("input", {
      class: "m-range",
      attrs: { type: "range", min: "0", step: "1", "aria-label": "Step" },
      on: { input: () => this.go(Number(this.range.value)) },
    });
    this.box = make("input", {
      class: "m-number",
      attrs: { type: "number", step: "any", "aria-label": "Step, as a number" },
      on: {
        change: () => this.type(),
        // JupyterLab takes Enter for itself before it is a change.
        keydown: (event) => (event as KeyboardEvent).key === "Enter" && this.type(),
      },
    });
    const turn = (by: number, text: string, title: string) =>
      make("button", {
        text,
        title,
        attrs: { type: "button", "aria-label": title },
        on: { click: () => this.turn(by) },
      });
    this.node = make("div", { class: "m-slider" }, [
      make("span", { class: "quiet", text: "step" }),
      this.box,
      turn(-1, "‹", "One step back (,)"),
      this.range,
      turn(1, "›", "One step forward (.)"),
      this.words,
    ]);
  }

  /** Go to the step before or after. */
  turn(by: number): void {
    this.go(this.model.place + by);
  }

  show(): void {
    const { steps, place, step } = this.model;
    // Of one step there is nothing to choose: each cell says it.
    this.node.hidden = steps.length < 2;
    if (steps.length === 0) return;
    const last = steps.length - 1;
    this.range.max = String(last);
    if (Number(this.range.value) !== place) this.range.value = String(place);
    const now = step ?? steps[last]!;
    this.range.setAttribute("aria-valuetext", `step ${count(now)}`);
    const root = this.box.getRootNode() as Document | ShadowRoot;
    if (root.activeElement !== this.box) this.box.value = String(now);
    const all = `${count(steps[0]!)} to ${count(steps[last]!)}`;
    say(this.words, step === null ? `the last of each · ${all}` : all);
  }

  private go(place: number): void {
    const { steps } = this.model;
    const at = Math.min(Math.max(place, 0), steps.length - 1);
    // At its end it stays with what is newest.
    this.chosen(at === steps.length - 1 ? null : (steps[at] ?? null));
  }

  private type(): void {
    const step = Number(this.box.value);
    this.chosen(this.box.value === "" || !Number.isFinite(step) ? null : step);
  }
}
