/** Which of many lines or points a pointer means. */

/** What a pointer is not near to it does not mean; in pixels. */
export const REACH = 24;

export class Aim {
  run = -1;
  private least: number;

  constructor(reach = REACH) {
    this.least = reach;
  }

  /** Take the nearest; NaN is nowhere. */
  take(run: number, away: number): void {
    if (away < this.least) {
      this.least = away;
      this.run = run;
    }
  }
}
