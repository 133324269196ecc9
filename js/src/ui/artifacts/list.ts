/** The list of artifacts: only those in sight are in the page, whose elements are used again. */

import type { ArtifactRows } from "../../bridge/artifact_rows.ts";
import { revealed, sight } from "../../core/sight.ts";
import { make } from "../dom.ts";
import { fillRow, rowNode } from "./row.ts";

const ROW = 44;
const AROUND = 6;

export class ArtifactList {
  readonly node: HTMLElement;
  private readonly body = make("div", { class: "runs", attrs: { role: "presentation" } });
  /** Place of the one that the keys act on; -1 before there is one. */
  private active = -1;
  private activeName: string | undefined;
  private readonly used = new Map<number, HTMLElement>();
  private free: HTMLElement[] = [];
  private readonly observer: ResizeObserver;
  private isAsked = false;

  constructor(
    private readonly rows: ArtifactRows,
    private readonly open: (name: string) => void,
    private readonly filter: () => void,
  ) {
    this.node = make(
      "div",
      {
        class: "list",
        attrs: { role: "listbox", tabindex: "0", "aria-label": "Artifacts" },
        on: {
          scroll: () => this.soon(),
          click: (event) => this.click(event),
          keydown: (event) => this.press(event as KeyboardEvent),
          focus: () => {
            if (this.active < 0 && this.node.matches(":focus-visible")) this.move(0);
          },
        },
      },
      [this.body],
    );
    this.observer = new ResizeObserver(() => this.soon());
    this.observer.observe(this.node);
  }

  /** Stand at the first one again: others are listed. */
  reset(): void {
    this.node.scrollTop = 0;
    this.active = -1;
    this.activeName = undefined;
  }

  draw(): void {
    const { n } = this.rows;
    this.body.style.height = `${n * ROW}px`;
    this.keepActive();
    const [first, end] = this.sight;
    this.rows.see(first, end);
    for (const [place, node] of this.used) {
      if (place >= first && place < end) continue;
      this.used.delete(place);
      this.free.push(node);
    }
    const now = Date.now();
    for (let place = first; place < end; place++) this.fill(place, now);
    for (const node of this.free) node.hidden = true;
    if (this.active < 0) this.node.removeAttribute("aria-activedescendant");
    else this.node.setAttribute("aria-activedescendant", `artifact-${this.active}`);
  }

  dispose(): void {
    this.observer.disconnect();
    this.node.remove();
  }

  private get sight(): [number, number] {
    const { scrollTop, clientHeight } = this.node;
    return sight(scrollTop, clientHeight, ROW, this.rows.n, AROUND);
  }

  private fill(place: number, now: number): void {
    let node = this.used.get(place);
    if (node === undefined) {
      node = this.free.pop() ?? rowNode();
      if (node.parentNode === null) this.body.append(node);
      node.hidden = false;
      node.id = `artifact-${place}`;
      node.dataset.place = String(place);
      node.style.transform = `translateY(${place * ROW}px)`;
      this.used.set(place, node);
    }
    node.classList.toggle("active", place === this.active);
    node.setAttribute("aria-selected", String(place === this.active));
    node.setAttribute("aria-posinset", String(place + 1));
    node.setAttribute("aria-setsize", String(this.rows.n));
    fillRow(node, this.rows.at(place), now);
  }

  /** Others may have come before it: the keys act on the artifact, not on its place. */
  private keepActive(): void {
    if (this.active >= this.rows.n) this.active = this.rows.n - 1;
    const { activeName } = this;
    if (activeName === undefined || this.rows.at(this.active)?.name === activeName) return;
    for (let place = 0; place < this.rows.n; place++) {
      if (this.rows.at(place)?.name === activeName) {
        this.active = place;
        return;
      }
    }
  }

  private move(place: number): void {
    this.active = Math.min(Math.max(place, 0), this.rows.n - 1);
    this.activeName = this.rows.at(this.active)?.name;
    const { scrollTop, clientHeight } = this.node;
    this.node.scrollTop = revealed(scrollTop, clientHeight, ROW, this.active);
    this.draw();
  }

  private click(event: Event): void {
    const node = (event.target as Element).closest<HTMLElement>(".artifact");
    if (node === null) return;
    this.move(Number(node.dataset.place));
    this.enter();
  }

  private enter(): void {
    const row = this.rows.at(this.active);
    if (row !== undefined) this.open(row.name);
  }

  private press(event: KeyboardEvent): void {
    const { active } = this;
    const page = Math.max(1, Math.floor(this.node.clientHeight / ROW) - 1);
    const to: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: this.rows.n - 1,
    };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" || (event.key === "ArrowUp" && active <= 0)) this.filter();
    else if (to[event.key] !== undefined) this.move(to[event.key]!);
    else if (event.key === "Enter") this.enter();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private soon(): void {
    if (this.isAsked) return;
    this.isAsked = true;
    requestAnimationFrame(() => {
      this.isAsked = false;
      this.draw();
    });
  }
}
