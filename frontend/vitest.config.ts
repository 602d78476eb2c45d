import { defineConfig } from "vitest/config";

export default defineConfig({
  // Tests compare the catalogues with the names in the Python sources.
  server: { fs: { allow: [".."] } },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.ts"],
    restoreMocks: true,
  },
});
