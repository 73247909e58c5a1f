import { defineConfig } from "vitest/config";

const shared = {
  testTimeout: 30_000,
  hookTimeout: 120_000,
} as const;

/** Unit tests that measure memory, in which other files of the process would count. */
const MEASURE_MEMORY = ["test/unit/http/token.test.ts"];

// oxlint-disable-next-line import/no-default-export -- vitest reads its configuration from the default export
export default defineConfig({
  test: {
    globalSetup: ["test/support/global-setup.ts"],
    // Two cores, and an embedded database takes a gigabyte.
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...shared,
          name: "suite",
          include: ["test/{contract,integration}/**/*.test.ts", ...MEASURE_MEMORY],
        },
      },
      {
        // These keep no state between files. Loading modules once a worker, not once a file, saves 46 s of processor time.
        test: {
          ...shared,
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          exclude: MEASURE_MEMORY,
          isolate: false,
        },
      },
      {
        // A fault test may miss a deadline once on a machine that was starved; real faults fail twice.
        test: { ...shared, name: "faults", include: ["test/faults/**/*.test.ts"], retry: 1 },
      },
    ],
  },
});
