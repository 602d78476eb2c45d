import { type Catalogue, en, type Plural } from "../locales/en";
import type { AdaptationMessage, EvidenceItem, Reason } from "../protocol";
import { catalogueOf } from "./catalogues";

/** Nearer to the usual than half its spread is as usual; shorter than this is a moment. */
const TOLD_FROM_Z = 0.5;
const TOLD_FROM_S = 2;

/** A longer title would make more than one line of a message; the line without it is taken. */
const LONGEST_TITLE = 40;

/** What is said of an Adaptation: which message, and the titles that may stand in it. */
export type Spoken = Pick<AdaptationMessage, "id" | "message" | "step_title" | "skill_title">;

/** The words and number formats of one language. */
export class Words {
  readonly lang: string;
  readonly t: Catalogue;
  private readonly plurals: Intl.PluralRules;
  private readonly lists: Intl.ListFormat;
  /** A school's own lines, by message. */
  private own: Readonly<Record<string, readonly string[]>> = {};
  /** What was last said of each message, and for which Adaptation. */
  private readonly said = new Map<string, { id: number; line: string }>();

  constructor(wanted: string) {
    this.lang = supported(wanted);
    this.t = catalogueOf(this.lang) ?? en;
    this.plurals = new Intl.PluralRules(this.lang);
    this.lists = new Intl.ListFormat(this.lang, { type: "conjunction" });
  }

  list(items: readonly string[]): string {
    return this.lists.format(items);
  }

  number(value: number, digits = 1): string {
    return this.format(value, { maximumFractionDigits: digits });
  }

  count(words: Plural, n: number): string {
    const form = words[this.plurals.select(n)] ?? words.other;
    return fill(form, { n: this.number(n) });
  }

  /** Whole minutes; below one, `justNow`. */
  since(seconds: number): string {
    const minutes = Math.floor(seconds / 60);
    return minutes < 1 ? this.t.classroom.justNow : this.minutes(minutes);
  }

  minutes(n: number): string {
    const format = { style: "unit", unit: "minute", unitDisplay: "short" } as const;
    return this.format(n, { ...format, maximumFractionDigits: 0 });
  }

  error(code: string): string {
    const words: Readonly<Record<string, string>> = this.t.errors;
    return words[code] ?? this.t.errors.other;
  }

  /** Why a modality is not offered here. */
  reason(code: string): string {
    const words: Readonly<Record<string, string>> = this.t.reasons;
    return words[code] ?? this.t.reasons.other;
  }

  /** A school's own words in place of the shipped ones. */
  prefer(own: Readonly<Record<string, readonly string[]>>): void {
    this.own = own;
  }

  /** One of a message's lines: the same for the same Adaptation, never the same twice in a row. */
  message(spoken: Spoken): string {
    const last = this.said.get(spoken.message);
    if (last?.id === spoken.id) return last.line;
    const lines = this.linesOf(spoken);
    const first = Math.abs(spoken.id) % lines.length;
    const next = lines[first] === last?.line ? (first + 1) % lines.length : first;
    const line = lines[next] ?? this.t.anyMessage;
    this.said.set(spoken.message, { id: spoken.id, line });
    return line;
  }

  private linesOf({ message, step_title, skill_title }: Spoken): readonly string[] {
    const shipped: Readonly<Record<string, readonly string[]>> = this.t.messages;
    const titles = Object.entries({ step: step_title, skill: skill_title });
    const fit = titles.filter(([, title]) => title !== "" && [...title].length <= LONGEST_TITLE);
    const known = Object.fromEntries(fit);
    const lines = this.own[message] ?? shipped[message] ?? [];
    const whole = lines.filter((line) => blanksIn(line).every((name) => name in known));
    return whole.length > 0 ? whole.map((line) => fill(line, known)) : [this.t.anyMessage];
  }

  /** One measured reason: what, how much, and how that is to what is usual for this learner. */
  evidence(item: EvidenceItem): { what: string; value: string; usual: string } {
    const compared: Readonly<Record<string, string>> = this.t.measures;
    const happened: Readonly<Record<string, Plural>> = this.t.happened;
    const label = compared[item.measure];
    const event = happened[item.measure];
    if (event) {
      const what = this.count(event, Math.round(item.value));
      const timed = item.unit === "s" && item.usual !== null;
      return timed ? { what, ...this.beside(item, null) } : { what, value: "", usual: "" };
    }
    // A measure without words of its own may name a feeling; its modality is all that is said.
    if (!label) return { what: this.t.anyMeasure[item.modality], value: "", usual: "" };
    return { what: label, ...this.beside(item, item.z) };
  }

  /** The value, and beside it what is usual, how far from that it is, and for how long. */
  private beside(item: EvidenceItem, z: number | null): { value: string; usual: string } {
    const t = this.t.offer;
    const usual = item.usual === null ? "" : this.measured(item.usual, item.unit);
    const far = z !== null && Math.abs(z) >= TOLD_FROM_Z;
    const held = item.for_s !== null && item.for_s >= TOLD_FROM_S;
    const parts = [
      usual && fill(t.usual, { value: usual }),
      far ? fill(z > 0 ? t.above : t.below, { n: this.number(Math.abs(z)) }) : "",
      held
        ? fill(t.held, { value: fill(this.t.seconds, { value: this.number(item.for_s ?? 0, 0) }) })
        : "",
    ];
    return {
      value: this.measured(item.value, item.unit),
      usual: parts.filter((part) => part !== "").join(", "),
    };
  }

  /** Why a learner is in the teacher's list. */
  because({ measure, value, skill, minutes }: Reason): string {
    const about = skill ? this.t.on[measure] : undefined;
    const words = about ?? this.t.because[measure] ?? this.t.because.other;
    let what = fill(this.count(words, value), { skill });
    if (skill && !about) what = fill(this.t.onSkill, { what, skill });
    const rounded = Math.round(minutes);
    return rounded < 1 ? what : fill(this.t.forMinutes, { what, minutes: this.minutes(rounded) });
  }

  /** In the digits of the formulas, 0 to 9, whatever a language has besides. */
  private format(value: number, options: Intl.NumberFormatOptions): string {
    return new Intl.NumberFormat(this.lang, { ...options, numberingSystem: "latn" }).format(value);
  }

  private measured(value: number, unit: string): string {
    const plain = this.number(value);
    if (unit === "share") return this.format(value, { style: "percent" });
    if (unit === "s") return fill(this.t.seconds, { value: plain });
    if (unit === "1/s") return fill(this.t.perSecond, { value: plain });
    return unit.startsWith("semitones") ? fill(this.t.semitones, { value: plain }) : plain;
  }
}

function blanksIn(line: string): string[] {
  return [...line.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
}

/** `{name}` in `text` becomes `values.name`. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

function supported(wanted: string): string {
  try {
    const [canonical] = Intl.getCanonicalLocales(wanted);
    return canonical && catalogueOf(canonical) ? canonical : "en";
  } catch {
    return "en"; // not a language tag at all
  }
}

/** The language of an element: its own, its parents', through shadow roots, or the page's. */
export function languageOf(element: Element): string {
  let at: Element | null = element;
  while (at) {
    const found: Element | null = at.closest("[lang]");
    const lang = found?.getAttribute("lang");
    if (lang) return lang;
    const root: Node = at.getRootNode();
    at = root instanceof ShadowRoot ? root.host : null;
  }
  return "en";
}
