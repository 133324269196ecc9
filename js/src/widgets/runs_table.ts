/** The runs table: takes the place of static HTML, or stands where a widget is displayed. */

import { inPlaces } from "../bridge/places.ts";
import { runsTable } from "../ui/table/mount.ts";
import { widget } from "../ui/widget.ts";

export default widget("table", (model) => inPlaces(model, runsTable(model)));
