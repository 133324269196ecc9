import { expect, test } from "vitest";
import hashes from "../../../tests/shared/cell_hashes.json";
import pages from "../../../tests/shared/journal_pages.json";
import { sourceHash } from "../../src/core/hashes.ts";
import { based, hasNewWords, hasWords, parsed, withFacts } from "../../src/core/page.ts";

const FRESH = parsed(pages[0].source)!.run;
const made = pages[0].with_facts;

test.each(pages)("$name: read as Python reads it", ({ source, run, base, words, ...told }) => {
  const page = parsed(source)!;

  expect([page.run, page.base, page.words]).toEqual([run, base, words]);
  expect([hasWords(page), hasNewWords(page)]).toEqual([words.some(Boolean), told.new]);
});

test.each(pages)("$name: gets new facts as in Python", ({ source, with_facts }) => {
  expect(withFacts(source, made)).toBe(with_facts);
});

test.each(pages)("$name: keeps its words when the facts are new", ({ source, words }) => {
  const page = parsed(withFacts(source, made))!;

  expect([page.run, page.words]).toEqual([FRESH, words]);
});

test.each(pages)("$name: facts that are not new change nothing", ({ source }) => {
  const once = withFacts(source, made);

  expect(withFacts(once, made)).toBe(once);
});

test("a page says which words it was made with", () => {
  const { source, words } = pages.find(({ name }) => name === "words under two headings")!;

  expect(hasNewWords(parsed(based(source, words))!)).toBe(false);
  expect(based("just a cell", words)).toBe("just a cell");
});

test("a page of a newer runfolio is left as it is", () => {
  const newer = pages[0].source.replace(" v=1", " v=2");

  expect(parsed(newer)).toBeNull();
  expect(withFacts(newer, made)).toBe(newer);
  expect(withFacts(pages[0].source, newer)).toBe(pages[0].source);
});

test.each(hashes)("the hash of $source is Python's", ({ source, hash }) => {
  expect(sourceHash(source)).toBe(hash);
});

// A table in JSON cannot hold it everywhere.
test("half of a pair of surrogates is hashed as Python does", () => {
  expect(sourceHash("lone \ud800 half")).toBe("733260977e267cec79f54866f7dbbdeb");
});
