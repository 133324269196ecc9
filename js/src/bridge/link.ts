/** The connection of a page to its kernel. */

import { around, type Comm, type WidgetModel } from "./model.ts";
import type { Down, Up } from "./protocol.ts";

type Handler = (message: Down, buffers: DataView[]) => void;

const TARGET = "runfolio";
const ANSWER_MS = 20_000;
const SUBSHELL_MS = 1500;

/**
 * Sends over a comm of its own, which the page opens, where the front end lets it: those are
 * answered while a cell runs, on every ipykernel that has subshells. Elsewhere over the widget's.
 */
export class Link {
  /** When anything was heard last, in milliseconds of `performance.now()`. */
  heard = performance.now();
  private comm: Comm | null = null;
  /** What is said until it is known over which comm. */
  private early: Up[] | null = [];
  private asked = 0;
  private readonly waiting = new Map<number, (error: string | null) => void>();
  private readonly handlers = new Set<Handler>();
  private readonly renewed = new Set<() => void>();

  constructor(private readonly model: WidgetModel) {
    this.receive = this.receive.bind(this);
    this.renew = this.renew.bind(this);
    model.on("msg:custom", this.receive);
    model.on("change:_id", this.renew);
    void this.open();
  }

  /** Hear what comes; the returned function ends that. */
  listen(handler: Handler): () => void {
    this.handlers.add(handler);
    return () => this.handlers.delete(handler);
  }

  /** Hear that the other half is another one, which knows of nothing yet; the returned function ends that. */
  listenRenewed(renewed: () => void): () => void {
    this.renewed.add(renewed);
    return () => this.renewed.delete(renewed);
  }

  send(message: Up): void {
    if (this.early !== null) {
      this.early.push(message);
      return;
    }
    try {
      if (this.comm !== null && !this.comm.isDisposed) {
        this.comm.send({ model: this.model.get("_id"), ...message });
        return;
      }
    } catch {
      this.comm = null;
    }
    this.model.send(message);
  }

  /** Have something done by the kernel; rejects with what went wrong. */
  ask(verb: string, text = ""): Promise<void> {
    const id = ++this.asked;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.waiting.delete(id);
        const other = this.home === "kernel" ? ", or can do this only after its cell" : "";
        reject(new Error(`No answer: the ${this.home} is gone${other}.`));
      }, ANSWER_MS);
      this.waiting.set(id, (error) => {
        clearTimeout(late);
        if (error === null) resolve();
        else reject(new Error(error));
      });
      try {
        this.send({ kind: "do", id, verb, text });
      } catch {
        clearTimeout(late);
        this.waiting.delete(id);
        reject(new Error(`The ${this.home} is gone.`));
      }
    });
  }

  /** What the other half lives in. */
  get home(): "kernel" | "server" {
    return this.model.home ?? "kernel";
  }

  dispose(): void {
    this.model.off("msg:custom", this.receive);
    this.model.off("change:_id", this.renew);
    this.handlers.clear();
    this.renewed.clear();
    try {
      this.comm?.close?.();
    } catch {
      // The kernel is gone, and the comm with it.
    }
    this.comm = null;
  }

  private async open(): Promise<void> {
    try {
      const comm = around(this.model).kernel?.createComm?.(TARGET);
      // Opened before its thread is there it would wait for the cell, as all else does.
      if (comm?.subshellStarted && (await within(comm.subshellStarted, SUBSHELL_MS))) {
        comm.open({ model: this.model.get("_id") });
        this.comm = comm;
      }
    } catch {
      this.comm = null;
    }
    const early = this.early ?? [];
    this.early = null;
    for (const message of early) this.send(message);
  }

  private renew(): void {
    this.heard = performance.now();
    for (const renewed of this.renewed) renewed();
  }

  private receive(message: Down, buffers: DataView[]): void {
    this.heard = performance.now();
    if (message.kind === "answer") {
      this.waiting.get(message.id)?.(message.error);
      this.waiting.delete(message.id);
      return;
    }
    for (const handler of this.handlers) handler(message, buffers);
  }
}

/** Return whether something happens within a time. */
function within(what: Promise<unknown>, ms: number): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), ms));
  return Promise.race([what.then(() => true), late]);
}
