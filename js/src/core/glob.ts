/** Patterns of names: `*` and `?`, ignoring case, as the query language has them. */

/** Return a test for names; a text without `*` and `?` matches every name that holds it. */
export function matcher(pattern: string): (name: string) => boolean {
  const wanted = pattern.trim().toLowerCase();
  if (!/[*?]/.test(wanted)) return (name) => name.toLowerCase().includes(wanted);
  return (name) => matches(wanted, name.toLowerCase());
}

/** Walk back only to the last star: no pattern takes more looks than name times pattern. */
function matches(pattern: string, name: string): boolean {
  let [at, place, star, mark] = [0, 0, -1, 0];
  while (place < name.length) {
    if (at < pattern.length && (pattern[at] === "?" || pattern[at] === name[place])) {
      if (pattern[at] !== "*") {
        at++;
        place++;
        continue;
      }
    }
    if (pattern[at] === "*") {
      star = at++;
      mark = place;
    } else if (star >= 0) {
      at = star + 1;
      place = ++mark;
    } else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
