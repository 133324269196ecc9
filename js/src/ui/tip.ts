/** What stands below the pointer: a hairline, and the exact values there. */

import { exact } from "../core/figures.ts";
import { make } from "./dom.ts";
import { COLOURS, colourOf } from "./theme.ts";

/** One line at the pointer. */
export interface Told {
  label: string;
  /** A place among the colours, or a colour. */
  colour: number | string;
  value: number;
}

export class Tip {
  private readonly hair = make("div", { class: "hair" });
  private readonly box = make("div", { class: "tip", attrs: { role: "status" } });

  constructor(private readonly around: HTMLElement) {
    around.append(this.hair, this.box);
  }

  /** Show the values at a pixel. */
  show(pixel: number, place: string, told: Told[], dark: boolean): void {
    this.box.replaceChildren(
      make("div", { class: "quiet", text: place }),
      ...told.map((one) =>
        make("div", {}, [
          swatch(one.colour, dark),
          make("span", { class: "quiet name", text: one.label }),
          make("b", { text: exact(one.value) }),
        ]),
      ),
    );
    this.hair.style.display = this.box.style.display = "block";
    this.hair.style.left = `${pixel}px`;
    const wide = this.around.clientWidth;
    this.box.style.left = pixel > wide / 2 ? "" : `${pixel + 10}px`;
    this.box.style.right = pixel > wide / 2 ? `${wide - pixel + 10}px` : "";
  }

  hide(): void {
    this.hair.style.display = this.box.style.display = "none";
  }
}

/** Return a short stroke in the colour of a series. */
export function swatch(colour: number | string, dark: boolean): HTMLElement {
  const named = typeof colour === "string";
  const node = make("span", { class: !named && colour >= COLOURS ? "swatch dashed" : "swatch" });
  node.style.color = named ? colour : colourOf(colour, dark);
  return node;
}
