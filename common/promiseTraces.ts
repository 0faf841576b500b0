/**
 * Pulumi's runtime writes down a stack trace for every promise it makes, in case one never ends, and ts-node maps each to
 * the sources, which takes up to two fifths of a program's time. Those traces are left as they are; errors' are mapped as
 * before. Loaded before a program by ts-node (`tsconfig.run.json`).
 * Source: `debuggablePromise` in @pulumi/pulumi, runtime/debuggable.ts
 */
const mapped = Error.prepareStackTrace.bind(Error);
Error.prepareStackTrace = (error, frames) =>
  /[/\\]runtime[/\\]debuggable\.js$/.test(frames[0]?.getFileName() ?? "")
    ? [String(error), ...frames.map(String)].join("\n    at ")
    : (mapped(error, frames) as unknown);
