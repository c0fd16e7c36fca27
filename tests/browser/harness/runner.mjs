// Finds the specs, runs them one after the other and counts.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { Scene } from "./scene.mjs";
import { Server } from "./server.mjs";
import * as settings from "./settings.mjs";

/** A spec that takes longer than this hangs. */
const LIMIT = 240_000;
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the browser that all specs share. */
export function launch() {
  return chromium.launch({ executablePath: settings.chromium(), args: FLAGS });
}

function files() {
  return ["specs", "fixed"].flatMap((folder) =>
    readdirSync(join(settings.tests, folder))
      .filter((name) => name.endsWith(".spec.mjs"))
      .sort()
      .map((name) => join(settings.tests, folder, name)),
  );
}

/** Every spec in every mode on every database it names. */
async function load(filters) {
  const groups = [];
  for (const file of files()) {
    const spec = await import(pathToFileURL(file));
    for (const database of spec.databases ?? ["sqlite"]) {
      const runs = spec.tests.flatMap((test) =>
        test.modes.map((mode) => ({
          ...test,
          mode,
          full: `${basename(file, ".spec.mjs")}: ${test.name} [${mode}, ${database}]`,
        })),
      );
      const chosen = runs.filter(({ full }) => filters.every((part) => full.includes(part)));
      if (chosen.length > 0) groups.push({ file, spec, database, runs: chosen });
    }
  }
  return groups;
}

function within(limit, promise) {
  let timer;
  const late = new Promise((_, refuse) => {
    timer = setTimeout(() => refuse(new Error(`no end after ${limit} ms`)), limit);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function one(browser, shared, run) {
  const server = run.fresh ? await Server.start({ database: shared.database }) : shared;
  const scene = new Scene(browser, server, run.mode);
  const start = performance.now();
  let error = null;
  try {
    await within(run.limit ?? LIMIT, run.run(scene));
    if (scene.problems.length > 0) throw new Error(`what should not happen:\n${scene.problems.join("\n")}`);
  } catch (caught) {
    error = caught instanceof Error ? caught : new Error(String(caught));
  }
  const ms = Math.round(performance.now() - start);
  const folder = join(settings.failures, run.full.replace(/[^\w]+/g, "-").toLowerCase());
  if (error) await scene.explain(folder, error).catch(() => {});
  await scene.close();
  if (run.fresh) await server.remove();
  console.log(`${error ? "FAILED" : "ok    "} ${run.full} ${ms} ms`);
  if (error) {
    if (scene.lastStep) console.log(`       at: ${scene.lastStep}`);
    console.log(`       ${error.message.split("\n").slice(0, 60).join("\n       ")}`);
    for (const problem of scene.problems.slice(0, 10)) {
      if (!error.message.includes(problem)) console.log(`       also: ${problem}`);
    }
    console.log(`       see ${folder}`);
  }
  return !error;
}

async function group(browser, { file, spec, database, runs }, sum) {
  const name = `${basename(file, ".spec.mjs")} [${database}]`;
  let server;
  try {
    const args = typeof spec.args === "function" ? await spec.args() : spec.args;
    server = await Server.start({ database, args });
    await server.admit(spec.people ?? []);
  } catch (error) {
    console.log(`FAILED ${name}: the server does not start\n       ${error.message}`);
    await server?.remove().catch(() => {});
    sum.failed += runs.length;
    return;
  }
  for (const run of runs) {
    const passed = await one(browser, server, run);
    sum[passed ? "passed" : "failed"] += 1;
  }
  const code = await server.remove();
  await spec.after?.();
  const panics = server.log.split("\n").filter((line) => /panicked/.test(line));
  if (code !== 0 || panics.length > 0) {
    console.log(`FAILED ${name}: the server ended with ${code}; ${panics.length} panics\n${panics.join("\n")}`);
    mkdirSync(settings.failures, { recursive: true });
    writeFileSync(join(settings.failures, `${basename(file)}-${database}.log`), server.log);
    sum.failed += 1;
  }
}

/** Runs what the filters leave; answers with the exit code. */
export async function run(filters) {
  rmSync(settings.failures, { recursive: true, force: true });
  const sum = { passed: 0, failed: 0 };
  const groups = await load(filters);
  const browser = await launch();
  for (const each of groups) {
    if (each.database === "postgres" && !settings.postgres) {
      console.log(`left out ${basename(each.file)} on PostgreSQL: RIDEOUT_TEST_POSTGRES names no server`);
      continue;
    }
    const why = each.spec.leftOut?.();
    if (why) {
      console.log(`left out ${basename(each.file)}: ${why}`);
      continue;
    }
    await group(browser, each, sum);
  }
  await browser.close();
  if (groups.length === 0) console.log(`no spec is called ${filters.join(" ")}`);
  console.log(`${sum.passed} passed, ${sum.failed} failed`);
  return sum.failed === 0 ? 0 : 1;
}
