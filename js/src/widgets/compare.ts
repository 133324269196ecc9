/** A comparison of runs: takes the place of static HTML, or stands where a widget is displayed. */

import { inPlaces } from "../bridge/places.ts";
import { comparison } from "../ui/compare/mount.ts";
import { widget } from "../ui/widget.ts";

/** Its charts and its table, which are saved below its place. */
const BELOW = 2;

export default widget("comparison", (model) => inPlaces(model, comparison(model), BELOW));
