// Self-contained bundles with fixed names: a hashing static storage must not have to rewrite imports
// between them. Each has a limit, because a lesson page must not wait for us. Languages other than
// English are files of their own, `locales/<language>.json`: a page fetches the one that it speaks.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const frontend = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(frontend, "..", "tutor_emotion", "static", "tutor_emotion", "dist");
// A teacher's page is one of classroom and timeline; both together stay under 60. The last one is
// asked for by a lesson page only where there is TeX.
const LIMIT_GZIP_KB = { learner: 40, classroom: 34, timeline: 26, lesson: 24, math: 80 };
const ENTRIES = { lesson: "lesson/main.ts", math: "lesson/math.ts" };

/** WhiteNoise sends the file beside, where there is one; where static files are collected it makes
 * its own. Returns its kilobytes. */
function packed(file) {
  const small = gzipSync(readFileSync(file), { level: 9 });
  writeFileSync(`${file}.gz`, small);
  return small.length / 1000;
}

function bundle(entry, options) {
  const common = { root: frontend, configFile: false, logLevel: "warn", publicDir: false };
  const { formats, name, fileName, ...rest } = options;
  const lib = { entry: join(frontend, "src", entry), formats, name, fileName: () => fileName };
  return build({ ...common, build: { target: "es2022", lib, ...rest } });
}

for (const [name, limit] of Object.entries(LIMIT_GZIP_KB)) {
  await bundle(ENTRIES[name] ?? `${name}.ts`, {
    formats: ["iife"],
    name: `tutorEmotion_${name}`,
    fileName: `${name}.js`,
    outDir: out,
    emptyOutDir: name === "learner",
    rollupOptions: { output: { assetFileNames: `${name}[extname]` } },
  });
  const kb = packed(join(out, `${name}.js`));
  process.stdout.write(`${name}.js ${kb.toFixed(1)} kB gzip (limit ${limit})\n`);
  if (kb > limit) {
    process.stderr.write(`${name}.js is larger than ${limit} kB.\n`);
    process.exit(1);
  }
}

mkdirSync(join(out, "locales"), { recursive: true });
for (const file of readdirSync(join(frontend, "src", "locales"))) {
  const language = basename(file, ".ts");
  if (language === "en") continue;
  const built = await bundle(`locales/${file}`, {
    formats: ["es"],
    fileName: `${language}.js`,
    write: false,
  });
  const code = built[0].output[0].code;
  const words = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const whole = { ...words[language], lesson: words.lesson };
  const target = join(out, "locales", `${language}.json`);
  writeFileSync(target, JSON.stringify(whole));
  packed(target);
}
