/** One run below the table: its settings and figures, and how to see its card. */

import type { RunTold } from "../../bridge/table.ts";
import { make } from "../dom.ts";
import type { Model } from "./model.ts";
import { button } from "./picker.ts";

export class Detail {
  readonly node = make("section", { class: "detail", attrs: { "aria-label": "Run" } });

  constructor(
    private readonly model: Model,
    private readonly closed: () => void,
  ) {
    this.node.hidden = true;
  }

  /** Show a run. */
  async open(id: string): Promise<void> {
    try {
      const told = await this.model.requests.ask<RunTold>("run", { name: id });
      if (told !== null) this.show(told[0]);
    } catch (error) {
      this.node.replaceChildren(make("div", { class: "problem", text: (error as Error).message }));
      this.node.hidden = false;
    }
  }

  close(): void {
    if (this.node.hidden) return;
    this.node.hidden = true;
    this.closed();
  }

  private show(run: RunTold): void {
    const close = button("Close", "Close", () => this.close());
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
      make("span", { class: "sign", text: run.sign }),
      make("b", { text: run.name }),
      make("code", { text: run.run }),
      make("span", { class: "quiet", text: status }),
      make("span", { class: "buttons" }, [copy, close]),
    ]);
    const how = make("div", { class: "quiet" }, [
      "Its card with all charts: ",
      make("code", { text: `%track show ${run.ident}` }),
      run.more > 0 ? ` · ${run.more} more names there` : "",
    ]);
    const metrics = run.metrics.map(([key, shown, exact]): [string, string, string] => [
      key,
      shown,
      exact,
    ]);
    const settings = run.settings.map(([key, value]): [string, string, string] => [
      key,
      value,
      value,
    ]);
    const lists = make("div", { class: "facts" }, [
      list("settings", settings),
      list("metrics", metrics),
    ]);
    const words = [run.notes, ...run.faults].filter(Boolean);
    this.node.replaceChildren(head, how, ...words.map((text) => make("p", { text })), lists);
    this.node.hidden = false;
    close.focus();
  }
}

function list(title: string, pairs: [string, string, string][]): HTMLElement {
  const lines = pairs.flatMap(([key, shown, exact]) => [
    make("dt", { text: key }),
    make("dd", { text: shown, title: exact }),
  ]);
  return make("div", {}, [make("h4", { text: title }), make("dl", {}, lines)]);
}
