/**
 * A drawing that came as text, made of elements anew: only what our drawings are made of gets into the
 * page, so that no name in it can be anything but text.
 */

const SVG = "http://www.w3.org/2000/svg";
const TAGS = new Set(["svg", "g", "rect", "path", "text", "title"]);
const ATTRIBUTES = new Set(
  (
    "width height viewBox role aria-label x y d rx fill stroke stroke-width stroke-opacity stroke-dasharray " +
    "data-kind data-id"
  ).split(" "),
);
/** What a drawing may say of its letters. */
const STYLES = ["font-family", "font-size", "font-weight", "unicode-bidi", "direction"];
const NO_INK = /url|[\\@<>]/i;

/** Return the drawing; null for what is none. */
export function drawn(text: string): SVGSVGElement | null {
  const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (root.namespaceURI !== SVG || root.localName !== "svg") return null;
  return copied(root) as SVGSVGElement;
}

function copied(from: Element): SVGElement {
  const node = document.createElementNS(SVG, from.localName) as SVGElement;
  for (const { name, value } of from.attributes) {
    if (
      ATTRIBUTES.has(name) &&
      !(name !== "data-id" && name !== "aria-label" && NO_INK.test(value))
    ) {
      node.setAttribute(name, value);
    }
  }
  const { style } = from as SVGElement;
  for (const name of STYLES) {
    const value = style?.getPropertyValue(name) ?? "";
    if (value !== "" && !NO_INK.test(value)) node.style.setProperty(name, value);
  }
  for (const child of from.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) node.append(child.textContent ?? "");
    else if (child instanceof Element && child.namespaceURI === SVG && TAGS.has(child.localName)) {
      node.append(copied(child));
    }
  }
  return node;
}
