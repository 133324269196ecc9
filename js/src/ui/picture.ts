/** A picture of the charts that are drawn, for when nothing else can be shown any more. */

const GAP = 12;
const TITLE = 18;
/** So wide it gets for its words. */
const WIDEST = 700;

/**
 * Return the drawn charts of a card one below the other as base64 of a PNG; null without any.
 *
 * `scale` is how many pixels it has for each of the page's; as many as the screen without it.
 */
export function chartsOf(
  card: HTMLElement,
  words: string[],
  scale = devicePixelRatio || 1,
): string | null {
  const charts = [...card.querySelectorAll<HTMLElement>(".panel")].flatMap((panel) => {
    const canvas = panel.querySelector("canvas");
    if (canvas === null || canvas.width === 0) return [];
    const share = scale / (devicePixelRatio || 1);
    const name = panel.querySelector("h4")?.textContent ?? "";
    return [{ canvas, name, width: canvas.width * share, height: canvas.height * share }];
  });
  const high = charts.reduce((sum, { height }) => sum + height + (GAP + TITLE) * scale, 0);
  const page = document.createElement("canvas");
  const pen = page.getContext("2d");
  if (charts.length === 0 || pen === null) return null;
  const font = `600 ${12 * scale}px system-ui, sans-serif`;
  pen.font = font;
  const said = Math.max(0, ...words.map((line) => pen.measureText(line).width));
  const drawn = Math.max(0, ...charts.map(({ width }) => width));
  page.width = Math.max(drawn, Math.min(said, WIDEST * scale)) + 2 * GAP * scale;
  page.height = high + (words.length + 1) * TITLE * scale;
  const style = getComputedStyle(card);
  pen.fillStyle = style.backgroundColor;
  pen.fillRect(0, 0, page.width, page.height);
  pen.fillStyle = style.color;
  pen.font = font; // a canvas forgets it with its size
  let at = TITLE * scale;
  for (const line of words) {
    pen.fillText(line, GAP * scale, at);
    at += TITLE * scale;
  }
  at -= TITLE * scale;
  for (const { canvas, name, width, height } of charts) {
    at += (GAP + TITLE) * scale;
    pen.fillText(name, GAP * scale, at - 4 * scale);
    pen.drawImage(canvas, GAP * scale, at, width, height);
    at += height;
  }
  return page.toDataURL("image/png").split(",")[1] ?? null;
}
