/** What is chosen for all of a media browser: kind, runs or steps, size, overlays, keys. */

import type { Kind } from "../../bridge/media.ts";
import { count } from "../../core/figures.ts";
import { make, say } from "../dom.ts";
import type { Model } from "./model.ts";

const NAMES: Record<Kind, string> = {
  images: "Images",
  tables: "Tables",
  histograms: "Histograms",
  sounds: "Sounds",
  videos: "Videos",
  pages: "Pages",
  files: "Files",
  output: "Output",
};
const SIZES = [80, 120, 160, 240, 320, 480];
const LISTED = 200;

interface Does {
  kind(kind: Kind): void;
  refresh(): void;
  redraw(): void;
}

export class Bar {
  readonly node: HTMLElement;
  private readonly total = make("span", { class: "quiet" });
  private readonly tabs = make("div", {
    class: "m-tabs",
    attrs: { role: "tablist", "aria-label": "Kinds" },
  });
  private readonly filter: HTMLInputElement;
  private readonly runs: HTMLSelectElement;
  private readonly sizes: HTMLElement;
  private readonly over: HTMLElement;
  private readonly box: HTMLInputElement;
  /** Stand in a line of their own, with the slider. */
  readonly controls: HTMLElement;
  private hasOver = false;

  constructor(
    private readonly model: Model,
    private readonly does: Does,
  ) {
    this.filter = make("input", {
      class: "filter m-filter",
      attrs: { type: "text", placeholder: "keys: val/*", "aria-label": "Find keys" },
      on: { input: () => void model.set({ filter: this.filter.value }) },
    });
    this.runs = make("select", {
      attrs: { "aria-label": "What stands side by side" },
      on: {
        change: () =>
          void model.set({ run: this.runs.value === "" ? null : Number(this.runs.value) }),
      },
    });
    const size = (by: number, text: string, title: string) =>
      make("button", {
        text,
        title,
        attrs: { type: "button", "aria-label": title },
        on: { click: () => this.size(by) },
      });
    this.sizes = make("span", { class: "buttons" }, [
      size(-1, "−", "Smaller pictures"),
      size(1, "+", "Larger pictures"),
    ]);
    this.box = make("input", {
      attrs: { type: "checkbox" },
      on: { change: () => void model.set({ over: this.box.checked }) },
    });
    this.over = make("label", { class: "quiet m-over" }, [this.box, "masks and boxes"]);
    const again = make("button", {
      class: "m-again",
      text: "Refresh",
      title: "Read the runs anew",
      attrs: { type: "button" },
      on: { click: () => does.refresh() },
    });
    this.controls = make("div", { class: "m-controls" }, [
      this.filter,
      this.runs,
      this.over,
      this.sizes,
    ]);
    this.node = make("header", {}, [make("h3", { text: "Media" }), this.total, this.tabs, again]);
    this.tabs.addEventListener("keydown", (event) => this.key(event));
  }

  /** Forget what another kind had. */
  forget(): void {
    this.hasOver = false;
  }

  /** Say that there is something over pictures. */
  overlays(has: boolean): void {
    this.hasOver ||= has;
    this.over.hidden = !this.hasOver || this.model.kind !== "images";
  }

  show(): void {
    const { model } = this;
    const n = model.facts?.n ?? 0;
    say(this.total, `${count(n)} run${n === 1 ? "" : "s"}`);
    this.showTabs();
    const isGrid = model.kind !== "output";
    this.filter.hidden = !isGrid || (model.facts?.keys[model.kind]?.length ?? 0) < 2;
    this.runs.hidden = !isGrid || model.kind === "histograms";
    this.sizes.hidden = model.kind !== "images";
    this.box.checked = model.over;
    this.overlays(false);
    this.controls.hidden = [...this.controls.children].every((one) => (one as HTMLElement).hidden);
    this.showRuns(n);
  }

  private showTabs(): void {
    const { model } = this;
    const focused = this.tabs.contains((this.tabs.getRootNode() as ShadowRoot).activeElement);
    this.tabs.replaceChildren(
      ...model.kinds.map((kind) => {
        const keys = model.facts?.keys[kind]?.length;
        const isOn = kind === model.kind;
        return make(
          "button",
          {
            class: isOn ? "on" : "",
            attrs: {
              type: "button",
              role: "tab",
              "aria-selected": String(isOn),
              tabindex: isOn ? "0" : "-1",
              "data-kind": kind,
            },
            on: { click: () => this.does.kind(kind) },
          },
          [
            NAMES[kind],
            keys === undefined ? null : make("span", { class: "quiet", text: ` ${count(keys)}` }),
          ],
        );
      }),
    );
    if (focused) this.tabs.querySelector<HTMLElement>(".on")?.focus();
  }

  private showRuns(n: number): void {
    const { model } = this;
    const option = (value: string, text: string) => make("option", { text, attrs: { value } });
    const listed = [...Array(Math.min(n, LISTED)).keys()];
    if (model.run !== null && model.run >= LISTED) listed.push(model.run);
    this.runs.replaceChildren(
      ...(n === 1 ? [] : [option("", "runs side by side")]),
      ...listed.map((run) =>
        option(String(run), `steps of ${model.heads.get(run)?.[1] ?? run + 1}`),
      ),
      ...(n === 1 ? [option("", "the last, or at a step")] : []),
    );
    this.runs.value = model.run === null ? "" : String(model.run);
  }

  private size(by: number): void {
    const place = SIZES.findIndex((one) => one >= this.model.px);
    const px = SIZES[Math.min(Math.max(place + by, 0), SIZES.length - 1)]!;
    if (px === this.model.px) return;
    void this.model.set({ px });
    this.does.redraw();
  }

  private key(event: KeyboardEvent): void {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const { kinds, kind } = this.model;
    this.does.kind(kinds[(kinds.indexOf(kind) + by + kinds.length) % kinds.length]!);
  }
}
