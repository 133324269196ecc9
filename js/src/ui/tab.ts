/** What stands in a tab: a view of runs, the journal of a store, or an artifact. */

import type { Channel } from "../bridge/channel.ts";
import type { End } from "../bridge/half.ts";
import type { Wanted } from "../bridge/http_model.ts";
import { keepKeys } from "./dom.ts";
import type { Draw } from "./journal/journal.ts";
import { serve } from "./served.ts";
import type { OpenArtifact } from "./uses.ts";

export type TabKind = "card" | "table" | "compare" | "media" | "journal" | "artifact";

/** Which tab it is: enough to have it again after a reload. */
export interface Tab {
  kind: TabKind;
  store: string;
  runs: string[];
  query: string;
  title: string;
  /** Of an artifact: `digits`, or `digits:v2`. */
  artifact?: string;
}

/** What else a tab can show, opened from what stands in it. */
export interface Opening {
  run(run: string, title?: string): void;
  artifact: OpenArtifact;
}

const KINDS: readonly string[] = ["card", "table", "compare", "media", "journal", "artifact"];
const STORE = /^[0-9a-f]{16}$/;
const RUN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const ARTIFACT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}(?::v\d{1,9})?$/;

/** Return a tab of what a reload or an address gives; null where it is none. */
export function tabOf(given: unknown): Tab | null {
  const { kind, store, runs, query, title, artifact } = (given ?? {}) as Record<string, unknown>;
  const ids = Array.isArray(runs) ? runs : [];
  const isGood =
    typeof kind === "string" &&
    KINDS.includes(kind) &&
    typeof store === "string" &&
    STORE.test(store) &&
    ids.every((id) => typeof id === "string" && RUN.test(id)) &&
    (kind !== "artifact" || (typeof artifact === "string" && ARTIFACT.test(artifact)));
  if (!isGood) return null;
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  const tab = { kind: kind as TabKind, store, runs: ids, query: text(query), title: text(title) };
  return kind === "artifact" ? { ...tab, artifact: text(artifact) } : tab;
}

/** Return the tab of an artifact. */
export function artifactTab(store: string, artifact: string): Tab {
  return { kind: "artifact", store, runs: [], query: "", title: artifact, artifact };
}

/** Return what tells a tab from others: it is opened once. */
export function tabId({ kind, store, runs, artifact = "" }: Tab): string {
  const named = artifact === "" ? [] : [artifact.replace(":", "-")];
  return ["runfolio", kind, store, ...runs, ...named].join("-").replaceAll(".", "_");
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
    artifact: "",
  };
  return `${words[kind]}${said}`;
}

/** Fill an element with what a tab shows; the returned function ends it. */
export function fillTab(
  host: HTMLElement,
  channel: Channel,
  tab: Tab,
  draw: Draw,
  opening: Opening,
): End {
  keepKeys(host);
  if (tab.kind === "journal") {
    return late(async () => {
      const { JournalView } = await import("./journal/journal.ts");
      return () =>
        new JournalView(host, channel, tab.store, tab.title, draw, (run) => opening.run(run));
    });
  }
  if (tab.kind === "artifact") {
    return late(async () => {
      const { ArtifactCard } = await import("./artifacts/card.ts");
      return () => new ArtifactCard(host, channel, tab.store, tab.artifact ?? "", opening);
    });
  }
  return serve(host, channel, wantedOf(tab), (artifact) => opening.artifact(artifact));
}

/** Make a view as soon as what draws it has come; the returned function ends it, then or before. */
function late(loaded: () => Promise<() => { dispose(): void }>): End {
  let end: End | null = () => {};
  void loaded().then((begun) => {
    if (end === null) return;
    const view = begun();
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
