import fc from "fast-check";
import { expect, test } from "vitest";
import { Wire, written } from "../../src/core/wire.ts";

const bytes = fc.uint8Array({ maxLength: 40 });
const frame = fc.tuple(fc.dictionary(fc.string(), fc.string()), fc.array(bytes, { maxLength: 4 }));

test("frames come out as they went in, however the stream is cut", () => {
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 6 }),
      fc.integer({ min: 1, max: 50 }),
      (frames, size) => {
        const stream = frames.flatMap(([told, buffers]) => [...written(told, buffers)]);
        const wire = new Wire();
        const got = [];
        for (let at = 0; at < stream.length; at += size) {
          got.push(...wire.take(Uint8Array.from(stream.slice(at, at + size))));
        }
        const plain = got.map(([told, views]) => [told, views.map(bytesOf)]);
        expect(plain).toEqual(
          frames.map(([told, buffers]) => [told, buffers.map((one) => [...one])]),
        );
      },
    ),
  );
});

test("what is no stream of ours is refused before its size is believed", () => {
  const page = new TextEncoder().encode("<!doctype html><html>not a stream at all");

  expect(() => new Wire().take(page)).toThrow("no frames");
});

function bytesOf(view: DataView): number[] {
  return [...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)];
}
