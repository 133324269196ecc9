/** The page of `runfolio ui`: the panel at the left, runs in tabs at the right. */

import { Channel } from "../bridge/channel.ts";
import type { End } from "../bridge/half.ts";
import { ServerApi } from "../bridge/server_api.ts";
import { make } from "../ui/dom.ts";
import { words } from "../ui/journal/words.ts";
import { type PanelDoing, type Remembered, RunsPanel } from "../ui/runs_panel/panel.ts";
import { artifactTab, fillTab, type Tab, tabId, tabLabel, tabOf } from "../ui/tab.ts";
import { button } from "../ui/table/picker.ts";
import { PAGE_STYLE } from "./page_style.ts";

const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

interface Opened {
  tab: Tab;
  head: HTMLElement;
  place: HTMLElement;
  end: End;
}

class Page {
  private readonly channel: Channel;
  private readonly opened: Opened[] = [];
  private front: Opened | null = null;
  private readonly heads = make("div", {
    class: "heads",
    attrs: { role: "tablist", "aria-label": "Open runs" },
  });
  private readonly places = make("div", { class: "places" });
  private readonly empty = make("div", {
    class: "nothing",
    text: "Choose a run or an artifact to see its card.",
  });
  private readonly theme = make("select", { attrs: { "aria-label": "Theme" } });
  private readonly system = matchMedia("(prefers-color-scheme: dark)");

  constructor(private readonly base: string) {
    this.channel = new Channel(new ServerApi((path, init) => this.fetch(path, init)));
    const side = make("aside", { attrs: { "aria-label": "Runs" } });
    this.theme.append(
      ...THEMES.map((name) => make("option", { text: name, attrs: { value: name } })),
    );
    this.theme.addEventListener("change", () => this.take(this.theme.value as Theme));
    const back = button("‹ List", "Back to the list", () => this.bring(null));
    back.className = "back";
    const bar = make("div", { class: "bar-of-tabs" }, [
      back,
      this.heads,
      make("label", {}, ["theme ", this.theme]),
    ]);
    const main = make("main", {}, [bar, this.places]);
    this.places.append(this.empty);
    document.head.append(make("style", { text: PAGE_STYLE }));
    document.body.replaceChildren(side, main);
    this.take(stored<Theme>("theme", "system"));
    this.system.addEventListener("change", () => this.dress());
    this.heads.addEventListener("keydown", (event) => this.press(event));
    const memory = stored<Remembered>("panel", {});
    new RunsPanel(side, this.channel, this.doing(), memory, (now) => keep("panel", now));
    for (const one of stored<unknown[]>("tabs", [])) this.again(one);
    this.arrive();
    addEventListener("hashchange", () => this.arrive());
  }

  private doing(): PanelDoing {
    return {
      open: (kind, store, runs, title, query = "") =>
        this.open({ kind, store, runs, query, title }),
      journal: (store, name) =>
        this.open({ kind: "journal", store, runs: [], query: "", title: name }),
      artifact: (store, name) => this.open(artifactTab(store, name)),
    };
  }

  /** Ask the server with what lets this page in: its cookie, and the value that only it can read. */
  private fetch(path: string, init: RequestInit): Promise<Response> {
    const xsrf = /(?:^|;\s*)_xsrf=([^;]*)/.exec(document.cookie)?.[1] ?? "";
    const headers = { "X-XSRFToken": xsrf, "Content-Type": "application/json" };
    const url = `${this.base}runfolio/api/${path}`;
    return fetch(url, { ...init, headers, credentials: "same-origin", cache: "no-store" });
  }

  /** Open what the address names, as other pages ask for it. */
  private arrive(): void {
    const { hash } = location;
    if (hash.length < 2) return;
    history.replaceState(null, "", location.pathname + location.search);
    try {
      const tab = tabOf(JSON.parse(decodeURIComponent(hash.slice(1))));
      if (tab !== null) this.open(tab);
    } catch {
      // An address that somebody mistyped opens nothing.
    }
  }

  private again(given: unknown): void {
    const tab = tabOf(given);
    if (tab !== null) this.open(tab);
  }

  private open(tab: Tab): void {
    const id = tabId(tab);
    const known = this.opened.find((one) => tabId(one.tab) === id);
    if (known !== undefined) {
      this.bring(known);
      return;
    }
    const place = make("div", {
      class: "place",
      attrs: { role: "tabpanel", id, "aria-label": tabLabel(tab) },
    });
    const name = make(
      "button",
      {
        class: "name-of-tab",
        title: tab.title,
        attrs: { type: "button", role: "tab", "aria-controls": id },
        on: { click: () => this.bring(one) },
      },
      [make("bdi", { text: tabLabel(tab) })],
    );
    const close = button("×", `Close ${tabLabel(tab)}`, () => this.close(one));
    close.className = "close";
    close.tabIndex = -1;
    const head = make("span", { class: "head-of-tab", attrs: { role: "presentation" } }, [
      name,
      close,
    ]);
    const { store } = tab;
    const end = fillTab(place, this.channel, tab, words, {
      run: (run, title = "") => this.open({ kind: "card", store, runs: [run], query: "", title }),
      artifact: (name) => this.open(artifactTab(store, name)),
    });
    const one: Opened = { tab, head, place, end };
    this.opened.push(one);
    this.heads.append(head);
    this.places.append(place);
    this.bring(one);
  }

  private close(one: Opened): void {
    const at = this.opened.indexOf(one);
    this.opened.splice(at, 1);
    one.end();
    one.head.remove();
    one.place.remove();
    if (this.front === one) this.bring(this.opened[at] ?? this.opened[at - 1] ?? null);
    else this.save();
  }

  /** Bring a tab to the front; none shows the list of runs where there is no room for both. */
  private bring(one: Opened | null): void {
    this.front = one;
    for (const each of this.opened) {
      const name = each.head.firstElementChild as HTMLElement;
      each.place.hidden = each !== one;
      each.head.classList.toggle("front", each === one);
      name.setAttribute("aria-selected", String(each === one));
      name.tabIndex = each === one ? 0 : -1;
    }
    this.empty.hidden = one !== null;
    document.body.classList.toggle("with-tab", one !== null);
    document.title = one === null ? "runfolio" : `${tabLabel(one.tab)} · runfolio`;
    one?.head.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.save();
  }

  private save(): void {
    const { front } = this;
    const others = this.opened.filter((one) => one !== front);
    keep(
      "tabs",
      [...others, ...(front === null ? [] : [front])].map((one) => one.tab),
    );
  }

  private press(event: KeyboardEvent): void {
    const at = this.front === null ? -1 : this.opened.indexOf(this.front);
    const to: Record<string, number> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: this.opened.length - 1,
    };
    if (event.key === "Delete" && this.front !== null) this.close(this.front);
    else if (to[event.key] !== undefined) {
      const next = this.opened[(to[event.key]! + this.opened.length) % this.opened.length];
      this.bring(next ?? null);
    } else return;
    event.preventDefault();
    (this.front?.head.firstElementChild as HTMLElement | null)?.focus();
  }

  private take(theme: Theme): void {
    this.theme.value = THEMES.includes(theme) ? theme : "system";
    keep("theme", this.theme.value);
    this.dress();
  }

  private dress(): void {
    const isDark =
      this.theme.value === "dark" || (this.theme.value === "system" && this.system.matches);
    document.body.dataset.jpThemeLight = String(!isDark);
  }
}

function stored<Value>(name: string, otherwise: Value): Value {
  try {
    return (
      (JSON.parse(localStorage.getItem(`runfolio:ui:${name}`) ?? "null") as Value) ?? otherwise
    );
  } catch {
    return otherwise;
  }
}

function keep(name: string, value: unknown): void {
  localStorage.setItem(`runfolio:ui:${name}`, JSON.stringify(value));
}

new Page(document.body.dataset.runfolioBase ?? "/");
