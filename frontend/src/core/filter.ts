import { type LearnerRow, NEEDS, type Need } from "../protocol";
import { WELL } from "./order";

/** What of the class is shown. */
export interface Filter {
  readonly need: Need | null;
  readonly schoolClass: number | null;
  readonly name: string;
  /** Only those whom nobody has taken on and this teacher has not seen. */
  readonly unattended: boolean;
}

export const everyone: Filter = { need: null, schoolClass: null, name: "", unattended: false };

export function isEveryone(filter: Filter): boolean {
  return !filter.need && filter.schoolClass === null && !filter.name && !filter.unattended;
}

/** `quiet`: this teacher has marked the learner as seen. */
export function matches(filter: Filter, row: LearnerRow, quiet: boolean): boolean {
  return (
    (filter.need === null || row.need === filter.need) &&
    (filter.schoolClass === null || row.classes.includes(filter.schoolClass)) &&
    (!filter.unattended || (row.acknowledged_by === "" && !quiet && !WELL.has(row.need))) &&
    (filter.name === "" || plain(row.name).includes(plain(filter.name)))
  );
}

/** Without case and accents, so that "emile" finds "Émile". */
function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

/** The filter as the part of the address after `#`, so that it can be kept and shared. */
export function hashOf(filter: Filter): string {
  const parts = new URLSearchParams();
  if (filter.need) parts.set("need", filter.need);
  if (filter.schoolClass !== null) parts.set("class", String(filter.schoolClass));
  if (filter.name) parts.set("name", filter.name);
  if (filter.unattended) parts.set("new", "1");
  const text = parts.toString();
  return text && `#${text}`;
}

/** Whatever in an address is no filter is left out. */
export function filterOf(hash: string): Filter {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  const need = NEEDS.find((known) => known === parts.get("need")) ?? null;
  const number = parts.get("class") ?? "";
  return {
    need,
    schoolClass: /^\d{1,15}$/.test(number) ? Number(number) : null,
    name: (parts.get("name") ?? "").slice(0, 100),
    unattended: parts.get("new") === "1",
  };
}
