// Types are checked by `tsc`; here they are only taken off, by a compiler that is fast at it.
const transform = {
  "\\.ts$": [
    "@swc/jest",
    { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" }, sourceMaps: "inline" },
  ],
};

/** @type {import("jest").Config} */
export default {
  // Against what hangs, not against what is slow: a busy machine takes many times as long as a quiet one.
  testTimeout: 10 * 60_000,
  projects: [
    {
      displayName: "unit",
      testMatch: ["<rootDir>/tests/**/*.test.ts"],
      testPathIgnorePatterns: ["/node_modules/", "<rootDir>/tests/engine/", "<rootDir>/tests/kubernetes/"],
      transform,
    },
    {
      // The sandbox's clusters: a real Kubernetes API, without an engine.
      displayName: "kubernetes",
      testMatch: ["<rootDir>/tests/kubernetes/**/*.test.ts"],
      transform,
    },
    {
      // The real engine on the sandbox: seconds to minutes a test, so few at a time (`npm run test:engine`).
      displayName: "engine",
      testMatch: ["<rootDir>/tests/engine/**/*.test.ts"],
      transform,
    },
  ],
};
