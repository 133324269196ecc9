import fc from "fast-check";
import { expect, it } from "vitest";
import { Extremes } from "../../src/core/extremes.ts";

it("the extremes of values that come in portions are those of all of them", () => {
  const portion = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(fc.array(portion, { minLength: 1, maxLength: 30 }), (portions) => {
      const extremes = new Extremes();
      const all: number[] = [];
      for (const values of portions) {
        all.push(...values);
        extremes.update(Float64Array.from(all), all.length, all.length - values.length);
        const [low, high] = extremes.of(0, all.length);
        expect([all[low], all[high]]).toEqual([Math.min(...all), Math.max(...all)]);
      }
    }),
  );
});
