/** The name of the run below the pointer, and what it has there. */

import { coloured } from "../../core/looks.ts";
import { make } from "../dom.ts";
import { swatch } from "../tip.ts";
import type { State } from "./state.ts";

export class Naming {
  private readonly box = make("div", { class: "tip", attrs: { role: "status" } });

  constructor(
    private readonly around: HTMLElement,
    private readonly state: State,
  ) {
    around.append(this.box);
  }

  show(x: number, y: number, run: number, rows: [string, string][]): void {
    const { state, box } = this;
    const [, name, ident] = state.facts.runs[run]!;
    box.replaceChildren(
      make("div", {}, [
        swatch(coloured(run), state.dark),
        make("span", { class: "name", text: name }),
        make("code", { text: ident }),
      ]),
      ...rows.map(([what, value]) =>
        make("div", {}, [
          make("span", { class: "quiet name", text: what }),
          make("b", { class: "name", text: value }),
        ]),
      ),
    );
    const wide = this.around.clientWidth;
    box.style.display = "block";
    box.style.top = `${Math.max(y - 48, 0)}px`;
    box.style.left = x > wide / 2 ? "" : `${x + 12}px`;
    box.style.right = x > wide / 2 ? `${wide - x + 12}px` : "";
  }

  hide(): void {
    this.box.style.display = "none";
  }
}
