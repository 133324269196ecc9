/** Vega as we let it run: our own specifications, interpreted, and nothing fetched. */

import { Error as Errors, parse, View } from "vega";
import { expressionInterpreter } from "vega-interpreter";

const refuse = () => Promise.reject(new Error("A chart of runfolio fetches nothing."));
const loader = { load: refuse, sanitize: refuse, http: refuse, file: refuse };

/** Make a view of a specification in an element. */
export function viewOf(spec: object, into: HTMLElement): View {
  // biome-ignore lint/suspicious/noExplicitAny: Vega's types know neither the tree nor the loader
  const runtime = parse(spec as any, undefined, { ast: true } as any);
  const view = new View(runtime, {
    renderer: "canvas",
    hover: false,
    // A chart without points yet is no reason for a warning in the console.
    logLevel: Errors,
    expr: expressionInterpreter,
    loader,
    // biome-ignore lint/suspicious/noExplicitAny: as above
  } as any);
  return view.initialize(into);
}
