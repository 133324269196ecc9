/** Questions of one page to its kernel, each with an answer. */

import type { Link } from "./link.ts";
import type { Told } from "./protocol.ts";

/** What the kernel could not do; `position` is the character of a query that is wrong. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly position: number | null,
  ) {
    super(message);
  }
}

/** Of these only the newest counts: an older one that is not answered yet is given up. */
const LATEST = new Set([
  ...["facts", "rows", "curves", "run", "card", "news"],
  ...["steps", "bins", "lines", "find", "hits"],
  ...["groups", "axes", "scatter", "importance", "progress", "table"],
]);

interface Waiting {
  verb: string;
  what: Record<string, unknown>;
  resolve: (answer: [Told, DataView[]] | null) => void;
  reject: (error: Error) => void;
}

export class Requests {
  /** Since when something waits for an answer, in milliseconds of `performance.now()`; else null. */
  since: number | null = null;
  private readonly page = Math.random().toString(36).slice(2);
  private readonly waiting = new Map<number, Waiting>();
  private readonly unheard: (() => void)[];
  private asked = 0;

  constructor(private readonly link: Link) {
    this.unheard = [
      link.listen((message, buffers) => {
        if (message.kind === "told" && message.page === this.page) this.take(message, buffers);
      }),
      // What the half before was asked, and did not answer.
      link.listenRenewed(() => {
        for (const [id, { verb, what }] of this.waiting) this.say(id, verb, what);
      }),
    ];
  }

  /** Ask for something; gives null where something newer was asked before the answer came. */
  async ask<Answer>(
    verb: string,
    what: Record<string, unknown>,
  ): Promise<[Answer, DataView[]] | null> {
    const id = ++this.asked;
    if (LATEST.has(verb)) {
      for (const [other, one] of this.waiting) {
        if (one.verb !== verb) continue;
        this.waiting.delete(other);
        one.resolve(null);
      }
    }
    this.since ??= performance.now();
    const answer = new Promise<[Told, DataView[]] | null>((resolve, reject) => {
      this.waiting.set(id, { verb, what, resolve, reject });
    });
    this.say(id, verb, what);
    return (await answer) as [Answer, DataView[]] | null;
  }

  /** What answers: the kernel, or the server. */
  get home(): string {
    return this.link.home;
  }

  dispose(): void {
    for (const unheard of this.unheard) unheard();
    for (const one of this.waiting.values()) one.resolve(null);
    this.waiting.clear();
  }

  private say(id: number, verb: string, what: Record<string, unknown>): void {
    this.link.send({ kind: "ask", id, verb, page: this.page, what });
  }

  private take(message: Told, buffers: DataView[]): void {
    const one = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    this.since = this.waiting.size === 0 ? null : performance.now();
    if (one === undefined) return;
    const { error } = message;
    if (error) one.reject(new Refused(error.message, error.position));
    else one.resolve([message, buffers]);
  }
}
