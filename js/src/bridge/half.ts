/** The page's half of a widget, wherever it is shown. */

import { Link } from "./link.ts";
import type { WidgetModel } from "./model.ts";

export type End = () => void;

/** Draws one model into elements, as often as it is shown; what it hears is held once. */
export interface Half {
  /** Draw into an element; `ready` is called once there is something to be seen. */
  draw(host: HTMLElement, ready?: () => void): End;
  end(): void;
}

/** Return the half of a model all of whose views ask over one link. */
export function overLink(
  model: WidgetModel,
  draw: (host: HTMLElement, link: Link, ready: () => void) => End,
): Half {
  const link = new Link(model);
  return {
    draw: (host, ready = () => {}) => draw(host, link, ready),
    end: () => link.dispose(),
  };
}
