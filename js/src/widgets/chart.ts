/** A chart of somebody's own, fed with the points of its runs. */

import { saveInstead } from "../bridge/remains.ts";
import { OwnChart } from "../ui/own_chart.ts";
import { widget } from "../ui/widget.ts";

const WORDS =
  "A chart of runs that went on when this was saved; its cell draws it as it is by now.";

export default widget("chart", (model) => {
  const chart = new OwnChart(model);
  const unsaved = saveInstead(model, () => {
    const { picture } = chart;
    return { "text/plain": WORDS, ...(picture ? { "image/png": picture } : {}) };
  });
  return {
    draw: (host) => chart.draw(host),
    end: () => {
      unsaved();
      chart.end();
    },
  };
});
