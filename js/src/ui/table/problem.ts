/** What is wrong with a query, with the character marked where it begins. */

import { make } from "../dom.ts";

/** Return what says it, to be put where problems are told. */
export function problem(
  query: string,
  message: string,
  position: number | null,
): (Node | string)[] {
  if (position === null) return [message];
  return [
    make("code", {}, [
      query.slice(0, position),
      make("mark", { text: query.slice(position, position + 1) || " " }),
      query.slice(position + 1),
    ]),
    make("span", { text: message }),
  ];
}
