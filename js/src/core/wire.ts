/** Frames of the server's stream, put together of the pieces in which they arrive. */

const HEAD = 8;
/** What no frame of ours reaches: lengths beyond are not of our server. */
const MOST_BYTES = 512 * 1024 * 1024;
const MOST_BUFFERS = 100_000;

export type Frame = [told: Record<string, unknown>, buffers: DataView[]];

/** Return a frame as bytes, as the server writes it. */
export function written(told: object, buffers: Uint8Array[] = []): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(told));
  const lengths = [text.length, buffers.length, ...buffers.map((one) => one.length)];
  const whole = [new Uint8Array(Uint32Array.from(lengths).buffer), text, ...buffers];
  const bytes = new Uint8Array(whole.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const one of whole) {
    bytes.set(one, at);
    at += one.length;
  }
  return bytes;
}

export class Wire {
  private pieces: Uint8Array[] = [];
  private held = 0;
  private needed = HEAD;

  /** Take in a piece; return the frames that are whole now. */
  take(piece: Uint8Array): Frame[] {
    this.pieces.push(piece);
    this.held += piece.length;
    const frames: Frame[] = [];
    // Joined only once there is enough: a large frame comes in hundreds of pieces.
    while (this.held >= this.needed) {
      const bytes = this.joined();
      const lengths = lengthsOf(bytes);
      const size = lengths === null ? HEAD + 4 * countOf(bytes) : sum(lengths);
      if (lengths === null || bytes.length < size) {
        this.needed = size;
        break;
      }
      frames.push(frameOf(bytes, lengths));
      this.pieces = [bytes.subarray(size)];
      this.held -= size;
      this.needed = HEAD;
    }
    return frames;
  }

  private joined(): Uint8Array {
    if (this.pieces.length === 1) return this.pieces[0]!;
    const bytes = new Uint8Array(this.held);
    let at = 0;
    for (const piece of this.pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    this.pieces = [bytes];
    return bytes;
  }
}

function numbers(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function countOf(bytes: Uint8Array): number {
  const n = numbers(bytes).getUint32(4, true);
  if (n > MOST_BUFFERS) throw new Error("The stream holds no frames of runfolio's server.");
  return n;
}

/** Return the lengths of the head, the text and each buffer; null where not all have come. */
function lengthsOf(bytes: Uint8Array): number[] | null {
  const n = countOf(bytes);
  const head = HEAD + 4 * n;
  if (bytes.length < head) return null;
  const view = numbers(bytes);
  const lengths = [head, view.getUint32(0, true)];
  for (let place = 0; place < n; place++) lengths.push(view.getUint32(HEAD + 4 * place, true));
  if (sum(lengths) > MOST_BYTES) {
    throw new Error("The stream holds no frames of runfolio's server.");
  }
  return lengths;
}

function frameOf(bytes: Uint8Array, [head, text, ...sizes]: number[]): Frame {
  const end = head! + text!;
  const told = JSON.parse(new TextDecoder().decode(bytes.subarray(head!, end)));
  let at = end;
  const buffers = sizes.map((size) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, size);
    at += size;
    return view;
  });
  return [told as Record<string, unknown>, buffers];
}

function sum(lengths: number[]): number {
  return lengths.reduce((total, one) => total + one, 0);
}
