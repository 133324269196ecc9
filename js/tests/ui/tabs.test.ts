import { describe, expect, it } from "vitest";
import { endOfDay, inOrder } from "../../src/ui/artifacts/words.ts";
import { sideOf } from "../../src/ui/runs_panel/switch.ts";
import { artifactTab, tabId, tabLabel, tabOf } from "../../src/ui/tab.ts";
import { isVersion } from "../../src/ui/uses.ts";

const STORE = "0123456789abcdef";

describe("the tab of an artifact", () => {
  it("comes back as it was", () => {
    const tab = artifactTab(STORE, "net.v1:v2");
    expect(tabOf(JSON.parse(JSON.stringify(tab)))).toEqual(tab);
    expect(tabLabel(tab)).toBe("net.v1:v2");
  });

  it("is another one for another version", () => {
    const ids = ["net", "net:v1", "net:v12"].map((name) => tabId(artifactTab(STORE, name)));
    expect(new Set(ids).size).toBe(3);
    expect(ids.every((id) => /^[\w-]+$/.test(id))).toBe(true);
  });

  it.each([
    "",
    "../net",
    "net/v1",
    "net:best",
    "net:v",
    ":v1",
    "<img>",
    "net:v1/../x",
    "x".repeat(200),
    undefined,
    7,
    ["net"],
  ])("is none for %j", (artifact) => {
    expect(tabOf({ kind: "artifact", store: STORE, runs: [], artifact })).toBeNull();
  });
});

describe("words of artifacts", () => {
  it("has production first, then staging, then the others", () => {
    expect(inOrder(["zoo", "staging", "alpha", "production"])).toEqual([
      "production",
      "staging",
      "alpha",
      "zoo",
    ]);
  });

  it("ends a day on the reader's clock", () => {
    const end = endOfDay("2026-11-01");
    expect([end?.getFullYear(), end?.getMonth(), end?.getDate(), end?.getHours()]).toEqual([
      2026, 10, 1, 23,
    ]);
    expect(end?.getMilliseconds()).toBe(999);
    expect(["", "yesterday", "2026-1-1"].map(endOfDay)).toEqual([null, null, null]);
  });

  it("knows a version by its name", () => {
    const names = ["net:v0", "a.b-c_d:v12", "net", "net:best", "<b>:v1", "net:v1 ", "net:v1\n"];
    expect(names.map(isVersion)).toEqual([true, true, false, false, false, false, false]);
  });

  it("remembers a side, and takes runs for what is none", () => {
    expect(["artifacts", "runs", "x", null].map(sideOf)).toEqual([
      "artifacts",
      "runs",
      "runs",
      "runs",
    ]);
  });
});
