/** The runs table of a model, in elements of a page. */

import { embed } from "../../bridge/embed.ts";
import type { Half } from "../../bridge/half.ts";
import type { WidgetModel } from "../../bridge/model.ts";
import { viewOf } from "../../core/view.ts";
import { asking, type Mount } from "../mount.ts";
import { Model } from "./model.ts";
import { TABLE_STYLE } from "./style.ts";
import { TableView } from "./table.ts";

/**
 * Return the table of a model with these traits.
 *
 * `query`, `view` (see `core/view.ts`) and `selected` (ids of runs) are set and observed from both
 * sides; `can_tag` and `can_compare` say what its other half does.
 */
export const runsTable = (model: WidgetModel): Half => asking(model, fill);

function fill(mount: Mount): void {
  const traits = mount.model;
  const model = new Model(mount.requests);
  model.view = viewOf(traits.get("view"));
  const asked = (query: string) => {
    void model.ask(query);
    mount.tell("query", query);
  };
  const can = {
    tag: traits.get("can_tag") === true,
    compare: traits.get("can_compare") === true,
    embed: (id: string, place: HTMLElement) => embed(traits, id, place),
  };
  const view = new TableView(model, can, asked, (ids) => mount.tell("selected", ids));
  view.selection.take(traits.get("selected"));
  view.onready = mount.ready;
  model.onview = (chosen) => mount.tell("view", chosen);
  model.onchange = (what) => view.update(what);
  mount.hear("view", () => model.take(traits.get("view")));
  mount.hear("selected", () => view.selection.take(traits.get("selected")) && view.redraw());
  mount.hear("query", () => {
    const query = String(traits.get("query"));
    if (query !== model.query) void model.ask(query);
  });
  mount.put(TABLE_STYLE, view, () => view.update("rows"));
  void model.ask(String(traits.get("query")));
}
