/** The button that compares the selected runs, and what it says. */

import { make } from "../dom.ts";
import type { Model } from "./model.ts";
import { button } from "./picker.ts";

export class Compare {
  readonly button: HTMLButtonElement;
  readonly said = make("div", { class: "said", attrs: { role: "status" } });
  private ids: string[] = [];

  constructor(
    private readonly model: Model,
    private readonly can: boolean,
  ) {
    this.button = button("Compare", "", () => void this.ask());
    this.button.className = "compare";
    this.show([]);
  }

  /** Say how many runs are selected. */
  show(ids: string[]): void {
    const n = ids.length;
    const isOther = n !== this.ids.length || ids.some((id, place) => id !== this.ids[place]);
    this.ids = ids;
    this.button.hidden = !this.can;
    this.button.disabled = n < 2;
    const words = n < 2 ? "Compare" : `Compare ${n}`;
    if (this.button.textContent !== words) this.button.textContent = words;
    this.button.title = n < 2 ? "Select two runs or more" : "Compare the selected runs below";
    // What was said is of other runs.
    if (isOther) this.said.textContent = "";
  }

  private async ask(): Promise<void> {
    const { ids } = this;
    this.button.disabled = true;
    this.said.textContent = `Comparing ${ids.length} runs …`;
    let words = "";
    try {
      words =
        (await this.model.requests.ask<{ words: string }>("compare", { ids }))?.[0].words ?? "";
    } catch (error) {
      words = (error as Error).message;
    }
    if (ids === this.ids) this.said.textContent = words;
    this.show(this.ids);
  }
}
