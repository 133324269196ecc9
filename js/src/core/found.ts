/** Where a text stands in a line, large and small letters being one. */

/** Return a line in pieces: those at odd places are the text. */
export function pieces(line: string, text: string): string[] {
  const [low, wanted] = [line.toLowerCase(), text.toLowerCase()];
  // A few letters become two when they are made small: places would be others then.
  if (wanted === "" || low.length !== line.length) return [line];
  const found: string[] = [];
  let from = 0;
  for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, from)) {
    found.push(line.slice(from, at), line.slice(at, at + wanted.length));
    from = at + wanted.length;
  }
  return [...found, line.slice(from)];
}
