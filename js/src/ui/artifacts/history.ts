/** The history of an artifact's stages, and what was in production on a date. */

import type { ArtifactInfo, Held, StageEntry } from "../../bridge/artifacts.ts";
import { count } from "../../core/figures.ts";
import { make } from "../dom.ts";
import type { Opening } from "../tab.ts";
import { section } from "./part.ts";
import { badge, endOfDay, inOrder, runWord, when } from "./words.ts";

const FIRST = 8;

export class History {
  readonly node = make("div");
  private readonly day: HTMLInputElement;
  private readonly held = make("p", { class: "quiet", attrs: { role: "status" } });
  private info: ArtifactInfo | null = null;
  private isWhole = false;
  private turn = 0;

  constructor(
    private readonly opening: Opening,
    private readonly choose: (version: number) => void,
    private readonly ask: (at: Date) => Promise<Held>,
  ) {
    this.day = make("input", {
      attrs: { type: "date", "aria-label": "Which version had which stage at the end of this day" },
      on: { change: () => void this.tell() },
    });
  }

  show(info: ArtifactInfo): void {
    this.info = info;
    this.node.hidden = info.entries === 0;
    const shown = this.isWhole ? info.history : info.history.slice(0, FIRST);
    const more = info.history.length - shown.length;
    const beyond = info.entries - info.history.length;
    this.node.replaceChildren(
      section(
        "History of stages",
        [
          this.held,
          this.table(shown),
          ...(more > 0 ? [this.more(more)] : []),
          ...(beyond > 0 && more === 0
            ? [
                make("p", {
                  class: "quiet",
                  text: `and ${count(beyond)} more, which the verb artifacts lists`,
                }),
              ]
            : []),
        ],
        [],
        [make("label", {}, ["on ", this.day])],
      ),
    );
    if (this.day.value !== "") void this.tell();
  }

  private more(n: number): HTMLElement {
    const press = () => {
      this.isWhole = true;
      if (this.info !== null) this.show(this.info);
    };
    const all = make("button", {
      text: `${count(n)} earlier`,
      attrs: { type: "button" },
      on: { click: press },
    });
    return make("p", {}, [all]);
  }

  private table(entries: StageEntry[]): HTMLElement {
    const head = ["when", "what", "by", "why"].map((text) =>
      make("th", { text, attrs: { scope: "col" } }),
    );
    return make("div", { class: "scroll" }, [
      make("table", { class: "history wraps", attrs: { "aria-label": "History of stages" } }, [
        make("thead", {}, [make("tr", {}, head)]),
        make(
          "tbody",
          {},
          entries.map((entry) => this.row(entry)),
        ),
      ]),
    ]);
  }

  private row(entry: StageEntry): HTMLElement {
    const { version } = entry;
    const told =
      version === null
        ? make("span", { text: entry.told })
        : make("button", {
            class: "link",
            text: entry.told,
            title: `Show v${version}`,
            attrs: { type: "button" },
            on: { click: () => this.choose(version) },
          });
    const by = [
      ...(entry.by === "" ? [] : [make("span", { text: entry.by })]),
      ...(entry.run === null
        ? []
        : [make("span", {}, [" in ", runWord(entry.run, this.opening.run)])]),
    ];
    return make("tr", {}, [
      make("td", {}, [when(entry.at_ms)]),
      make("td", {}, [told]),
      make("td", { class: "quiet keeps" }, by),
      make("td", { class: "quiet why", text: entry.why }),
    ]);
  }

  /** Say what had which stage at the end of the day that is chosen. */
  private async tell(): Promise<void> {
    const turn = ++this.turn;
    const end = endOfDay(this.day.value);
    if (end === null) {
      this.held.replaceChildren();
      return;
    }
    const { value } = this.day;
    try {
      const { stages } = await this.ask(end);
      if (turn !== this.turn) return;
      const found = inOrder(Object.keys(stages)).flatMap((stage) => {
        const version = stages[stage]?.version;
        return version == null ? [] : [badge(stage, version), " "];
      });
      const none = found.length === 0 ? ["No version had a stage"] : found;
      this.held.replaceChildren(...none, ` at the end of ${value}.`);
    } catch (error) {
      if (turn === this.turn) this.held.replaceChildren((error as Error).message);
    }
  }
}
