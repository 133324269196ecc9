/** Where a version came from and what came of it: the drawing of notebooks, a list where it is narrow, its users. */

import type { Lineage, LineageNode } from "../../bridge/artifacts.ts";
import { count } from "../../core/figures.ts";
import { make } from "../dom.ts";
import type { Opening } from "../tab.ts";
import { isVersion } from "../uses.ts";
import { drawn } from "./svg.ts";
import { runWord } from "./words.ts";

/** Return what tells it. */
export function lineageNodes(told: Lineage, opening: Opening): Node[] {
  const open = (kind: string, id: string, title = "") => {
    if (kind === "run") opening.run(id, title);
    else if (isVersion(id)) opening.artifact(id);
  };
  const users = told.users.flatMap((user, at) => [
    ...(at > 0 ? [" · "] : []),
    runWord(user, opening.run),
  ]);
  const more = told.n_users - told.users.length;
  const none = told.n_users === 0 ? ["No run has used it yet."] : [];
  return [
    drawing(told, open),
    make("div", { class: "nodes scroll" }, [list(told, open)]),
    make("p", { class: "quiet" }, [
      ...(none.length > 0
        ? none
        : [`used by ${count(told.n_users)} run${told.n_users === 1 ? "" : "s"}: `]),
      ...users,
      ...(more > 0 ? [` · ${count(more)} more`] : []),
      ` · ${told.words}`,
    ]),
  ];
}

type Open = (kind: string, id: string, title?: string) => void;

/** So far letters stay legible. */
const LEAST = 0.8;

/** Return the drawing, made a little smaller to fit its place, else scrolled to what was asked for. */
function drawing(told: Lineage, open: Open): HTMLElement {
  const svg = picture(told, open);
  const node = make("div", { class: "drawing" }, [svg]);
  const asked = told.nodes.find((one) => one.is_asked);
  requestAnimationFrame(() => {
    const group = [...svg.querySelectorAll<SVGGElement>("g[data-id]")].find(
      (one) => one.dataset.id === asked?.id,
    );
    if (group === undefined) return;
    const [at, around] = [group.getBoundingClientRect(), node.getBoundingClientRect()];
    node.scrollLeft += at.left + at.width / 2 - (around.left + around.width / 2);
  });
  return node;
}

function picture(told: Lineage, open: Open): Element {
  const svg = drawn(told.svg);
  if (svg === null) return make("p", { class: "quiet", text: "It could not be drawn." });
  svg.style.minWidth = `${LEAST * Number(svg.getAttribute("width"))}px`;
  const known = new Map(told.nodes.map((node) => [`${node.kind} ${node.id}`, node]));
  for (const group of svg.querySelectorAll<SVGGElement>("g[data-id]")) {
    const { kind = "", id = "" } = group.dataset;
    const node = known.get(`${kind} ${id}`);
    // What was asked for is shown already; what is gone cannot be.
    if (node === undefined || node.is_asked) continue;
    const go = () => open(kind, id, node.title);
    group.setAttribute("tabindex", "0");
    group.setAttribute("role", "link");
    group.setAttribute("aria-label", `Show ${node.title}`);
    group.addEventListener("click", go);
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      go();
    });
  }
  return svg;
}

function list(told: Lineage, open: Open): HTMLElement {
  const rows = told.nodes.map((node) =>
    make("tr", {}, [
      make("td", { attrs: { "data-status": node.status } }, what(node, open)),
      make("td", { class: "quiet", text: from(node) }),
    ]),
  );
  const more = told.n - told.nodes.length;
  const head = ["what", "came from"].map((text) => make("th", { text, attrs: { scope: "col" } }));
  const rest =
    more > 0 ? [make("caption", { class: "quiet", text: `and ${count(more)} more` })] : [];
  return make("table", { class: "wraps", attrs: { "aria-label": "Lineage as a list" } }, [
    ...rest,
    make("thead", {}, [make("tr", {}, head)]),
    make("tbody", {}, rows),
  ]);
}

function what(node: LineageNode, open: Open): (Node | null)[] {
  const isLink = !node.is_asked && node.id !== "" && (node.kind === "run" || isVersion(node.id));
  const title = isLink
    ? make("button", {
        class: "link",
        text: node.title,
        attrs: { type: "button" },
        on: { click: () => open(node.kind, node.id, node.title) },
      })
    : make(node.is_asked ? "b" : "span", { text: node.title });
  const said = (text: string, kind: string) =>
    text === "" ? null : make("span", { class: kind, text: ` ${text}` });
  return [
    node.glyph === "" ? null : make("span", { class: "sign", text: `${node.glyph}\ufe0e ` }),
    title,
    said(node.about, "quiet"),
    said(node.fault, "quiet"),
    said(node.old === "" ? "" : `old: ${node.old}`, "old"),
  ];
}

function from({ came_from, more }: LineageNode): string {
  return [...came_from, ...(more > 0 ? [`${count(more)} more`] : [])].join(", ") || "–";
}
