import { describe, expect, it } from "vitest";
import interaction from "../../../tutor_emotion/core/estimators/interaction.py?raw";
import rows from "../../../tutor_emotion/live/rows.py?raw";
import { de } from "../locales/de";
import { en } from "../locales/en";
import { COMPARED_MEASURES, MESSAGE_KEYS, TEXT_MEASURES } from "../protocol";
import { fill, languageOf, Words } from "./words";

/** What a pattern finds in the text of a Python file. */
function namesIn(text: string, pattern: RegExp): Set<string> {
  return new Set([...text.matchAll(pattern)].map(([, name]) => name ?? ""));
}

/** Every path of a catalogue, with its text. */
function leaves(node: object, path = ""): [string, string][] {
  return Object.entries(node).flatMap(([key, value]): [string, string][] =>
    typeof value === "string" ? [[path + key, value]] : leaves(value as object, `${path}${key}/`),
  );
}
const blanks = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

describe("the catalogues", () => {
  it("have the same keys, and nothing is empty that is not empty in both", () => {
    const german = new Map(leaves(de));
    for (const [path, text] of leaves(en)) {
      expect(german.has(path), path).toBe(true);
      expect((german.get(path) ?? "") === "", path).toBe(text === "");
    }
    expect(german.size).toBe(leaves(en).length);
  });

  it("have the same blanks to fill", () => {
    const german = new Map(leaves(de));
    for (const [path, text] of leaves(en))
      expect(blanks(german.get(path) ?? ""), path).toEqual(blanks(text));
  });

  it("have words for every message that the engine may send to a learner", () => {
    const forLearner = MESSAGE_KEYS.filter((key) => !key.startsWith("flag."));
    expect(forLearner.length).toBeGreaterThan(10);
    for (const words of [new Words("en"), new Words("de")])
      for (const key of forLearner) expect(words.message(key)).not.toBe(words.t.anyMessage);
  });

  it("have words for every measure of face, voice and text", () => {
    for (const measure of COMPARED_MEASURES) expect(en.measures).toHaveProperty(measure);
    for (const measure of TEXT_MEASURES) expect(en.happened).toHaveProperty(measure);
  });

  it("have words for what the engine counts, and for the reasons of a teacher's row", () => {
    const counted = namesIn(interaction, /Cue\("(\w+)"/g);
    expect(counted.size).toBeGreaterThan(8);
    for (const measure of counted) expect(en.happened).toHaveProperty(measure);
    const reasons = namesIn(rows, /measure="(\w+)"/g);
    expect(reasons.size).toBeGreaterThan(3);
    for (const measure of reasons) expect(en.because).toHaveProperty(measure);
  });

  it("never name a feeling in what is offered, and never judge", () => {
    const spoken = [en, de].flatMap((words) => [
      ...Object.values(words.messages),
      ...Object.values(words.choices),
      ...Object.values(words.measures),
      words.anyMessage,
    ]);
    const feelings =
      /confus|frustrat|bored|boring|annoy|stuck|wrong|correct|well done|clever|smart|verwirr|langweil|frust|genervt|falsch|richtig|klug|schlau/i;
    expect(spoken.filter((text) => feelings.test(text))).toEqual([]);
  });
});

describe("words", () => {
  const english = new Words("en-GB");
  const german = new Words("de-AT");

  it("choose the language that was asked for, or English", () => {
    expect(german.t).toBe(de);
    expect(new Words("fr").t).toBe(en);
    expect(new Words("not a language").t).toBe(en);
  });

  it("say evidence with what is usual, in the reader's own numbers", () => {
    const item = {
      modality: "voice",
      measure: "onset_s",
      value: 4.25,
      unit: "s",
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

  it("say only where it comes from when a measure might name a feeling", () => {
    const item = { modality: "face", measure: "p_confused", value: 0.7, unit: "share" } as const;
    expect(english.evidence({ ...item, usual: 0.1, nats: 1 })).toEqual({
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
