/** The media browser: takes the place of static HTML, or stands where a widget is displayed. */

import { inPlaces } from "../bridge/places.ts";
import { mediaBrowser } from "../ui/media/mount.ts";
import { widget } from "../ui/widget.ts";

export default widget("browser", (model) => inPlaces(model, mediaBrowser(model)));
