/** A part of a card that is asked for by itself: what stands there until it has come, or when it does not. */

import { make } from "../dom.ts";
import { button } from "../table/picker.ts";

const LATE_MS = 300;

export class Part {
  readonly node = make("div");
  private turn = 0;
  private told = "";

  /** Ask for something and show it; what is shown of before stays until then. */
  async load<Told>(
    ask: () => Promise<Told>,
    draw: (told: Told) => Node[],
    reading: string,
  ): Promise<void> {
    const turn = ++this.turn;
    const isFirst = this.told === "";
    const late = setTimeout(() => {
      if (isFirst && turn === this.turn) this.node.replaceChildren(saying(reading));
    }, LATE_MS);
    try {
      const told = await ask();
      if (turn !== this.turn) return;
      const text = JSON.stringify(told);
      // What is as it was stays: who reads it, or has chosen a part of it, is not disturbed.
      if (text !== this.told) this.node.replaceChildren(...draw(told));
      this.told = text;
    } catch (error) {
      if (turn !== this.turn) return;
      this.told = "";
      const again = button("Try again", "Ask the server again", () => {
        this.node.replaceChildren();
        void this.load(ask, draw, reading);
      });
      this.node.replaceChildren(saying((error as Error).message, again));
    } finally {
      clearTimeout(late);
    }
  }

  /** Show nothing; what was asked for is not wanted any more. */
  clear(): void {
    this.turn++;
    this.told = "";
    this.node.replaceChildren();
  }
}

/** Return a sentence that stands where something else will, or would. */
export function saying(words: string, act?: HTMLElement): HTMLElement {
  return make(
    "div",
    { class: act === undefined ? "saying" : "saying bad", attrs: { role: "status" } },
    [make("span", { text: words }), ...(act === undefined ? [] : [act])],
  );
}

/** Return a section with its heading. */
export function section(
  title: string,
  body: Node[],
  beside: (Node | string)[] = [],
  act: Node[] = [],
): HTMLElement {
  const heading = make("div", { class: "heading" }, [
    make("h4", { text: title }),
    ...beside,
    ...(act.length > 0 ? [make("span", { class: "act" }, act)] : []),
  ]);
  return make("section", { attrs: { "aria-label": title } }, [heading, ...body]);
}
