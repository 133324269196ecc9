/** The versions of an artifact, the newest first; one of them is chosen. */

import type { ArtifactInfo, VersionRow } from "../../bridge/artifacts.ts";
import { bytes, count } from "../../core/figures.ts";
import { make } from "../dom.ts";
import type { Opening } from "../tab.ts";
import { section } from "./part.ts";
import { badge, inOrder, runWord, when } from "./words.ts";

export class Versions {
  readonly node = make("div");
  private rows: VersionRow[] = [];
  private readonly body = make("tbody");

  constructor(
    private readonly opening: Opening,
    private readonly choose: (version: number) => void,
    /** Older ones are wanted. */
    private readonly older: () => void,
  ) {}

  show(info: ArtifactInfo, rows: VersionRow[], chosen: number): void {
    this.rows = rows;
    const head = ["version", "stages, aliases", "size", "made", "by run"].map((text) =>
      make("th", { text, class: text === "size" ? "right-hand" : "", attrs: { scope: "col" } }),
    );
    const focus = (this.body.getRootNode() as ShadowRoot).activeElement;
    const held = focus?.closest<HTMLElement>("tr")?.dataset.version;
    this.body.replaceChildren(...rows.map((row) => this.row(row)));
    const more = info.n - rows.length;
    const button = make("button", {
      text: `${count(more)} older`,
      attrs: { type: "button" },
      on: { click: () => this.older() },
    });
    const dropped = info.dropped > 0 ? `, ${count(info.dropped)} dropped` : "";
    this.node.replaceChildren(
      section(
        "Versions",
        [
          make("div", { class: "scroll" }, [
            make("table", { class: "versions", attrs: { "aria-label": "Versions" } }, [
              make("thead", {}, [make("tr", {}, head)]),
              this.body,
            ]),
          ]),
          ...(more > 0 ? [make("p", {}, [button])] : []),
        ],
        [make("span", { class: "quiet", text: `${count(info.n)}${dropped}` })],
      ),
    );
    this.mark(chosen);
    if (held !== undefined) this.focus(Number(held));
  }

  /** Show which one is chosen. */
  mark(chosen: number): void {
    for (const row of this.body.children as Iterable<HTMLElement> & HTMLCollection) {
      const is = Number(row.dataset.version) === chosen;
      row.classList.toggle("chosen", is);
      row.querySelector(".number")?.setAttribute("aria-pressed", String(is));
    }
  }

  private focus(version: number): void {
    this.body.querySelector<HTMLElement>(`[data-version="${version}"] .number`)?.focus();
  }

  private row(row: VersionRow): HTMLElement {
    const { version } = row;
    const number = make("button", {
      class: "number",
      text: `v${version}`,
      attrs: { type: "button", "aria-label": `Show v${version}` },
      on: { keydown: (event) => this.press(event as KeyboardEvent, version) },
    });
    const why = row.fault || row.dropped;
    const names = [
      ...inOrder(row.stages).map((word) => badge(word)),
      ...inOrder(row.aliases).map((word) => badge(word, undefined, true)),
      ...(why === ""
        ? []
        : [make("span", { class: row.fault === "" ? "quiet" : "bad", text: why, title: why })]),
    ];
    const files = row.files === null || row.files === 1 ? "" : `${count(row.files)} files`;
    return make(
      "tr",
      {
        class: why === "" ? "one" : "one gone",
        attrs: { "data-version": String(version) },
        on: {
          click: (event) => {
            const isLink = (event.target as Element).closest(".link") !== null;
            if (!isLink) this.choose(version);
          },
        },
      },
      [
        make("td", {}, [number]),
        make("td", { class: "names" }, [make("span", { class: "badges" }, names)]),
        make("td", {
          class: "right-hand quiet",
          text: row.size_bytes === null ? "" : bytes(row.size_bytes),
          title: files,
        }),
        make("td", {}, [when(row.created_ms)]),
        make("td", {}, row.run === null ? [] : [runWord(row.run, this.opening.run)]),
      ],
    );
  }

  private press(event: KeyboardEvent, version: number): void {
    const at = this.rows.findIndex((row) => row.version === version);
    const next = { ArrowDown: this.rows[at + 1], ArrowUp: this.rows[at - 1] }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.choose(next.version);
    this.focus(next.version);
  }
}
