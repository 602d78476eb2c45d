import type { Node } from "./expression";

/** An expression as the learner meets it in books. Safe: letters, digits and our own signs only. */
export function toMathml(node: Node): string {
  return `<math>${row(node)}</math>`;
}

const INVISIBLE_TIMES = "\u2062";

function row(node: Node): string {
  switch (node.is) {
    case "number":
      return `<mn>${node.text}</mn>`;
    case "letter":
      return `<mi>${node.name}</mi>`;
    case "mixed":
      return `<mn>${node.whole}</mn>${over(`<mn>${node.top}</mn>`, `<mn>${node.bottom}</mn>`)}`;
    case "negative":
      return sign("−") + row(node.inner);
    case "group":
      return `<mrow>${sign("(")}${row(node.inner)}${sign(")")}</mrow>`;
    case "sum":
      return node.terms.map(term).join("");
    case "product":
      return node.factors
        .map(
          (factor, n) => (n ? sign(node.signs[n - 1] ? "·" : INVISIBLE_TIMES) : "") + row(factor),
        )
        .join("");
    case "quotient":
      return over(bare(node.top), bare(node.bottom));
    case "power":
      return `<msup>${block(row(node.base))}${bare(node.exponent)}</msup>`;
    case "root":
      return `<msqrt>${bare(node.inner)}</msqrt>`;
    case "equation":
      return row(node.left) + sign("=") + row(node.right);
  }
}

function term(node: Node, place: number): string {
  if (place === 0 || node.is === "negative") return row(node);
  return sign("+") + row(node);
}

/** Without its brackets, where a line or a place says the same. */
function bare(node: Node): string {
  return block(row(node.is === "group" ? node.inner : node));
}

function over(top: string, bottom: string): string {
  return `<mfrac>${top}${bottom}</mfrac>`;
}

function block(inner: string): string {
  return `<mrow>${inner}</mrow>`;
}

function sign(text: string): string {
  return `<mo>${text}</mo>`;
}
