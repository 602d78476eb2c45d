/**
 * How an expression is read, for the preview while it is written. The server marks by the same
 * grammar (`tutor_emotion/lessons/algebra`); both are held to `tests/lessons/expressions.json`.
 */

export type Node =
  | { is: "number"; text: string }
  | { is: "mixed"; whole: string; top: string; bottom: string }
  | { is: "letter"; name: string }
  | { is: "negative"; inner: Node }
  | { is: "group"; inner: Node }
  | { is: "sum"; terms: readonly Node[] }
  | { is: "product"; factors: readonly Node[]; signs: readonly boolean[] }
  | { is: "quotient"; top: Node; bottom: Node }
  | { is: "power"; base: Node; exponent: Node }
  | { is: "root"; inner: Node }
  | { is: "equation"; left: Node; right: Node };

interface Token {
  readonly kind: "number" | "part" | "letter" | "sign" | "root" | "end";
  readonly text: string;
}

const MAX_CHARS = 200;
const MAX_DIGITS = 15;
const MAX_DEPTH = 16;
const END: Token = { kind: "end", text: "" };
const SIGNS: Readonly<Record<string, string>> = {
  "-": "-−–‐‑﹣－",
  "+": "+＋﹢",
  "*": "*×·⋅∙•∗＊",
  "/": "/÷:∕⁄／：",
  "(": "([{（［",
  ")": ")]}）］",
  "^": "^＾",
  "=": "=＝",
};
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺";
const UNSEEN = /[\u200b-\u200f\u061c\u2060\ufeff]/gu;
const NUMBER = /^(?:\p{Nd}+(?:[.,٫]\p{Nd}+)?|[.,٫]\p{Nd}+)/u;
const RAISED = new RegExp(`^[${SUPERSCRIPTS}]+`, "u");

/** What `text` says, or null where it cannot be read (yet). */
export function read(text: string): Node | null {
  if (text.length > MAX_CHARS) return null;
  try {
    return new Parser(tokens(text.replace(UNSEEN, ""))).whole();
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

class Unreadable extends Error {}

function tokens(text: string): Token[] {
  const found: Token[] = [];
  let rest = text.trimStart();
  while (rest) {
    const [length, ...next] = first(rest);
    found.push(...next);
    rest = rest.slice(length).trimStart();
  }
  return found;
}

/** How many characters the next tokens take, and the tokens. */
function first(rest: string): [number, ...Token[]] {
  const number = NUMBER.exec(rest)?.[0];
  if (number) {
    if (number.length > MAX_DIGITS) throw new Unreadable();
    return [number.length, { kind: "number", text: number }];
  }
  const raised = RAISED.exec(rest)?.[0];
  if (raised) return [raised.length, { kind: "sign", text: "^" }, ...lowered(raised)];
  if (rest.startsWith("**")) return [2, { kind: "sign", text: "^" }];
  const name = /^(?:sqrt|pi)/i.exec(rest)?.[0];
  if (name) return [name.length, named(name.toLowerCase() === "pi" ? "π" : "√")];
  const char = String.fromCodePoint(rest.codePointAt(0) ?? 0);
  return [char.length, single(char)];
}

function lowered(raised: string): Token[] {
  const text = [...raised].map((char) => "0123456789-+"[SUPERSCRIPTS.indexOf(char)]).join("");
  const match = /^([-+]?)(\d+)$/.exec(text);
  if (!match?.[2] || match[2].length > MAX_DIGITS) throw new Unreadable();
  const sign: Token[] = match[1] ? [{ kind: "sign", text: match[1] }] : [];
  return [...sign, { kind: "number", text: match[2] }];
}

function single(char: string): Token {
  for (const [sign, written] of Object.entries(SIGNS))
    if (written.includes(char)) return { kind: "sign", text: sign };
  if (char === "√" || char === "π") return named(char);
  const form = char.normalize("NFKC");
  if (/^\d+⁄\d+$/.test(form)) return { kind: "part", text: form };
  if ([...form].length === 1 && /^[\p{Lu}\p{Ll}\p{Lt}\p{Lo}]$/u.test(form))
    return { kind: "letter", text: form };
  throw new Unreadable();
}

function named(char: string): Token {
  return { kind: char === "√" ? "root" : "letter", text: char };
}

class Parser {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  whole(): Node {
    const left = this.sum();
    const node: Node = this.took("=") ? { is: "equation", left, right: this.sum() } : left;
    if (this.peek() !== END) throw new Unreadable();
    return node;
  }

  private peek(ahead = 0): Token {
    return this.tokens[this.at + ahead] ?? END;
  }

  private took(sign: string): boolean {
    const token = this.peek();
    if (token.kind !== "sign" || token.text !== sign) return false;
    this.at += 1;
    return true;
  }

  private sum(): Node {
    const terms = [this.signed(() => this.product())];
    for (;;) {
      if (this.took("+")) terms.push(this.signed(() => this.product()));
      else if (this.took("-")) terms.push(negative(this.signed(() => this.product())));
      else return terms.length === 1 && terms[0] ? terms[0] : { is: "sum", terms };
    }
  }

  private signed(part: () => Node): Node {
    let positive = true;
    for (;;) {
      if (this.took("-")) positive = !positive;
      else if (!this.took("+")) break;
    }
    return positive ? part() : negative(part());
  }

  private product(): Node {
    let node = this.power();
    for (;;) {
      if (this.took("*")) {
        node = times(
          node,
          this.signed(() => this.power()),
          true,
        );
      } else if (this.took("/")) {
        node = { is: "quotient", top: node, bottom: this.signed(() => this.power()) };
      } else if (this.beginsFactor()) node = times(node, this.power(), false);
      else return node;
    }
  }

  private beginsFactor(): boolean {
    const { kind, text } = this.peek();
    if (kind === "number" || kind === "part") throw new Unreadable();
    return kind === "letter" || kind === "root" || text === "(";
  }

  private power(): Node {
    const base = this.primary();
    if (!this.took("^")) return base;
    const exponent = this.inside(() => this.signed(() => this.power()));
    return { is: "power", base, exponent };
  }

  private primary(): Node {
    const token = this.peek();
    this.at += 1;
    if (token.kind === "number" || token.kind === "part") return this.number(token);
    if (token.kind === "letter") return { is: "letter", name: token.text };
    if (token.kind === "root") return { is: "root", inner: this.inside(() => this.primary()) };
    if (token.text === "(" && token.kind === "sign") {
      const inner = this.inside(() => this.sum());
      if (this.took(")")) return { is: "group", inner };
    }
    throw new Unreadable();
  }

  /** A number; with a fraction right after it, the two are a mixed number. */
  private number(token: Token): Node {
    if (token.kind === "part") return fraction(token.text);
    const [next, slash, bottom] = [this.peek(), this.peek(1), this.peek(2)];
    if (!whole(token) || (next.kind !== "number" && next.kind !== "part"))
      return { is: "number", text: token.text };
    if (next.kind === "part") {
      this.at += 1;
      const [top = "", under = ""] = next.text.split("⁄");
      return { is: "mixed", whole: token.text, top, bottom: under };
    }
    if (!whole(next) || slash.text !== "/" || !whole(bottom)) throw new Unreadable();
    this.at += 3;
    return { is: "mixed", whole: token.text, top: next.text, bottom: bottom.text };
  }

  private inside(part: () => Node): Node {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) throw new Unreadable();
    const node = part();
    this.depth -= 1;
    return node;
  }
}

function negative(inner: Node): Node {
  return inner.is === "negative" ? inner.inner : { is: "negative", inner };
}

function times(left: Node, right: Node, sign: boolean): Node {
  if (left.is === "product")
    return { ...left, factors: [...left.factors, right], signs: [...left.signs, sign] };
  return { is: "product", factors: [left, right], signs: [sign] };
}

function fraction(text: string): Node {
  const [top = "", bottom = ""] = text.split("⁄");
  return {
    is: "quotient",
    top: { is: "number", text: top },
    bottom: { is: "number", text: bottom },
  };
}

function whole(token: Token): boolean {
  return token.kind === "number" && /^\p{Nd}+$/u.test(token.text);
}
