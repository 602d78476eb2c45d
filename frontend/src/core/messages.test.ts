import { describe, expect, it } from "vitest";
import forbidden from "../../../tutor_emotion/messages/forbidden.json";
import type { Catalogue, LearnerMessageKey } from "../locales/en";
import { MESSAGE_KEYS } from "../protocol";
import { offerOf } from "../test/server";
import { addCatalogue } from "./catalogues";
import { Words } from "./words";

const files: Record<string, Record<string, Catalogue>> = import.meta.glob("../locales/*.ts", {
  eager: true,
});
const CATALOGUES: Record<string, Catalogue> = Object.fromEntries(
  Object.entries(files).map(([file, exported]) => {
    const language = file.replace(/^.*\/|\.ts$/g, "");
    return [language, exported[language] as Catalogue];
  }),
);
for (const [language, words] of Object.entries(CATALOGUES))
  if (language !== "en") addCatalogue(language, words);
const LONGEST = 90;
const KEYS = MESSAGE_KEYS.filter((key): key is LearnerMessageKey => !key.startsWith("flag."));

const lines = Object.entries(CATALOGUES).flatMap(([language, { messages }]) =>
  Object.entries(messages).flatMap(([key, list]) =>
    list.map((line) => ({ language, key, line, name: `${language} ${key}: ${line}` })),
  ),
);

/** The forbidden words of a line; as `services.messages.forbidden_in`, which a school's form asks. */
function forbiddenIn(line: string, language: string): string[] {
  const words = line.toLowerCase().replaceAll(/['’\u064b-\u0652]/g, "");
  const plain = ` ${(words.match(/[\p{L}\p{M}]+/gu) ?? []).join(" ")} `;
  const groups = (forbidden as Record<string, Record<string, string[]>>)[language] ?? {};
  return Object.values(groups)
    .flat()
    .filter((entry) =>
      plain.includes(` ${entry.replace("*", "")}${entry.endsWith("*") ? "" : " "}`),
    );
}

describe("the messages of offers", () => {
  it("are there for every key that the engine may send to a learner, and for no other", () => {
    expect(KEYS.length).toBeGreaterThan(15);
    for (const { messages } of Object.values(CATALOGUES))
      expect(Object.keys(messages).sort()).toEqual([...KEYS].sort());
  });

  it("are three to five of each, all different, two of them without a title", () => {
    for (const { messages } of Object.values(CATALOGUES))
      for (const [key, list] of Object.entries(messages)) {
        expect(list.length, key).toBeGreaterThanOrEqual(3);
        expect(list.length, key).toBeLessThanOrEqual(5);
        expect(new Set(list).size, key).toBe(list.length);
        expect(list.filter((line) => !line.includes("{")).length, key).toBeGreaterThanOrEqual(2);
      }
  });

  it("are one short line of plain text, with no blank but a title", () => {
    for (const { line, name } of lines) {
      expect([...line].length, name).toBeLessThanOrEqual(LONGEST);
      expect(line, name).toBe(line.trim());
      expect(line, name).not.toMatch(/[<>&\n!]/);
      expect(line.replaceAll(/\{(step|skill)\}/g, ""), name).not.toMatch(/[{}]/);
    }
  });

  it("name no feeling, praise nobody, judge nothing and lecture nobody", () => {
    for (const language of Object.keys(CATALOGUES))
      expect(Object.keys(forbidden), "a list of words").toContain(language);
    for (const { line, language, name } of lines)
      expect(forbiddenIn(line, language), name).toEqual([]);
  });

  it("would be caught if they did", () => {
    const caught = [
      ["en", "You seem frustrated. Would a hint help?", "frustrat*"],
      ["en", "Well done! Ready for more?", "well done"],
      ["en", "Don’t give up: effort pays.", "dont give up"],
      ["en", "That was wrong.", "wrong*"],
      ["de", "Du wirkst gelangweilt.", "gelangweilt"],
      ["de", "Das hast du gut gemacht.", "gut gemacht"],
      ["de", "Das war falsch.", "falsch*"],
      ["de", "Du musst dich anstrengen.", "musst"],
      ["ar", "هل هذا مملّ؟", "ممل"],
      ["ar", "أحسنتَ!", "أحسنت*"],
      ["ar", "كان هذا خطأً.", "خطأ*"],
    ] as const;
    for (const [language, line, word] of caught)
      expect(forbiddenIn(line, language)).toContain(word);
    expect(forbiddenIn("A smaller one, easily found.", "en")).toEqual([]);
  });
});

describe("which line is said", () => {
  const hint = (id: number, titles = {}) => offerOf({ id, message: "offer.hint", ...titles });

  it("stays the same for one Adaptation, and is never the same twice in a row", () => {
    const words = new Words("en");
    let before = "";
    for (const id of [4, 8, 12, 13, 1, 5, 9, 0, 1_000_000]) {
      const said = words.message(hint(id));
      expect(words.message(hint(id))).toBe(said);
      expect(said).not.toBe(before);
      before = said;
    }
  });

  it("is the same for the same session in another window", () => {
    const [a, b] = [new Words("de"), new Words("de")];
    for (const id of [3, 7, 8, 20]) expect(a.message(hint(id))).toBe(b.message(hint(id)));
  });

  it("has the step's title where there is one, and none that would not fit", () => {
    const said = (titles: object): string[] => {
      const words = new Words("en");
      return [0, 1, 2, 3, 4, 5, 6, 7].map((id) => words.message(hint(id, titles)));
    };
    expect(said({ step_title: "Half plus a quarter" }).join()).toContain("“Half plus a quarter”");
    for (const title of ["", "so long a title that no card of one line could ever hold it"])
      for (const line of said({ step_title: title })) {
        expect(line).not.toContain("{");
        expect(line).not.toContain("so long");
      }
    expect(said({ step_title: "{skill} {n}" }).join()).toContain("{skill} {n}"); // only a title
  });

  it("is the school's own where it has one", () => {
    const words = new Words("en");
    words.prefer({ "offer.hint": ["Ask the owl about {step}?", "The owl knows."] });
    expect(words.message(hint(1))).toBe("The owl knows.");
    expect(words.message(hint(2))).toBe("The owl knows."); // the other one has a blank to fill
    expect(words.message(hint(3, { step_title: "Halves" }))).toBe("Ask the owl about Halves?");
    words.prefer({ "offer.hint": [] });
    expect(words.message(hint(4))).toBe(words.t.anyMessage);
  });

  it("is a plain one where the key is not known", () => {
    const words = new Words("en");
    const said = words.message(offerOf({ id: 1, message: "offer.of_tomorrow" }));
    expect(said).toBe(words.t.anyMessage);
  });
});
