/** How much a metric depends on each setting: a bar, and how far the draws lie apart. */

import type { ImportanceTold } from "../../bridge/comparison.ts";
import { figure } from "../../core/figures.ts";
import { make } from "../dom.ts";

const BARS = 8;

/** Return the bars of the most important settings; a click on one looks at it. */
export function bars(told: ImportanceTold, look: (key: string) => void): HTMLElement {
  const shares = told.shares.slice(0, BARS);
  const low = Math.min(0, ...shares.map((share) => share.low));
  const high = Math.max(0.05, ...shares.map((share) => share.high)) * 1.04;
  const at = (value: number) => `${(100 * (value - low)) / (high - low)}%`;
  const rows = shares.flatMap(({ key, label, mean, low: from, high: to }) => {
    const words = `${label}: ${figure(mean)}, 9 of 10 draws from ${figure(from)} to ${figure(to)}`;
    const bar = make("span", { class: "bar-fill" });
    bar.style.left = at(Math.min(mean, 0));
    bar.style.width = `${(100 * Math.abs(mean)) / (high - low)}%`;
    const whisker = make("span", { class: "whisker" });
    whisker.style.left = at(from);
    whisker.style.width = `${(100 * (to - from)) / (high - low)}%`;
    return [
      make("button", {
        class: "bar-name",
        text: label,
        title: `${words}. Show it against the metric`,
        attrs: { type: "button" },
        on: { click: () => look(key) },
      }),
      make("span", { class: "bar-room", title: words }, [bar, whisker]),
      make("b", { class: "bar-value", text: figure(mean), title: words }),
    ];
  });
  return make(
    "div",
    { class: "bars", attrs: { role: "group", "aria-label": "Importance of settings" } },
    rows,
  );
}

/** Return what stands below the bars. */
export function barWords(told: ImportanceTold): string {
  const more = told.shares.length - BARS + told.more;
  const words = [told.explained, `${told.n} runs`];
  if (more > 0) words.push(`${more} more setting${more === 1 ? "" : "s"}`);
  return words.filter(Boolean).join(" · ");
}
