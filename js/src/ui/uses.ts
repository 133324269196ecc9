/** The versions of artifacts that a run used and made, in a line: links where a page can show them. */

import type { Uses } from "../bridge/protocol.ts";
import { count } from "../core/figures.ts";
import { make } from "./dom.ts";

/** Opens the card of an artifact, named `digits` or `digits:v2`. */
export type OpenArtifact = (name: string) => void;

/** Return the line; empty where it used and made none. */
export function usesLine(uses: Uses[], open: OpenArtifact | null): (Node | string)[] {
  return uses.flatMap(({ what, versions, more }, at) => [
    ...(at > 0 ? [" · "] : []),
    `${what} `,
    ...versions.flatMap(({ name, old }, place) => [
      ...(place > 0 ? [" · "] : []),
      named(name, open),
      ...(old === "" ? [] : [make("span", { class: "gone", text: ` (old: ${old})` })]),
    ]),
    ...(more > 0 ? [` · ${count(more)} more`] : []),
  ]);
}

function named(name: string, open: OpenArtifact | null): Node | string {
  // A run's own file tells the name, which may be anything: only what can be one is a link.
  if (open === null || !isVersion(name)) return name;
  return make("button", {
    class: "link",
    text: name,
    title: `Show ${name}`,
    attrs: { type: "button" },
    on: { click: () => open(name) },
  });
}

/** Return whether a text can be the name of a version, `digits:v2`. */
export function isVersion(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}:v\d{1,9}$/.test(text);
}
