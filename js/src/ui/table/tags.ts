/** Tags that are edited where they stand. */

import { tagLine, tagsOf } from "../../core/tag_words.ts";
import { make } from "../dom.ts";
import type { Model } from "./model.ts";

/**
 * Let somebody write the tags of a run in its cell; `done` is called when that is over.
 *
 * It is told what was written where that could not be saved; `line` is what stands there first.
 */
export function editTags(
  cell: HTMLElement,
  run: string,
  tags: string[],
  model: Model,
  done: (problem: string, line?: string) => void,
  line = tagLine(tags),
): void {
  const input = make("input", {
    title: 'Commas separate tags; "a, b" in quotation marks is one. Enter saves, Escape leaves',
    attrs: { type: "text", "aria-label": "Tags, separated by commas" },
  });
  input.value = line;
  let over = false;
  const finish = (save: boolean) => {
    if (over) return;
    over = true;
    const wanted = tagsOf(input.value);
    input.remove();
    if (save && tagLine(wanted) !== tagLine(tags)) void write(run, tags, wanted, model, done);
    else done("");
  };
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") finish(true);
    if (event.key === "Escape") finish(false);
  });
  input.addEventListener("blur", () => finish(true));
  cell.replaceChildren(input);
  input.focus();
  input.select();
}

/** What is written is shown at once, and taken back where it cannot be. */
async function write(
  run: string,
  before: string[],
  wanted: string[],
  model: Model,
  done: (problem: string, line?: string) => void,
): Promise<void> {
  model.windows.change(run, "tags", wanted);
  done("");
  try {
    const told = await model.requests.ask<{ tags: string[] }>("tags", { name: run, ids: wanted });
    model.windows.change(run, "tags", told?.[0].tags ?? wanted);
    done("");
  } catch (error) {
    model.windows.change(run, "tags", before);
    done((error as Error).message, tagLine(wanted));
  }
}
