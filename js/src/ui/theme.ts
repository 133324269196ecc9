/** Light or dark, as the page around is. */

/** Colours of series, in order; mirrors `runfolio/charts/theme.py`. */
const SERIES = {
  light: ["#3858d8", "#8e2c1b", "#478e65", "#97467d", "#009fdf", "#470192", "#ab9406", "#1c3041"],
  dark: ["#88b2ff", "#e95009", "#149c6f", "#ed9ab2", "#a3f5fd", "#9463ee", "#f7d960", "#506e89"],
};

export const COLOURS = SERIES.light.length;

/** Return the colour of a series by its place; grey without one. */
export function colourOf(place: number, dark: boolean): string {
  if (place < 0) return dark ? "#8f99a3" : "#5f6872";
  return (dark ? SERIES.dark : SERIES.light)[place % COLOURS]!;
}

/** Return whether the page around an element is dark. */
export function isDark(node: Element): boolean {
  const { body } = document;
  const told = body.dataset.jpThemeLight;
  if (told !== undefined) return told === "false";
  if (body.classList.contains("vscode-dark")) return true;
  if (body.classList.contains("vscode-light")) return false;
  for (let at: Element | null = node; at !== null; at = parentOf(at)) {
    const [red, green, blue, alpha] = channels(getComputedStyle(at).backgroundColor);
    if (alpha > 0.5) return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 100;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Hear when the page turns light or dark; the returned function ends that. */
export function onThemeChange(heard: () => void): () => void {
  const observer = new MutationObserver(heard);
  observer.observe(document.body, {
    attributes: true,
    attributeFilter: ["class", "data-jp-theme-light", "data-jp-theme-name"],
  });
  return () => observer.disconnect();
}

function parentOf(node: Element): Element | null {
  const root = node.getRootNode();
  return node.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
}

function channels(colour: string): [number, number, number, number] {
  const found = colour.match(/[\d.]+/g)?.map(Number) ?? [];
  return [found[0] ?? 255, found[1] ?? 255, found[2] ?? 255, found[3] ?? (found.length ? 1 : 0)];
}
