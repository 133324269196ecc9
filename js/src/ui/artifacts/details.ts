/** One version: what it is, its files, its tables, where it came from, what differs from another. */

import type { ArtifactsApi, FileRow, VersionInfo } from "../../bridge/artifacts.ts";
import { bytes, count } from "../../core/figures.ts";
import { make } from "../dom.ts";
import type { Opening } from "../tab.ts";
import { button } from "../table/picker.ts";
import { lineageNodes } from "./lineage.ts";
import { Part, section } from "./part.ts";
import { differenceNodes, profileNodes } from "./tables.ts";
import { badge, inOrder, runWord, when } from "./words.ts";

const FILES = 100;
const DATA_SET = "dataset";
const HASH = 12;

export class Details {
  readonly node = make("div");
  private readonly facts = new Part();
  private readonly tables = new Part();
  private readonly lineage = new Part();
  private readonly difference = new Part();
  private readonly other = make("select", { attrs: { "aria-label": "Compare with" } });
  private version = -1;
  private numbers: number[] = [];

  constructor(
    private readonly api: ArtifactsApi,
    private readonly name: string,
    private readonly opening: Opening,
  ) {
    this.other.addEventListener("change", () => this.difference.clear());
  }

  /** Show a version; of one that is shown already only what can have changed is asked for. */
  show(version: number, numbers: number[]): void {
    const { api, name } = this;
    if (version !== this.version) {
      this.version = version;
      for (const part of [this.facts, this.tables, this.lineage, this.difference]) part.clear();
      this.node.replaceChildren(this.facts.node);
    }
    this.numbers = numbers;
    this.offer();
    void this.facts.load(
      () => api.version(name, version, 0, FILES),
      (told) => this.drawn(told),
      `Reading v${version} …`,
    );
    if (this.lineage.node.isConnected) this.follow();
  }

  /** Runs may have used it since: ask for its lineage again. */
  follow(): void {
    const { version, opening } = this;
    void this.lineage.load(
      () => this.api.lineage(this.name, version),
      (told) => lineageNodes(told, opening),
      "Looking for where it came from …",
    );
  }

  private drawn(told: VersionInfo): Node[] {
    const isData = told.type === DATA_SET && told.dropped === "";
    if (isData) {
      void this.tables.load(
        () => this.api.profile(this.name, told.version),
        profileNodes,
        "Reading its tables …",
      );
    }
    this.follow();
    return [
      section(`v${told.version}`, this.head(told), this.names(told)),
      ...(told.metadata.length > 0 ? [noted(told)] : []),
      this.files(told),
      ...(isData ? [section("Tables", [this.tables.node])] : []),
      section("Lineage", [this.lineage.node]),
      ...(this.numbers.length > 1 && told.dropped === "" ? [this.compare()] : []),
    ];
  }

  private names(told: VersionInfo): Node[] {
    return [
      ...inOrder(told.stages).map((word) => badge(word)),
      ...inOrder(told.aliases).map((word) => badge(word, undefined, true)),
    ];
  }

  private head(told: VersionInfo): Node[] {
    const called = `${told.name}:v${told.version}`;
    const maker =
      told.run === null ? ["made by no run"] : ["made by ", runWord(told.run, this.opening.run)];
    const ttl = told.ttl_days === null ? "" : `wanted for ${count(told.ttl_days)} days`;
    const facts = [
      make("span", {}, maker),
      when(told.created_ms),
      make("span", {
        text: `${count(told.n)} file${told.n === 1 ? "" : "s"}, ${bytes(told.size_bytes)}`,
      }),
      make("code", {
        text: told.digest.slice(0, HASH),
        title: `blake3 of its list of files: ${told.digest}`,
      }),
      ...(ttl === "" ? [] : [make("span", { text: ttl })]),
    ];
    const gone = told.dropped !== "";
    return [
      make("p", { class: "facts-line" }, facts),
      ...(gone ? [make("p", { class: "old", text: told.dropped })] : []),
      ...(told.description === "" ? [] : [make("p", { class: "words", text: told.description })]),
      ...(gone
        ? []
        : [
            copied(`runfolio.load_artifact("${called}")`, "Copy the line that loads it in Python"),
            copied(
              `runfolio artifacts ${called} --download ${told.name}/`,
              "Copy the command that fetches its files",
            ),
          ]),
    ];
  }

  private files(told: VersionInfo): HTMLElement {
    const body = make("tbody", {}, told.files.map(file));
    const rest = make("p");
    const more = (shown: number) => {
      const left = told.n - shown;
      const next = button(`${count(left)} more`, "Show more files", () => void load(shown));
      rest.replaceChildren(...(left > 0 ? [next] : []));
    };
    const load = async (shown: number) => {
      try {
        const next = await this.api.version(this.name, told.version, shown, FILES);
        body.append(...next.files.map(file));
        more(shown + next.files.length);
      } catch (error) {
        rest.append(` ${(error as Error).message}`);
      }
    };
    more(told.files.length);
    const head = ["file", "size", "content"].map((text) =>
      make("th", { text, class: text === "size" ? "right-hand" : "", attrs: { scope: "col" } }),
    );
    const scroll = {
      class: "scroll tall",
      attrs: { tabindex: "0", role: "group", "aria-label": "Files" },
    };
    return section("Files", [
      make("div", scroll, [
        make("table", { class: "files wraps", attrs: { "aria-label": "Files" } }, [
          make("thead", {}, [make("tr", {}, head)]),
          body,
        ]),
      ]),
      rest,
    ]);
  }

  /** Offer the other versions to be compared with, the one before it first. */
  private offer(): void {
    const others = this.numbers.filter((one) => one !== this.version);
    const told = `${this.version} ${others.join(" ")}`;
    if (this.other.dataset.told === told) return;
    this.other.dataset.told = told;
    this.other.replaceChildren(
      ...others.map((one) => make("option", { text: `v${one}`, attrs: { value: String(one) } })),
    );
    const before = others.find((one) => one < this.version) ?? others[0];
    if (before !== undefined) this.other.value = String(before);
  }

  private compare(): HTMLElement {
    const press = () => {
      const [one, two] = [Number(this.other.value), this.version];
      const [was, now] = one < two ? [one, two] : [two, one];
      this.difference.clear();
      void this.difference.load(
        () => this.api.difference(this.name, was, now),
        (told) => differenceNodes(told, [`v${was}`, `v${now}`]),
        `Comparing v${was} with v${now} …`,
      );
    };
    return section(
      "Difference",
      [this.difference.node],
      [],
      [
        make("label", {}, ["with ", this.other]),
        button("Compare", "Show what differs between the two versions", press),
      ],
    );
  }
}

function noted(told: VersionInfo): HTMLElement {
  const rows = told.metadata.map(({ name, value }) =>
    make("tr", {}, [
      make("th", { text: name, attrs: { scope: "row" } }),
      make("td", { text: value }),
    ]),
  );
  const more = told.more_metadata;
  return section("Metadata", [
    make("div", { class: "scroll tall" }, [
      make("table", { class: "noted wraps", attrs: { "aria-label": "Metadata" } }, [
        make("tbody", {}, rows),
      ]),
    ]),
    ...(more > 0 ? [make("p", { class: "quiet", text: `and ${count(more)} more` })] : []),
  ]);
}

function file({ path, size_bytes, blake3, uri }: FileRow): HTMLElement {
  return make("tr", {}, [
    make("td", {}, [make("bdi", { text: path })]),
    make("td", {
      class: "right-hand quiet",
      text: size_bytes === null ? "" : bytes(size_bytes),
      title: size_bytes === null ? "" : `${count(size_bytes)} bytes`,
    }),
    make("td", {}, [
      uri === ""
        ? make("code", {
            class: "hash",
            text: blake3.slice(0, HASH),
            title: `blake3 ${blake3}`,
          })
        : make("span", { class: "quiet", text: uri, title: uri }),
    ]),
  ]);
}

/** Return a line with a button that copies it. */
function copied(line: string, title: string): HTMLElement {
  const code = make("code", { text: line });
  const press = button("Copy", title, () => {
    void navigator.clipboard.writeText(line).then(
      () => said("Copied"),
      () => {
        // A page that is not served safely may not: it is chosen, to be copied by hand.
        getSelection()?.selectAllChildren(code);
        said("Chosen");
      },
    );
  });
  const said = (word: string) => {
    press.textContent = word;
    setTimeout(() => {
      press.textContent = "Copy";
    }, 2000);
  };
  return make("div", { class: "copy" }, [code, press]);
}
