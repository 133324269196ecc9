/** What is chosen for all views: what curves run over, scale, smoothing, runs or groups, metrics. */

import { smoothing } from "../controls.ts";
import { make } from "../dom.ts";
import type { State } from "./state.ts";

/** So many metrics a list shows; others are found by a word. */
const LISTED = 200;
const PANELS = 12;

/** Return a choice of one of many; `label` is what a screen reader says. */
export function choice(
  label: string,
  options: [string, string][],
  chosen: string,
  set: (value: string) => void,
): HTMLSelectElement {
  const select = make("select", {
    attrs: { "aria-label": label },
    on: { change: () => set(select.value) },
  });
  for (const [value, text] of options) {
    const option = make("option", { text, attrs: { value } });
    option.selected = value === chosen;
    select.append(option);
  }
  return select;
}

/** Return a choice of one of few, all of them in sight. */
function segments(
  label: string,
  options: [string, string][],
  chosen: string,
  set: (value: string) => void,
): HTMLElement {
  return make(
    "span",
    { class: "segments", attrs: { role: "group", "aria-label": label } },
    options.map(([value, text]) =>
      make("button", {
        text,
        attrs: { type: "button", "aria-pressed": String(value === chosen) },
        on: { click: () => set(value) },
      }),
    ),
  );
}

export class Controls {
  readonly node = make("div", { class: "controls" });
  readonly list = make("div", { class: "pop metrics" });
  private found = "";

  constructor(private readonly state: State) {
    this.list.hidden = true;
    this.list.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.open(false);
    });
  }

  update(): void {
    const { state } = this;
    const focused = this.node.querySelector<HTMLElement>(":focus")?.getAttribute("data-what");
    const xs: [string, string][] = [
      ["step", "step"],
      ...state.facts.xs,
      ["relative", "time since start"],
      ["time", "clock"],
    ];
    const parts = [
      this.mode(),
      make("label", { class: "quiet" }, ["x ", choice("x", xs, state.x, (x) => state.over(x))]),
      segments(
        "y",
        [
          ["linear", "linear"],
          ["log", "log"],
        ],
        state.log ? "log" : "linear",
        (kind) => {
          state.log = kind === "log";
          state.tell("layout");
        },
      ),
      ...(state.groups
        ? []
        : [
            smoothing(state.smooth, (chosen) => {
              state.smooth = chosen;
              state.tell("curves");
            }),
          ]),
      this.metrics(),
    ]; // prettier-ignore
    parts.forEach((part, at) => {
      part.setAttribute("data-what", String(at));
    });
    this.node.replaceChildren(...parts);
    if (focused)
      this.node.querySelector<HTMLElement>(`[data-what="${focused}"] :is(button, select)`)?.focus();
  }

  private mode(): HTMLElement {
    const { state } = this;
    const node = segments(
      "Lines",
      [
        ["runs", "runs"],
        ["groups", "group mean"],
      ],
      state.groups ? "groups" : "runs",
      (mode) => {
        state.groups = mode === "groups";
        state.tell("layout");
      },
    ); // prettier-ignore
    if (state.facts.bys.length === 0) {
      const last = node.lastElementChild as HTMLButtonElement;
      last.disabled = true;
      last.title = "The runs share no group, sweep or setting of few values";
    }
    const parts: HTMLElement[] = [node];
    if (state.groups) {
      parts.push(
        make("label", { class: "quiet" }, [
          "by ",
          choice("Group by", state.facts.bys, state.by, (by) => {
            state.by = by;
            state.tell("layout");
          }),
        ]),
      );
    }
    return make("span", { class: "mode" }, parts);
  }

  private metrics(): HTMLElement {
    const button = make("button", {
      text: `Metrics ${this.state.panels.length}`,
      attrs: { type: "button", "aria-expanded": String(!this.list.hidden) },
      on: { click: () => this.open(this.list.hidden === true) },
    });
    return make("span", {}, [button]);
  }

  private open(open: boolean): void {
    this.list.hidden = !open;
    this.update();
    if (!open) {
      this.node.querySelector<HTMLElement>("[aria-expanded]")?.focus();
      return;
    }
    this.fill();
    this.list.querySelector("input")?.focus();
  }

  private fill(): void {
    const find = make("input", {
      attrs: { type: "search", placeholder: "Find a metric", "aria-label": "Find metrics" },
      on: {
        input: () => {
          this.found = find.value.toLowerCase();
          rows.replaceChildren(...this.rows());
        },
      },
    });
    find.value = this.found;
    const rows = make("div", { class: "list" }, this.rows());
    const done = make("button", {
      text: "Done",
      attrs: { type: "button" },
      on: { click: () => this.open(false) },
    }); // prettier-ignore
    this.list.replaceChildren(make("div", { class: "line" }, [find, done]), rows);
  }

  private rows(): HTMLElement[] {
    const { state } = this;
    const fits = state.facts.metrics.filter(({ label }) =>
      label.toLowerCase().includes(this.found),
    );
    if (fits.length === 0)
      return [make("p", { class: "quiet", text: "No metric has this in its name." })];
    const rows = fits.slice(0, LISTED).map(({ key, label }) => {
      const box = make("input", {
        attrs: { type: "checkbox" },
        on: { change: () => this.choose(key, box.checked) },
      });
      box.checked = state.panels.includes(key);
      box.disabled = !box.checked && state.panels.length >= PANELS;
      return make("div", { class: "entry-line" }, [
        make("label", {}, [box, make("span", { class: "id", text: label, title: label })]),
      ]);
    });
    const more = fits.length - LISTED;
    return more > 0 ? [...rows, make("p", { class: "quiet", text: `${more} more` })] : rows;
  }

  private choose(key: string, on: boolean): void {
    const { state } = this;
    const others = state.panels.filter((one) => one !== key);
    state.panels = on ? [...others, key] : others;
    state.tell("layout");
  }
}
