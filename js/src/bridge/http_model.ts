/** A model whose other half lives in the server: requests one way, the page's one stream the other. */

import type { WidgetModel } from "./model.ts";
import type { Down, Up } from "./protocol.ts";
import { Refused } from "./requests.ts";
import type { ServerApi } from "./server_api.ts";

/** Which view is wanted. */
export interface Wanted {
  kind: "card" | "table" | "compare" | "media" | "runs";
  store: string;
  runs?: string[];
  query?: string;
}

type Handler = (message: Down, buffers: DataView[]) => void;
type State = Record<string, unknown>;

const LOST = "The server does not answer; nothing was changed. Try again when it is back.";

/**
 * Stands where a notebook's page has a widget's model.
 *
 * It outlives its other half: after the server was lost it gets another one (`renew`), whose id is
 * told as a change of `_id`. Then what was asked and not answered is asked again.
 */
export class HttpModel implements WidgetModel {
  /** What it could not be made for, in words; null where it is there. */
  fault: string | null = null;
  /** Whether what its other half said may have been lost. */
  isStale = true;
  onfault: () => void = () => {};
  readonly home = "server";
  private state: State = {};
  private readonly chosen = new Set<string>();
  private unsaved = new Set<string>();
  private readonly handlers = new Map<string, Set<Handler>>();
  private sending: Promise<unknown> = Promise.resolve();
  private renewing: Promise<string | null> | null = null;

  constructor(
    private readonly api: ServerApi,
    private readonly client: string,
    readonly wanted: Wanted,
  ) {}

  /** The id of its other half; null where there is none. */
  get id(): string | null {
    return this.isStale ? null : (this.state._id as string);
  }

  /** Resolves once all that was said has been heard. */
  get said(): Promise<unknown> {
    return this.sending;
  }

  /** Have another half made; return its id, or null where that could not be. */
  renew(): Promise<string | null> {
    this.renewing ??= this.made().finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  private async made(): Promise<string | null> {
    const before = this.state._id;
    try {
      const what = { client: this.client, ...this.wanted };
      const made = await this.api.ask<{ view: string; state: State }>("views", "POST", what);
      this.isStale = false;
      this.fault = null;
      const kept = [...this.chosen].filter((name) => name in made.state);
      for (const name of kept) this.unsaved.add(name);
      this.take({ ...made.state, ...this.held(kept), _id: made.view });
      if (before !== undefined) this.save_changes();
      return made.view;
    } catch (error) {
      this.fault = (error as Error).message;
      return null;
    } finally {
      this.onfault();
    }
  }

  /** Hear what its other half says. */
  hear(data: { method?: string; state?: State; content?: Down }, buffers: DataView[]): void {
    if (data.method === "update") this.take(data.state ?? {});
    else if (data.method === "custom" && data.content !== undefined) {
      this.emit("msg:custom", data.content, buffers);
    }
  }

  get(trait: string): unknown {
    return this.state[trait];
  }

  set(trait: string, value: unknown): void {
    this.chosen.add(trait);
    this.unsaved.add(trait);
    this.take({ [trait]: value });
  }

  save_changes(): void {
    if (this.unsaved.size === 0 || this.isStale) return;
    const state = this.held([...this.unsaved]);
    this.unsaved = new Set();
    this.post({ method: "update", state }, () => {});
  }

  send(content: Up): void {
    // A page asks again once there is another half; what is to be done is not done behind its back.
    if (this.isStale && content.kind !== "do") return;
    this.post({ method: "custom", content }, (error) => this.refuse(content, error));
  }

  on(event: string, heard: Handler): void {
    const known = this.handlers.get(event) ?? new Set();
    this.handlers.set(event, known.add(heard));
  }

  off(event: string, heard: Handler): void {
    this.handlers.get(event)?.delete(heard);
  }

  private held(names: string[]): State {
    return Object.fromEntries(names.map((name) => [name, this.state[name]]));
  }

  private take(state: State): void {
    const changed = Object.keys(state).filter((name) => state[name] !== this.state[name]);
    this.state = { ...this.state, ...state };
    // The id last: who hears of it finds the rest as it is by then.
    changed.sort((a, b) => Number(a === "_id") - Number(b === "_id"));
    for (const name of changed) this.emit(`change:${name}`, undefined as unknown as Down, []);
  }

  private emit(event: string, message: Down, buffers: DataView[]): void {
    for (const heard of [...(this.handlers.get(event) ?? [])]) heard(message, buffers);
  }

  /** Say something; in the order in which it is said, but for what takes as long as a drive. */
  private post(data: object, failed: (error: Error) => void): void {
    const { id } = this;
    const say = () => {
      if (id === null) return Promise.reject(new Refused(LOST, null));
      return this.api.ask(`views/${id}`, "POST", { client: this.client, data });
    };
    const isSlow = (data as { content?: Up }).content?.kind === "do";
    const said = isSlow ? say() : this.sending.then(say);
    const over = said.then(
      () => {},
      (error: Error) => {
        // What fails for an old half is asked again of the new one.
        if (id === this.id || isSlow) failed(error);
      },
    );
    if (!isSlow) this.sending = over;
  }

  /** Answer in the place of the other half, which was not reached. */
  private refuse(content: Up, error: Error): void {
    const message = error.message;
    if (content.kind === "do") {
      this.emit("msg:custom", { kind: "answer", id: content.id, error: message }, []);
    } else if (content.kind === "ask" && error instanceof Refused) {
      const { id, verb, page } = content;
      const told = { kind: "told", id, verb, page, error: { message, position: error.position } };
      this.emit("msg:custom", told as Down, []);
    }
  }
}
