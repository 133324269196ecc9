import { describe, expect, it } from "vitest";
import { ArtifactRows, PART } from "../../src/bridge/artifact_rows.ts";
import type { ArtifactPage, ArtifactRow } from "../../src/bridge/artifacts.ts";

/** A server of so many artifacts, which answers when it is let. */
class Answers {
  n = 1000;
  asked: [string, string, number][] = [];
  fault: string | null = null;
  word = "";
  private held: (() => void)[] | null = null;

  hold(): void {
    this.held = [];
  }

  async release(): Promise<void> {
    const held = this.held ?? [];
    this.held = null;
    // The last that was asked answers first.
    for (const go of held.reverse()) go();
    await settled();
  }

  async list(text: string, type: string, offset: number, limit: number): Promise<ArtifactPage> {
    this.asked.push([text, type, offset]);
    const word = this.word;
    if (this.held !== null) await new Promise<void>((go) => this.held!.push(go));
    if (this.fault !== null) throw new Error(this.fault);
    const n = text === "" ? this.n : 1;
    const rows = Array.from({ length: Math.min(limit, n - offset) }, (_, at) => ({
      name: `${text}${word}${offset + at}`,
    }));
    return {
      artifacts: rows as ArtifactRow[],
      n,
      total: this.n,
      offset,
      versions: 10 * this.n,
      types: ["model"],
    };
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

function begun(): [ArtifactRows, Answers, () => number] {
  const answers = new Answers();
  let drawn = 0;
  const rows = new ArtifactRows(answers, () => {
    drawn++;
  });
  return [rows, answers, () => drawn];
}

describe("the list of artifacts", () => {
  it("holds the parts that were looked at, each asked for once", async () => {
    const [rows, answers] = begun();
    await rows.ask("", "");
    rows.see(PART * 4 - 5, PART * 4 + 5);
    rows.see(PART * 4 - 5, PART * 4 + 5);
    await settled();

    expect(answers.asked.map(([, , offset]) => offset)).toEqual([0, 3 * PART, 4 * PART]);
    expect(rows.at(4 * PART)?.name).toBe("400");
    expect(rows.at(2 * PART)).toBeUndefined();
    expect([rows.n, rows.facts?.versions]).toEqual([1000, 10_000]);
  });

  it("shows what was asked for last, whatever is answered first", async () => {
    const [rows, answers] = begun();
    answers.hold();
    void rows.ask("a", "");
    void rows.ask("b", "");
    await answers.release();

    expect([rows.n, rows.at(0)?.name]).toEqual([1, "b0"]);
  });

  it("stays as it is until what changed has come, and drops what is not in sight", async () => {
    const [rows, answers] = begun();
    await rows.ask("", "");
    rows.see(200, 210);
    await settled();
    answers.word = "new";
    answers.hold();
    void rows.again();
    expect(rows.at(205)?.name).toBe("205");
    await answers.release();

    expect(rows.at(205)?.name).toBe("new205");
    expect(rows.at(0)).toBeUndefined();
  });

  it("says what is wrong, and asks no more before somebody tries again", async () => {
    const [rows, answers, drawn] = begun();
    answers.fault = "The server does not answer.";
    await rows.ask("", "");
    expect([rows.fault, rows.facts, drawn()]).toEqual(["The server does not answer.", null, 1]);
    rows.see(0, 10);
    expect(answers.asked.length).toBe(1);
    answers.fault = null;
    await rows.again();

    expect([rows.fault, rows.n]).toEqual([null, 1000]);
  });
});
