/** One view in an element of a page: what it asks, what it hears of its model, and its end. */

import type { End, Half } from "../bridge/half.ts";
import { overLink } from "../bridge/half.ts";
import type { Link } from "../bridge/link.ts";
import type { WidgetModel } from "../bridge/model.ts";
import { Requests } from "../bridge/requests.ts";
import { keepKeys, make } from "./dom.ts";
import { onThemeChange } from "./theme.ts";

/** What is drawn, and let go of in the end. */
interface View {
  readonly node: HTMLElement;
  dispose(): void;
}

/** Draw a view into an element, behind a shadow; the returned function takes it down. */
export function put(host: HTMLElement, style: string, view: View, themed: () => void): End {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  root.replaceChildren(make("style", { text: style }), view.node);
  const unthemed = onThemeChange(themed);
  return () => {
    unthemed();
    view.dispose();
  };
}

export class Mount {
  readonly requests: Requests;
  private readonly ends: End[];

  constructor(
    private readonly host: HTMLElement,
    readonly model: WidgetModel,
    link: Link,
    readonly ready: () => void,
  ) {
    // JupyterLab listens before a view does: its keys must not cut cells while the view has the focus.
    keepKeys(host);
    this.requests = new Requests(link);
    this.ends = [() => this.requests.dispose()];
  }

  /** Show a view, until the end. */
  put(style: string, view: View, themed: () => void): void {
    this.ends.push(put(this.host, style, view, themed));
  }

  /** Hear of a trait that was set on the other side. */
  hear(trait: string, heard: () => void): void {
    this.model.on(`change:${trait}`, heard);
    this.ends.push(() => this.model.off(`change:${trait}`, heard));
  }

  /** Set a trait on both sides. */
  tell(trait: string, value: unknown): void {
    this.model.set(trait, value);
    this.model.save_changes();
  }

  end(): void {
    for (const end of this.ends.splice(0)) end();
  }
}

/** Return the half of a model whose views ask for what they show; `fill` says what is in one. */
export function asking(model: WidgetModel, fill: (mount: Mount) => void): Half {
  return overLink(model, (host, link, ready) => {
    const mount = new Mount(host, model, link, ready);
    fill(mount);
    return () => mount.end();
  });
}
