/** What a page has with its server: one stream for all of its views, for as long as there are any. */

import { Wire } from "../core/wire.ts";
import { HttpModel, type Wanted } from "./http_model.ts";
import { Absent, type ServerApi } from "./server_api.ts";

/** Something changed in these stores; none says that the list of stores did. */
export type Heard = (changed: string[]) => void;

/** What one hears of: runs that came, went or changed, or artifacts. */
export type What = "runs" | "artifacts";

const FIRST_MS = 500;
const MOST_MS = 15_000;
/** A server without runfolio gets it only when somebody installs it. */
const ABSENT_MS = 60_000;
/** Two beats and a half: a stream that says nothing for so long is dead. */
const SILENT_MS = 40_000;
/** A page out of sight lets go of its stream: a browser has six connections for all its pages. */
const HIDDEN_MS = 10_000;
const IDLE_MS = 2000;
const EARLY = 500;

export interface Timing {
  first: number;
  most: number;
}

export class Channel {
  /** Whether the server is there; null before anybody knows. */
  isConnected: boolean | null = null;
  readonly client = hex(16);
  private readonly models = new Set<HttpModel>();
  private readonly listeners = { runs: new Set<Heard>(), artifacts: new Set<Heard>() };
  private readonly watchers = new Set<() => void>();
  /** What was said to views whose ids this page does not know yet. */
  private early: [string, object, DataView[]][] = [];
  /** Views that this page had, and gave up with the stream. */
  private readonly lost = new Set<string>();
  private running: AbortController | null = null;
  private idle: ReturnType<typeof setTimeout> | undefined;
  private hidden: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly api: ServerApi,
    private readonly timing: Timing = { first: FIRST_MS, most: MOST_MS },
  ) {
    globalThis.document?.addEventListener("visibilitychange", () => this.look());
  }

  /** Open a view; whether it could be made says its `fault`. `begun` has its model before that. */
  async open(wanted: Wanted, begun: (model: HttpModel) => void = () => {}): Promise<HttpModel> {
    const model = new HttpModel(this.api, this.client, wanted);
    begun(model);
    this.models.add(model);
    this.look();
    await this.renew(model);
    return model;
  }

  /** Try again to make a view that could not be made. */
  async renew(model: HttpModel): Promise<void> {
    const id = await model.renew();
    if (id === null) return;
    if (!this.models.has(model)) {
      this.drop(id);
      return;
    }
    const mine = this.early.filter(([view]) => view === id);
    this.early = this.early.filter(([view]) => view !== id);
    for (const [, data, buffers] of mine) model.hear(data, buffers);
  }

  close(model: HttpModel): void {
    if (!this.models.delete(model)) return;
    const { id } = model;
    model.isStale = true;
    // Behind what was said last: said to a view that is gone it would be an error.
    if (id !== null) void model.said.then(() => this.drop(id));
    this.look();
  }

  /** Hear of changes in the stores; the returned function ends that. */
  listen(heard: Heard, what: What = "runs"): () => void {
    this.listeners[what].add(heard);
    this.look();
    return () => {
      this.listeners[what].delete(heard);
      this.look();
    };
  }

  /** Hear when the server is lost and when it is back; the returned function ends that. */
  watch(changed: () => void): () => void {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  }

  private drop(id: string): void {
    void this.api.ask(`views/${id}?client=${this.client}`, "DELETE").catch(() => {});
  }

  /** Have a stream exactly where somebody looks at something. */
  private look(): void {
    const { runs, artifacts } = this.listeners;
    const isWanted = this.models.size + runs.size + artifacts.size > 0;
    const isHidden = globalThis.document?.hidden === true;
    clearTimeout(this.idle);
    clearTimeout(this.hidden);
    if (isWanted && !isHidden) this.begin();
    else if (!isWanted) this.idle = setTimeout(() => this.end(), IDLE_MS);
    else this.hidden = setTimeout(() => this.end(), HIDDEN_MS);
  }

  private begin(): void {
    if (this.running !== null) return;
    this.running = new AbortController();
    void this.run(this.running);
  }

  private end(): void {
    this.running?.abort();
    this.running = null;
    this.lose();
  }

  /** Keep a stream, and begin it anew whenever it breaks. */
  private async run(control: AbortController): Promise<void> {
    let wait = this.timing.first;
    while (!control.signal.aborted) {
      try {
        await this.follow(control, () => {
          wait = this.timing.first;
        });
      } catch (error) {
        // The server is gone, or its answer is none of ours: it is asked again below.
        if (error instanceof Absent) wait = ABSENT_MS;
      }
      if (control.signal.aborted) return;
      this.lose();
      this.connected(false);
      // Pages that lost the same server do not all come back at once.
      await pause(wait * (0.75 + Math.random() / 2), control.signal);
      wait = Math.min(2 * wait, Math.max(this.timing.most, wait));
    }
  }

  private async follow(control: AbortController, good: () => void): Promise<void> {
    const silent = new AbortController();
    const signal = AbortSignal.any([control.signal, silent.signal]);
    const stream = (await this.api.stream(this.client, signal)).getReader();
    const wire = new Wire();
    let late = setTimeout(() => silent.abort(), SILENT_MS);
    try {
      for (;;) {
        const { done, value } = await stream.read();
        if (done || signal.aborted) return;
        clearTimeout(late);
        late = setTimeout(() => silent.abort(), SILENT_MS);
        for (const [told, buffers] of wire.take(value)) {
          good();
          this.take(told, buffers);
        }
      }
    } finally {
      clearTimeout(late);
      void stream.cancel().catch(() => {});
    }
  }

  private take(told: Record<string, unknown>, buffers: DataView[]): void {
    const { view, data, views, stores, changed, artifacts, lost } = told;
    if (Array.isArray(views)) this.greeted(views);
    if (lost === true) {
      this.lose();
      this.renewAll();
    }
    if (stores === true) this.tell("runs", Array.isArray(changed) ? changed : []);
    if (Array.isArray(artifacts)) this.tell("artifacts", artifacts);
    if (typeof view !== "string" || typeof data !== "object" || data === null) return;
    const model = [...this.models].find((one) => one.id === view);
    if (model !== undefined) model.hear(data, buffers);
    else
      this.early = [...this.early, [view, data, buffers] as [string, object, DataView[]]].slice(
        -EARLY,
      );
  }

  /** A stream has begun: the server says which views it has for this page. */
  private greeted(views: unknown[]): void {
    const before = this.isConnected;
    // Not all that it does not know by now: some may be being made for it.
    for (const id of views) if (this.lost.has(String(id))) this.drop(String(id));
    this.lost.clear();
    this.connected(true);
    this.renewAll();
    if (before !== false) return;
    this.tell("runs", []);
    this.tell("artifacts", []);
  }

  private renewAll(): void {
    // Those that are being made for the first time have no id to lose.
    for (const model of this.models) {
      if (model.isStale && (model.get("_id") !== undefined || model.fault !== null)) {
        void this.renew(model);
      }
    }
  }

  /** What was said since may be lost. */
  private lose(): void {
    for (const model of this.models) {
      if (model.id !== null) this.lost.add(model.id);
      model.isStale = true;
    }
    this.early = [];
  }

  private tell(what: What, changed: string[]): void {
    for (const heard of this.listeners[what]) heard(changed);
  }

  private connected(is: boolean): void {
    if (this.isConnected === is) return;
    this.isConnected = is;
    for (const changed of this.watchers) changed();
  }
}

function hex(bytes: number): string {
  const chance = crypto.getRandomValues(new Uint8Array(bytes));
  return [...chance].map((one) => one.toString(16).padStart(2, "0")).join("");
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
