/** A comparison: curves, settings against a metric, differences; what is chosen holds for all. */

import type { CompareFacts, TableTold } from "../../bridge/comparison.ts";
import type { Requests } from "../../bridge/requests.ts";
import { count } from "../../core/figures.ts";
import { make, say } from "../dom.ts";
import { isDark } from "../theme.ts";
import { Against } from "./against.ts";
import { Controls } from "./controls.ts";
import { Differences } from "./differences.ts";
import { Legend } from "./legend.ts";
import { Panels } from "./panels.ts";
import { type Change, State } from "./state.ts";

/** More rows than the table shows are asked for anew where some of them are brushed. */
const ROWS = 100;

export class CompareView {
  readonly node = make("div", { class: "card compare" });
  readonly state: State;
  private readonly controls: Controls;
  private readonly legend: Legend;
  private readonly panels: Panels;
  private readonly against: Against;
  private readonly table: Differences;
  private readonly chosen = make("div", { class: "chosen" });
  private readonly foot = make("span", { class: "foot-words" });
  private readonly late = make("span", { class: "late" });
  private readonly tick: number;
  private tabled = "";

  constructor(
    facts: CompareFacts,
    private readonly requests: Requests,
    select: (ids: string[]) => void,
  ) {
    const state = new State(facts, select);
    this.state = state;
    this.controls = new Controls(state);
    this.legend = new Legend(state);
    this.panels = new Panels(requests, state);
    this.against = new Against(requests, state, this.chosen);
    this.table = new Differences(state);
    this.panels.ongroups = () => this.legend.update(this.panels.bands);
    state.listen((change) => this.changed(change));
    this.node.append(
      make("header", {}, [
        make("h3", { text: "Compare" }),
        make("span", { class: "n" }, [
          make("b", { text: count(state.n) }),
          ` run${state.n === 1 ? "" : "s"}`,
        ]),
        make("code", { class: "quiet query", text: facts.query, title: facts.query }),
      ]),
      this.controls.node,
      this.controls.list,
      make("div", { class: "legend-room" }, [this.legend.node]),
      this.panels.node,
      this.against.node,
      this.table.node,
      make("footer", {}, [this.foot, this.late]),
    );
    this.node.addEventListener("keydown", (event) => this.press(event));
    this.tick = window.setInterval(() => this.say(), 1000);
  }

  /** Begin: the node stands in its page. */
  begin(): void {
    this.state.dark = isDark(this.node);
    this.node.classList.toggle("dark", this.state.dark);
    this.controls.update();
    this.legend.update([]);
    this.panels.lay();
    void this.against.bring();
    void this.tell();
    this.say();
  }

  themed(): void {
    const dark = isDark(this.node);
    this.state.dark = dark;
    this.node.classList.toggle("dark", dark);
    this.changed("looks");
    this.tabled = "";
    void this.tell();
  }

  dispose(): void {
    clearInterval(this.tick);
    this.panels.dispose();
    this.against.dispose();
  }

  private changed(change: Change): void {
    if (change === "hover") {
      this.panels.hover();
      this.against.hover();
      this.legend.hover();
      this.table.update();
    } else if (change === "zoom") this.panels.zoomed();
    else if (change === "metric") void this.against.bring();
    else if (change === "looks") {
      this.legend.update(this.panels.bands);
      this.panels.reset();
      this.panels.loader.look();
      this.against.update();
      this.table.update();
      void this.tell();
      this.say();
    } else {
      this.controls.update();
      this.legend.update(this.panels.bands);
      this.panels.reset();
      this.panels.lay();
    }
  }

  private async tell(): Promise<void> {
    const { state } = this;
    const { selected } = state;
    // Rows of runs that a short table shows turn faint; of many, those that are brushed are shown.
    const runs = state.n > ROWS && selected.length > 0 ? selected.slice(0, ROWS) : [];
    const now = runs.join() || "all";
    if (now === this.tabled) return;
    this.tabled = now;
    const answer = await this.requests.ask<TableTold>("table", { runs }).catch(() => null);
    if (answer !== null) this.table.show(answer[0]);
    this.say();
  }

  private press(event: KeyboardEvent): void {
    if (event.key !== "Escape" || this.state.inside === null) return;
    event.stopPropagation();
    this.state.clear();
  }

  private say(): void {
    const { state } = this;
    const inside = state.inside === null ? 0 : state.selected.length;
    this.chosen.replaceChildren(
      ...(state.inside === null
        ? []
        : [
            make("b", { text: `${count(inside)} of ${count(state.n)} runs chosen` }),
            make("button", {
              text: "Clear",
              title: "Choose all runs again (Escape)",
              attrs: { type: "button" },
              on: { click: () => state.clear() },
            }),
            make("span", {
              class: "quiet",
              text:
                inside === 0
                  ? "No run lies within all ranges."
                  : ".selected.frame() gives them in Python",
            }),
          ]),
    );
    say(this.foot, state.remarks.join(" "));
    const waits = this.requests.since;
    const long = waits !== null && performance.now() - waits > 3000;
    say(
      this.late,
      long ? `The ${this.requests.home} is busy; what is asked comes when it has time.` : "",
    );
    (this.foot.parentElement as HTMLElement).hidden = !this.foot.textContent && !long;
  }
}
