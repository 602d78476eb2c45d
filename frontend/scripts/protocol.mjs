// Writes src/protocol.ts from tutor_emotion/protocol.py; with --check it only says whether it is stale.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";

const frontend = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(frontend);
const target = join(frontend, "src", "protocol.ts");
const venv = join(root, ".venv", "bin", "python");
const python = process.env.PYTHON ?? (existsSync(venv) ? venv : "python3");

const printed = execFileSync(python, ["-m", "tutor_emotion.protocol_types"], { cwd: root });
const { schema, constants } = JSON.parse(printed.toString());

/** The rules of one field, small enough to ship: what report() checks before it queues. */
function rule(field, required) {
  const choices = field.anyOf ?? [field];
  const nullable = choices.some((c) => c.type === "null");
  const body = choices.find((c) => c.type !== "null");
  const plain = body.$ref ? schema.$defs[body.$ref.split("/").at(-1)] : body;
  const kept = { type: plain.type, required };
  if (nullable) kept.nullable = true;
  for (const key of ["enum", "minimum", "maximum", "minLength", "maxLength"])
    if (plain[key] !== undefined) kept[key] = plain[key];
  return kept;
}

function eventFields() {
  const events = schema.$defs.EventMessage.anyOf.map((m) => schema.$defs[m.$ref.split("/").at(-1)]);
  return Object.fromEntries(
    events.map(({ properties, required = [] }) => {
      const { type, ...fields } = properties;
      const rules = Object.entries(fields).map(([k, v]) => [k, rule(v, required.includes(k))]);
      return [type.const, Object.fromEntries(rules)];
    }),
  );
}

/** A field with a default is not "required" to pydantic, but `type` is what tells messages apart. */
function withTypeRequired({ $defs, ...rest }) {
  const named = Object.entries(structuredClone($defs)).map(([name, body]) => {
    if (body.properties?.type) body.required = [...new Set(["type", ...(body.required ?? [])])];
    return [name, body];
  });
  return { ...rest, $defs: Object.fromEntries(named) };
}

const banner = "// Generated from tutor_emotion/protocol.py by `npm run protocol`. Do not edit.\n";
const types = await compile(withTypeRequired(schema), "Protocol", {
  additionalProperties: false,
  bannerComment: "",
  unreachableDefinitions: true,
  format: false,
  maxItems: -1,
});
const tidied = types
  .replace(/export interface Protocol \{[^}]*\}\n?/, "")
  .replace(/ \*\s*\n \* This interface was referenced by[^\n]*\n[^\n]*"\.\n/g, "")
  .replace(/ \* This interface was referenced by[^\n]*\n[^\n]*"\.\n/g, "")
  .replace(/\/\*\*\n \*\/\n/g, "")
  .replace(/^(?=(?:[a-z_]+\??|\[k: string\]):)/gm, "  ");
const values = Object.entries({ ...constants, EVENT_FIELDS: eventFields() }).map(
  ([name, value]) => `export const ${name} = ${JSON.stringify(value, null, 2)} as const;\n`,
);
const text = `${banner}${tidied.trim()}\n\n${values.join("")}`;

if (!process.argv.includes("--check")) {
  writeFileSync(target, text);
  process.stdout.write("wrote src/protocol.ts\n");
} else if (!existsSync(target) || readFileSync(target, "utf8") !== text) {
  process.stderr.write(
    "src/protocol.ts is not what tutor_emotion/protocol.py says; run `make types`.\n",
  );
  process.exit(1);
} else {
  process.stdout.write("src/protocol.ts is up to date\n");
}
