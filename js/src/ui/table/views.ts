/** Named ways to look at the table, kept in the store for whoever opens it. */

import { viewOf } from "../../core/view.ts";
import { make } from "../dom.ts";
import type { Model } from "./model.ts";
import { button } from "./picker.ts";

type Views = Record<string, unknown>;

export class SavedViews {
  readonly node: HTMLElement;
  private readonly list = make("div", { class: "list" });
  private readonly said = make("div", { class: "problem", attrs: { role: "alert" } });
  private readonly name: HTMLInputElement;

  constructor(
    private readonly model: Model,
    private readonly applied: (query: string) => void,
  ) {
    this.name = make("input", {
      attrs: { type: "text", placeholder: "Name of this view", "aria-label": "Name of this view" },
      on: {
        keydown: (event) => {
          if ((event as KeyboardEvent).key === "Enter") void this.save();
        },
      },
    });
    this.node = make(
      "div",
      { class: "pop", attrs: { role: "dialog", "aria-label": "Saved views" } },
      [
        make("div", { class: "line" }, [
          this.name,
          button("Save", "Save columns, filter, sorting and groups", () => void this.save()),
        ]),
        this.said,
        this.list,
      ],
    );
  }

  open(): void {
    this.fill(this.model.facts?.views ?? {});
    this.name.focus();
  }

  private fill(views: Views): void {
    if (this.model.facts !== null) this.model.facts.views = views;
    const lines = Object.entries(views).map(([name, view]) =>
      make("div", { class: "entry-line" }, [
        button(name, "Look at the table this way", () => this.apply(view)),
        button(
          "Remove",
          `Remove the view ${name}`,
          () => void this.change("remove view", { name }),
        ),
      ]),
    );
    const none = make("span", { class: "quiet", text: "No view is saved yet." });
    this.list.replaceChildren(...(lines.length > 0 ? lines : [none]));
  }

  private apply(view: unknown): void {
    const query = (view as { query?: unknown } | null)?.query;
    this.model.set(viewOf(view));
    this.applied(typeof query === "string" ? query : "");
  }

  private async save(): Promise<void> {
    const { view, query } = this.model;
    await this.change("save view", { name: this.name.value, view: { ...view, query } });
  }

  private async change(verb: string, what: Record<string, unknown>): Promise<void> {
    try {
      const told = await this.model.requests.ask<{ views: Views }>(verb, what);
      this.said.textContent = "";
      if (told !== null) this.fill(told[0].views);
    } catch (error) {
      this.said.textContent = (error as Error).message;
    }
  }
}
