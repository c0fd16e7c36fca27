// What the caller decides, and where things are.
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

/** The clone. */
export const workspace = resolve(here, "../../..");
/** The folder of the specs' runner. */
export const tests = resolve(here, "..");
/** Where a failed spec leaves pictures, pages and logs. */
export const failures = join(workspace, "target/browser-failures");
/** How long a spec waits for something that should be so at once, in ms. */
export const PATIENCE = Number(process.env.RIDEOUT_BROWSER_PATIENCE ?? 15_000);
/** A PostgreSQL that specs may use as they like; none leaves those specs out. */
export const postgres = process.env.RIDEOUT_TEST_POSTGRES ?? "";

/** The server under test. */
export function serverBinary() {
  const binary = process.env.RIDEOUT_BIN ?? join(workspace, "target/debug/rideout");
  if (!existsSync(binary)) {
    throw new Error(`there is no server at ${binary}: build it, or set RIDEOUT_BIN`);
  }
  return binary;
}

/** The browser to drive. */
export function chromium() {
  const named = process.env.RIDEOUT_CHROMIUM;
  const known = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const found = named ?? known.find((path) => existsSync(path));
  if (!found) throw new Error("there is no Chromium: install it, or set RIDEOUT_CHROMIUM");
  return found;
}
