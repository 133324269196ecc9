/** One artifact of the list: name, stages, type, newest version, size, age, and which run made it. */

import type { ArtifactRow } from "../../bridge/artifacts.ts";
import { bytes, count } from "../../core/figures.ts";
import { clock } from "../../core/shown.ts";
import { make, say } from "../dom.ts";
import { badge, inOrder } from "./words.ts";

/** So many stages stand beside a name; the others are counted, and told on hover. */
const BADGES = 2;

export function rowNode(): HTMLElement {
  return make("div", { class: "artifact", attrs: { role: "option" } }, [
    make("span", { class: "first", attrs: { "aria-hidden": "true" } }, [
      make("bdi", { class: "name" }),
      make("span", { class: "badges" }),
    ]),
    make("span", { class: "when", attrs: { "aria-hidden": "true" } }),
  ]);
}

/** Show an artifact in its row; one that is not here yet keeps its room. */
export function fillRow(node: HTMLElement, row: ArtifactRow | undefined, now: number): void {
  const [first, about] = node.children as unknown as [HTMLElement, HTMLElement];
  const [name, badges] = first.children as unknown as [HTMLElement, HTMLElement];
  node.dataset.name = row?.name ?? "";
  say(name, row?.name ?? "");
  const stages = inOrder(Object.keys(row?.stages ?? {}));
  const told = stages.map((stage) => `${stage} v${row!.stages[stage]}`);
  if (badges.dataset.told !== told.join("\n")) {
    badges.dataset.told = told.join("\n");
    const more = stages.length - BADGES;
    badges.replaceChildren(
      ...stages.slice(0, BADGES).map((stage) => badge(stage, row!.stages[stage])),
      ...(more > 0 ? [make("span", { class: "quiet", text: `+${more}` })] : []),
    );
  }
  const facts = row === undefined ? [] : factsOf(row, now);
  say(about, facts.join(" · "));
  about.classList.toggle("gone", row !== undefined && row.problems.length > 0);
  const all = row === undefined ? [] : [row.name, ...told, ...facts, ...row.problems];
  node.title = all.join("\n");
  node.setAttribute("aria-label", all.join(", "));
}

/** Return what is said below the name of an artifact, the rarest last: it may find no room. */
export function factsOf(row: ArtifactRow, now: number): string[] {
  const facts = [
    row.type,
    row.newest === null ? "" : `v${row.newest}`,
    row.size_bytes === null ? "" : bytes(row.size_bytes),
    row.created_ms === null ? "" : clock(row.created_ms, now),
    row.run === null ? "" : row.run.id === "" ? "its run is gone" : `by ${row.run.name}`,
    row.versions > 1 ? `${count(row.versions)} versions` : "",
  ];
  const fault = row.problems.length > 0 ? ["check tells what is wrong with it"] : [];
  return [...(row.newest === null ? [] : facts), ...fault].filter(Boolean);
}
