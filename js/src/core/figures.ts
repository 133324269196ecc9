/** Numbers and durations as a card shows them; mirrors `runfolio/charts/figures.py`. */

const THIN = "\u2009";
const DIGITS = 3;
const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Return a measured number with three significant digits: `0.974`, `12.3`, `1.2e-5`. */
export function figure(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return signed(String(value));
  if (size < 1e-4 || size >= 1e6) return signed(scientific(value.toExponential(DIGITS - 1)));
  const decimals = Math.min(Math.max(0, DIGITS - 1 - Math.floor(Math.log10(size))), 12);
  return signed(value.toFixed(decimals));
}

/** Return all digits of a number, for who wants to know exactly. */
export function exact(value: number): string {
  return Number.isFinite(value) ? signed(String(value)) : figure(value);
}

/** Return a count or a step with separators: `1,000,000`; one of many digits as a figure. */
export function count(n: number): string {
  if (!(Math.abs(n) < 1e15)) return figure(n);
  return n.toLocaleString("en-US");
}

/** Return a size as `830 B`, `1.2 MB`, `31 GB`. */
export function bytes(n: number): string {
  let [size, place] = [n, 0];
  while (size >= 999.5 && place < UNITS.length - 1) {
    size /= 1000;
    place++;
  }
  const digits = place > 0 && size < 9.95 ? 1 : 0;
  return `${size.toFixed(digits)}${THIN}${UNITS[place]}`;
}

/** Return `7.7 s`, `3 min 20 s`, `2 h 05 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "?";
  if (seconds < 59.95) return `${seconds.toFixed(1)}${THIN}s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}${THIN}min ${whole % 60}${THIN}s`;
  if (whole < 86_400) {
    const minutes = String(Math.floor((whole % 3600) / 60)).padStart(2, "0");
    return `${Math.floor(whole / 3600)}${THIN}h ${minutes}${THIN}min`;
  }
  return `${Math.floor(whole / 86_400)}${THIN}d ${Math.floor((whole % 86_400) / 3600)}${THIN}h`;
}

/** Return a moment as the reader's clock shows it. */
export function moment(ms: number): string {
  return new Date(ms).toLocaleString(undefined, {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }); // prettier-ignore
}

function signed(text: string): string {
  return text.startsWith("-") ? `−${text.slice(1)}` : text;
}

function scientific(text: string): string {
  const [digits, power] = text.split("e") as [string, string];
  const short = digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
  return `${short}e${Number(power)}`;
}
