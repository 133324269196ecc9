/** Tags as somebody writes them in one line: between commas, and in quotation marks where they hold one. */

/** Return the line that holds these tags. */
export function tagLine(tags: string[]): string {
  return tags.map((tag) => (isPlain(tag) ? tag : `"${tag.replaceAll('"', '""')}"`)).join(", ");
}

/** Return the tags that a line holds, each once; `"a, b"` is one, and `""` in it a mark itself. */
export function tagsOf(line: string): string[] {
  const pieces = line.match(/\s*"(?:[^"]|"")*"\s*(?=,|$)|[^,]+/g) ?? [];
  const found = pieces.map((piece) => {
    const word = piece.trim();
    const isQuoted = word.length > 1 && word.startsWith('"') && word.endsWith('"');
    return (isQuoted ? word.slice(1, -1).replaceAll('""', '"') : word).trim();
  });
  return [...new Set(found)].filter(Boolean);
}

function isPlain(tag: string): boolean {
  return !tag.includes(",") && !tag.startsWith('"');
}
