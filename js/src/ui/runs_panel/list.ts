/** The list of runs: only those in sight are in the page, whose elements are used again. */

import { sight } from "../../core/sight.ts";
import { make } from "../dom.ts";
import type { Model } from "../table/model.ts";
import { fillRun, type RowLook, runNode } from "./row.ts";

export const ROW = 44;
const AROUND = 6;
/** As many places a run may have moved between two looks and still be found. */
const NEAR = 128;

export class List {
  readonly node: HTMLElement;
  readonly body = make("div", { class: "runs", attrs: { role: "presentation" } });
  /** Place of the run that the keys act on; -1 before there is one. */
  active = -1;
  private activeRun: string | undefined;
  private free: HTMLElement[] = [];
  private readonly used = new Map<number, HTMLElement>();
  private readonly observer: ResizeObserver;
  private asked = false;

  constructor(
    private readonly model: Model,
    private readonly moved: () => void,
  ) {
    this.node = make(
      "div",
      {
        class: "list",
        attrs: {
          role: "listbox",
          tabindex: "0",
          "aria-label": "Runs",
          "aria-multiselectable": "true",
        },
        on: { scroll: () => this.soon() },
      },
      [this.body],
    );
    this.observer = new ResizeObserver(() => this.soon());
    this.observer.observe(this.node);
  }

  /** Return the first run in sight and the one behind the last. */
  get sight(): [number, number] {
    const { scrollTop, clientHeight } = this.node;
    return sight(scrollTop, clientHeight, ROW, this.model.n, AROUND);
  }

  /** Return how many runs fit. */
  get page(): number {
    return Math.max(1, Math.floor(this.node.clientHeight / ROW) - 1);
  }

  draw(look: RowLook): void {
    const { n } = this.model;
    this.body.style.height = `${n * ROW}px`;
    this.keepActive();
    const [first, end] = this.sight;
    for (const [place, row] of this.used) {
      if (place >= first && place < end) continue;
      this.used.delete(place);
      this.free.push(row);
    }
    for (let place = first; place < end; place++) {
      fillRun(this.row(place), place, place === this.active, this.model, look);
    }
    for (const row of this.free) row.hidden = true;
    if (this.active < 0) this.node.removeAttribute("aria-activedescendant");
    else this.node.setAttribute("aria-activedescendant", `run-${this.active}`);
  }

  /** Make a run the one that keys act on, and bring it into sight. */
  move(place: number): void {
    this.active = Math.min(Math.max(place, 0), this.model.n - 1);
    this.activeRun = this.model.windows.head(this.active)?.[0];
    const [top, room] = [this.active * ROW, this.node.clientHeight];
    const { scrollTop } = this.node;
    if (top < scrollTop) this.node.scrollTop = top;
    else if (top + ROW > scrollTop + room) this.node.scrollTop = top + ROW - room;
    this.moved();
  }

  /** Return the place of the run that something belongs to; -1 outside of all. */
  at(target: EventTarget | null): number {
    const row = target instanceof Element ? target.closest<HTMLElement>(".run") : null;
    return row === null ? -1 : Number(row.dataset.place);
  }

  /** Return where a run stands by now that stood at a place; that place where it is not found near it. */
  find(run: string, place: number): number {
    const is = (at: number) => this.model.windows.head(at)?.[0] === run;
    for (let by = 0; by <= NEAR; by++) {
      if (is(place + by)) return place + by;
      if (is(place - by)) return place - by;
    }
    return place;
  }

  dispose(): void {
    this.observer.disconnect();
  }

  /** Runs that come push the others down: what the keys act on is still the same run. */
  private keepActive(): void {
    const { active, activeRun, model } = this;
    if (active >= 0 && activeRun !== undefined) this.active = this.find(activeRun, active);
    this.active = Math.min(this.active, model.n - 1);
    this.activeRun = model.windows.head(this.active)?.[0] ?? this.activeRun;
  }

  private soon(): void {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.moved();
    });
  }

  private row(place: number): HTMLElement {
    const known = this.used.get(place);
    if (known !== undefined) return known;
    const row = this.free.pop() ?? runNode();
    row.hidden = false;
    row.id = `run-${place}`;
    row.dataset.place = String(place);
    row.style.transform = `translateY(${place * ROW}px)`;
    row.setAttribute("aria-posinset", String(place + 1));
    this.used.set(place, row);
    if (row.parentNode === null) this.body.append(row);
    return row;
  }
}
