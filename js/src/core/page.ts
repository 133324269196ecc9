/**
 * A journal entry as it stands in a cell: the machine's part between two comments, and the words
 * around it, which are somebody's. Mirrors `runfolio/logbook/parse.py`; both are tested on one table.
 */

import { digest } from "./hashes.ts";

export interface Page {
  run: string | null;
  /** What stands for the words that the page was made with, field by field. */
  base: string[] | null;
  /** The words by field, in the order of the comments. */
  words: string[];
  /** The lines without the machine's part, and where among them that part stood. */
  lines: string[];
  factsAt: number | null;
}

const HEADINGS = ["what i tried", "what happened", "why"];
const VERSION = 1;
const PLACEHOLDER = "*Write here; these words are never overwritten.*";
const LONGEST_HEADING = 200;
const OPEN =
  /^\s*<!-- runfolio:facts run=([A-Za-z0-9._-]+) v=([0-9]{1,9})((?: [a-z]+=[^\s>]*)*) -->\s*$/;
const CLOSE = /^\s*<!-- \/runfolio:facts(?: id=([0-9a-f]*))? -->\s*$/;
// Somebody wrote on the line of a comment: where a cell begins the cursor stands on it.
const BEFORE_OPEN =
  /^(.*\S)[ \t]*(<!-- runfolio:facts run=[A-Za-z0-9._-]+ v=[0-9]{1,9}(?: [a-z]+=[^\s>]*)* -->[ \t]*)$/gm;
const AFTER_CLOSE = /^([ \t]*<!-- \/runfolio:facts(?: id=[0-9a-f]*)? -->)[ \t]*(?=\S)/gm;
// One in bold may have words behind it: in a cell, the end of the last is where people click.
const HEADING =
  /^ {0,3}(?:#{1,6}[ \t]+(?<hash>.+?)(?:[ \t]+#+)?[ \t]*$|(?<bold>\*\*|__)(?<strong>.+?)\k<bold>)/;
// Fenced code: what looks like a heading in it is none.
const FENCE = /^(`{3,}(?=[^`]*$)|~{3,})/;
const FACT =
  /^\s*(?:[●✓✕‖■✂⚠◌] \*\*|\*\*(?:Changed since|Since best|Best of|First run|Same as|Same settings as|Result|Data|Replayable|Notes|Points|Command|Record)(?![\p{L}\p{N}_])|---\s*$)/u;

/** Return a page taken apart; `null` where a newer runfolio made it: that is left as it is. */
export function parsed(source: string): Page | null {
  const lines = linesOf(source);
  const page: Page = { run: null, base: null, words: [], lines: [], factsAt: null };
  for (let at = 0; at < lines.length; ) {
    const opening = OPEN.exec(lines[at]);
    if (opening === null) {
      if (!CLOSE.test(lines[at])) page.lines.push(lines[at]);
      at += 1;
      continue;
    }
    if (Number(opening[2]) > VERSION) return null;
    if (page.factsAt === null) {
      page.run = opening[1];
      page.base = baseOf(opening[3]);
      page.factsAt = page.lines.length;
    }
    const { after, typed } = machinePart(lines, at, opening[3]);
    page.lines.push(...typed);
    at = after;
  }
  page.words = wordsOf(page.lines);
  return page;
}

/** Return whether anybody wrote anything on a page. */
export function hasWords(page: Page): boolean {
  return page.words.some((text) => text !== "");
}

/** Return whether the words are others than those the page was made with. */
export function hasNewWords(page: Page): boolean {
  return page.base === null
    ? hasWords(page)
    : page.words.some((text, at) => digest(text) !== page.base![at]);
}

/** Return a page with the machine's part of a fresh one, and all that somebody wrote as it is. */
export function withFacts(old: string, fresh: string): string {
  const [page, other] = [parsed(old), parsed(fresh)];
  const block = blockOf(fresh);
  if (page === null || other === null || block === null) return old;
  const base = page.base ?? other.base;
  const made = base === null ? block : [withBase(block[0], base), ...block.slice(1)];
  const lines =
    page.factsAt === null
      ? [...made, "", ...page.lines]
      : [...page.lines.slice(0, page.factsAt), ...made, ...page.lines.slice(page.factsAt)];
  return lines.join("\n");
}

/** Return a page that says it was made with these words. */
export function based(source: string, words: string[]): string {
  const lines = linesOf(source);
  const at = lines.findIndex((line) => OPEN.test(line));
  if (at < 0) return source;
  lines[at] = withBase(lines[at], words.map(digest));
  return lines.join("\n");
}

/** Return the lines of a page, with each comment of ours on one of its own. */
function linesOf(text: string): string[] {
  const whole = text.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
  return whole.replace(BEFORE_OPEN, "$1\n$2").replace(AFTER_CLOSE, "$1\n").split("\n");
}

function baseOf(more: string): string[] | null {
  const digests = (/ words=([^\s>]*)/.exec(more)?.[1] ?? "").split(".");
  return digests.length === HEADINGS.length + 1 ? digests : null;
}

function withBase(opening: string, base: string[]): string {
  const words = ` words=${base.join(".")}`;
  return / words=[^\s>]*/.test(opening)
    ? opening.replace(/ words=[^\s>]*/, words)
    : opening.replace(/ -->\s*$/, `${words} -->`);
}

/** Return the machine's part of a page that nobody has changed yet. */
function blockOf(fresh: string): string[] | null {
  const lines = linesOf(fresh);
  const start = lines.findIndex((line) => OPEN.test(line));
  if (start < 0) return null;
  const { after } = machinePart(lines, start, OPEN.exec(lines[start])![3]);
  return lines.slice(start, after);
}

/** Return where the machine's part ends, and the lines in it that somebody typed. */
function machinePart(
  lines: string[],
  start: number,
  more: string,
): { after: number; typed: string[] } {
  const mark = / id=([^\s>]*)/.exec(more)?.[1];
  const find = (test: (line: string) => boolean, until: number) => {
    for (let at = start + 1; at < until; at += 1) if (test(lines[at])) return at;
    return null;
  };
  const limit = find((line) => OPEN.test(line), lines.length) ?? lines.length;
  const closing = (line: string) => CLOSE.exec(line);
  const closer =
    find((line) => mark !== undefined && closing(line)?.[1] === mark, limit) ??
    find((line) => CLOSE.test(line), limit);
  const end = closer ?? find((line) => heading(line) !== null, limit) ?? limit;
  const body = lines.slice(start + 1, end);
  const after = closer === null ? end : end + 1;
  if (digest(trimmed(body)) === mark) return { after, typed: [] };
  const facts = [
    ...(/ lines=([^\s>]*)/.exec(more)?.[1] ?? "").matchAll(/([0-9]{1,6})-([0-9a-f]+)/g),
  ];
  const known = facts.map((fact): Fact => [Number(fact[1]), fact[2]]);
  const typed = body.filter((line) => !CLOSE.test(line)).map((line) => typedOn(line, known));
  return { after, typed: typed.some((line) => line.trim()) ? trimmed(typed).split("\n") : [] };
}

/** Length and digest of a line of facts. */
type Fact = [length: number, mark: string];

/** Return what somebody typed on a line between the comments: before or behind a fact, or all. */
function typedOn(line: string, facts: Fact[]): string {
  const signs = [...line.trim()];
  const part = (from: number, to?: number) => signs.slice(from, to).join("");
  for (const [length, mark] of facts) {
    if (length === 0 || length > signs.length) continue;
    if (digest(part(0, length)) === mark) return part(length).trim();
    if (digest(part(-length)) === mark) return part(0, -length).trim();
  }
  // Shorter than a fact, and like one: somebody took something away from it.
  const most = facts.length === 0 ? signs.length : Math.max(...facts.map(([length]) => length));
  return FACT.test(line) && signs.length <= most ? "" : line;
}

/** Return which lines are fenced code; a fence that is left open makes none. */
function inCode(lines: string[]): Set<number> {
  const found = new Set<number>();
  let [mark, start] = ["", 0];
  lines.forEach((line, at) => {
    const bare = line.replace(/^[ \t]+|[ \t]+$/g, "");
    if (mark === "") [mark, start] = [FENCE.exec(line)?.[1] ?? "", at];
    else if (bare.startsWith(mark) && [...bare].every((sign) => sign === mark[0])) {
      for (let one = start; one <= at; one += 1) found.add(one);
      mark = "";
    }
  });
  return found;
}

/** Return with which of the headings a line begins, and the words behind it, or `null`. */
function heading(line: string): [title: string, rest: string] | null {
  const found = HEADING.exec(line.slice(0, LONGEST_HEADING));
  const { hash, strong } = found?.groups ?? {};
  if (found === null || (hash && line.length > LONGEST_HEADING)) return null;
  const title = (hash ?? strong ?? "").replace(/^[*_ \t:?]+|[*_ \t:?]+$/g, "");
  const plain = title.trim().split(/\s+/).join(" ").toLowerCase();
  if (!HEADINGS.includes(plain)) return null;
  const rest = hash ? "" : line.slice(found[0].length);
  return [plain, /[^*_ \t:?]/.test(rest) ? rest.replace(/^[ \t:]+|[ \t:]+$/g, "") : ""];
}

function trimmed(lines: string[]): string {
  let [from, to] = [0, lines.length];
  while (from < to && !lines[from].trim()) from += 1;
  while (to > from && !lines[to - 1].trim()) to -= 1;
  return lines.slice(from, to).join("\n");
}

function wordsOf(lines: string[]): string[] {
  const found = ["", ...HEADINGS].map((): string[][] => []);
  let section: string[] = [];
  found[0].push(section);
  const kept = lines
    .filter((line) => line.trim() !== PLACEHOLDER)
    .map((line) => (line.includes(PLACEHOLDER) ? line.replaceAll(PLACEHOLDER, "").trim() : line));
  const code = inCode(kept);
  kept.forEach((line, at) => {
    const begun = code.has(at) ? null : heading(line);
    if (begun === null) section.push(line);
    else {
      section = [begun[1]];
      found[1 + HEADINGS.indexOf(begun[0])].push(section);
    }
  });
  return found.map((parts) => parts.map(trimmed).filter(Boolean).join("\n\n"));
}
