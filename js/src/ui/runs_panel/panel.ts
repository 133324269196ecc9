/** The panel of the side bar: runs and artifacts below the server's folder, with no kernel. */

import type { Channel } from "../../bridge/channel.ts";
import type { HttpModel } from "../../bridge/http_model.ts";
import type { StoreInfo, Stores } from "../../bridge/server_api.ts";
import { bytes, count } from "../../core/figures.ts";
import { ArtifactsPane } from "../artifacts/pane.ts";
import { arrange, keepKeys, make, say } from "../dom.ts";
import { button } from "../table/picker.ts";
import { isDark, onThemeChange } from "../theme.ts";
import { Filter } from "./filter.ts";
import { ShownRuns } from "./shown.ts";
import { PANEL_STYLE } from "./style.ts";
import { type Side, Switch, sideOf } from "./switch.ts";

const LATE_MS = 300;
const SIZE_MS = 3000;
/** So long it stands there that something was done. */
const READ_MS = 15_000;
const NONE = "Start one: runfolio.init() in a script, or %%track NAME on top of a cell.";

/** What is done outside of the panel. */
export interface PanelDoing {
  open(
    kind: "card" | "media" | "compare" | "table",
    store: string,
    runs: string[],
    title: string,
    query?: string,
  ): void;
  journal(store: string, name: string): void;
  artifact(store: string, name: string): void;
  /** Send runs to a compare cell; resolves with a sentence that says what became of it. */
  send?(runs: string[]): Promise<string>;
}

/** What is shown again after a reload. */
export interface Remembered {
  store?: string;
  query?: string;
  side?: Side;
}

export class RunsPanel {
  readonly node: HTMLElement;
  private stores: Stores | null = null;
  private shown: ShownRuns | null = null;
  private pane: ArtifactsPane | null = null;
  private opening: HttpModel | null = null;
  private fault = "";
  private isLate = false;
  private turn = 0;
  private read: ReturnType<typeof setTimeout> | undefined;
  private readonly running = make("span", { class: "running", attrs: { role: "status" } });
  private readonly sides = new Switch((side) => this.turnTo(side));
  private readonly wholes: HTMLButtonElement[];
  private readonly choice = make("select", { attrs: { "aria-label": "Store" } });
  private readonly choosing: HTMLElement;
  private readonly filter: Filter;
  private readonly message = make("div", { class: "message blank", attrs: { role: "status" } });
  private readonly chosen = make("div", { class: "chosen" });
  private readonly told = make("div", { class: "told", attrs: { role: "status" } });
  private readonly where = make("span", { class: "where" });
  private readonly size = make("span", { class: "size" });
  private readonly ends: (() => void)[];

  constructor(
    host: HTMLElement,
    private readonly channel: Channel,
    private readonly doing: PanelDoing,
    private readonly memory: Remembered,
    private readonly remember: (memory: Remembered) => void,
  ) {
    keepKeys(host);
    this.wholes = [
      button("Table", "All columns of these runs, in a table", () => this.tabulate()),
      button("Journal", "The journal of these runs", () => this.write()),
    ];
    this.choice.addEventListener("change", () => void this.choose(this.choice.value));
    this.choosing = make("div", { class: "stores" }, [this.choice]);
    this.filter = new Filter(
      null,
      (query) => this.ask(query),
      () => this.shown?.list.node.focus(),
    );
    const head = make("header", {}, [
      this.sides.node,
      this.running,
      make("span", { class: "buttons" }, this.wholes),
    ]);
    this.node = make("section", { class: "own panel-of-runs", attrs: { "aria-label": "Runs" } }, [
      ...[head, this.choosing, this.filter.node, this.message, this.chosen, this.told],
      make("footer", {}, [this.where, this.size]),
    ]);
    const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
    root.replaceChildren(make("style", { text: PANEL_STYLE }), this.node);
    this.sides.show(this.side);
    this.ends = [
      channel.listen((changed) => this.hear(changed)),
      channel.watch(() => this.show()),
      onThemeChange(() => this.themed()),
    ];
    setTimeout(() => {
      this.isLate = true;
      this.show();
    }, LATE_MS);
    this.show();
    void this.refresh();
  }

  /** Look for stores and runs again. */
  async refresh(): Promise<void> {
    const turn = ++this.turn;
    try {
      const stores = await this.channel.api.stores();
      if (turn !== this.turn) return;
      this.stores = stores;
      this.fault = "";
    } catch (error) {
      this.fault = (error as Error).message;
      this.show();
      return;
    }
    const here = this.stores.stores;
    // The size of a store is measured after it was first asked for.
    if (here.some((one) => one.size_bytes === null)) setTimeout(() => void this.measure(), SIZE_MS);
    const kept = here.find((one) => one.id === (this.store?.id ?? this.memory.store)) ?? here[0];
    if (kept === undefined) await this.choose("");
    else if (this.shown === null || this.shown.model.wanted.store !== kept.id)
      await this.choose(kept.id);
    else this.shown.news();
    this.show();
  }

  dispose(): void {
    for (const end of this.ends) end();
    this.leave();
    this.node.remove();
  }

  private get side(): Side {
    return sideOf(this.memory.side);
  }

  /** Show the runs of the store, or its artifacts. */
  private turnTo(side: Side): void {
    this.keep({ side });
    this.sides.show(side);
    this.show();
  }

  private get store(): StoreInfo | undefined {
    const id = this.opening?.wanted.store;
    return this.stores?.stores.find((one) => one.id === id);
  }

  private async measure(): Promise<void> {
    const stores = await this.channel.api.stores().catch(() => null);
    if (stores !== null) this.stores = stores;
    this.show();
  }

  /** Show the runs of a store; of none where there is none. */
  private async choose(store: string): Promise<void> {
    if (this.opening?.wanted.store === store) return;
    this.leave();
    if (store === "") return;
    this.keep({ store });
    const wanted = { kind: "runs", store } as const;
    const opened = this.channel.open(wanted, (model) => {
      this.opening = model;
      model.onfault = () => this.show();
    });
    const model = await opened;
    if (model !== this.opening) return;
    const make = () => {
      if (this.shown !== null || model.fault !== null || model !== this.opening) return;
      this.begin(model);
    };
    make();
    model.onfault = () => {
      make();
      this.show();
    };
    this.show();
  }

  private begin(model: HttpModel): void {
    this.shown = new ShownRuns(model, this.channel.api, {
      open: (kind, run, name) => this.doing.open(kind, model.wanted.store, [run], name),
      changed: () => this.show(),
      problem: (words) => this.say(words, "bad"),
      filter: () => this.filter.input.focus(),
    });
    this.chosen.before(this.shown.list.node);
    this.node.append(this.shown.menu.node);
    this.shown.ask(this.memory.query ?? "");
  }

  private leave(): void {
    if (this.opening !== null) this.channel.close(this.opening);
    this.shown?.list.node.remove();
    this.shown?.menu.node.remove();
    this.shown?.dispose();
    this.pane?.dispose();
    this.opening = this.shown = this.pane = null;
  }

  private ask(query: string): void {
    this.keep({ query });
    this.shown?.ask(query);
  }

  private keep(memory: Remembered): void {
    Object.assign(this.memory, memory);
    this.remember(this.memory);
  }

  /** Something changed: the list of stores where none is named, else runs in some of them. */
  private hear(changed: string[]): void {
    const { id } = this.store ?? {};
    if (changed.length === 0) void this.refresh();
    else if (id !== undefined && changed.includes(id)) this.shown?.news();
  }

  private themed(): void {
    this.node.classList.toggle("dark", isDark(this.node));
    this.shown?.draw();
  }

  private write(): void {
    const { store } = this;
    if (store !== undefined) this.doing.journal(store.id, store.name);
  }

  private tabulate(): void {
    const { store } = this;
    if (store === undefined) return;
    this.doing.open("table", store.id, [], "Runs", this.memory.query ?? "");
  }

  private say(words: string, how: string): void {
    say(this.told, words);
    this.told.className = `told ${words === "" ? "" : how}`;
    clearTimeout(this.read);
    if (how === "good") this.read = setTimeout(() => this.say("", ""), READ_MS);
  }

  private show(): void {
    this.node.classList.toggle("dark", isDark(this.node));
    const { shown, stores } = this;
    const facts = shown?.table.facts ?? null;
    const running = shown?.running ?? null;
    const told = running === null ? "" : `${count(running)} running`;
    if (this.running.textContent !== told) {
      const parts = running === null ? [] : [make("b", { text: count(running) }), " running"];
      this.running.replaceChildren(...parts);
    }
    const ofArtifacts = this.side === "artifacts" && this.store !== undefined;
    this.showArtifacts(ofArtifacts);
    this.showStores();
    this.filter.show(shown?.table ?? null);
    const why = this.why();
    const hasRows = why === "" && shown !== null && facts !== null;
    this.message.hidden = hasRows || ofArtifacts;
    if (shown !== null) shown.list.node.hidden = !hasRows || ofArtifacts;
    arrange(this.message, why === "" ? [] : this.words(why));
    this.filter.node.hidden = ofArtifacts || stores?.stores.length === 0;
    for (const one of [this.running, ...this.wholes]) one.hidden = ofArtifacts;
    this.showChosen();
    this.chosen.hidden ||= ofArtifacts;
    const isLost = this.channel.isConnected === false && (hasRows || ofArtifacts);
    if (isLost)
      this.say(
        "disconnected: what is shown is as it was. It goes on when the server is back.",
        "lost",
      );
    else if (this.told.classList.contains("lost")) this.say("", "");
  }

  private showArtifacts(are: boolean): void {
    const { store } = this;
    if (are && this.pane === null && store !== undefined) {
      const open = (name: string) => this.doing.artifact(store.id, name);
      this.pane = new ArtifactsPane(this.channel, store.id, open, () => this.showStores());
      this.chosen.before(this.pane.node);
    }
    if (this.pane !== null) this.pane.node.hidden = !are;
  }

  /** Return why there are no rows, and what to do; empty where there are some, or will be soon. */
  private why(): string {
    const { shown, stores } = this;
    if (this.fault !== "") return this.fault;
    if (stores?.stores.length === 0) return stores.hint || NONE;
    if (this.opening?.fault) return this.opening.fault;
    const table = shown?.table;
    if (table === undefined || table.facts === null) {
      if (table?.fault) return table.fault.position === null ? table.fault.message : "";
      return this.isLate ? "Reading the runs …" : "";
    }
    if (table.windows.n !== 0) return "";
    return table.facts.total === 0 ? table.facts.hint : "No run matches this filter.";
  }

  private words(why: string): Node[] {
    const words = make("span", { text: why });
    if (why === "Reading the runs …") return [words];
    const isFiltered = (this.shown?.table.facts?.total ?? 0) > 0;
    const act = isFiltered
      ? button("Clear filter", "Show all runs", () => this.ask(""))
      : button("Look again", "Look for stores and runs again", () => void this.again());
    return [words, act];
  }

  private async again(): Promise<void> {
    const { opening } = this;
    if (opening?.fault) await this.channel.renew(opening);
    await this.refresh();
  }

  private showStores(): void {
    const all = this.stores?.stores ?? [];
    this.choosing.hidden = all.length < 2;
    const names = all.map(({ id, name }) => `${id} ${name}`).join("\n");
    if (this.choice.dataset.told !== names) {
      this.choice.dataset.told = names;
      this.choice.replaceChildren(
        ...all.map(({ id, name }) => make("option", { text: `${name}/`, attrs: { value: id } })),
      );
    }
    const { store } = this;
    for (const one of this.wholes) one.disabled = store === undefined;
    if (store !== undefined) this.choice.value = store.id;
    const facts = this.shown?.table.facts;
    const total = facts?.total ?? store?.runs ?? -1;
    const of = facts && facts.n !== facts.total ? `${count(facts.n)} of ` : "";
    const parts = [
      total < 0 ? "" : `· ${of}${count(total)} run${total === 1 ? "" : "s"}`,
      store?.size_bytes == null ? "" : `· ${bytes(store.size_bytes)}`,
    ].filter(Boolean);
    const words = this.side === "artifacts" ? (this.pane?.words ?? "") : parts.join(" ");
    say(this.where, store === undefined ? "" : `${store.name}/`);
    this.where.title = store?.name ?? "";
    say(this.size, store === undefined ? "" : words);
  }

  private showChosen(): void {
    const ids = this.shown?.selection.ids ?? [];
    this.chosen.hidden = ids.length === 0;
    this.shown?.list.node.classList.toggle("choosing", ids.length > 0);
    const told = ids.join("\n");
    if (this.chosen.dataset.told === told) return;
    this.chosen.dataset.told = told;
    const { store } = this;
    if (store === undefined || ids.length === 0) return;
    const compare = button("Compare", "Compare these runs in a tab", () =>
      this.doing.open("compare", store.id, ids, `${ids.length} runs`),
    );
    const { send } = this.doing;
    const cell = button("To a cell", "Put %track compare with these runs into the notebook", () => {
      void send?.(ids).then((words) => this.say(words, "good"));
    });
    compare.disabled = ids.length < 2;
    cell.disabled = ids.length < 2;
    const none = button("×", "Select no run", () => this.shown?.selection.set([]));
    none.setAttribute("aria-label", "Select no run");
    this.chosen.replaceChildren(
      make("span", { class: "quiet", text: `${count(ids.length)} selected` }),
      compare,
      ...(send === undefined ? [] : [cell]),
      none,
    );
  }
}
