/** The card of an artifact: its versions and stages, and all that is known of one of them. */

import { type ArtifactInfo, ArtifactsApi, type VersionRow } from "../../bridge/artifacts.ts";
import type { Channel } from "../../bridge/channel.ts";
import { arrange, make, say } from "../dom.ts";
import type { Opening } from "../tab.ts";
import { button } from "../table/picker.ts";
import { isDark, onThemeChange } from "../theme.ts";
import { Details } from "./details.ts";
import { History } from "./history.ts";
import { saying } from "./part.ts";
import { CARD_STYLE } from "./style.ts";
import { Versions } from "./versions.ts";
import { badge, inOrder } from "./words.ts";

const FIRST = 10;
const MORE = 100;
const LATE_MS = 300;
const REST_MS = 1000;
/** Runs that go on log each second; that one used a version is seen a while later. */
const USED_MS = 5000;
/** Where no list of the store stands in the page the server says nothing of it: now and then it is asked. */
const TURN_MS = 30_000;

export class ArtifactCard {
  private readonly node: HTMLElement;
  private readonly name: string;
  private readonly api: ArtifactsApi;
  private readonly lost = make("div", {
    class: "lost",
    text: "disconnected: this is as it was. It goes on when the server is back.",
    attrs: { role: "status" },
  });
  private readonly state = make("div");
  private readonly card: HTMLElement;
  private readonly title = make("h3");
  private readonly type = make("span", { class: "quiet" });
  private readonly stages = make("span", { class: "stages" });
  private readonly problems = make("p", { class: "bad" });
  private readonly versions: Versions;
  private readonly history: History;
  private readonly details: Details;
  private readonly ends: (() => void)[];
  private rows: VersionRow[] = [];
  private info: ArtifactInfo | null = null;
  private fault = "";
  private chosen = -1;
  private isLate = false;
  private turn = 0;
  private told = "";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private users: ReturnType<typeof setTimeout> | undefined;

  /** Show an artifact, named `digits` or `digits:v2`. */
  constructor(
    host: HTMLElement,
    private readonly channel: Channel,
    store: string,
    artifact: string,
    opening: Opening,
  ) {
    const [name, version] = artifact.split(":v");
    this.name = name!;
    if (version !== undefined) this.chosen = Number(version);
    this.api = new ArtifactsApi(channel.api, store);
    const choose = (one: number) => this.choose(one);
    this.versions = new Versions(opening, choose, () => void this.older());
    this.history = new History(opening, choose, (at) => this.api.held(this.name, at));
    this.details = new Details(this.api, this.name, opening);
    this.card = make(
      "article",
      { class: "card artifact-card", attrs: { "aria-label": "Artifact" } },
      [
        make("header", {}, [
          this.title,
          this.type,
          make("span", { class: "state" }, [this.stages]),
        ]),
        this.problems,
        make("div", { class: "body" }, [
          make("div", { class: "left" }, [this.versions.node, this.history.node]),
          make("div", { class: "right" }, [this.details.node]),
        ]),
      ],
    );
    this.node = make("div", { class: "own served" }, [this.lost, this.state, this.card]);
    const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
    root.replaceChildren(make("style", { text: CARD_STYLE }), this.node);
    const late = setTimeout(() => {
      this.isLate = true;
      this.show();
    }, LATE_MS);
    const turns = setInterval(() => {
      if (!document.hidden && this.node.offsetParent !== null) void this.read();
    }, TURN_MS);
    this.ends = [
      () => clearTimeout(late),
      () => clearInterval(turns),
      onThemeChange(() => this.show()),
      channel.watch(() => this.show()),
      channel.listen((stores) => this.hear(stores, store), "artifacts"),
      channel.listen((stores) => this.used(stores, store)),
    ];
    this.show();
    void this.read();
  }

  dispose(): void {
    clearTimeout(this.timer);
    clearTimeout(this.users);
    for (const end of this.ends) end();
    this.node.remove();
  }

  private hear(stores: string[], store: string): void {
    if (stores.length > 0 && !stores.includes(store)) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.read();
    }, REST_MS);
  }

  private used(stores: string[], store: string): void {
    if (!stores.includes(store)) return;
    this.users ??= setTimeout(() => {
      this.users = undefined;
      if (this.chosen >= 0 && this.fault === "") this.details.follow();
    }, USED_MS);
  }

  /** Show older versions, too. */
  private async older(): Promise<void> {
    try {
      this.told = "";
      const { versions } = await this.api.one(this.name, this.rows.length, MORE);
      this.rows = [...this.rows, ...versions];
      if (this.info !== null) this.versions.show(this.info, this.rows, this.chosen);
    } catch (error) {
      this.fault = (error as Error).message;
      this.show();
    }
  }

  /** Read it, with as many versions as are shown. */
  private async read(): Promise<void> {
    const turn = ++this.turn;
    try {
      const info = await this.api.one(this.name, 0, Math.max(this.rows.length, FIRST));
      if (turn !== this.turn) return;
      this.fault = "";
      this.info = info;
      this.rows = info.versions;
      if (this.chosen < 0) this.chosen = info.versions[0]?.version ?? -1;
      this.show();
      const text = JSON.stringify(info);
      // As it was: what somebody reads, or has the focus in, stays.
      if (text === this.told) return;
      this.told = text;
      this.versions.show(info, this.rows, this.chosen);
      this.history.show(info);
      if (this.chosen >= 0) this.details.show(this.chosen, info.numbers);
    } catch (error) {
      if (turn !== this.turn) return;
      this.fault = (error as Error).message;
      this.show();
    }
  }

  private choose(version: number): void {
    if (this.info === null) return;
    this.chosen = version;
    this.versions.mark(version);
    this.details.show(version, this.info.numbers);
    // Below the versions, where there is no room beside them.
    this.details.node.scrollIntoView({ block: "nearest" });
  }

  private show(): void {
    this.node.classList.toggle("dark", isDark(this.node));
    this.card.classList.toggle("dark", isDark(this.node));
    const { fault, info } = this;
    this.card.hidden = info === null;
    this.lost.hidden = this.channel.isConnected !== false || info === null;
    const again = () => button("Try again", "Ask the server again", () => void this.read());
    const reading = info === null && fault === "" && this.isLate;
    const told = fault !== "" ? [saying(fault, again())] : reading ? [saying("Reading …")] : [];
    // Said in words alone where it is as it was: a button may have the focus.
    if (this.state.textContent !== told.map((one) => one.textContent).join("")) {
      arrange(this.state, told);
    }
    if (info === null) return;
    say(this.title, info.name);
    say(this.type, info.type);
    say(this.problems, info.problems.join(" "));
    this.problems.hidden = info.problems.length === 0;
    const stages = inOrder(Object.keys(info.stages));
    this.stages.replaceChildren(
      ...stages.map((stage) => {
        const version = info.stages[stage]!;
        const node = button("", `Show v${version}`, () => this.choose(version));
        node.className = "link";
        node.append(badge(stage, version));
        return node;
      }),
    );
  }
}
