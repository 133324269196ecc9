/** The artifacts of a store in the panel: a filter, a list, and why there is none. */

import { ArtifactRows } from "../../bridge/artifact_rows.ts";
import { ArtifactsApi } from "../../bridge/artifacts.ts";
import type { Channel } from "../../bridge/channel.ts";
import { count } from "../../core/figures.ts";
import { arrange, make } from "../dom.ts";
import { button } from "../table/picker.ts";
import { ArtifactList } from "./list.ts";

const WAIT_MS = 250;
const LATE_MS = 300;
/** Between two looks at what changed: a script may save a version a second. */
const REST_MS = 1000;
const NONE = "No artifacts yet. A run keeps one: run.log_artifact(PATH, name=NAME).";
const READING = "Reading the artifacts …";

export class ArtifactsPane {
  readonly node: HTMLElement;
  readonly input: HTMLInputElement;
  private readonly types = make("select", { attrs: { "aria-label": "Type" } });
  private readonly message = make("div", { class: "message blank", attrs: { role: "status" } });
  private readonly rows: ArtifactRows;
  private readonly list: ArtifactList;
  private readonly ends: (() => void)[];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private late: ReturnType<typeof setTimeout> | undefined;
  private isLate = false;

  constructor(
    channel: Channel,
    store: string,
    open: (name: string) => void,
    /** What stands below the list is to be told anew. */
    private readonly changed: () => void,
  ) {
    this.rows = new ArtifactRows(new ArtifactsApi(channel.api, store), () => this.draw());
    this.input = make("input", {
      class: "filter",
      attrs: {
        type: "search",
        placeholder: "filter: net production",
        "aria-label": "Filter artifacts by name, stage or alias",
        spellcheck: "false",
        autocomplete: "off",
      },
      on: { input: () => this.later(), keydown: (event) => this.press(event as KeyboardEvent) },
    });
    this.types.addEventListener("change", () => this.ask());
    this.list = new ArtifactList(this.rows, open, () => this.input.focus());
    this.node = make(
      "div",
      { class: "artifacts", attrs: { role: "tabpanel", "aria-label": "Artifacts" } },
      [
        make("div", { class: "filtering two" }, [this.input, this.types]),
        this.list.node,
        this.message,
      ],
    );
    this.ends = [
      channel.listen((stores) => {
        if (stores.length === 0 || stores.includes(store)) this.news();
      }, "artifacts"),
    ];
    setTimeout(() => {
      this.isLate = true;
      this.draw();
    }, LATE_MS);
    void this.rows.ask("", "");
    this.draw();
  }

  /** Return how many there are, as it stands below the list; empty before that is known. */
  get words(): string {
    const { facts } = this.rows;
    if (facts === null) return "";
    const of = facts.n === facts.total ? "" : `${count(facts.n)} of `;
    const parts = [`${of}${some(facts.total, "artifact")}`, some(facts.versions, "version")];
    return parts.map((one) => `· ${one}`).join(" ");
  }

  /** It is shown: what is drawn while nobody sees it has no height. */
  draw(): void {
    const why = this.why();
    const { facts } = this.rows;
    this.list.node.hidden = why !== "" || facts === null;
    this.message.hidden = !this.list.node.hidden;
    this.input.parentElement!.hidden = facts?.total === 0;
    arrange(this.message, why === "" ? [] : this.told(why));
    this.showTypes(facts?.types ?? []);
    if (!this.list.node.hidden) this.list.draw();
    this.changed();
  }

  dispose(): void {
    clearTimeout(this.timer);
    clearTimeout(this.late);
    for (const end of this.ends) end();
    this.list.dispose();
    this.node.remove();
  }

  /** Return why there are no rows; empty where there are some, or will be soon. */
  private why(): string {
    const { facts, fault } = this.rows;
    if (fault !== null) return fault;
    if (facts === null) return this.isLate ? READING : "";
    if (facts.n > 0) return "";
    return facts.total === 0 ? NONE : "No artifact matches this filter.";
  }

  private told(why: string): Node[] {
    const words = make("span", { text: why });
    if (why === READING) return [words];
    const isFiltered = this.rows.fault === null && (this.rows.facts?.total ?? 0) > 0;
    const act = isFiltered
      ? button("Clear filter", "Show all artifacts", () => this.clear())
      : button("Look again", "Look for artifacts again", () => void this.rows.again());
    return [words, act];
  }

  private showTypes(types: string[]): void {
    const told = types.join("\n");
    if (this.types.dataset.told === told) return;
    const { value } = this.types;
    this.types.dataset.told = told;
    const option = (type: string, text: string) => make("option", { text, attrs: { value: type } });
    this.types.replaceChildren(option("", "all types"), ...types.map((one) => option(one, one)));
    this.types.value = types.includes(value) ? value : "";
    this.types.hidden = types.length < 2;
    // One of the type that was chosen is no longer there.
    if (this.types.value !== value) this.ask();
  }

  private clear(): void {
    this.input.value = this.types.value = "";
    this.ask();
  }

  private ask(): void {
    clearTimeout(this.timer);
    const [text, type] = [this.input.value.trim(), this.types.value];
    if (text === this.rows.text && type === this.rows.type) return;
    this.list.reset();
    void this.rows.ask(text, type);
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT_MS);
  }

  private news(): void {
    this.late ??= setTimeout(() => {
      this.late = undefined;
      void this.rows.again();
    }, REST_MS);
  }

  private press(event: KeyboardEvent): void {
    if (event.key === "Enter") this.ask();
    else if (event.key === "ArrowDown") this.list.node.focus();
    else if (event.key === "Escape" && this.input.value !== "") {
      event.preventDefault();
      this.input.value = "";
      this.ask();
    } else return;
    event.stopPropagation();
  }
}

function some(n: number, what: string): string {
  return `${count(n)} ${what}${n === 1 ? "" : "s"}`;
}
