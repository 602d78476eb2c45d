import { type Catalogue, en } from "../locales/en";

/** English is in the bundle; every other language is a file that is fetched where it is wanted. */
const known = new Map<string, Catalogue>([["en", en]]);

/** The catalogue of a language tag's language; undefined where it was not loaded. */
export function catalogueOf(lang: string): Catalogue | undefined {
  return known.get(languageIn(lang));
}

/** Make a language known. What it leaves out is said in English. */
export function addCatalogue(lang: string, words: unknown): void {
  known.set(languageIn(lang), over(en, words) as Catalogue);
}

/**
 * Fetch the language that the page's script tags name (`data-lang`, `data-catalogue`), once.
 * Without it the words are English: never nothing.
 */
export async function loadCatalogues(page: Document = document): Promise<void> {
  const scripts = page.querySelectorAll<HTMLScriptElement>("script[data-catalogue]");
  await Promise.all([...scripts].map((script) => load(script.dataset)));
}

async function load({ lang, catalogue }: DOMStringMap): Promise<void> {
  if (!lang || !catalogue || catalogueOf(lang)) return;
  try {
    const answer = await fetch(catalogue);
    if (answer.ok) addCatalogue(lang, await answer.json());
  } catch {
    // away, or not JSON: English it is
  }
}

function languageIn(tag: string): string {
  return tag.toLowerCase().split("-")[0] ?? "en";
}

/** `words` in the shape of `base`: what is missing or of another type is the base's own. */
function over(base: unknown, words: unknown): unknown {
  if (Array.isArray(base)) return isLines(words) ? words : base;
  if (typeof base !== "object" || base === null) return typeof words === typeof base ? words : base;
  const given = (typeof words === "object" && words !== null ? words : {}) as Record<
    string,
    unknown
  >;
  const merged: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(base)) merged[key] = over(value, given[key]);
  // Plural forms that English does not have.
  if ("other" in base)
    for (const form of ["zero", "two", "few", "many"])
      if (typeof given[form] === "string") merged[form] = given[form];
  return merged;
}

function isLines(words: unknown): boolean {
  return Array.isArray(words) && words.length > 0 && words.every((w) => typeof w === "string");
}
