import { describe, expect, it } from "vitest";
import rows from "../../../tutor_emotion/live/rows.py?raw";
import { type Catalogue, en, type LessonCatalogue, lesson } from "../locales/en";
import { COMPARED_MEASURES, HAPPENED_MEASURES } from "../protocol";
import { addCatalogue } from "./catalogues";
import { fill, languageOf, Words } from "./words";

/** What a pattern finds in the text of a Python file. */
function namesIn(text: string, pattern: RegExp): Set<string> {
  return new Set([...text.matchAll(pattern)].map(([, name]) => name ?? ""));
}

/** Every path of a catalogue, with its text. */
function leaves(node: object, path = ""): [string, string][] {
  return Object.entries(node).flatMap(([key, value]): [string, string][] => {
    if (path + key === "messages") return [];
    return typeof value === "string"
      ? [[path + key, value]]
      : leaves(value as object, `${path}${key}/`);
  });
}
const blanks = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

/** A language may have more plural forms than English, and need not have the form for one. */
const isForm = (path: string): boolean => /\/(zero|one|two|few|many)$/.test(path);

type Whole = Catalogue & { lesson: LessonCatalogue };
const files: Record<string, Record<string, unknown>> = import.meta.glob("../locales/*.ts", {
  eager: true,
});
/** Every language in the folder, with all words of its file. */
const catalogues = new Map(
  Object.entries(files).map(([file, exported]) => {
    const language = file.replace(/^.*\/|\.ts$/g, "");
    return [language, { ...(exported[language] as Catalogue), lesson: exported.lesson } as Whole];
  }),
);
const english: Whole = { ...en, lesson };
for (const [language, words] of catalogues) if (language !== "en") addCatalogue(language, words);

describe.each([...catalogues])("the catalogue %s", (_, catalogue) => {
  it("has every word, and nothing is empty that is not empty in English", () => {
    const words = new Map(leaves(catalogue));
    for (const [path, text] of leaves(english)) {
      expect(words.has(path), path).toBe(true);
      expect((words.get(path) ?? "") === "", path).toBe(text === "");
    }
    const known = new Set(leaves(english).map(([path]) => path));
    for (const path of words.keys()) expect(known.has(path) || isForm(path), path).toBe(true);
  });

  it("has the same blanks to fill", () => {
    const inEnglish = new Map(leaves(english));
    for (const [path, text] of leaves(catalogue)) {
      const like = inEnglish.get(path) ?? inEnglish.get(path.replace(/[^/]+$/, "other")) ?? "";
      // Words for one or two may leave out the number.
      const without = isForm(path) ? blanks(like).filter((blank) => blank !== "{n}") : blanks(like);
      expect(
        blanks(text).filter((b) => !isForm(path) || b !== "{n}"),
        path,
      ).toEqual(without);
    }
  });
});

describe("the catalogues", () => {
  it("have words for every measure and every fact that the engine weighs", () => {
    for (const measure of COMPARED_MEASURES) expect(en.measures).toHaveProperty(measure);
    expect(HAPPENED_MEASURES.length).toBeGreaterThan(20);
    for (const measure of HAPPENED_MEASURES) expect(en.happened).toHaveProperty(measure);
  });

  it("have words for the reasons of a teacher's row", () => {
    const reasons = namesIn(rows, /measure="(\w+)"/g);
    expect(reasons.size).toBeGreaterThan(3);
    for (const measure of reasons) expect(en.because).toHaveProperty(measure);
  });

  it("never name a feeling in what is offered, and never judge", () => {
    const spoken = [...catalogues.values()].flatMap((words) => [
      ...Object.values(words.messages).flat(),
      ...Object.values(words.choices),
      ...Object.values(words.measures),
      words.anyMessage,
    ]);
    const feelings =
      /confus|frustrat|bored|boring|annoy|stuck|wrong|correct|well done|clever|smart|verwirr|langweil|frust|genervt|falsch|richtig|klug|schlau|حير|حائر|محتار|ارتباك|مرتبك|إحباط|محبط|ملل|ممل|مملّ|ضجر|غضب|غاضب|منزعج|انزعاج|خطأ|خاطئ|صحيح|ذكي|شاطر|أحسنت|ممتاز|بارع/i;
    expect(spoken.filter((text) => feelings.test(text))).toEqual([]);
  });
});

describe("words", () => {
  const english = new Words("en-GB");
  const german = new Words("de-AT");

  it("choose the language that was asked for, or English", () => {
    expect(german.t.panel).toEqual(catalogues.get("de")?.panel);
    expect(new Words("fr").t).toBe(en);
    expect(new Words("not a language").t).toBe(en);
  });

  it("say evidence with what is usual, in the reader's own numbers", () => {
    const item = {
      modality: "voice",
      measure: "onset_s",
      value: 4.25,
      unit: "s",
      z: null,
      for_s: null,
      nats: 1,
    } as const;
    expect(english.evidence({ ...item, usual: 1.5 })).toMatchObject({
      value: "4.3 s",
      usual: "usually 1.5 s",
    });
    expect(german.evidence({ ...item, usual: null })).toMatchObject({
      value: "4,3 s",
      usual: "",
    });
  });

  it("say how far from the usual it is, and for how long", () => {
    const brow = {
      modality: "face",
      measure: "brow_lowered",
      value: 0.42,
      unit: "share",
      usual: 0.11,
      z: 1.83,
      for_s: 6.2,
      nats: 0.5,
    } as const;
    expect(english.evidence(brow)).toEqual({
      what: "Brow lowered",
      value: "42%",
      usual: "usually 11%, 1.8 times your usual spread above that, for 6 s",
    });
    expect(german.evidence({ ...brow, z: -1.83 }).usual).toContain(
      "das 1,8-Fache deiner üblichen Schwankung darunter, seit 6 s",
    );
    expect(english.evidence({ ...brow, z: 0.2, for_s: 1 }).usual).toBe("usually 11%");
  });

  it("set a quick answer beside the usual time, and count what has none", () => {
    const item = {
      modality: "interaction",
      measure: "fast_after_error",
      value: 1.4,
      unit: "s",
      usual: 12,
      z: -2,
      for_s: null,
      nats: 0.4,
    } as const;
    expect(english.evidence(item)).toEqual({
      what: "A very quick next try",
      value: "1.4 s",
      usual: "usually 12 s",
    });
    expect(english.evidence({ ...item, usual: null, z: null }).value).toBe("");
    const misses = { ...item, measure: "misses_on_step", value: 2, unit: "answers", usual: null };
    expect(english.evidence(misses)).toEqual({
      what: "2 tries at this step so far",
      value: "",
      usual: "",
    });
  });

  it("never call a face or a voice by a feeling", () => {
    const feelings =
      /ang(er|ry)|bore|disgust|fear|happ|sad|contempt|surprise|ärger|wut|langweil|ekel|angst|freude|trauer|veracht|überrasch|غضب|غاضب|ملل|ممل|اشمئزاز|خوف|خائف|سعاد|سعيد|فرح|حزن|حزين|احتقار|ازدراء|دهشة|مفاج/i;
    for (const { measures: words } of catalogues.values()) {
      const learnt = Object.entries(words).filter(([key]) => /^(expression|voice)_/.test(key));
      expect(learnt).toHaveLength(18);
      for (const [, label] of learnt) expect(label).not.toMatch(feelings);
    }
  });

  it("say only where it comes from when a measure might name a feeling", () => {
    const item = { modality: "face", measure: "p_confused", value: 0.7, unit: "share" } as const;
    expect(english.evidence({ ...item, usual: 0.1, z: 2, for_s: null, nats: 1 })).toEqual({
      what: "Something seen by the camera",
      value: "",
      usual: "",
    });
  });

  it("tell the teacher why, with skill and minutes where they are known", () => {
    const reason = { measure: "misses_on_step", value: 4, skill: "fractions", minutes: 6 };
    expect(english.because(reason)).toBe("4 misses on fractions, 6 mins");
    expect(english.because({ ...reason, value: 1, skill: "", minutes: 0 })).toBe(
      "1 miss on this step",
    );
    expect(german.because({ ...reason, measure: "new", minutes: 0 })).toBe(
      "Anzeichen in der Arbeit bei fractions",
    );
  });

  it("fill blanks and leave unknown ones alone", () => {
    expect(fill("{a} {b}", { a: "1" })).toBe("1 {b}");
  });

  it("find the language of an element, through shadow roots", () => {
    document.body.innerHTML = '<div lang="de"><p id="host"></p></div>';
    const root = document.querySelector("#host")?.attachShadow({ mode: "open" });
    const inner = document.createElement("i");
    root?.append(inner);
    expect(languageOf(inner)).toBe("de");
  });
});
