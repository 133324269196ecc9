/** The list of artifacts, of which a page holds the parts that somebody has looked at. */

import type { ArtifactPage, ArtifactRow, ArtifactsApi } from "./artifacts.ts";

export const PART = 100;

export class ArtifactRows {
  /** How many there are, and of which types; null before that is known. */
  facts: Omit<ArtifactPage, "artifacts" | "offset"> | null = null;
  /** Why they could not be had; null where they were. */
  fault: string | null = null;
  text = "";
  type = "";
  private parts = new Map<number, ArtifactRow[]>();
  private readonly asked = new Set<number>();
  private sight: [number, number] = [0, 1];
  private isOld = false;
  private turn = 0;

  constructor(
    private readonly api: Pick<ArtifactsApi, "list">,
    private readonly changed: () => void,
  ) {}

  get n(): number {
    return this.facts?.n ?? 0;
  }

  at(place: number): ArtifactRow | undefined {
    return this.parts.get(Math.floor(place / PART))?.[place % PART];
  }

  /** Show what a text and a type select. */
  ask(text: string, type: string): Promise<void> {
    Object.assign(this, { text, type });
    this.sight = [0, 1];
    return this.again();
  }

  /** Ask anew for what is in sight; until that has come, all is as it was. */
  again(): Promise<void> {
    this.turn++;
    this.asked.clear();
    this.isOld = true;
    this.fault = null;
    return this.load();
  }

  /** Rows from one place to another are looked at: have them. */
  see(first: number, end: number): void {
    this.sight = [first, Math.max(end, first + 1)];
    // After a fault it is for somebody to try again.
    if (this.fault === null && this.facts !== null && !this.isOld) void this.load();
  }

  private async load(): Promise<void> {
    const [first, end] = this.sight;
    const wanted: Promise<void>[] = [];
    for (let part = Math.floor(first / PART); part * PART < end; part++) {
      const isHad = this.parts.has(part) && !this.isOld;
      if (!isHad && !this.asked.has(part)) wanted.push(this.part(part, this.turn));
    }
    await Promise.all(wanted);
  }

  private async part(part: number, turn: number): Promise<void> {
    this.asked.add(part);
    try {
      const told = await this.api.list(this.text, this.type, part * PART, PART);
      if (turn !== this.turn) return;
      const { artifacts, offset: _, ...facts } = told;
      if (this.isOld) this.parts = new Map();
      this.isOld = false;
      this.parts.set(part, artifacts);
      this.facts = facts;
    } catch (error) {
      if (turn !== this.turn) return;
      this.fault = (error as Error).message;
    }
    this.asked.delete(part);
    this.changed();
  }
}
