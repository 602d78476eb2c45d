import { describe, expect, it } from "vitest";
import cases from "../../../tests/lessons/expressions.json?raw";
import { type Node, read } from "./expression";
import { toMathml } from "./mathml";

/** As the server's test spells a tree; brackets are no part of it. */
function spell(node: Node): string {
  switch (node.is) {
    case "number":
      return node.text.normalize("NFKC");
    case "mixed":
      return `${Number(node.whole) * Number(node.bottom) + Number(node.top)}/${node.bottom}`;
    case "letter":
      return node.name;
    case "group":
      return spell(node.inner);
    case "negative":
      return `(- ${spell(node.inner)})`;
    case "root":
      return `(√ ${spell(node.inner)})`;
    case "sum":
      return `(+ ${node.terms.map(spell).join(" ")})`;
    case "product":
      return `(* ${node.factors.map(spell).join(" ")})`;
    case "quotient":
      return `(/ ${spell(node.top)} ${spell(node.bottom)})`;
    case "power":
      return `(^ ${spell(node.base)} ${spell(node.exponent)})`;
    case "equation":
      return `(= ${spell(node.left)} ${spell(node.right)})`;
  }
}

describe("an expression", () => {
  const known = JSON.parse(cases) as Record<string, string | null>;
  it.each(Object.entries(known))("%s is read as the server reads it", (text, tree) => {
    const node = read(text);
    expect(node && spell(node)).toBe(tree);
  });

  it("keeps the digits that were written", () => {
    expect(read("٣س")).toMatchObject({ factors: [{ text: "٣" }, { name: "س" }] });
    expect(read("0,5")).toEqual({ is: "number", text: "0,5" });
  });

  it("that is too long is not looked at", () => {
    expect(read("x".repeat(201))).toBeNull();
    expect(read(`${"+".repeat(199)}x`)).not.toBeNull();
  });
});

describe("the preview", () => {
  const shown = (text: string): string => {
    const node = read(text);
    return node ? toMathml(node).replace(/<\/?(?:math|mrow)>/g, "") : "";
  };

  it("draws a fraction without the brackets that its line replaces", () => {
    expect(shown("(x+1)/(2x)")).toBe(
      "<mfrac><mi>x</mi><mo>+</mo><mn>1</mn><mn>2</mn><mo>\u2062</mo><mi>x</mi></mfrac>",
    );
  });

  it("shows what belongs to the fraction and what does not", () => {
    expect(shown("1/2x")).toBe("<mfrac><mn>1</mn><mn>2</mn></mfrac><mo>\u2062</mo><mi>x</mi>");
  });

  it("draws powers, roots, mixed numbers, signs and an equation", () => {
    expect(shown("-x²")).toBe("<mo>−</mo><msup><mi>x</mi><mn>2</mn></msup>");
    expect(shown("√(x-1)")).toBe("<msqrt><mi>x</mi><mo>−</mo><mn>1</mn></msqrt>");
    expect(shown("1 1/2 = 2·y")).toBe(
      "<mn>1</mn><mfrac><mn>1</mn><mn>2</mn></mfrac><mo>=</mo><mn>2</mn><mo>·</mo><mi>y</mi>",
    );
    expect(shown("3(x-1)")).toBe(
      "<mn>3</mn><mo>\u2062</mo><mo>(</mo><mi>x</mi><mo>−</mo><mn>1</mn><mo>)</mo>",
    );
  });
});
