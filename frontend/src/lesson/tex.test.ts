import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { drawTex } from "./math";
import { Tex } from "./tex";

let root: HTMLElement;
/** What was asked for. The page of this test loads nothing by itself. */
let scripts: HTMLScriptElement[];

function show(...sources: string[]): void {
  root.replaceChildren(
    ...sources.map((source) => {
      const span = document.createElement("span");
      span.className = "tex";
      span.textContent = source;
      return span;
    }),
  );
}
/** The bundle came, or did not. */
async function answer(type: "load" | "error"): Promise<void> {
  if (type === "load") globalThis.tutorEmotion_math = { drawTex };
  scripts.at(-1)?.dispatchEvent(new Event(type));
  await Promise.resolve();
}

beforeEach(() => {
  root = document.createElement("div");
  document.body.replaceChildren(root);
  scripts = [];
  vi.spyOn(document.head, "append").mockImplementation((script) => {
    scripts.push(script as HTMLScriptElement);
  });
});
afterEach(() => {
  globalThis.tutorEmotion_math = undefined;
});

describe("TeX on a page", () => {
  it("is not asked for where there is none", async () => {
    root.textContent = "$5";
    await new Tex("/m.js").draw(root);
    expect(scripts).toEqual([]);
  });

  it("is drawn when the bundle has come, which is asked for once", async () => {
    show("\\frac{1}{2}");
    const tex = new Tex("/m.js");
    const both = [tex.draw(root), tex.draw(root)];
    expect(root.textContent).toBe("\\frac{1}{2}");
    expect(scripts.map((script) => script.src)).toEqual([expect.stringMatching(/\/m\.js$/)]);
    await answer("load");
    await Promise.all(both);
    expect(root.querySelector("mfrac")).not.toBeNull();
    show("x_1");
    await tex.draw(root);
    expect(root.querySelector("msub")).not.toBeNull();
    expect(scripts).toHaveLength(1);
  });

  it("stays its source where the bundle does not come, and is asked for again", async () => {
    show("\\frac{1}{2}");
    const tex = new Tex("/m.js");
    const drawn = tex.draw(root);
    await answer("error");
    await drawn;
    expect(root.textContent).toBe("\\frac{1}{2}");
    const again = tex.draw(root);
    await answer("load");
    await again;
    expect(root.querySelector("mfrac")).not.toBeNull();
  });
});

describe("drawing TeX", () => {
  const drawn = (source: string, block = false): HTMLElement => {
    show(source);
    const span = root.querySelector<HTMLElement>(".tex") as HTMLElement;
    span.classList.toggle("tex-block", block);
    drawTex(root);
    return span;
  };

  it("gives mathematics of its own to lines and to blocks", () => {
    expect(drawn("\\sqrt{2}").querySelector("msqrt")).not.toBeNull();
    expect(drawn("\\sqrt{2}", true).querySelector("math")?.getAttribute("display")).toBe("block");
  });

  it.each([
    "\\frac{1}{",
    "\\nothing",
    "\\href{javascript:alert(1)}{x}",
    "\\includegraphics{https://example.org/a.png}",
    "\\def\\a{\\a\\a}\\a",
    "\\gdef\\b#1{#1#1#1#1#1#1#1#1}\\b{\\b{\\b{\\b{\\b{x}}}}}",
  ])("leaves what it refuses as its source: %s", (source) => {
    const span = drawn(source);
    expect(span.querySelector("a, img, script")).toBeNull();
    expect(span.querySelector("math")?.textContent ?? span.textContent).toContain(source);
  });

  it("runs nothing out of a text", () => {
    const span = drawn("\\text{<img src=x onerror=alert(1)>}");
    expect(span.querySelector("img")).toBeNull();
    expect(span.textContent).toContain("<img src=x");
  });

  it("keeps one formula's macros from the next", () => {
    show("\\gdef\\c{7}\\c", "\\c");
    drawTex(root);
    expect([...root.children].map((one) => one.querySelector("mn") !== null)).toEqual([
      true,
      false,
    ]);
  });
});
