import fc from "fast-check";
import { expect, test } from "vitest";
import { tagLine, tagsOf } from "../../src/core/tag_words.ts";

test("a comma separates tags, and quotation marks keep one", () => {
  expect(tagsOf('a, "b, c" , d')).toEqual(["a", "b, c", "d"]);
  expect(tagsOf('say ""hi"", "say ""hi"", twice"')).toEqual(['say ""hi""', 'say "hi", twice']);
  expect(tagsOf(' , "" ,a,a, ')).toEqual(["a"]);
});

test("tags that are shown in a line are read from it again", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", ",", '"', " ", "+", "\\"), minLength: 1 });
  const tag = letters.map((text) => text.trim()).filter((text) => text !== "");
  fc.assert(
    fc.property(fc.uniqueArray(tag), (tags) => {
      expect(tagsOf(tagLine(tags))).toEqual(tags);
    }),
  );
});
