import { fetchLanguages, over } from "../core/languages";
import { type LessonCatalogue, lesson } from "../locales/en";

export type Words = LessonCatalogue;

/** English, which is in the script. */
export const english: Words = lesson;

/** The lesson's words in the page's language, by its file; in English what that leaves out. */
export async function wordsOf(page: Document): Promise<Words> {
  const [file] = await fetchLanguages(page);
  const words = (file?.words as { lesson?: unknown } | undefined)?.lesson;
  return over(english, words) as Words;
}

/** `{name}` filled in. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
