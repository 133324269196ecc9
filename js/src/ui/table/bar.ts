/** Above the table: the filter, the grouping, and what opens the lists of columns and views. */

import { make } from "../dom.ts";
import type { Model } from "./model.ts";
import { button } from "./picker.ts";
import { problem } from "./problem.ts";

const WAIT_MS = 350;
const LISTED = 300;

export class Bar {
  readonly node: HTMLElement;
  readonly filter: HTMLInputElement;
  private readonly problem = make("div", { class: "problem", attrs: { role: "alert" } });
  private readonly group = make("select", { attrs: { "aria-label": "Group by" } });
  private readonly fold: HTMLButtonElement;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private listed = "";

  constructor(
    private readonly model: Model,
    private readonly asked: (query: string) => void,
    opens: { compare: HTMLElement; columns: () => void; views: () => void; refresh: () => void },
  ) {
    this.filter = make("input", {
      class: "filter",
      attrs: {
        type: "search",
        placeholder: "Filter: status:finished lr<1e-3 tag:baseline",
        "aria-label": "Filter",
        spellcheck: "false",
        autocomplete: "off",
      },
      on: {
        input: () => this.later(),
        keydown: (event) => {
          if ((event as KeyboardEvent).key === "Enter") this.now();
        },
      },
    });
    this.group.addEventListener("change", () =>
      model.set({ group: this.group.value || null, folding: { all: false, but: [] } }),
    );
    this.fold = button("Fold", "Close or open all groups", () => {
      const { all } = model.view.folding;
      model.set({ folding: { all: !all, but: [] } });
    });
    const controls = make("span", { class: "buttons" }, [
      make("label", { class: "quiet" }, ["group ", this.group]),
      this.fold,
      opens.compare,
      button("Columns", "Choose columns", opens.columns),
      button("Views", "Saved views", opens.views),
      button("Refresh", "Read the store anew", opens.refresh),
    ]);
    const head = make("header", {}, [make("h3", { text: "Runs" }), this.filter, controls]);
    this.node = make("div", {}, [head, this.problem]);
  }

  /** Say what the model holds. */
  show(): void {
    const { fault, facts, view } = this.model;
    if (document.activeElement === null || !this.filter.matches(":focus")) {
      this.filter.value = this.model.query;
    }
    const message = fault?.message ?? facts?.notes.join(" ") ?? "";
    this.problem.replaceChildren(...problem(this.model.query, message, fault?.position ?? null));
    this.filter.setAttribute("aria-invalid", String(fault !== null));
    this.problem.classList.toggle("quiet", fault === null);
    this.fold.hidden = view.group === null;
    this.fold.textContent = view.folding.all ? "Unfold" : "Fold";
    const told = [...this.model.byId.keys()].slice(0, LISTED);
    if (told.join("\n") !== this.listed) {
      this.listed = told.join("\n");
      const names = told.filter((id) => id !== "run" && id !== "curve");
      const options = names.map((id) => make("option", { text: id, attrs: { value: id } }));
      this.group.replaceChildren(
        make("option", { text: "nothing", attrs: { value: "" } }),
        ...options,
      );
    }
    this.group.value = view.group ?? "";
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), WAIT_MS);
  }

  private now(): void {
    clearTimeout(this.timer);
    if (this.filter.value !== this.model.query) this.asked(this.filter.value);
  }
}
