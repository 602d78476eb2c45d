/** A language and its file of words, as the server has it: anything may be missing or spoilt. */
export interface LanguageFile {
  readonly lang: string;
  readonly words: unknown;
}

/**
 * The files that the page's script tags name (`data-lang`, `data-catalogue`), each fetched once.
 * One that cannot be had is left out: the words are English then, never nothing.
 */
export async function fetchLanguages(
  page: Document = document,
  wanted: (lang: string) => boolean = () => true,
): Promise<LanguageFile[]> {
  const named = new Map<string, string>();
  for (const { dataset } of page.querySelectorAll<HTMLScriptElement>("script[data-catalogue]"))
    if (dataset.lang && dataset.catalogue && wanted(dataset.lang))
      named.set(dataset.catalogue, dataset.lang);
  const files = [...named].map(async ([address, lang]) => ({ lang, words: await load(address) }));
  return (await Promise.all(files)).filter(({ words }) => words !== null);
}

async function load(address: string): Promise<unknown> {
  try {
    const answer = await fetch(address);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null; // away, or not JSON
  }
}

/** `words` in the shape of `base`: what is missing or of another type is the base's own. */
export function over(base: unknown, words: unknown): unknown {
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
