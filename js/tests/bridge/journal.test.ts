import { beforeEach, expect, test, vi } from "vitest";
import pages from "../../../tests/shared/journal_pages.json";
import { type Entry, entryOf, place } from "../../src/bridge/journal.ts";
import {
  type Cell,
  dropShown,
  journalRun,
  type Notebook,
  type Output,
} from "../../src/bridge/notebook.ts";
import { parsed } from "../../src/core/page.ts";

const page = (run: string) => pages[0].source.replaceAll(parsed(pages[0].source)!.run!, run);

/** A cell of a notebook as the front end shares it. */
class TextCell implements Cell {
  edits: [number, number, string][] = [];
  constructor(
    readonly cell_type: string,
    readonly id: string,
    public source = "",
    public metadata: Record<string, unknown> = {},
    public outputs: Output[] = [],
  ) {}
  getSource = () => this.source;
  getMetadata = () => this.metadata;
  getOutputs = () => this.outputs;
  updateSource(start: number, end: number, text: string) {
    this.edits.push([start, end, text]);
    this.source = this.source.slice(0, start) + text + this.source.slice(end);
  }
  setMetadata(metadata: Record<string, unknown>) {
    this.metadata = metadata;
  }
  updateOutputs(start: number, end: number, outputs: Output[]) {
    this.outputs.splice(start, end - start, ...outputs);
  }
}

class Cells implements Notebook {
  steps: boolean[] = [];
  constructor(readonly cells: TextCell[]) {}
  insertCell(at: number, cell: { cell_type: string; source: string; metadata: object }) {
    const made = new TextCell(cell.cell_type, `new${this.cells.length}`, cell.source, {
      ...cell.metadata,
    });
    this.cells.splice(at, 0, made);
    return made;
  }
  transact(change: () => void, undoable = true) {
    this.steps.push(undoable);
    change();
  }
  runs = () => this.cells.map(journalRun);
}

const entry = (run: string, more: Partial<Entry> = {}): Entry => ({
  version: 1,
  run,
  cell: "made",
  hash: "",
  name: run,
  status: "running",
  sign: "●",
  source: page(run),
  beside: [run],
  insert: true,
  ...more,
});
let notebook: Cells;

beforeEach(() => {
  vi.useFakeTimers();
  notebook = new Cells([
    new TextCell("code", "first"),
    new TextCell("code", "made"),
    new TextCell("code", "last"),
  ]);
});

test("a cell is put below the one that made the run, once, in one step", () => {
  const placed = [
    place(notebook, entry("a")),
    place(notebook, entry("a")),
    place(notebook, entry("a")),
  ];

  expect(placed).toEqual(["inserted", "updated", "updated"]);
  expect(notebook.runs()).toEqual([null, null, "a", null]);
  expect(notebook.cells[2].metadata).toEqual({ runfolio: { run_id: "a", version: 1 } });
  expect(notebook.steps).toEqual([true]);
});

test("new facts change their part only, and are no step to undo", () => {
  place(notebook, entry("a"));
  notebook.cells[2].source += "\n\nmine";
  place(notebook, entry("a", { source: page("a").replace("4 s", "9 s") }));

  const [[start, end, text]] = notebook.cells[2].edits;
  expect([end - start, text]).toEqual([1, "9"]);
  expect(notebook.cells[2].source).toMatch(/9 s[\s\S]*mine$/);
  expect(notebook.steps).toEqual([true, false]);
});

test("the next run takes over a cell in which nobody wrote", () => {
  place(notebook, entry("a"));

  expect(place(notebook, entry("b"))).toBe("took over");
  expect(notebook.runs()).toEqual([null, null, "b", null]);
  expect(parsed(notebook.cells[2].source)!.run).toBe("b");
});

test("the next run goes above a cell with words, and one of the same execution takes none over", () => {
  place(notebook, entry("a"));
  notebook.cells[2].source += "\n\nmine";
  place(notebook, entry("b"));
  place(notebook, entry("c", { beside: ["b", "c"] }));

  expect(notebook.runs()).toEqual([null, null, "c", "b", "a", null]);
  expect(notebook.cells[4].source).toContain("mine");
});

test("a cell that somebody deleted stays away, unless it is wanted by hand", () => {
  place(notebook, entry("a"));
  notebook.cells.splice(2, 1);

  expect(place(notebook, entry("a"))).toBe("deleted");
  expect(place(notebook, entry("b", { insert: false }))).toBe("none");
  expect(notebook.runs()).toEqual([null, null, null]);
  expect(place(notebook, entry("a"), { wanted: true })).toBe("inserted");
});

test("nothing is done without the cell, or in what is no notebook", () => {
  expect(place(notebook, entry("a", { cell: "elsewhere" }))).toBe("none");
  expect(place({} as Notebook, entry("a"))).toBe("none");
  expect(place({ ...notebook, cells: [] } as unknown as Notebook, entry("a"))).toBe("none");
});

test("an entry shown as output goes where the run has a cell, and stays where it has none", () => {
  const shown = (run: string): Output => ({
    data: { "text/markdown": "x" },
    metadata: { runfolio: { run_id: run } },
  });
  notebook.cells[1].outputs = [shown("a"), { data: { "text/plain": "a" } }, shown("b")];
  place(notebook, entry("a"));
  vi.runAllTimers();

  expect(notebook.cells[1].outputs).toEqual([{ data: { "text/plain": "a" } }, shown("b")]);
  expect([dropShown(notebook, "b"), dropShown(notebook, "b")]).toEqual([true, false]);
});

test.each([
  null,
  1,
  "x",
  {},
  { ...entry("a"), version: 2 },
  { ...entry("a"), source: 1 },
  { ...entry("a"), beside: null },
])("%j is no entry", (told) => {
  expect(entryOf(told)).toBeNull();
});
