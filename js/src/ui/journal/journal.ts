/** The journal of a store as a document: its entries in order, by branch, and as a file of Markdown. */

import type { Channel } from "../../bridge/channel.ts";
import type { Journal } from "../../bridge/server_api.ts";
import { count } from "../../core/figures.ts";
import { make, say } from "../dom.ts";
import { button } from "../table/picker.ts";
import { isDark, onThemeChange } from "../theme.ts";
import { JOURNAL_STYLE } from "./style.ts";

/** Draws the Markdown of an entry, which nobody vouches for. */
export type Draw = (markdown: string) => Node | Promise<Node>;

const PART = 100;
const EVERY = "every branch";
const NONE = "no branch";
/** No name of a branch: git allows no colon in one. */
const ALL = ":";
const RULE = "\n\n---\n\n";
const REST_MS = 3000;

export class JournalView {
  readonly node: HTMLElement;
  private branch: string | null = null;
  private turn = 0;
  private shown: Journal["entries"] = [];
  private n = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly choice = make("select", { attrs: { "aria-label": "Branch" } });
  private readonly words = make("span", { class: "quiet", attrs: { role: "status" } });
  private readonly save: HTMLButtonElement;
  private readonly page: HTMLElement;
  private readonly message = make("div", { class: "empty", attrs: { role: "status" } });
  private readonly more: HTMLButtonElement;
  private readonly ends: (() => void)[];

  constructor(
    host: HTMLElement,
    private readonly channel: Channel,
    private readonly store: string,
    private readonly name: string,
    private readonly draw: Draw,
    private readonly open: (run: string) => void,
  ) {
    this.choice.addEventListener("change", () => {
      this.branch = this.choice.value === ALL ? null : this.choice.value;
      void this.read();
    });
    this.save = button(
      "Export",
      "Save the journal as a file of Markdown",
      () => void this.export(),
    );
    this.more = button("More", "Show older entries", () => void this.read(this.shown.length));
    this.page = make("div", { class: "entries", attrs: { role: "feed", "aria-label": "Entries" } });
    const title = make("h3", { text: `Journal of ${name}/` });
    const controls = make("span", { class: "state" }, [this.choice, this.words, this.save]);
    const body = make("div", { class: "scroll", attrs: { tabindex: "0" } }, [
      this.page,
      this.message,
      this.more,
    ]);
    this.node = make("article", { class: "own journal", attrs: { "aria-label": "Journal" } }, [
      make("header", {}, [title, controls]),
      body,
    ]);
    this.more.hidden = true;
    // No shadow: the front end's own style is for what its renderer made.
    host.replaceChildren(make("style", { text: JOURNAL_STYLE }), this.node);
    this.ends = [
      onThemeChange(() => this.themed()),
      channel.listen((changed) => {
        if (changed.length === 0 || changed.includes(store)) this.later();
      }),
    ];
    this.themed();
    void this.read();
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const end of this.ends) end();
  }

  private themed(): void {
    this.node.classList.toggle("dark", isDark(this.node));
  }

  /** Read it anew when it has come to rest: entries say much about runs that are over. */
  private later(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (this.shown.length <= PART) void this.read();
    }, REST_MS);
  }

  private async read(offset = 0): Promise<void> {
    const turn = ++this.turn;
    try {
      const told = await this.channel.api.journal(this.store, this.branch, offset, PART);
      const drawn = await Promise.all(told.entries.map((entry) => this.entry(entry)));
      if (turn !== this.turn) return;
      this.n = told.n;
      this.showBranches(told);
      this.put(told, drawn, offset);
      say(this.message, told.n > 0 ? "" : "No run has an entry here yet: the first one makes it.");
    } catch (error) {
      if (turn === this.turn) say(this.message, (error as Error).message);
    }
    this.message.hidden = this.message.textContent === "";
  }

  private put(told: Journal, drawn: HTMLElement[], offset: number): void {
    // What is as it was stays: who reads it, or has chosen a part of it, is not disturbed.
    const known = new Map(this.shown.map((entry, at) => [key(entry), this.page.children[at]!]));
    const nodes = told.entries.map((entry, at) => known.get(key(entry)) ?? drawn[at]!);
    if (offset > 0) this.page.append(...nodes);
    else if (
      nodes.some((node, at) => this.page.children[at] !== node) ||
      nodes.length < this.page.childElementCount
    ) {
      this.page.replaceChildren(...nodes);
    }
    this.shown = [...this.shown.slice(0, offset), ...told.entries];
    this.more.hidden = this.shown.length >= told.n;
    const of = this.shown.length < told.n ? `${count(this.shown.length)} of ` : "";
    say(this.words, `${of}${count(told.n)} entr${told.n === 1 ? "y" : "ies"}`);
  }

  private async entry({
    run_id,
    markdown,
  }: {
    run_id: string;
    markdown: string;
  }): Promise<HTMLElement> {
    const drawn = await this.draw(markdown);
    const show = button("Open", "Show this run's card", () => this.open(run_id));
    return make("section", { class: "entry-of-run", attrs: { "data-run": run_id } }, [
      make("div", { class: "entry-body" }, [drawn]),
      show,
    ]);
  }

  private showBranches({ branches }: Journal): void {
    const names = branches.map(({ name }) => name);
    if (this.branch !== null || this.choice.dataset.told === names.join("\n")) return;
    this.choice.dataset.told = names.join("\n");
    const option = (value: string, text: string) => make("option", { text, attrs: { value } });
    this.choice.replaceChildren(
      option(ALL, EVERY),
      ...branches.map(({ name, runs }) => option(name, `${name || NONE} (${count(runs)})`)),
    );
    this.choice.hidden = names.length < 2;
  }

  /** Save all entries of what is chosen, also those that are not shown. */
  private async export(): Promise<void> {
    this.save.disabled = true;
    try {
      const parts: string[] = [];
      while (parts.length < Math.max(this.n, 1)) {
        const told = await this.channel.api.journal(this.store, this.branch, parts.length, 500);
        if (told.entries.length === 0) break;
        parts.push(...told.entries.map((entry) => entry.markdown));
      }
      const title = `# Journal of ${this.name.split("/").at(-2) ?? this.name}\n\n`;
      download("JOURNAL.md", `${title}${parts.join(RULE)}\n`);
    } catch (error) {
      say(this.message, `It could not be saved. ${(error as Error).message}`);
      this.message.hidden = false;
    }
    this.save.disabled = false;
  }
}

function key({ run_id, markdown }: { run_id: string; markdown: string }): string {
  return `${run_id}\n${markdown}`;
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/markdown" }));
  make("a", { attrs: { href: url, download: name } }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
