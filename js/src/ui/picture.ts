/** A picture of the charts that are drawn, for when nothing else can be shown any more. */

const GAP = 12;
const TITLE = 18;

/** Return the drawn charts of a card one below the other as base64 of a PNG; null without any. */
export function chartsOf(card: HTMLElement, words: string[]): string | null {
  const charts = [...card.querySelectorAll<HTMLElement>(".panel")].flatMap((panel) => {
    const canvas = panel.querySelector("canvas");
    if (canvas === null || canvas.width === 0) return [];
    return [{ canvas, name: panel.querySelector("h4")?.textContent ?? "" }];
  });
  const scale = devicePixelRatio || 1;
  const wide = Math.max(0, ...charts.map(({ canvas }) => canvas.width)) + 2 * GAP * scale;
  const high = charts.reduce((sum, { canvas }) => sum + canvas.height + (GAP + TITLE) * scale, 0);
  const page = document.createElement("canvas");
  const pen = page.getContext("2d");
  if (charts.length === 0 || pen === null) return null;
  page.width = wide;
  page.height = high + (words.length + 1) * TITLE * scale;
  const style = getComputedStyle(card);
  pen.fillStyle = style.backgroundColor;
  pen.fillRect(0, 0, page.width, page.height);
  pen.fillStyle = style.color;
  pen.font = `600 ${12 * scale}px system-ui, sans-serif`;
  let at = TITLE * scale;
  for (const line of words) {
    pen.fillText(line, GAP * scale, at);
    at += TITLE * scale;
  }
  at -= TITLE * scale;
  for (const { canvas, name } of charts) {
    at += (GAP + TITLE) * scale;
    pen.fillText(name, GAP * scale, at - 4 * scale);
    pen.drawImage(canvas, GAP * scale, at);
    at += canvas.height;
  }
  return page.toDataURL("image/png").split(",")[1] ?? null;
}
