import { NEEDS, type Need } from "../protocol";
import type { Attention, Seen } from "./classroom";

/** Who stands where on the page. `ranks` is what each place was given for. */
export interface Order {
  readonly attention: readonly string[];
  readonly well: readonly string[];
  readonly ranks: ReadonlyMap<string, string>;
}

export const nobody: Order = { attention: [], well: [], ranks: new Map() };

/** Nobody has been waiting in these. */
export const WELL: ReadonlySet<Need> = new Set<Need>(["fine", "on_a_roll"]);

/** A learner who is already attended to comes after those of the same need who are not. */
function rankOf(seen: Seen, attention: Attention): string {
  const { need, acknowledged_by: by } = seen.row;
  const attended = by !== "" || isQuiet(seen, attention);
  const place = String(NEEDS.indexOf(need)).padStart(2, "0");
  // To ten seconds: a start that is told again is not another one.
  const since = WELL.has(need) ? 0 : Math.round((seen.atMs / 1000 - seen.row.since_s) / 10);
  return `${place}${attended ? 1 : 0}${String(since + 1e10).padStart(12, "0")}`;
}

/** Whether this teacher has marked the learner as seen, for the need that they are in now. */
export function isQuiet(seen: Seen, attention: Attention): boolean {
  return attention.get(seen.row.session) === seen.row.need;
}

/** By need as the protocol orders them; within it the unattended, then the longest, then by name. */
export function orderOf(
  learners: ReadonlyMap<string, Seen>,
  attention: Attention,
  names: Intl.Collator,
): Order {
  const ranks = new Map<string, string>();
  for (const [session, seen] of learners) ranks.set(session, rankOf(seen, attention));
  const placed = [...learners.values()].sort((a, b) => {
    const first = ranks.get(a.row.session) ?? "";
    const second = ranks.get(b.row.session) ?? "";
    if (first !== second) return first < second ? -1 : 1;
    return names.compare(a.row.name, b.row.name) || (a.row.session < b.row.session ? -1 : 1);
  });
  const well = placed.filter((seen) => WELL.has(seen.row.need));
  const needing = placed.filter((seen) => !WELL.has(seen.row.need));
  return { attention: needing.map(session), well: well.map(session), ranks };
}

/** The same places for who is still here; who is new comes last. Nothing moves under a pointer. */
export function heldOrder(order: Order, learners: ReadonlyMap<string, Seen>): Order {
  const here = (key: string): boolean => learners.has(key);
  const fresh = [...learners.values()].filter((seen) => !order.ranks.has(seen.row.session));
  const left = [...order.ranks.keys()].some((key) => !here(key));
  if (fresh.length === 0 && !left) return order;
  const well = fresh.filter((seen) => WELL.has(seen.row.need));
  const needing = fresh.filter((seen) => !WELL.has(seen.row.need));
  return {
    attention: [...order.attention.filter(here), ...needing.map(session)],
    well: [...order.well.filter(here), ...well.map(session)],
    // A new one has no rank: its place is not the one that it will have.
    ranks: new Map([
      ...[...order.ranks].filter(([key]) => here(key)),
      ...fresh.map((seen): [string, string] => [session(seen), ""]),
    ]),
  };
}

/** How many learners would stand elsewhere if the places were given anew. */
export function waitingChanges(
  order: Order,
  learners: ReadonlyMap<string, Seen>,
  attention: Attention,
): number {
  let n = 0;
  for (const [key, seen] of learners) if (order.ranks.get(key) !== rankOf(seen, attention)) n += 1;
  return n;
}

function session(seen: Seen): string {
  return seen.row.session;
}
