/** The card of a run: who it is and how it goes, its charts, what its machine does. */

import type { Feed } from "../bridge/feed.ts";
import type { Link } from "../bridge/link.ts";
import type { CardInfo, MediaInfo, PanelInfo } from "../bridge/protocol.ts";
import { count, duration, figure } from "../core/figures.ts";
import { choices, pager } from "./controls.ts";
import { arrange, make, say } from "./dom.ts";
import { Panel } from "./panel.ts";
import type { Settings } from "./plot.ts";
import { isDark } from "./theme.ts";
import { type OpenArtifact, usesLine } from "./uses.ts";

const PAGE = 6;
/** So long without a word the kernel counts as gone; it says something every second. */
const SILENT_MS = 5000;
const RUNNING = "running";

export class CardView {
  readonly node: HTMLElement;
  specs: Record<string, object> | null = null;
  private readonly foot: HTMLElement;

  private card: CardInfo | null = null;
  private readonly panels = new Map<string, Panel>();
  private settings: Settings = { axis: "step", origin: 0, log: false, smooth: "auto", dark: false };
  private page = 0;
  private readonly urls: string[] = [];
  private told = 0;
  private readonly timer: ReturnType<typeof setInterval>;

  private readonly sign = make("span", { class: "sign", attrs: { "aria-hidden": "true" } });
  private readonly name = make("h3");
  private readonly ident = make("code");
  private readonly tags = make("span", { class: "tags" });
  private readonly progress = make("span", { class: "progress" });
  private readonly buttons = make("span", { class: "buttons" });
  private readonly bar = make("div", { class: "bar" });
  private readonly ask = make("div", { class: "ask" });
  private readonly said = make("div", { class: "said", attrs: { role: "status" } });
  private readonly note = make("div", { class: "note" });
  private readonly controls = make("div", { class: "controls" });
  private readonly grid = make("div", { class: "grid" });
  private readonly media = make("div", { class: "media" });
  private readonly more = make("div", { class: "caption more" });
  private readonly system = make("span", { class: "system" });
  private readonly uses = make("span", { class: "quiet since" });
  private readonly warnings = make("span", { class: "warnings" });

  constructor(
    private readonly link: Link,
    private readonly feed: Feed,
    /** Null where the page has no place for the card of an artifact. */
    private readonly openArtifact: OpenArtifact | null = null,
  ) {
    const head = make("header", {}, [
      this.sign,
      this.name,
      this.ident,
      this.tags,
      make("span", { class: "state" }, [this.progress, this.buttons]),
    ]);
    this.foot = make("footer", {}, [this.system, this.uses, this.warnings]);
    this.node = make("article", { class: "card", attrs: { "aria-label": "Run" } }, [
      head,
      this.bar,
      this.ask,
      this.said,
      this.note,
      this.controls,
      this.grid,
      this.media,
      this.more,
      this.foot,
    ]);
    this.timer = setInterval(() => this.tick(), 500);
    this.node.addEventListener("keydown", (event) => this.key(event));
  }

  dispose(): void {
    clearInterval(this.timer);
    for (const url of this.urls) URL.revokeObjectURL(url);
    for (const panel of this.panels.values()) panel.dispose();
    this.panels.clear();
  }

  show(card: CardInfo): void {
    this.card = card;
    this.told = performance.now();
    this.settings = { ...this.settings, origin: card.started_ms, dark: isDark(this.node) };
    this.node.dataset.status = card.status;
    this.node.classList.toggle("dark", this.settings.dark);
    say(this.sign, card.sign);
    this.sign.title = card.status;
    say(this.name, card.name);
    this.name.title = card.name;
    say(this.ident, card.ident);
    this.tags.replaceChildren(
      ...card.tags.map((tag) => make("span", { class: "tag", text: tag, title: tag })),
    );
    say(this.note, card.note);
    this.note.title = card.note;
    this.showButtons(card);
    this.showPanels(card);
    this.showFoot(card);
    this.tick();
  }

  /** Show what was logged last beside numbers. */
  showMedia(items: MediaInfo[], pictures: Blob[]): void {
    for (const url of this.urls.splice(0)) URL.revokeObjectURL(url);
    this.media.replaceChildren(
      ...items.map((item, place) => {
        const caption = make("figcaption", { class: "caption" }, [
          make("b", { text: item.key, title: item.key }),
          ` ${item.n > 1 ? `${count(item.n)} ` : ""}${item.type} · step ${item.step}`,
        ]);
        const blob = pictures[place];
        if (blob === undefined || blob.size === 0) return make("figure", {}, [caption]);
        const url = URL.createObjectURL(blob);
        this.urls.push(url);
        const picture = make("img", {
          class: item.pixelated ? "pixels" : "",
          attrs: { src: url, alt: item.key, width: String(item.width) },
        });
        return make("figure", {}, [picture, caption]);
      }),
    );
  }

  changed(series: Set<number>): void {
    for (const panel of this.panels.values()) if (panel.has(series)) panel.plot.update();
  }

  themed(): void {
    if (this.card !== null) this.show(this.card);
    this.set({});
  }

  // Parts -------------------------------------------------------------------------------------

  private showButtons(card: CardInfo): void {
    const wanted = card.can.join(" ");
    if (this.buttons.dataset.can === wanted) return;
    this.buttons.dataset.can = wanted;
    const labels: Record<string, string> = {
      stop: "Stop after this step",
      note: "Note",
      tag: "Tag",
    };
    this.buttons.replaceChildren(
      ...card.can
        .filter((verb) => verb in labels)
        .map((verb) =>
          make("button", {
            text: labels[verb]!,
            attrs: { type: "button", "data-verb": verb },
            on: { click: () => this.press(verb) },
          }),
        ),
    );
  }

  private press(verb: string): void {
    if (verb === "stop") {
      void this.act("stop", "");
      return;
    }
    const input = make("input", {
      attrs: { type: "text", "aria-label": verb === "note" ? "Note" : "Tag", maxlength: "2000" },
    });
    input.placeholder = verb === "note" ? "A note about this run" : "A tag for this run";
    const close = () => this.ask.replaceChildren();
    const send = async () => {
      const text = input.value.trim();
      if (text === "" || (await this.act(verb, text))) close();
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") void send();
      if (event.key === "Escape") close();
    });
    this.ask.replaceChildren(
      input,
      make("button", { text: "Save", attrs: { type: "button" }, on: { click: () => void send() } }),
      make("button", { text: "Cancel", attrs: { type: "button" }, on: { click: close } }),
    );
    input.focus();
  }

  private async act(verb: string, text: string): Promise<boolean> {
    const words: Record<string, string> = {
      stop: "The run stops at its next step.",
      note: "Noted.",
      tag: `Tagged ${text}.`,
    };
    say(this.said, "…");
    try {
      await this.link.ask(verb, text);
      say(this.said, words[verb] ?? "");
      return true;
    } catch (error) {
      say(this.said, error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  private showPanels(card: CardInfo): void {
    if (this.specs === null) return;
    const pages = Math.max(1, Math.ceil(card.panels.length / PAGE));
    this.page = Math.min(this.page, pages - 1);
    const wanted = card.panels.slice(this.page * PAGE, (this.page + 1) * PAGE);
    const ids = new Set(wanted.map((panel) => panel.id));
    for (const [id, panel] of this.panels) {
      if (!ids.has(id)) {
        panel.dispose();
        this.panels.delete(id);
      }
    }
    for (const info of wanted) this.panel(info).show(info, membersOf(info, card));
    this.grid.classList.toggle("single", wanted.length < 2);
    const nodes = wanted.map((info) => this.panels.get(info.id)!.node);
    if (nodes.length === 0) nodes.push(make("p", { class: "quiet", text: card.empty }));
    arrange(this.grid, nodes);
    this.showControls(card, pages);
    say(this.more, card.more.length > 0 ? `and ${card.more.join(", ")}` : "");
  }

  private panel(info: PanelInfo): Panel {
    let panel = this.panels.get(info.id);
    if (panel === undefined) {
      panel = new Panel(this.specs!, this.settings, this.feed);
      this.panels.set(info.id, panel);
    }
    return panel;
  }

  private showControls(card: CardInfo, pages: number): void {
    const told = `${this.page} ${pages} ${card.panels.length > 0} ${JSON.stringify(this.settings)}`;
    if (this.controls.dataset.told === told) return;
    this.controls.dataset.told = told;
    const chosen = card.panels.length > 0 ? choices(this.settings, (one) => this.set(one)) : [];
    this.controls.replaceChildren(...chosen, ...pager(this.page, pages, (by) => this.turn(by)));
  }

  private turn(by: number): void {
    this.page += by;
    if (this.card !== null) this.showPanels(this.card);
  }

  private set(settings: Partial<Settings>): void {
    this.settings = { ...this.settings, ...settings };
    for (const panel of this.panels.values()) panel.set(this.settings);
    if (this.card !== null)
      this.showControls(this.card, Math.max(1, Math.ceil(this.card.panels.length / PAGE)));
  }

  private key(event: KeyboardEvent): void {
    const target = event.composedPath()[0] as HTMLElement;
    if (
      ["INPUT", "SELECT"].includes(target.tagName) ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey
    )
      return;
    const acts: Record<string, () => void> = {
      l: () => this.set({ log: !this.settings.log }),
      s: () => this.set({ smooth: this.settings.smooth === "off" ? "auto" : "off" }),
      x: () => {
        const next = { step: "relative", relative: "time", time: "step" } as const;
        this.set({ axis: next[this.settings.axis] });
      },
    };
    const act = acts[event.key];
    if (act === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  private showFoot(card: CardInfo): void {
    const meters = card.system.map((meter) =>
      make("span", { class: "meter" }, [
        `${meter.label} `,
        make("b", { text: meter.value }),
        make("span", { class: "quiet", text: meter.rest }),
      ]),
    );
    this.system.replaceChildren(
      ...(meters.length > 0 ? meters : [make("span", { class: "quiet", text: card.facts })]),
      make("span", { class: "quiet since", text: card.since, title: card.since }),
    );
    const uses = card.uses ?? [];
    const told = JSON.stringify(uses);
    // Set anew only where it differs: the card is told twice a second, and a link may have the focus.
    if (this.uses.dataset.told !== told) {
      this.uses.dataset.told = told;
      this.uses.replaceChildren(...usesLine(uses, this.openArtifact));
      this.uses.title = this.uses.textContent;
    }
    const said = `${card.facts}${card.since}${this.uses.textContent}`;
    this.foot.hidden = meters.length === 0 && said === "" && card.warnings.length === 0;
    this.warnings.replaceChildren(
      ...card.warnings.map((text) =>
        make("span", { class: "warning", text: `⚠ ${text}`, title: text }),
      ),
    );
  }

  // Time --------------------------------------------------------------------------------------

  /** Say how far it is; a clock goes on by itself between two words of the kernel. */
  private tick(): void {
    const { card } = this;
    if (card === null) return;
    const running = card.status === RUNNING;
    const silent = running && performance.now() - this.link.heard > SILENT_MS;
    this.node.classList.toggle("silent", silent);
    const elapsed =
      card.elapsed_s + (running && !silent ? (performance.now() - this.told) / 1000 : 0);
    const part = (value: string, rest: string, before = "") =>
      make("span", {}, [
        before,
        make("b", { text: value }),
        make("span", { class: "quiet", text: rest }),
      ]);
    const parts: HTMLElement[] = [];
    if (silent) parts.push(make("span", { class: "gone", text: "disconnected" }));
    if (card.step !== null) {
      parts.push(
        part(count(card.step), card.total === null ? "" : ` / ${count(card.total)}`, "step "),
      );
    }
    if (running && card.rate !== null && !silent) parts.push(part(figure(card.rate), " steps/s"));
    parts.push(part(duration(elapsed), this.left(card)));
    this.progress.replaceChildren(...parts);
    const share = card.total ? Math.min(1, (card.step ?? 0) / card.total) : 0;
    this.bar.style.setProperty("--share", `${100 * share}%`);
  }

  private left(card: CardInfo): string {
    if (card.status !== RUNNING || !card.total || !card.rate || card.step === null) return "";
    const left = Math.max(0, card.total - card.step) / card.rate;
    return left > 0.5 ? ` ${duration(left).replace(/\.\d/, "")} left` : "";
  }
}

function membersOf(info: PanelInfo, card: CardInfo) {
  const wanted = new Set(info.series);
  return card.series.filter((one) => wanted.has(one.id));
}
