import { type Catalogue, en } from "../locales/en";
import { fetchLanguages, over } from "./languages";

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

/** Make the page's language known, by its file, unless it is. */
export async function loadCatalogues(page: Document = document): Promise<void> {
  const files = await fetchLanguages(page, (lang) => !catalogueOf(lang));
  for (const { lang, words } of files) addCatalogue(lang, words);
}

function languageIn(tag: string): string {
  return tag.toLowerCase().split("-")[0] ?? "en";
}
