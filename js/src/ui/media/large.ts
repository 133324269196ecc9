/** One picture as large as there is room for; arrows go to those beside it. */

import type { CellTold } from "../../bridge/media.ts";
import { make, say } from "../dom.ts";
import type { Cells } from "./cells.ts";
import type { Model, Picture } from "./model.ts";

const ZOOMS = [0.25, 0.5, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32];

export class Large {
  readonly node: HTMLDialogElement;
  private readonly image = make("img", { attrs: { draggable: "false" } });
  private readonly room = make("div", { class: "m-room", attrs: { tabindex: "0" } }, [this.image]);
  private readonly title = make("div", { class: "m-title" });
  private readonly zoomed = make("span", { class: "quiet" });
  private readonly caption = make("p", {});
  private readonly legend = make("div", { class: "m-legend" });
  private place: [number, number] = [0, 0];
  private picture: Picture | null = null;
  /** Width and height of the picture that was logged; what is shown may be drawn anew. */
  private own: [number, number] = [1, 1];
  private zoom: number | null = null;
  private asked = 0;

  constructor(
    private readonly model: Model,
    private readonly cells: Cells,
    /** Brings a cell into sight, so that it is read. */
    private readonly go: (row: number, column: number) => void,
  ) {
    const button = (text: string, title: string, click: () => void) =>
      make("button", {
        text,
        title,
        attrs: { type: "button", "aria-label": title },
        on: { click },
      });
    this.node = make(
      "dialog",
      {
        class: "m-large",
        attrs: { "aria-label": "Picture" },
        on: {
          keydown: (event) => this.key(event as KeyboardEvent),
          click: (event) => event.target === this.node && this.node.close(),
        },
      },
      [
        make("header", {}, [
          this.title,
          make("div", { class: "buttons" }, [
            this.zoomed,
            button("−", "Smaller (−)", () => this.scale(-1)),
            button("+", "Larger (+)", () => this.scale(1)),
            button("fit", "As large as there is room for (0)", () => this.fit()),
            button("‹", "The one at the left (←)", () => this.move(-1)),
            button("›", "The one at the right (→)", () => this.move(1)),
            button("✕", "Close (Escape)", () => this.node.close()),
          ]),
        ]),
        this.room,
        make("footer", {}, [this.caption, this.legend]),
      ],
    );
  }

  open(row: number, column: number): void {
    this.place = [row, column];
    this.zoom = null;
    if (!this.node.open) this.node.showModal();
    this.room.focus();
    this.show();
  }

  /** Show it anew, where it is open. */
  show(): void {
    if (!this.node.open) return;
    const [row, column] = this.place;
    const key = this.model.keys[row];
    const cell = key === undefined ? undefined : this.model.cell(key, column);
    if (key === undefined || cell === undefined) return;
    const run = this.model.heads.get(this.model.run ?? column);
    const nth = (cell.n ?? 1) > 1 ? ` · ${(cell.item ?? 0) + 1} of ${cell.n}` : "";
    const words = cell.step === undefined ? "" : ` · step ${cell.step}${nth}`;
    say(this.title, `${run?.[1] ?? ""} · ${this.model.name(key)}${words}`);
    say(
      this.caption,
      cell.none === undefined ? (cell.why ?? cell.caption ?? "") : "Nothing was logged here.",
    );
    const over = this.model.over ? (cell.over ?? []) : [];
    this.legend.replaceChildren(...legendOf(over));
    this.caption.parentElement!.hidden = this.caption.textContent === "" && over.length === 0;
    if (cell.token === undefined || cell.why) {
      this.image.hidden = true;
      return;
    }
    const asked = ++this.asked;
    this.model.file(key, column, { over: this.model.over && over.length > 0 }).then(
      (picture) => asked === this.asked && this.draw(picture, cell),
      (error: Error) => asked === this.asked && say(this.caption, error.message),
    );
  }

  private draw(picture: Picture | null, cell: CellTold): void {
    if (picture === null) return;
    this.picture = picture;
    this.own = [cell.width || picture.w, cell.height || picture.h];
    this.image.hidden = false;
    this.image.alt = this.cells.label(cell);
    this.image.onerror = () => {
      this.image.hidden = true;
      say(this.caption, "The picture is damaged: it cannot be shown.");
      this.caption.parentElement!.hidden = false;
    };
    if (this.image.getAttribute("src") !== picture.url) this.image.src = picture.url;
    this.size();
  }

  private size(): void {
    if (this.picture === null) return;
    const [w, h] = this.own;
    const fits = Math.min((this.room.clientWidth - 8) / w, (this.room.clientHeight - 8) / h);
    // A small picture gets larger by whole numbers: its pixels stay squares of one size.
    const scale = this.zoom ?? (fits > 1 ? Math.min(Math.floor(fits), 32) : fits);
    this.image.style.width = `${Math.max(1, Math.round(w * scale))}px`;
    this.image.classList.toggle("pixels", w * scale > this.picture.w);
    say(this.zoomed, `${w} × ${h} · ${Math.round(scale * 100)} %`);
  }

  private scale(by: number): void {
    const now = this.image.clientWidth / Math.max(1, this.own[0]);
    const larger = ZOOMS.find((one) => one > now * 1.01) ?? ZOOMS.at(-1)!;
    const smaller = ZOOMS.findLast((one) => one < now * 0.99) ?? ZOOMS[0]!;
    this.zoom = by > 0 ? larger : smaller;
    this.size();
  }

  private fit(): void {
    this.zoom = null;
    this.size();
  }

  private move(by: number): void {
    const [row, column] = this.place;
    const next = column + by;
    if (next < 0 || next >= this.model.columns) return;
    this.place = [row, next];
    this.go(row, next);
    this.show();
  }

  private turn(by: number): void {
    const key = this.model.keys[this.place[0]];
    const cell = key === undefined ? undefined : this.model.cell(key, this.place[1]);
    const next = (cell?.item ?? 0) + by;
    if (key !== undefined && next >= 0 && next < (cell?.n ?? 1)) this.model.choose(key, next);
  }

  private key(event: KeyboardEvent): void {
    const keys: Record<string, () => void> = {
      ArrowLeft: () => this.move(-1),
      ArrowRight: () => this.move(1),
      ArrowUp: () => this.turn(-1),
      ArrowDown: () => this.turn(1),
      "+": () => this.scale(1),
      "=": () => this.scale(1),
      "-": () => this.scale(-1),
      "0": () => this.fit(),
    };
    const does = keys[event.key];
    event.stopPropagation();
    if (does === undefined) return;
    event.preventDefault();
    does();
  }
}

/** Return which colour is which class. */
export function legendOf(over: [string, string][]): HTMLElement[] {
  return over
    .filter(([, name]) => name !== "")
    .map(([colour, name]) => {
      const swatch = make("i", {});
      if (/^#[0-9a-f]{6}$/i.test(colour)) swatch.style.background = colour;
      return make("span", {}, [swatch, name]);
    });
}
