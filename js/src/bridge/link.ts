/** The connection of a page to its kernel. */

import type { AnyModel } from "@anywidget/types";
import type { Down, Up } from "./protocol.ts";

type Handler = (message: Down, buffers: DataView[]) => void;

interface Comm {
  open(data?: unknown): unknown;
  send(data: unknown): unknown;
  close?(): unknown;
  isDisposed?: boolean;
}

interface Kernel {
  createComm?(target: string): Comm;
}

const TARGET = "runfolio";
const ANSWER_MS = 20_000;

/**
 * Sends over a comm of its own, which the page opens, where the front end lets it: those are
 * answered while a cell runs, on every ipykernel that has subshells. Elsewhere over the widget's.
 */
export class Link {
  /** When anything was heard last, in milliseconds of `performance.now()`. */
  heard = performance.now();
  private comm: Comm | null = null;
  private tried = false;
  private asked = 0;
  private readonly waiting = new Map<number, (error: string | null) => void>();
  private readonly handlers = new Set<Handler>();

  constructor(private readonly model: AnyModel<Record<string, unknown>>) {
    this.receive = this.receive.bind(this);
    model.on("msg:custom", this.receive);
  }

  /** Hear what comes; the returned function ends that. */
  listen(handler: Handler): () => void {
    this.handlers.add(handler);
    return () => this.handlers.delete(handler);
  }

  send(message: Up): void {
    const comm = this.own();
    try {
      if (comm !== null) {
        comm.send({ model: this.model.get("_id"), ...message });
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
        reject(new Error("The kernel did not answer; it is busy, or gone. Try again."));
      }, ANSWER_MS);
      this.waiting.set(id, (error) => {
        clearTimeout(late);
        if (error === null) resolve();
        else reject(new Error(error));
      });
      this.send({ kind: "do", id, verb, text });
    });
  }

  dispose(): void {
    this.model.off("msg:custom", this.receive);
    this.handlers.clear();
    try {
      this.comm?.close?.();
    } catch {
      // The kernel is gone, and the comm with it.
    }
    this.comm = null;
  }

  private own(): Comm | null {
    if (this.tried) return this.comm?.isDisposed ? null : this.comm;
    this.tried = true;
    try {
      const manager = this.model.widget_manager as unknown as { kernel?: Kernel } | undefined;
      const comm = manager?.kernel?.createComm?.(TARGET) ?? null;
      comm?.open({ model: this.model.get("_id") });
      this.comm = comm;
    } catch {
      this.comm = null;
    }
    return this.comm;
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
