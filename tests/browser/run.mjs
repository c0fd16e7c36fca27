// Runs the browser specs: `node tests/browser/run.mjs [part of a name …]`.
import { run } from "./harness/runner.mjs";

process.exitCode = await run(process.argv.slice(2));
