/** Which of many things of one size are in sight. */

/** Of at most so many pixels an element may be: browsers lose count of larger ones. */
export const TALLEST = 8_000_000;

/** Return the first thing in sight and the one behind the last, with some around. */
export function sight(
  scrolled: number,
  room: number,
  size: number,
  n: number,
  around = 0,
): [number, number] {
  const first = Math.floor(scrolled / size) - around;
  const end = Math.ceil((scrolled + room) / size) + around;
  return [Math.min(Math.max(first, 0), n), Math.max(0, Math.min(end, n))];
}

/** Return where to scroll so that a thing is in sight; as little as it takes. */
export function revealed(scrolled: number, room: number, size: number, place: number): number {
  const [top, bottom] = [place * size, (place + 1) * size];
  if (top < scrolled) return top;
  return bottom > scrolled + room ? Math.max(0, bottom - room) : scrolled;
}

/**
 * Lines below each other, in an element that is no taller than a browser can have.
 *
 * Where there are too many, the bar stands for all of them and a turn of the wheel for a few.
 */
export class Lines {
  constructor(
    readonly n: number,
    readonly size: number,
    readonly room: number,
  ) {}

  get height(): number {
    return Math.min(this.n * this.size, TALLEST);
  }

  get isScaled(): boolean {
    return this.n * this.size > TALLEST;
  }

  /** The last line that can be the first in sight. */
  get last(): number {
    return Math.max(0, this.n - Math.floor(this.room / this.size));
  }

  /** Return the first line in sight. */
  at(scrolled: number): number {
    const far = Math.max(1, this.height - this.room);
    const line = this.isScaled ? (scrolled / far) * this.last : scrolled / this.size;
    return Math.min(Math.max(0, line), this.last);
  }

  /** Return where to scroll so that a line is the first in sight. */
  scrollTo(line: number): number {
    const first = Math.min(Math.max(0, line), this.last);
    if (!this.isScaled) return first * this.size;
    return (first / Math.max(1, this.last)) * (this.height - this.room);
  }
}
