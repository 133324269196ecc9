/** The filter of the panel: the query language, with what can stand in it next. */

import { make } from "../dom.ts";
import type { Model } from "../table/model.ts";
import { problem } from "../table/problem.ts";

const WAIT_MS = 350;
const OFFERED = 40;
const STATES = ["running", "finished", "failed", "interrupted", "stopped", "crashed", "silent"];
const LIST = "runfolio-words";

export class Filter {
  readonly node: HTMLElement;
  readonly input: HTMLInputElement;
  private readonly words = make("datalist", { attrs: { id: LIST } });
  private readonly said = make("div", { class: "problem", attrs: { role: "alert", id: "wrong" } });
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private model: Model | null,
    private readonly asked: (query: string) => void,
    private readonly leave: () => void,
  ) {
    this.input = make("input", {
      class: "filter",
      attrs: {
        type: "search",
        placeholder: "filter: tag:baseline lr<1e-2",
        "aria-label": "Filter runs",
        "aria-describedby": "wrong",
        list: LIST,
        spellcheck: "false",
        autocomplete: "off",
      },
      on: { input: () => this.later(), keydown: (event) => this.press(event as KeyboardEvent) },
    });
    this.node = make("div", { class: "filtering" }, [this.input, this.words, this.said]);
  }

  /** Say what the model holds. */
  show(model: Model | null): void {
    this.model = model;
    const fault = model?.fault ?? null;
    const notes = model?.facts?.notes.join(" ") ?? "";
    if (!this.input.matches(":focus")) this.input.value = model?.query ?? this.input.value;
    const told = problem(model?.query ?? "", fault?.message ?? notes, fault?.position ?? null);
    this.said.replaceChildren(...told.filter((one) => one !== ""));
    this.said.classList.toggle("quiet", fault === null);
    this.input.setAttribute("aria-invalid", String(fault !== null && fault.position !== null));
    this.offer();
  }

  /** Offer what the last word may become. */
  private offer(): void {
    const query = this.input.value;
    const at = query.lastIndexOf(" ") + 1;
    const [before, word] = [query.slice(0, at), query.slice(at).toLowerCase()];
    const names = [...(this.model?.byId.keys() ?? [])].filter(
      (id) => id !== "run" && id !== "curve",
    );
    const short = names.map((id) => id.replace(/^(config|metrics)\./, ""));
    const can = [
      ...STATES.map((state) => `status:${state}`),
      "tag:",
      ...(this.model?.facts?.main ? [`sort:-${this.model.facts.main.slice(8)}`] : []),
      ...short,
    ];
    const found = [...new Set(can)].filter((one) => one.toLowerCase().startsWith(word));
    const offered = (word === "" && before === "" ? can.slice(0, 10) : found).slice(0, OFFERED);
    this.words.replaceChildren(
      ...offered.map((one) => make("option", { attrs: { value: before + one } })),
    );
  }

  private press(event: KeyboardEvent): void {
    if (event.key === "Enter") this.now();
    else if (event.key === "Escape" && this.input.value !== "") {
      event.preventDefault();
      this.input.value = "";
      this.now();
    } else if (event.key === "ArrowDown" && this.words.childElementCount === 0) this.leave();
    else return;
    event.stopPropagation();
  }

  private later(): void {
    this.offer();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), WAIT_MS);
  }

  private now(): void {
    clearTimeout(this.timer);
    if (this.input.value !== this.model?.query) this.asked(this.input.value);
  }
}
