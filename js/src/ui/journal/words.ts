/**
 * Markdown of a journal, drawn without a front end's renderer: what journals are made of (headings,
 * paragraphs, lists, quotations, code, emphasis, links to the web), and no HTML whatsoever: whatever
 * is not known stands there as text.
 */

import { make } from "../dom.ts";

/** Longer paragraphs are text: looking for marks takes more than the square of their length at worst. */
const MOST = 20_000;
const DEEPEST = 6;
const INLINE =
  /\\(?<quoted>[!-/:-@[-`{-~])|(?<fence>`+)(?<code>[^`]+)\k<fence>|\*\*(?<strong>[^*]+)\*\*|(?<![\w*])[*_](?<em>[^*_\n]+)[*_](?![\w*])|\[(?<label>[^[\]\n]*)\]\((?<target>[^()\s]*)\)|&(?<entity>amp|lt|gt|quot|#\d{1,7});/u;
const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"' };
const ITEM = /^\s{0,3}(?:[-*+]|\d{1,9}[.)])\s+(.*)$/;

/** Return Markdown as elements. */
export function words(markdown: string): HTMLElement {
  const root = make("div", { class: "words" });
  const lines = markdown.replaceAll("\r\n", "\n").split("\n");
  for (let at = 0; at < lines.length; ) at = block(lines, at, root);
  return root;
}

/** Put the block that begins at a line into an element; return where the next one begins. */
function block(lines: string[], at: number, into: HTMLElement): number {
  const line = lines[at]!;
  const fence = /^\s{0,3}(```+|~~~+)/.exec(line)?.[1];
  if (line.trim() === "") return at + 1;
  if (fence !== undefined) {
    const end = ends(lines, at + 1, (one) => one.trim().startsWith(fence));
    into.append(make("pre", {}, [make("code", { text: lines.slice(at + 1, end).join("\n") })]));
    return end + 1;
  }
  const heading = /^#{1,6}\s+(.*)$/.exec(line);
  if (heading !== null) {
    into.append(inline(make("h4"), heading[1]!));
    return at + 1;
  }
  if (/^\s{0,3}(?:(?:-\s*){3,}|(?:\*\s*){3,})$/.test(line)) {
    into.append(make("hr"));
    return at + 1;
  }
  if (ITEM.test(line)) return list(lines, at, into);
  if (line.startsWith(">")) {
    const end = ends(lines, at, (one) => !one.startsWith(">"));
    const text = lines.slice(at, end).map((one) => one.replace(/^>\s?/, ""));
    into.append(inline(make("blockquote"), text.join("\n")));
    return end;
  }
  const end = ends(
    lines,
    at + 1,
    (one) => one.trim() === "" || ITEM.test(one) || /^#{1,6}\s/.test(one),
  );
  into.append(inline(make("p"), lines.slice(at, end).join("\n")));
  return end;
}

function list(lines: string[], at: number, into: HTMLElement): number {
  const node = make(/^\s*\d/.test(lines[at]!) ? "ol" : "ul");
  let place = at;
  for (; place < lines.length && ITEM.test(lines[place]!); place++) {
    let text = ITEM.exec(lines[place]!)![1]!;
    while (/^\s{2,}\S/.test(lines[place + 1] ?? "") && !ITEM.test(lines[place + 1]!)) {
      text += `\n${lines[++place]!.trim()}`;
    }
    node.append(inline(make("li"), text));
  }
  into.append(node);
  return place;
}

function ends(lines: string[], from: number, isEnd: (line: string) => boolean): number {
  let at = from;
  while (at < lines.length && !isEnd(lines[at]!)) at++;
  return at;
}

/** Put text with marks in it into an element. */
function inline<Node extends HTMLElement>(into: Node, text: string, depth = 0): Node {
  if (text.length > MOST || depth > DEEPEST) {
    into.append(text);
    return into;
  }
  let rest = text;
  for (let found = INLINE.exec(rest); found !== null; found = INLINE.exec(rest)) {
    into.append(rest.slice(0, found.index), marked(found, depth));
    rest = rest.slice(found.index + found[0].length);
  }
  into.append(rest);
  return into;
}

function marked({ 0: whole, groups = {} }: RegExpExecArray, depth: number): Node | string {
  const { quoted, code, strong, em, label, target, entity } = groups;
  if (quoted !== undefined) return quoted;
  if (code !== undefined) return make("code", { text: code.trim() });
  if (strong !== undefined) return inline(make("strong"), strong, depth + 1);
  if (em !== undefined) return inline(make("em"), em, depth + 1);
  if (entity !== undefined) return ENTITIES[entity] ?? characterOf(Number(entity.slice(1)));
  if (target !== undefined && /^(?:https?:\/\/|mailto:)/i.test(target)) {
    const attrs = { href: target, rel: "noopener noreferrer nofollow", target: "_blank" };
    return inline(make("a", { attrs }), label ?? "", depth + 1);
  }
  return whole;
}

function characterOf(point: number): string {
  return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : "";
}
