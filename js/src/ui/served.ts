/** A view of the server's in an element: waits for it, says why it is not there, and ends it. */

import type { Channel } from "../bridge/channel.ts";
import type { End, Half } from "../bridge/half.ts";
import type { HttpModel, Wanted } from "../bridge/http_model.ts";
import { make } from "./dom.ts";
import { STYLE } from "./style.ts";
import { button } from "./table/picker.ts";
import { isDark, onThemeChange } from "./theme.ts";
import type { OpenArtifact } from "./uses.ts";

const LATE_MS = 300;

const SERVED_STYLE = `${STYLE}
:host { display: block; height: 100%; overflow: auto; background: var(--jp-layout-color0, transparent); }
.served { --card-width: 1100px; max-width: 1600px; margin: 0 auto; padding: 8px 12px; box-sizing: border-box; }
.served [hidden] { display: none; }
.saying { padding: 24px 12px; display: flex; flex-wrap: wrap; gap: 12px; align-items: center; font-size: 13px; }
.lost { padding: 6px 12px; color: var(--warn); font-size: 12px; }
`;

/** Return what draws the view of a model. */
export async function halfOf(
  kind: Wanted["kind"],
  model: HttpModel,
  openArtifact: OpenArtifact,
): Promise<Half> {
  if (kind === "card") return new (await import("./live_card.ts")).LiveCard(model, openArtifact);
  if (kind === "compare") return (await import("./compare/mount.ts")).comparison(model);
  if (kind === "media") return (await import("./media/mount.ts")).mediaBrowser(model);
  return (await import("./table/mount.ts")).runsTable(model);
}

/** Show a view in an element; the returned function ends it. */
export function serve(
  host: HTMLElement,
  channel: Channel,
  wanted: Wanted,
  openArtifact: OpenArtifact,
): End {
  return new Served(host, channel, wanted, openArtifact).end;
}

class Served {
  private readonly saying = make("div", { class: "saying", attrs: { role: "status" } });
  private readonly lost = make("div", {
    class: "lost",
    text: "disconnected: this is as it was. It goes on when the server is back.",
    attrs: { role: "status" },
  });
  private readonly place = make("div");
  private readonly node: HTMLElement;
  private readonly ends: End[] = [];
  private model: HttpModel | null = null;
  private half: Half | null = null;
  private isOver = false;

  constructor(
    host: HTMLElement,
    private readonly channel: Channel,
    private readonly wanted: Wanted,
    private readonly openArtifact: OpenArtifact,
  ) {
    this.node = make("div", { class: "own served" }, [this.lost, this.saying, this.place]);
    const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
    root.replaceChildren(make("style", { text: SERVED_STYLE }), this.node);
    this.lost.hidden = this.saying.hidden = true;
    const late = setTimeout(() => this.show(), LATE_MS);
    this.ends.push(
      () => clearTimeout(late),
      channel.watch(() => this.show()),
      onThemeChange(() => this.show()),
    );
    void this.open();
  }

  readonly end = (): void => {
    this.isOver = true;
    for (const end of this.ends.splice(0).reverse()) end();
    this.half?.end();
    if (this.model !== null) this.channel.close(this.model);
    this.node.remove();
  };

  private async open(): Promise<void> {
    const model = await this.channel.open(this.wanted, (begun) => {
      this.model = begun;
      begun.onfault = () => void this.begin();
    });
    if (this.isOver) this.channel.close(model);
    else await this.begin();
  }

  /** Draw it, once it is there. */
  private async begin(): Promise<void> {
    const { model } = this;
    if (model !== null && model.fault === null && model.get("_id") !== undefined) {
      await this.draw(model);
    }
    this.show();
  }

  private drawing = false;

  private async draw(model: HttpModel): Promise<void> {
    if (this.drawing || this.isOver) return;
    this.drawing = true;
    const half = await halfOf(this.wanted.kind, model, this.openArtifact);
    if (this.isOver) {
      half.end();
      return;
    }
    this.half = half;
    this.ends.push(half.draw(this.place));
  }

  private show(): void {
    if (this.isOver) return;
    this.node.classList.toggle("dark", isDark(this.node));
    const fault = this.model?.fault ?? null;
    const words = fault ?? (this.half === null ? "Reading …" : "");
    this.saying.hidden = words === "";
    this.place.hidden = fault !== null && this.half === null;
    this.lost.hidden = this.channel.isConnected !== false || this.half === null;
    const again = button("Try again", "Ask the server again", () => {
      if (this.model !== null) void this.channel.renew(this.model);
    });
    this.saying.replaceChildren(make("span", { text: words }), ...(fault === null ? [] : [again]));
  }
}
