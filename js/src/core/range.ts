/** What an axis spans, so that growing values do not make it tremble. */

export type Range = [low: number, high: number];

/** The whole of an axis must be a number, too, and one of which Vega can make ticks. */
const LARGEST = 8.9e307;
const LEAST = 1e-290;

/** Return the vertical axis for values from `low` to `high`: with air, and no zero crossed in vain. */
export function rangeOf(low: number, high: number, log: boolean): Range {
  return log ? positive(aired(low, high, true)) : usable(aired(low, high, false));
}

/** Return the range, or the nearest one that an axis can span. */
export function usable([low, high]: Range): Range {
  const [from, to] = [within(low), within(high)];
  const least = Math.max(LEAST, Math.max(Math.abs(from), Math.abs(to)) * 1e-12);
  if (to - from >= least) return [from, to];
  const middle = from / 2 + to / 2;
  return [middle - least, middle + least];
}

function positive([low, high]: Range): Range {
  const from = Math.min(Math.max(low, LEAST), LARGEST / 10);
  return [from, Math.min(Math.max(high, from * 1.01), LARGEST)];
}

function within(value: number): number {
  return Math.min(Math.max(value, -LARGEST), LARGEST);
}

function aired(low: number, high: number, log: boolean): Range {
  if (!(low <= high)) return log ? [0.1, 1] : [0, 1];
  if (log) return low < high ? [low / 1.15, high * 1.15] : [low / 2, high * 2];
  if (low === high) {
    const around = Math.abs(low) * 0.5 || 1;
    return [low - around, high + around];
  }
  const way = high / 20 - low / 20;
  const bottom = low >= 0 && low < 4 * way ? 0 : low - way;
  const top = high <= 0 && high > -4 * way ? 0 : high + way;
  return [bottom, top];
}

/** Return the axis to show next: the shown one while it holds the wanted one well. */
export function steady(shown: Range | null, wanted: Range): Range {
  if (shown === null) return wanted;
  const [low, high] = wanted;
  const holds = shown[0] <= low && shown[1] >= high;
  const share = (high - low) / (shown[1] - shown[0]);
  return holds && share > 0.8 ? shown : wanted;
}
