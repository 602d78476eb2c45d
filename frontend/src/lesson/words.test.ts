import { afterEach, describe, expect, it, vi } from "vitest";
import { english, fill, wordsOf } from "./words";

afterEach(() => vi.unstubAllGlobals());

function pageIn(lang: string): Document {
  document.body.innerHTML = `<script data-lang="${lang}" data-catalogue="/${lang}.json"></script>
    <script data-lang="${lang}" data-catalogue="/${lang}.json"></script>`;
  return document;
}

describe("the lesson's words", () => {
  it("come from the file of the page's language, fetched once for all its scripts", async () => {
    const file = { panel: {}, lesson: { check: "Vérifier", faults: { network: "…" } } };
    const fetch = vi.fn(async () => new Response(JSON.stringify(file)));
    vi.stubGlobal("fetch", fetch);
    const words = await wordsOf(pageIn("fr"));
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(words.check).toBe("Vérifier");
    expect(words.next).toBe(english.next);
    expect(words.faults).toEqual({ ...english.faults, network: "…" });
  });

  it.each([
    ["no lesson in it", async () => new Response("{}")],
    ["nothing in it", async () => new Response("null")],
    ["no answer", async () => Promise.reject(new TypeError())],
  ])("are English where the file has %s", async (_, fetch) => {
    vi.stubGlobal("fetch", fetch);
    expect(await wordsOf(pageIn("nl"))).toEqual(english);
  });

  it("are English on a page that names no file", async () => {
    document.body.innerHTML = "";
    expect(await wordsOf(document)).toEqual(english);
  });

  it("fill blanks and leave unknown ones alone", () => {
    expect(fill("{a} {b}", { a: 1 })).toBe("1 {b}");
  });
});
