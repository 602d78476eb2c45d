import { afterEach, describe, expect, it, vi } from "vitest";
import { en } from "../locales/en";
import { addCatalogue, catalogueOf, loadCatalogues } from "./catalogues";
import { Words } from "./words";

afterEach(() => vi.unstubAllGlobals());

function pageWith(lang: string): Document {
  document.body.innerHTML = `<script data-lang="${lang}" data-catalogue="/words.json"></script>`;
  return document;
}

describe("a language of its own file", () => {
  it("is fetched where the page names it, once", async () => {
    const fetch = vi.fn(async () => new Response(JSON.stringify({ panel: { stop: "Arrêter" } })));
    vi.stubGlobal("fetch", fetch);
    await loadCatalogues(pageWith("fr-CA"));
    await loadCatalogues(pageWith("fr"));
    expect(fetch).toHaveBeenCalledTimes(1);
    const words = new Words("fr-FR");
    expect(words.t.panel.stop).toBe("Arrêter");
    expect(words.lang).toBe("fr-FR");
  });

  it("says in English what it leaves out or spoils", () => {
    addCatalogue("eo", { panel: { stop: 7, pause: "Paŭzi" }, feelings: null, unknown: "?" });
    const words = catalogueOf("eo");
    expect(words?.panel).toEqual({ ...en.panel, pause: "Paŭzi" });
    expect(words?.feelings).toEqual(en.feelings);
    expect(words).not.toHaveProperty("unknown");
  });

  it("may have plural forms that English has not", () => {
    const present = { one: "متعلم", two: "متعلمان", few: "{n} متعلمين", other: "{n} متعلم" };
    addCatalogue("ar", { classroom: { present } });
    const words = new Words("ar-u-nu-latn");
    const count = (n: number): string => words.count(words.t.classroom.present, n);
    expect([1, 2, 3, 100].map(count)).toEqual(["متعلم", "متعلمان", "3 متعلمين", "100 متعلم"]);
  });
});

describe("without its file", () => {
  it.each([
    ["the server says no", async () => new Response("", { status: 404 })],
    ["it is no JSON", async () => new Response("<html>")],
    ["the network is away", async () => Promise.reject(new TypeError())],
  ])("the words are English: %s", async (_, fetch) => {
    vi.stubGlobal("fetch", fetch);
    await loadCatalogues(pageWith("nl"));
    expect(new Words("nl").t).toBe(en);
  });
});
