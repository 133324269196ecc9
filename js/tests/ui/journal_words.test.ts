// @vitest-environment node
import fc from "fast-check";
import { beforeEach, expect, test, vi } from "vitest";
import { words } from "../../src/ui/journal/words.ts";

/** An element that keeps what is put into it: the little of a page that is needed here. */
class Element {
  readonly children: (Element | string)[] = [];
  readonly attrs: Record<string, string> = {};
  className = "";
  constructor(readonly tag: string) {}
  setAttribute(name: string, value: string): void {
    this.attrs[name] = value;
  }
  append(...nodes: (Element | string)[]): void {
    this.children.push(...nodes);
  }
  set textContent(text: string) {
    this.children.push(text);
  }
  get text(): string {
    return this.children.map((one) => (typeof one === "string" ? one : one.text)).join("");
  }
  all(tag: string): Element[] {
    const below = this.children.filter((one) => typeof one !== "string");
    return [...below.filter((one) => one.tag === tag), ...below.flatMap((one) => one.all(tag))];
  }
}

beforeEach(() => {
  vi.stubGlobal("document", { createElement: (tag: string) => new Element(tag) });
});

function drawn(markdown: string): Element {
  return words(markdown) as unknown as Element;
}

test("an entry is drawn: bold, code, lists, and links to the web", () => {
  const page = drawn("✓ **wide** `a1`\n\n- one\n- *two*\n\n[see](https://example.org/x)");

  expect(page.all("strong")[0]?.text).toBe("wide");
  expect(page.all("code")[0]?.text).toBe("a1");
  expect(page.all("li").map((one) => one.text)).toEqual(["one", "two"]);
  expect(page.all("a")[0]?.attrs.href).toBe("https://example.org/x");
});

test.each([
  "[x](javascript:alert(1))",
  "[x](data:text/html,hi)",
  "<img src=x onerror=alert(1)>",
  "![x](https://example.org/p.png)",
  "[x](JaVaScRiPt:alert)",
])("what could act stands there as text: %s", (text) => {
  const page = drawn(text);

  const hrefs = page.all("a").map((one) => one.attrs.href);
  expect(hrefs.filter((href) => !href?.startsWith("https://"))).toEqual([]);
  expect(page.all("img")).toEqual([]);
});

test("escapes and entities are read as what they stand for", () => {
  expect(drawn("a\\*b &lt;c&gt; d&#64;e").text).toBe("a*b <c> d@e");
});

test("no text makes an element that is not of a journal", () => {
  const known = new Set("h4 p ul ol li pre code strong em a hr blockquote".split(" "));
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."*_`[]()<>#-\n\\&;a: ") }), (text) => {
      const below = (one: Element): Element[] =>
        one.children
          .filter((child) => typeof child !== "string")
          .flatMap((child) => [child, ...below(child)]);
      expect(below(drawn(text)).filter(({ tag }) => !known.has(tag))).toEqual([]);
    }),
  );
});
