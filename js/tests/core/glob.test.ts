import fc from "fast-check";
import { expect, test } from "vitest";
import { matcher } from "../../src/core/glob.ts";

test("a word finds names that hold it, a pattern whole names", () => {
  expect(matcher("ACC")("metrics.val/acc")).toBe(true);
  expect(matcher("metrics.val/*")("metrics.val/acc")).toBe(true);
  expect(matcher("val/*")("metrics.val/acc")).toBe(false);
  expect(matcher("config.l?")("config.lr")).toBe(true);
  expect(matcher("*.l?")("config.l")).toBe(false);
});

test("a star matches as its regular expression does", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
  fc.assert(
    fc.property(letters, letters, (pattern, name) => {
      fc.pre(/[*?]/.test(pattern));
      const same = new RegExp(`^${pattern.replace(/\*/g, "[^]*").replace(/\?/g, "[^]")}$`);
      expect(matcher(pattern)(name)).toBe(same.test(name));
    }),
  );
});

test("a pattern of many stars is answered at once", () => {
  expect(matcher("*a".repeat(40))("b".repeat(5000))).toBe(false);
});
