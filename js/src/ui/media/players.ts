/** Sounds, films and pages: loaded when asked for, never by themselves loud. */

import { make } from "../dom.ts";
import type { Picture } from "./model.ts";

/** Bytes that are loaded without being asked for. */
export const BY_ITSELF = 2 << 20;
const VOLUME = 0.5;

/** Return a player of a sound or a film, or its moving picture; one alone plays at a time. */
export function player(file: Picture, label: string): HTMLElement {
  if (file.mime === "image/gif") {
    return make("img", { attrs: { src: file.url, alt: label, class: "m-film" } });
  }
  const isSound = file.mime.startsWith("audio/");
  const node = make(isSound ? "audio" : "video", {
    attrs: { controls: "", preload: "metadata", src: file.url, "aria-label": label },
    on: { play: () => alone(node) },
  });
  node.volume = VOLUME;
  if (!isSound) node.muted = true;
  return node;
}

/** Return a frame with a page in which nothing runs, and which reaches nothing. */
export function frame(file: Picture, label: string): HTMLElement {
  const node = make("iframe", {
    attrs: { sandbox: "", referrerpolicy: "no-referrer", title: label },
  });
  node.srcdoc = new TextDecoder().decode(file.data);
  return node;
}

function alone(node: HTMLMediaElement): void {
  const root = node.getRootNode() as Document | ShadowRoot;
  for (const other of root.querySelectorAll<HTMLMediaElement>("audio, video")) {
    if (other !== node) other.pause();
  }
}
