/**
 * What JupyterLab loads first: the container of this extension, as webpack's module federation
 * has them, written by hand. It holds on to the modules that the front end shares, and loads the
 * rest when it is asked for.
 */

import type { Scope } from "./shared.ts";

interface Extension {
  plugins(scope: Scope): Promise<unknown[]>;
}

interface Container {
  init(scope: Scope): void;
  get(module: string): Promise<() => unknown>;
}

/** The file with the rest; its name, with a hash of its content, is put in by `scripts/build.mjs`. */
declare const EXTENSION: string;

const page = globalThis as unknown as { _JUPYTERLAB?: Record<string, Container> };
page._JUPYTERLAB ??= {};

let shared: Scope = {};

page._JUPYTERLAB.runfolio = {
  init(scope) {
    shared = scope;
  },
  async get(module) {
    if (module !== "./extension") throw new Error(`runfolio has no module ${module}`);
    const extension = (await import(EXTENSION)) as Extension;
    const made = { __esModule: true, default: await extension.plugins(shared) };
    return () => made;
  },
};
