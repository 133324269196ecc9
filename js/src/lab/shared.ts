/** The modules that the front end shares with its extensions: nothing of JupyterLab is bundled here. */

interface Offer {
  get(): Promise<() => unknown>;
  loaded?: unknown;
}

/** Package, version, and how it is had. */
export type Scope = Record<string, Record<string, Offer>>;

/**
 * Return a module of the front end, or an empty one where it has none of that name.
 *
 * Of several versions the one that is in use: tokens are told apart by identity.
 */
export async function module<Module extends object>(
  scope: Scope,
  name: string,
): Promise<Partial<Module>> {
  const offers = Object.entries(Object.hasOwn(scope, name) ? scope[name] : {});
  const [offer] = offers.sort(
    ([a, left], [b, right]) =>
      Number(Boolean(right.loaded)) - Number(Boolean(left.loaded)) || compared(b, a),
  );
  if (offer === undefined) return {};
  try {
    return (await offer[1].get())() as Partial<Module>;
  } catch (error) {
    console.warn(`runfolio: ${name} of this front end could not be loaded`, error);
    return {};
  }
}

/** Compare versions by their numbers. */
export function compared(a: string, b: string): number {
  const [left, right] = [a, b].map((one) => one.split(/[.+-]/).map(Number));
  for (let at = 0; at < 3; at += 1) {
    const more = (left[at] || 0) - (right[at] || 0);
    if (more) return more;
  }
  return 0;
}
