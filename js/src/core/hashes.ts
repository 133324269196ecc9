/** Hashes as the Python half takes them: of a cell's source, and of what stands on a page. */

import { blake2b } from "@noble/hashes/blake2.js";
import { blake3 } from "@noble/hashes/blake3.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** Return the hash of a cell's source; mirrors `runfolio/capture/cell_text.py`. */
export function sourceHash(text: string): string {
  return bytesToHex(blake3(encoded(text))).slice(0, 32);
}

/** Return what stands for a text in the comments of a page; mirrors `runfolio/logbook/parse.py`. */
export function digest(text: string): string {
  // There a surrogate without its other half becomes a question mark.
  const whole = text.replace(/\p{Surrogate}/gu, "?");
  return text === "" ? "-" : bytesToHex(blake2b(encoded(whole), { dkLen: 4 }));
}

/** Return a text in UTF-8, with surrogates that lack their other half as they are. */
function encoded(text: string): Uint8Array {
  if (!/\p{Surrogate}/u.test(text)) return new TextEncoder().encode(text);
  const parts: number[] = [];
  for (const one of text) {
    const code = one.codePointAt(0)!;
    if (code < 0xd800 || code > 0xdfff) parts.push(...new TextEncoder().encode(one));
    else parts.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  }
  return Uint8Array.from(parts);
}
