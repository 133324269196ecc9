/** What stands in a tab: a view of runs, or the journal of a store. */

import type { Channel } from "../bridge/channel.ts";
import type { End } from "../bridge/half.ts";
import type { Wanted } from "../bridge/http_model.ts";
import { keepKeys } from "./dom.ts";
import type { Draw } from "./journal/journal.ts";
import { serve } from "./served.ts";

export type TabKind = "card" | "table" | "compare" | "media" | "journal";

/** Which tab it is: enough to have it again after a reload. */
export interface Tab {
  kind: TabKind;
  store: string;
  runs: string[];
  query: string;
  title: string;
}

const KINDS: readonly string[] = ["card", "table", "compare", "media", "journal"];
const STORE = /^[0-9a-f]{16}$/;
const RUN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Return a tab of what a reload or an address gives; null where it is none. */
export function tabOf(given: unknown): Tab | null {
  const { kind, store, runs, query, title } = (given ?? {}) as Record<string, unknown>;
  const ids = Array.isArray(runs) ? runs : [];
  const isGood =
    typeof kind === "string" &&
    KINDS.includes(kind) &&
    typeof store === "string" &&
    STORE.test(store) &&
    ids.every((id) => typeof id === "string" && RUN.test(id));
  if (!isGood) return null;
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  return { kind: kind as TabKind, store, runs: ids, query: text(query), title: text(title) };
}

/** Return what tells a tab from others: it is opened once. */
export function tabId({ kind, store, runs }: Tab): string {
  return ["runfolio", kind, store, ...runs].join("-").replaceAll(".", "_");
}

/** Return what is written on a tab. */
export function tabLabel({ kind, title, runs }: Tab): string {
  const name = title || runs[0]?.slice(-6) || "Runs";
  const said = name.length > 40 ? `${name.slice(0, 40)}…` : name;
  const words = {
    card: "",
    media: "Media: ",
    compare: "Compare: ",
    table: "",
    journal: "Journal: ",
  };
  return `${words[kind]}${said}`;
}

/** Fill an element with what a tab shows; the returned function ends it. */
export function fillTab(
  host: HTMLElement,
  channel: Channel,
  tab: Tab,
  draw: Draw,
  open: (run: string) => void,
): End {
  keepKeys(host);
  if (tab.kind !== "journal") return serve(host, channel, wantedOf(tab));
  let end: End | null = () => {};
  void import("./journal/journal.ts").then(({ JournalView }) => {
    if (end === null) return;
    const view = new JournalView(host, channel, tab.store, tab.title, draw, open);
    end = () => view.dispose();
  });
  return () => {
    end?.();
    end = null;
  };
}

function wantedOf({ kind, store, runs, query }: Tab): Wanted {
  const wanted = { kind: kind as Wanted["kind"], store };
  return runs.length > 0 ? { ...wanted, runs } : { ...wanted, query };
}
