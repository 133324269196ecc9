/** The runs of one store, as the panel shows them: list, selection, and what is done with a run. */

import type { HttpModel } from "../../bridge/http_model.ts";
import { Link } from "../../bridge/link.ts";
import { Requests } from "../../bridge/requests.ts";
import type { EditVerb, ServerApi } from "../../bridge/server_api.ts";
import { Curves } from "../table/curves.ts";
import { Model } from "../table/model.ts";
import { Selection } from "../table/selection.ts";
import { Follow } from "./follow.ts";
import { Keys } from "./keys.ts";
import { List } from "./list.ts";
import { Menu } from "./menu.ts";
import { columnsOf, TAGS } from "./row.ts";
import { Strip } from "./strip.ts";

const MOST_CURVES = 60;
const TURN_MS = 30_000;

export interface Shown {
  /** Open the card of a run, or its media. */
  open(kind: "card" | "media", run: string, name: string): void;
  /** Something else is to be said around the list. */
  changed(): void;
  /** Something could not be done; empty words take that back. */
  problem(words: string): void;
  filter(): void;
}

export class ShownRuns {
  readonly table: Model;
  readonly selection: Selection;
  readonly list: List;
  readonly menu: Menu;
  /** Runs that go on, whatever the filter; null before that is known. */
  running: number | null = null;
  private readonly strip: Strip;
  private readonly curves: Curves;
  private readonly follow: Follow;
  private readonly link: Link;
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(
    readonly model: HttpModel,
    private readonly api: ServerApi,
    private readonly shown: Shown,
  ) {
    this.link = new Link(model);
    this.table = new Model(new Requests(this.link));
    this.selection = new Selection(this.table, () => this.update());
    this.curves = new Curves(this.table, () => this.draw());
    this.list = new List(this.table, () => this.draw());
    this.menu = new Menu(() => this.list.node.focus());
    this.strip = new Strip(
      (isBack) => {
        shown.problem("");
        this.draw();
        if (isBack) this.list.node.focus();
      },
      (problem) => {
        shown.problem(problem);
        this.draw();
      },
    );
    this.list.body.append(this.strip.node);
    new Keys(this.list, this, shown.filter);
    this.table.onchange = () => this.update();
    this.follow = new Follow(
      this.table,
      this.curves,
      () => this.draw(),
      () => this.count(),
    );
    // What stands there of yesterday's runs changes at midnight; one that was silent for long enough is.
    this.timer = setInterval(() => {
      if (this.running) this.follow.soon();
      this.draw();
    }, TURN_MS);
    this.link.listenRenewed(() => void this.table.ask(this.table.query));
    this.follow.soon();
  }

  get canChange(): boolean {
    return this.model.get("can_tag") === true;
  }

  /** Show what a query selects. */
  ask(query: string): void {
    this.strip.close();
    this.list.node.scrollTop = 0;
    this.list.active = -1;
    void this.table.ask(query);
  }

  /** Runs of this store came, went or changed. */
  news(): void {
    this.follow.soon();
  }

  draw(): void {
    const [first, end] = this.list.sight;
    const { selection, table } = this;
    table.see(first, Math.max(end, first + 1), columnsOf(table));
    this.strip.follow((run, place) => this.list.find(run, place));
    this.list.draw({ selected: selection.places, curves: this.curves.held, now: Date.now() });
    const runs = [];
    for (let place = first; place < end && runs.length < MOST_CURVES; place++) {
      const head = table.windows.head(place);
      if (head !== undefined) runs.push(head[0]);
    }
    if (runs.length > 0) this.curves.want(runs);
  }

  open(place: number): void {
    const head = this.table.windows.head(place);
    if (head !== undefined) this.shown.open("card", head[0], head[1]);
  }

  toggle(place: number, range: boolean): void {
    void this.selection.toggle(place, range);
  }

  note(place: number): void {
    const head = this.table.windows.head(place);
    if (head === undefined || !this.canChange) return;
    this.strip.note(place, head[0], head[1], (text) => this.edit(head[0], "note", text));
  }

  tags(place: number): void {
    const head = this.table.windows.head(place);
    const tags = this.table.windows.cell(place, TAGS) as string[] | undefined;
    if (head === undefined || tags === undefined || !this.canChange) return;
    this.strip.tags(place, head[0], tags, this.table);
  }

  stop(place: number): void {
    const head = this.table.windows.head(place);
    if (head === undefined || !this.canChange || !isGoing(head[3])) return;
    const question = `Stop ${head[1]} after its next step?`;
    this.strip.sure(place, head[0], question, "Stop", () => this.edit(head[0], "stop"));
  }

  /** Open what can be done with a run, at its row. */
  choices(place: number): void {
    const head = this.table.windows.head(place);
    if (head === undefined) return;
    const [run, name, , status] = head;
    const row = this.list.body.querySelector(`#run-${place}`)?.getBoundingClientRect();
    const around = this.list.node.parentElement?.getBoundingClientRect();
    const isSelected = this.selection.places.has(run);
    const items = [
      { label: "Open", key: "↵", does: () => this.open(place) },
      { label: "Media", key: "m", does: () => this.shown.open("media", run, name) },
      {
        label: isSelected ? "Unselect" : "Select",
        key: "Space",
        does: () => this.toggle(place, false),
      },
      ...(this.canChange
        ? [
            { label: "Add note", key: "n", does: () => this.note(place) },
            { label: "Edit tags", key: "t", does: () => this.tags(place) },
          ]
        : []),
      ...(this.canChange && isGoing(status)
        ? [{ label: "Stop after this step", key: "s", does: () => this.stop(place) }]
        : []),
    ];
    this.menu.open(items, (row?.bottom ?? 0) - (around?.top ?? 0), around?.height ?? 0);
  }

  media(place: number): void {
    const head = this.table.windows.head(place);
    if (head !== undefined) this.shown.open("media", head[0], head[1]);
  }

  dispose(): void {
    clearInterval(this.timer);
    this.follow.dispose();
    this.curves.dispose();
    this.list.dispose();
    this.table.requests.dispose();
    this.link.dispose();
  }

  private update(): void {
    this.shown.changed();
    this.draw();
  }

  private async edit(run: string, verb: EditVerb, text = ""): Promise<void> {
    try {
      await this.api.edit(this.model.wanted.store, run, verb, text);
    } finally {
      // Where it was refused the run is perhaps no longer what is shown.
      this.follow.soon();
    }
  }

  private async count(): Promise<void> {
    const before = this.running;
    this.running = await this.api.count(this.model.wanted.store, "status:running");
    if (before !== this.running) this.shown.changed();
  }
}

function isGoing(status: string): boolean {
  return status === "running" || status === "silent";
}
