/** A comparison of runs: takes the place of static HTML, or stands where a widget is displayed. */

import type { AnyModel, Render } from "@anywidget/types";
import { Link } from "../bridge/link.ts";
import { fillPlaces, kernelEnds } from "../bridge/places.ts";
import { onKernelGone } from "../bridge/remains.ts";
import { mount } from "../ui/compare/mount.ts";
import { make } from "../ui/dom.ts";

type Traits = AnyModel<Record<string, unknown>>;

const links = new Map<unknown, Link>();

function initialize({ model }: { model: Traits }): () => void {
  const link = new Link(model);
  links.set(model.get("_id"), link);
  const leave = fillPlaces(
    String(model.get("_id")),
    kernelEnds(model),
    (host, ready) => mount(host, model, link, ready),
    // Its charts and its table.
    2,
  );
  const unheard = onKernelGone(model, leave);
  return () => {
    unheard();
    leave();
    links.delete(model.get("_id"));
    link.dispose();
  };
}

const render: Render<Record<string, unknown>> = ({ model, el }) => {
  const link = links.get(model.get("_id"));
  if (link !== undefined) return mount(el, model, link, () => {});
  el.append(make("div", { text: "This comparison could not be started." }));
};

export default { initialize, render };
