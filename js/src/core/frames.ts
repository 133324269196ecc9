/** Draws what has changed, a little in each frame, so that the page stays quick to the hand. */

const BUDGET_MS = 9;

const waiting = new Set<() => void>();
let asked = false;

/** Have something drawn in one of the next frames; asked for twice it is drawn once. */
export function draw(what: () => void): void {
  waiting.add(what);
  if (!asked) {
    asked = true;
    requestAnimationFrame(frame);
  }
}

/** Have something drawn before all that waits: somebody's hand moves it. */
export function drawFirst(what: () => void): void {
  const others = [...waiting];
  waiting.clear();
  for (const one of [what, ...others]) draw(one);
}

/** Forget what was asked for. */
export function forget(what: () => void): void {
  waiting.delete(what);
}

function frame(): void {
  const began = performance.now();
  for (const what of waiting) {
    // What finds no time waits at the front for the next frame.
    if (performance.now() - began > BUDGET_MS) break;
    waiting.delete(what);
    try {
      what();
    } catch (error) {
      // The others are drawn all the same.
      console.error(error);
    }
  }
  asked = waiting.size > 0;
  if (asked) requestAnimationFrame(frame);
}
