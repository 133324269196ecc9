/** The runs table: filter and controls, rows by request, what is selected, one run below. */

import { count } from "../../core/figures.ts";
import { isClosed, toggled } from "../../core/view.ts";
import { make } from "../dom.ts";
import { isDark } from "../theme.ts";
import { Bar } from "./bar.ts";
import type { Look } from "./cells.ts";
import { Columns } from "./columns.ts";
import { Compare } from "./compare_button.ts";
import { Curves } from "./curves.ts";
import { Detail, type Embed } from "./detail.ts";
import { Head } from "./head.ts";
import { Hand } from "./keys.ts";
import { CURVE, type Model } from "./model.ts";
import { Newness } from "./news.ts";
import { button, Picker } from "./picker.ts";
import { Rows } from "./rows.ts";
import { Scroller } from "./scroller.ts";
import { Selection } from "./selection.ts";
import { editTags } from "./tags.ts";
import { SavedViews } from "./views.ts";

const LATE_MS = 3000;
const LEAST = 720;
const LOOKS = 60;
const LOOK_MS = 50;

export class TableView {
  readonly node: HTMLElement;
  /** Called once there is something to be seen. */
  onready: () => void = () => {};
  readonly selection: Selection;
  private readonly columns = new Columns();
  private readonly scroller: Scroller;
  private readonly head: Head;
  private readonly rows: Rows;
  private readonly bar: Bar;
  private readonly picker: Picker;
  private readonly saved: SavedViews;
  private readonly detail: Detail;
  private readonly curves: Curves;
  private readonly compare: Compare;
  private readonly news: Newness;
  private readonly hand: Hand;
  private readonly message = make("div", { class: "message", attrs: { role: "status" } });
  private readonly said = make("div", { class: "problem", attrs: { role: "alert" } });
  private readonly foot = make("footer", { attrs: { role: "status" } });
  private readonly timer: ReturnType<typeof setInterval>;
  private rowsOf: unknown = null;
  private factsOf: unknown = null;
  private stamp = 0;
  private room = 700;
  private readonly observer: ResizeObserver;

  constructor(
    readonly model: Model,
    private readonly can: { tag: boolean; compare: boolean; embed: Embed },
    asked: (query: string) => void,
    chosen: (ids: string[]) => void,
  ) {
    this.selection = new Selection(model, (ids) => {
      chosen(ids);
      this.redraw();
    });
    this.scroller = new Scroller(this.columns, () => this.draw());
    this.head = new Head(this.scroller.head, this.columns, model);
    this.rows = new Rows(this.scroller.body, this.columns, model);
    this.curves = new Curves(model, () => this.redraw());
    this.picker = new Picker(model);
    this.saved = new SavedViews(model, asked);
    this.detail = new Detail(model, can.embed, () => this.scroller.node.focus());
    this.compare = new Compare(model, can.compare);
    this.picker.node.hidden = this.saved.node.hidden = true;
    this.bar = new Bar(model, asked, {
      compare: this.compare.button,
      columns: () => this.pop(this.picker),
      views: () => this.pop(this.saved),
      refresh: () => this.refresh(),
    });
    this.node = make("article", { class: "card table", attrs: { "aria-label": "Runs" } }, [
      this.bar.node,
      this.picker.node,
      this.saved.node,
      this.scroller.node,
      this.message,
      this.said,
      this.compare.said,
      this.detail.node,
      this.foot,
    ]);
    this.hand = new Hand(this.scroller, this.columns, this.rows, {
      head: this.head,
      count: () => model.n,
      moved: () => this.draw(),
      toggle: (row, range) => this.toggle(row, range),
      all: () => void this.selection.all(),
      none: () => this.selection.set([]),
      open: (row) => this.open(row),
      tag: (row) => void this.tag(row),
      fold: (row, close) => this.fold(row, close),
    });
    this.timer = setInterval(() => this.foot_(), 1000);
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(this.node);
    this.news = new Newness(
      model,
      this.node,
      () => this.columnsInSight(),
      () => this.redraw(),
    );
    this.wait();
  }

  /** Draw again after a change of the model. */
  update(what: "all" | "rows"): void {
    const { model } = this;
    this.node.classList.toggle("dark", isDark(this.node));
    if (what === "all") this.bar.show();
    if (model.facts !== this.factsOf) this.news.clear();
    this.factsOf = model.facts;
    const sort = model.view.sort.length > 0 ? model.view.sort : (model.facts?.sorted ?? []);
    const placed = this.columns.show(model.columns(), model.view, sort, this.room);
    if (placed && !this.picker.node.hidden) this.picker.fill();
    if (model.windows !== this.rowsOf) {
      const isFirst = this.rowsOf === null;
      this.rowsOf = model.windows;
      if (!isFirst && what === "rows") this.hand.settle();
    }
    // A filter that nothing matches leaves the table as wide as it was.
    if (model.facts?.n !== 0) {
      this.node.style.setProperty("--columns", `${Math.max(this.columns.width + 2, LEAST)}px`);
    }
    this.scroller.resize(model.n);
    this.tell();
    this.redraw();
    if (model.windows.n !== null || model.fault !== null) this.onready();
  }

  /** Draw what is in sight, all of it anew. */
  redraw(): void {
    this.stamp++;
    this.draw();
    this.foot_();
  }

  /** Draw what came into sight. */
  draw(): void {
    const { model } = this;
    const sight = this.scroller.sight;
    const ids = this.columnsInSight();
    const rows = sight.rows.length > 0 ? sight.rows : [0];
    model.see(rows[0]!, rows.at(-1)! + 1, ids);
    const { active } = this.hand;
    this.head.draw(sight, active, this.stamp);
    this.rows.draw(sight, this.look(), this.stamp);
    this.rows.mark(active);
    const name = active === null ? null : "active";
    if (name === null) this.scroller.node.removeAttribute("aria-activedescendant");
    else this.scroller.node.setAttribute("aria-activedescendant", name);
    if (ids.includes(CURVE)) this.curves.want(this.runsInSight());
  }

  private columnsInSight(): string[] {
    const shown = [...this.columns.pinned, ...this.scroller.sight.columns];
    return shown.map((one) => one.info.id);
  }

  private runsInSight(): string[] {
    const runs = this.scroller.sight.rows.map((row) => this.model.windows.head(row)?.[0]);
    return runs.filter((run) => run !== undefined);
  }

  private refresh(): void {
    this.curves.forget();
    void this.model.ask(this.model.query);
  }

  dispose(): void {
    clearInterval(this.timer);
    this.observer.disconnect();
    this.curves.dispose();
    this.news.dispose();
    this.detail.dispose();
    this.scroller.dispose();
    this.node.remove();
  }

  /** Take over how wide the page is by now. */
  private fit(): void {
    const room = Math.min(700, Math.round(this.node.clientWidth / 20) * 20);
    if (room === this.room || room === 0) return;
    this.room = room;
    this.update("rows");
  }

  private look(): Look {
    const { view, facts } = this.model;
    const main = new Set([facts?.main ?? "", ...view.sort.map(([id]) => id)]);
    return {
      dark: this.node.classList.contains("dark"),
      selected: this.selection.places,
      curves: this.curves.held,
      now: Date.now(),
      shaded: (id) => view.colour === "all" || (view.colour === "main" && main.has(id)),
    };
  }

  /** Say why there is no row, and what to do. */
  private tell(): void {
    const { facts, windows, fault } = this.model;
    const none = facts !== null && windows.n === 0;
    this.scroller.node.hidden = none || (facts === null && fault !== null);
    this.message.hidden = !none;
    if (!none) return;
    const words = facts.total === 0 ? facts.hint : "No run matches this filter.";
    const clear = button("Clear filter", "Show all runs", () => void this.model.ask(""));
    this.message.replaceChildren(
      make("span", { text: words }),
      ...(facts.total > 0 && this.model.query !== "" ? [clear] : []),
    );
  }

  /** Reserve the room of the rows; say something only where they take long. */
  private wait(): void {
    this.scroller.node.style.height = "250px";
    this.message.hidden = true;
    setTimeout(() => {
      if (this.model.facts !== null || this.model.fault !== null) return;
      this.foot.replaceChildren(make("span", { class: "foot-words", text: "Reading the runs …" }));
    }, 300);
  }

  private foot_(): void {
    const { facts, requests } = this.model;
    if (facts === null) return;
    const [n, selected] = [count(facts.n), this.selection.ids.length];
    const of = ` of ${count(facts.total)} run${facts.total === 1 ? "" : "s"}`;
    const words = of + (selected > 0 ? ` · ${count(selected)} selected` : "");
    const late = requests.since !== null && performance.now() - requests.since > LATE_MS;
    const other = late
      ? `The ${requests.home} is busy; rows come when it answers.`
      : this.hiddenWords();
    const news = this.news.words;
    this.compare.show(this.selection.ids);
    const told = [n, words, other, news].join("\n");
    if (this.foot.dataset.told === told) return;
    this.foot.dataset.told = told;
    const show = button(`${news}: show`, "Read the store anew", () => this.refresh());
    this.foot.replaceChildren(
      make("span", { class: "foot-words" }, [make("b", { text: n }), words]),
      ...(news === "" ? [] : [show]),
      make("span", { class: late ? "late" : "foot-words", text: other }),
    );
  }

  private hiddenWords(): string {
    const all = this.model.facts?.columns ?? [];
    const equal = all.filter((one) => one.equal && one.kind === "config").length;
    const shown = this.columns.all.filter((one) => one.info.id !== CURVE).length;
    if (this.model.view.columns !== null) return `${shown} of ${all.length} columns`;
    const words = `${equal} setting${equal === 1 ? "" : "s"} hidden: equal in all runs`;
    return equal > 0 && !this.model.view.every ? words : `${shown} of ${all.length} columns`;
  }

  private pop(what: { node: HTMLElement; open(): void }): void {
    const wasOpen = !what.node.hidden;
    this.picker.node.hidden = this.saved.node.hidden = true;
    if (wasOpen) return;
    what.node.hidden = false;
    what.open();
  }

  private toggle(row: number, range: boolean): void {
    if (this.model.windows.group(row) !== undefined) this.fold(row, null);
    else void this.selection.toggle(row, range);
  }

  private open(row: number): void {
    const run = this.model.windows.head(row)?.[0];
    if (run !== undefined) void this.detail.open(run);
    else this.fold(row, null);
  }

  private fold(row: number, close: boolean | null): void {
    const group = this.model.windows.group(row);
    if (group === undefined) return;
    const { folding } = this.model.view;
    if (close !== null && isClosed(folding, group.label) === close) return;
    this.model.set({ folding: toggled(folding, group.label) });
  }

  private async tag(row: number): Promise<void> {
    const { windows } = this.model;
    const run = windows.head(row)?.[0];
    if (run === undefined || !this.can.tag) return;
    const column = this.columns.all.findIndex((one) => one.info.id === "tags");
    this.said.textContent = column < 0 ? "To edit tags, show their column: Columns, tags." : "";
    if (column < 0) return;
    this.scroller.reveal(row, column);
    this.draw();
    // What is saved are exactly the tags in the line: it begins with those there are.
    for (let look = 0; look < LOOKS && windows.cell(row, "tags") === undefined; look++) {
      await new Promise((done) => setTimeout(done, LOOK_MS));
    }
    const tags = windows.cell(row, "tags") as string[] | undefined;
    const cell = this.rows.cell(row, "tags");
    if (tags === undefined || cell === null || windows !== this.model.windows) return;
    editTags(cell, run, tags, this.model, (problem) => {
      this.said.textContent = problem;
      this.redraw();
      this.scroller.node.focus();
    });
  }
}
