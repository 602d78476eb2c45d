import { EVENT_FIELDS, type EventMessage, type Modality } from "../protocol";

interface FieldRule {
  readonly type: string;
  readonly required: boolean;
  readonly nullable?: boolean;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}
type Rules = Readonly<Record<string, FieldRule>>;

/** Most reports that wait for a connection; the oldest give way. */
export const QUEUE_LIMIT = 100;

/** What is wrong with `event`, for the developer of the lesson; null if it may be sent. */
export function faultOf(event: unknown): string | null {
  if (typeof event !== "object" || event === null) return "not an object";
  const { type, ...fields } = event as Record<string, unknown>;
  if (typeof type !== "string" || !Object.hasOwn(EVENT_FIELDS, type)) return "type: unknown";
  const rules: Rules = EVENT_FIELDS[type as EventMessage["type"]];
  for (const name of Object.keys(fields))
    if (!Object.hasOwn(rules, name)) return `${name}: unknown`;
  for (const [name, rule] of Object.entries(rules)) {
    const fault = fieldFault(fields[name], rule);
    if (fault) return `${name}: ${fault}`;
  }
  return null;
}

function fieldFault(value: unknown, rule: FieldRule): string | null {
  if (value === undefined) return rule.required ? "missing" : null;
  if (value === null) return rule.nullable ? null : "must not be null";
  if (rule.type === "string") return stringFault(value, rule);
  if (rule.type === "boolean") return typeof value === "boolean" ? null : "must be true or false";
  return numberFault(value, rule);
}

function stringFault(value: unknown, rule: FieldRule): string | null {
  if (typeof value !== "string") return "must be a string";
  if (rule.enum && !rule.enum.includes(value)) return `must be one of ${rule.enum.join(", ")}`;
  // The server counts code points; JavaScript's length counts UTF-16 units.
  const length = [...value].length;
  if (length < (rule.minLength ?? 0)) return "too short";
  return length > (rule.maxLength ?? Number.POSITIVE_INFINITY) ? "too long" : null;
}

function numberFault(value: unknown, rule: FieldRule): string | null {
  if (typeof value !== "number" || !Number.isFinite(value)) return "must be a number";
  if (rule.type === "integer" && !Number.isInteger(value)) return "must be a whole number";
  if (value < (rule.minimum ?? Number.NEGATIVE_INFINITY)) return `must be at least ${rule.minimum}`;
  return value > (rule.maximum ?? Number.POSITIVE_INFINITY)
    ? `must be at most ${rule.maximum}`
    : null;
}

/** The consent that an event needs; what the learner did with an offer needs none of its own. */
export function modalityOf(event: EventMessage): Modality | null {
  if (event.type === "outcome") return null;
  if (event.type === "text") return "text";
  return event.type === "self_report" ? "self_report" : "interaction";
}

/** Reports that wait for a connection, oldest first. */
export class ReportQueue {
  private waiting: EventMessage[] = [];

  get length(): number {
    return this.waiting.length;
  }

  has(event: EventMessage): boolean {
    return this.waiting.includes(event);
  }

  push(event: EventMessage): void {
    this.waiting.push(event);
    if (this.waiting.length > QUEUE_LIMIT) this.waiting.shift();
  }

  /** Hand over in order until `send` refuses; true if nothing is left. */
  flush(send: (event: EventMessage) => boolean): boolean {
    while (this.waiting[0] && send(this.waiting[0])) this.waiting.shift();
    return this.waiting.length === 0;
  }

  clear(): void {
    this.waiting = [];
  }
}
