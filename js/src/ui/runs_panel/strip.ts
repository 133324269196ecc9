/** What is written or asked about a run in the place of its row: a note, its tags, whether to stop it. */

import { make } from "../dom.ts";
import type { Model } from "../table/model.ts";
import { editTags } from "../table/tags.ts";
import { ROW } from "./list.ts";

export class Strip {
  readonly node = make("div", { class: "strip" });
  private run = "";
  private place = 0;

  constructor(
    /** It is closed, by a key or a button of its own or because somebody went elsewhere. */
    private readonly left: (isBack: boolean) => void,
    /** It could not be done, and stays open with what was written. */
    private readonly failed: (problem: string) => void,
  ) {
    this.node.hidden = true;
    this.node.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.close();
    });
  }

  /** Let somebody write a note; it is added to those there are. */
  note(place: number, run: string, name: string, save: (text: string) => Promise<unknown>): void {
    const input = make("input", {
      attrs: { type: "text", "aria-label": `Note on ${name}`, placeholder: "Note; Enter adds it" },
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && input.value.trim() !== "") void this.doing(save(input.value));
    });
    this.open(place, run, [input]);
    input.focus();
  }

  /** Let somebody edit the tags; what could not be saved is there to be mended. */
  tags(place: number, run: string, tags: string[], model: Model, line?: string): void {
    const cell = make("span", { class: "tagging" });
    this.open(place, run, [cell]);
    let isBack = false;
    cell.addEventListener(
      "keydown",
      ({ key }) => {
        isBack = key === "Enter" || key === "Escape";
      },
      { capture: true },
    );
    const done = (problem: string, written?: string) => {
      // Told twice, and by then another run may be written about.
      const isMine = cell.isConnected;
      if (written !== undefined && isMine && this.node.hidden) {
        this.tags(this.place, run, tags, model, written);
      } else if (isMine && !this.node.hidden) {
        this.node.hidden = true;
        this.left(isBack);
      }
      if (problem !== "") this.failed(problem);
    };
    editTags(cell, run, tags, model, done, line);
  }

  /** Ask once, then do it. */
  sure(
    place: number,
    run: string,
    question: string,
    verb: string,
    does: () => Promise<unknown>,
  ): void {
    const yes = make("button", { text: verb, attrs: { type: "button" } });
    yes.addEventListener("click", () => {
      yes.disabled = true;
      void this.doing(does()).finally(() => {
        yes.disabled = false;
      });
    });
    const no = make("button", {
      text: "Keep",
      attrs: { type: "button" },
      on: { click: () => this.close() },
    });
    this.open(place, run, [
      make("span", { class: "question", text: question, title: question }),
      yes,
      no,
    ]);
    yes.focus();
  }

  close(): void {
    if (this.node.hidden) return;
    this.node.hidden = true;
    this.left(true);
  }

  /** Stand where the run stands by now: others may have come above it. */
  follow(find: (run: string, place: number) => number): void {
    if (!this.node.hidden) this.stand(find(this.run, this.place));
  }

  private open(place: number, run: string, parts: Node[]): void {
    this.run = run;
    this.node.replaceChildren(...parts);
    this.stand(place);
    this.node.hidden = false;
  }

  private stand(place: number): void {
    this.place = place;
    this.node.style.transform = `translateY(${place * ROW}px)`;
  }

  private async doing(what: Promise<unknown>): Promise<void> {
    try {
      await what;
    } catch (error) {
      this.failed((error as Error).message);
      return;
    }
    this.close();
  }
}
