/** One run below the table: its card with all charts, its settings and figures. */

import type { RunTold } from "../../bridge/table.ts";
import { make } from "../dom.ts";
import type { Model } from "./model.ts";
import { button } from "./picker.ts";

/** Shows the widget of an id in an element; gives what takes it out, or null where that cannot be. */
export type Embed = (id: string, host: HTMLElement) => Promise<(() => void) | null>;

export class Detail {
  readonly node = make("section", { class: "detail", attrs: { "aria-label": "Run" } });
  private readonly card = make("div", { class: "card-place" });
  private readonly missing = make("div", { class: "quiet", attrs: { role: "status" } });
  private leave: (() => void) | null = null;
  private shown = "";

  constructor(
    private readonly model: Model,
    private readonly embed: Embed,
    private readonly closed: () => void,
  ) {
    this.node.hidden = true;
    this.node.addEventListener("keydown", (event) => {
      // In an input of the card Escape means that input; it does not come here.
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      this.close();
    });
  }

  /** Show a run: what is known of it at once, its charts when they are there. */
  async open(id: string): Promise<void> {
    this.shown = id;
    this.empty();
    try {
      const told = await this.model.requests.ask<RunTold>("run", { name: id });
      if (told === null || this.shown !== id) return;
      this.show(told[0]);
      await this.draw(id, told[0].ident);
    } catch (error) {
      if (this.shown !== id) return;
      this.node.replaceChildren(
        make("div", { class: "line" }, [
          make("span", { class: "problem", text: (error as Error).message }),
          make("span", { class: "buttons" }, [button("Close", "Close", () => this.close())]),
        ]),
      );
      this.node.hidden = false;
    }
  }

  close(): void {
    if (this.node.hidden) return;
    this.node.hidden = true;
    this.shown = "";
    if (this.empty()) void this.model.requests.ask("card", { name: "" }).catch(() => null);
    this.closed();
  }

  dispose(): void {
    this.shown = "";
    this.empty();
  }

  private empty(): boolean {
    const had = this.leave !== null;
    this.leave?.();
    this.leave = null;
    this.node.classList.remove("drawn");
    this.card.replaceChildren();
    this.missing.replaceChildren();
    return had;
  }

  private async draw(id: string, ident: string): Promise<void> {
    const late = setTimeout(() => {
      this.missing.textContent = "Reading its points …";
    }, 300);
    let words = "";
    try {
      const told = await this.model.requests.ask<{ model: string | null }>("card", { name: id });
      const leave =
        told === null || told[0].model === null ? null : await this.embed(told[0].model, this.card);
      if (this.shown !== id) {
        leave?.();
        return;
      }
      this.leave = leave;
      // The card has its name and its notes above it.
      this.node.classList.toggle("drawn", leave !== null);
      if (leave === null && told !== null) {
        words = `Its charts cannot be drawn here; in a cell: %track show ${ident}`;
      }
    } catch (error) {
      words = (error as Error).message;
    } finally {
      clearTimeout(late);
    }
    if (this.shown === id) this.missing.textContent = words;
  }

  private show(run: RunTold): void {
    const close = button("Close", "Close (Escape)", () => this.close());
    const copy = button("Copy id", `Copy ${run.run}`, () => {
      void navigator.clipboard?.writeText(run.run).then(
        () => {
          copy.textContent = "Copied";
        },
        () => {},
      );
    });
    const status = run.why ? `${run.status}: ${run.why}` : run.status;
    const head = make("div", { class: "line", attrs: { "data-status": run.status } }, [
      make("span", { class: "sign", text: run.sign, attrs: { "aria-hidden": "true" } }),
      make("b", { class: "run-title", text: run.name, title: run.name }),
      make("code", { text: run.run }),
      make("span", { class: "quiet why", text: status, title: status }),
      make("span", { class: "buttons" }, [copy, close]),
    ]);
    const metrics = run.metrics.map(([key, shown, exact]): Pair => [key, shown, exact]);
    const settings = run.settings.map(([key, value]): Pair => [key, value, value]);
    const lists = make("div", { class: "facts" }, [
      list("settings", settings),
      list("metrics", metrics),
    ]);
    const words = [...run.faults];
    if (run.more > 0) words.push(`${run.more} more names: %track show ${run.ident}`);
    this.node.replaceChildren(
      head,
      make("p", { class: "notes", text: run.notes }),
      ...words.map((text) => make("p", { text })),
      this.missing,
      this.card,
      lists,
    );
    this.node.hidden = false;
    close.focus({ preventScroll: true });
    this.node.scrollIntoView({ block: "nearest" });
  }
}

type Pair = [string, string, string];

function list(title: string, pairs: Pair[]): HTMLElement {
  const lines = pairs.flatMap(([key, shown, exact]) => [
    make("dt", { text: key, title: key }),
    make("dd", { text: shown, title: exact }),
  ]);
  const none = make("p", { class: "quiet", text: `no ${title}` });
  return make("div", {}, [
    make("h4", { text: title }),
    pairs.length > 0 ? make("dl", {}, lines) : none,
  ]);
}
