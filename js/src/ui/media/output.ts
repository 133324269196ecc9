/** What runs printed, read by the part that is in sight; a text is looked for in the kernel. */

import type { FoundTold, HitsTold, LinesTold } from "../../bridge/media.ts";
import { count } from "../../core/figures.ts";
import { pieces } from "../../core/found.ts";
import { lowerBound } from "../../core/search.ts";
import { Lines } from "../../core/sight.ts";
import { make, say } from "../dom.ts";
import { type Model, numbers } from "./model.ts";

const SIZE = 18;
const BLOCK = 200;
const MOST_BLOCKS = 40;
const HEIGHT = 432;
const WAIT_MS = 150;
const RUNS = 50;

export class Output {
  readonly node: HTMLElement;
  run = 0;
  private text = "";
  private readonly search: HTMLInputElement;
  private readonly found = make("span", { class: "quiet", attrs: { role: "status" } });
  private readonly runs = make("div", {
    class: "m-runs",
    attrs: { role: "group", "aria-label": "Runs" },
  });
  private readonly message = make("div", { class: "message", attrs: { role: "status" } });
  private readonly sheet = make("div", { class: "m-lines" });
  private readonly scroller: HTMLElement;
  private readonly blocks = new Map<number, string[]>();
  private lines = new Lines(0, SIZE, HEIGHT);
  private hits: Float64Array = new Float64Array(0);
  private n = 0;
  private at = -1;
  private counts = new Map<number, number>();
  private countedFor = "";
  private asking = -1;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly model: Model) {
    this.search = make("input", {
      class: "m-search",
      attrs: {
        type: "search",
        placeholder: "Find in the output",
        "aria-label": "Find in the output",
      },
      on: {
        input: () => this.later(),
        keydown: (event) => this.key(event as KeyboardEvent),
      },
    });
    this.scroller = make(
      "div",
      {
        class: "m-log",
        attrs: { tabindex: "0", role: "log", "aria-label": "Output", "aria-live": "off" },
        on: { scroll: () => this.draw(), keydown: (event) => this.key(event as KeyboardEvent) },
      },
      [this.sheet],
    );
    this.scroller.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    const turn = (by: number, text: string, title: string) =>
      make("button", {
        text,
        title,
        attrs: { type: "button", "aria-label": title },
        on: { click: () => this.turn(by) },
      });
    this.node = make("section", { class: "m-output", attrs: { "aria-label": "Output" } }, [
      make("div", { class: "m-bar" }, [
        this.search,
        turn(-1, "↑", "Previous line that holds it (Shift+Enter)"),
        turn(1, "↓", "Next line that holds it (Enter)"),
        this.found,
      ]),
      this.runs,
      this.message,
      this.scroller,
    ]);
  }

  /** Show the output of a run, from its end. */
  async open(run: number, text = this.text): Promise<void> {
    this.run = run;
    this.text = this.search.value = text;
    this.blocks.clear();
    this.asking = -1;
    this.hits = new Float64Array(0);
    this.lines = new Lines(0, SIZE, HEIGHT);
    this.list();
    await this.read(0, 1, true);
    if (this.text !== "") await this.find();
    else this.goTo(this.lines.n - 1);
  }

  refresh(): void {
    this.counts.clear();
    this.countedFor = "";
    void this.open(this.run);
  }

  private list(): void {
    const n = Math.min(this.model.facts?.n ?? 0, RUNS);
    this.runs.hidden = n < 2;
    const buttons = Array.from({ length: n }, (_, run) => {
      const hits = this.text === "" ? undefined : this.counts.get(run);
      const words = hits === undefined ? "" : ` ${count(hits)}`;
      return make(
        "button",
        {
          class: run === this.run ? "on" : "",
          attrs: { type: "button", "aria-pressed": String(run === this.run) },
          on: { click: () => void this.open(run) },
        },
        [this.model.heads.get(run)?.[1] ?? `run ${run + 1}`, make("b", { text: words })],
      );
    });
    this.runs.replaceChildren(...buttons);
    const more = (this.model.facts?.n ?? 0) - n;
    if (more > 0)
      this.runs.append(
        make("span", { class: "quiet", text: `and ${count(more)} more runs: narrow the query` }),
      );
  }

  private async read(first: number, end: number, isFirst = false): Promise<void> {
    const { at } = this.model;
    try {
      const told = await this.model.requests.ask<LinesTold & { gone?: boolean }>("lines", {
        at,
        run: this.run,
        first,
        end,
      });
      if (told === null || told[0].gone) return;
      const { n, lines } = told[0];
      if (isFirst || n !== this.lines.n) {
        this.lines = new Lines(n, SIZE, HEIGHT);
        this.sheet.style.height = `${this.lines.height}px`;
        this.sheet.style.setProperty("--digits", `${String(n).length + 1}ch`);
        this.scroller.style.height = `${Math.min(HEIGHT, n * SIZE + 16)}px`;
      }
      if (!isFirst) this.blocks.set(first / BLOCK, lines);
      if (this.blocks.size > MOST_BLOCKS) this.blocks.delete(this.blocks.keys().next().value!);
      this.tell(n === 0 ? "This run printed nothing, or its output was not kept." : "");
      this.draw();
    } catch (error) {
      this.tell((error as Error).message);
    }
  }

  private tell(words: string): void {
    say(this.message, words);
    this.message.hidden = words === "";
    this.scroller.hidden = words !== "";
  }

  private draw(): void {
    const { lines } = this;
    const first = Math.floor(lines.at(this.scroller.scrollTop));
    const end = Math.min(lines.n, first + Math.ceil(HEIGHT / SIZE) + 2);
    const top = lines.isScaled ? this.scroller.scrollTop : first * SIZE;
    const rows: HTMLElement[] = [];
    let missing = -1;
    const current = this.hits[this.at];
    for (let line = first; line < end; line++) {
      const block = this.blocks.get(Math.floor(line / BLOCK));
      if (block === undefined && missing < 0) missing = Math.floor(line / BLOCK);
      rows.push(
        this.row(line, block?.[line % BLOCK], top + (line - first) * SIZE, line === current),
      );
    }
    this.sheet.replaceChildren(...rows);
    if (missing >= 0 && missing !== this.asking) {
      this.asking = missing;
      void this.read(missing * BLOCK, (missing + 1) * BLOCK).then(() => {
        this.asking = -1;
      });
    }
  }

  private row(
    line: number,
    text: string | undefined,
    top: number,
    isCurrent: boolean,
  ): HTMLElement {
    const parts = text === undefined ? ["…"] : pieces(text, this.text);
    const words = parts.map((part, at) => (at % 2 ? make("mark", { text: part }) : part));
    const node = make("div", { class: isCurrent ? "m-row-line current" : "m-row-line" }, [
      make("span", { class: "m-nr", text: String(line + 1), attrs: { "aria-hidden": "true" } }),
      make("span", { class: "m-text" }, words),
    ]);
    node.style.top = `${top}px`;
    return node;
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.text = this.search.value;
      void this.find();
    }, WAIT_MS);
  }

  private async find(): Promise<void> {
    const { text, run } = this;
    const { at } = this.model;
    if (text === "") {
      [this.hits, this.at] = [new Float64Array(0), -1];
      this.found.textContent = "";
      this.list();
      this.draw();
      return;
    }
    say(this.found, "…");
    try {
      const told = await this.model.requests.ask<FoundTold>("find", { at, run, text });
      if (told === null || told[0].text !== this.text || run !== this.run || !told[0].whole) return;
      this.hits = numbers(told[1][0]!);
      this.n = told[0].n;
      this.counts.set(run, this.n);
      // The last that holds it, as the end of the output is what is shown first.
      this.at = this.hits.length - 1;
      this.goTo(this.hits[this.at] ?? this.lines.n - 1);
      this.list();
      await this.count();
    } catch (error) {
      say(this.found, (error as Error).message);
    }
  }

  /** Count in all the runs there are buttons for. */
  private async count(): Promise<void> {
    const n = Math.min(this.model.facts?.n ?? 0, RUNS);
    const { text } = this;
    if (n < 2 || this.countedFor === text) return;
    this.countedFor = text;
    this.counts.clear();
    this.counts.set(this.run, this.n);
    for (let first = 0; first < n && text === this.text; ) {
      const told = await this.model.requests.ask<HitsTold>("hits", {
        at: this.model.at,
        first,
        end: n,
        text,
      });
      const hits = told?.[0].hits ?? [];
      if (told === null || told[0].text !== this.text || hits.length === 0) return;
      for (const [run, hit] of hits) this.counts.set(run, hit);
      first = hits.at(-1)![0] + 1;
      this.list();
    }
  }

  private goTo(line: number): void {
    const middle = line - Math.floor(HEIGHT / SIZE / 2);
    this.scroller.scrollTop = this.lines.scrollTo(middle);
    if (this.text !== "") {
      const nth = this.hits.length === 0 ? "" : `${count(this.at + 1)} of `;
      say(this.found, `${nth}${count(this.n)} line${this.n === 1 ? "" : "s"}`);
    }
    this.draw();
  }

  private turn(by: number): void {
    if (this.hits.length === 0) return;
    const seen = Math.floor(this.lines.at(this.scroller.scrollTop));
    if (this.at < 0) this.at = lowerBound(this.hits, seen, 0, this.hits.length) - by;
    this.at = (this.at + by + this.hits.length) % this.hits.length;
    this.goTo(this.hits[this.at]!);
  }

  private wheel(event: WheelEvent): void {
    if (!this.lines.isScaled) return;
    event.preventDefault();
    this.move(event.deltaY / SIZE);
  }

  private move(lines: number): void {
    const at = this.lines.at(this.scroller.scrollTop);
    this.scroller.scrollTop = this.lines.scrollTo(at + lines);
  }

  private key(event: KeyboardEvent): void {
    event.stopPropagation();
    const isLog = event.target === this.scroller;
    const keys: Record<string, () => void> = {
      Enter: () => this.turn(event.shiftKey ? -1 : 1),
      ...(isLog && {
        n: () => this.turn(1),
        N: () => this.turn(-1),
        "/": () => this.search.focus(),
      }),
      ...(isLog &&
        this.lines.isScaled && { ArrowDown: () => this.move(1), ArrowUp: () => this.move(-1) }),
    };
    const does = keys[event.key];
    if (does === undefined) return;
    event.preventDefault();
    does();
  }
}
