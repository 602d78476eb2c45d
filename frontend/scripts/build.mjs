// Three self-contained bundles with fixed names: a hashing static storage must not have to rewrite
// imports between them. Each has a limit, because a lesson page must not wait for us.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const frontend = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(frontend, "..", "tutor_emotion", "static", "tutor_emotion", "dist");
const LIMIT_GZIP_KB = { learner: 40, classroom: 60, lesson: 20 };

for (const [name, limit] of Object.entries(LIMIT_GZIP_KB)) {
  await build({
    root: frontend,
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    build: {
      outDir: out,
      emptyOutDir: name === "learner",
      target: "es2022",
      lib: {
        entry: join(frontend, "src", name === "lesson" ? "lesson/main.ts" : `${name}.ts`),
        formats: ["iife"],
        name: `tutorEmotion_${name}`,
        fileName: () => `${name}.js`,
      },
    },
  });
  const kb = gzipSync(readFileSync(join(out, `${name}.js`)), { level: 9 }).length / 1000;
  process.stdout.write(`${name}.js ${kb.toFixed(1)} kB gzip (limit ${limit})\n`);
  if (kb > limit) {
    process.stderr.write(`${name}.js is larger than ${limit} kB.\n`);
    process.exit(1);
  }
}
