/**
 * Where the smallest and the largest of many values lie, kept as they grow.
 *
 * Blocks of sixteen, and blocks of sixteen of those, remember the places of their extremes: to
 * ask for any stretch looks at some dozens of values, whatever its length. NaN is a gap and is
 * passed over.
 */

const BITS = 4;
const FAN = 1 << BITS;
/** Stands for "no value here": every one of a block is a gap. */
export const NOWHERE = 0xffffffff;

interface Level {
  low: Uint32Array;
  high: Uint32Array;
  n: number;
}

export class Extremes {
  private levels: Level[] = [];
  private n = 0;
  private values: Float64Array = new Float64Array(0);

  /**
   * Take in that values were added, or replaced from some place on.
   *
   * @param values what holds the values; those before `from` are as they were
   * @param n how many of them count
   * @param from the first place that is new
   */
  update(values: Float64Array, n: number, from = this.n): void {
    this.values = values;
    this.n = n;
    let start = Math.min(from, n) >> BITS;
    let below = n;
    for (let depth = 0; below > FAN || depth < this.levels.length; depth++) {
      const blocks = (below + FAN - 1) >> BITS;
      // A level that is only now needed knows nothing of what came before.
      if (depth === this.levels.length) start = 0;
      const level = this.level(depth, blocks);
      for (let block = start; block < blocks; block++) this.fill(level, depth, block, below);
      start >>= BITS;
      below = blocks;
    }
  }

  /** Return the places of the smallest and the largest value of [from, to), or NOWHERE twice. */
  of(from: number, to: number): [low: number, high: number] {
    this.low = NOWHERE;
    this.high = NOWHERE;
    this.search(-1, from, to);
    return [this.low, this.high];
  }

  private low = NOWHERE;
  private high = NOWHERE;

  private search(depth: number, from: number, to: number): void {
    const next = this.levels[depth + 1];
    const first = (from + FAN - 1) >> BITS;
    const last = to >> BITS;
    if (next === undefined || last <= first) {
      this.look(depth, from, to);
      return;
    }
    this.look(depth, from, first << BITS);
    this.search(depth + 1, first, last);
    this.look(depth, last << BITS, to);
  }

  private look(depth: number, from: number, to: number): void {
    if (depth < 0) {
      this.scan(from, to);
      return;
    }
    const { low, high } = this.levels[depth]!;
    for (let block = from; block < to; block++) this.take(low[block]!, high[block]!);
  }

  // As `take` does for each; most of the time goes here. A comparison with NaN is false.
  private scan(from: number, to: number): void {
    const values = this.values;
    let { low, high } = this;
    let least = low === NOWHERE ? Number.POSITIVE_INFINITY : values[low]!;
    let most = high === NOWHERE ? Number.NEGATIVE_INFINITY : values[high]!;
    for (let place = from; place < to; place++) {
      const value = values[place]!;
      if (value < least) {
        least = value;
        low = place;
      }
      if (value > most) {
        most = value;
        high = place;
      }
    }
    this.low = low;
    this.high = high;
  }

  // Of equal values the first counts: what is looked at later has to be smaller or larger.
  private take(low: number, high: number): void {
    const values = this.values;
    if (low !== NOWHERE) {
      const value = values[low]!;
      if (!Number.isNaN(value) && (this.low === NOWHERE || value < values[this.low]!))
        this.low = low;
    }
    if (high !== NOWHERE) {
      const value = values[high]!;
      if (!Number.isNaN(value) && (this.high === NOWHERE || value > values[this.high]!)) {
        this.high = high;
      }
    }
  }

  private fill(level: Level, depth: number, block: number, below: number): void {
    this.low = NOWHERE;
    this.high = NOWHERE;
    const from = block << BITS;
    this.look(depth - 1, from, Math.min(from + FAN, below));
    level.low[block] = this.low;
    level.high[block] = this.high;
  }

  private level(depth: number, blocks: number): Level {
    let level = this.levels[depth];
    if (level === undefined) {
      level = { low: new Uint32Array(FAN), high: new Uint32Array(FAN), n: 0 };
      this.levels.push(level);
    }
    if (blocks > level.low.length) {
      level.low = grown(level.low, blocks);
      level.high = grown(level.high, blocks);
    }
    level.n = blocks;
    return level;
  }
}

function grown(old: Uint32Array, atLeast: number): Uint32Array {
  const larger = new Uint32Array(Math.max(atLeast, old.length * 2));
  larger.set(old);
  return larger;
}
