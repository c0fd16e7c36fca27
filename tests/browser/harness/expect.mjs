// Waiting for something to be so. Nothing here waits for a time to pass.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { PATIENCE } from "./settings.mjs";

export { assert };

/** Asks again and again until the answer is yes; the last refusal is the error. */
export async function until(what, ask, { patience = PATIENCE } = {}) {
  const deadline = Date.now() + patience;
  let last;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      const why = last ? `: ${last.message}` : "";
      throw new Error(`still not so after ${patience} ms: ${what}${why}`, { cause: last });
    }
    await pause(40);
  }
}

/** Waits until it is on screen. */
export async function see(locator, what = String(locator)) {
  try {
    await locator.first().waitFor({ state: "visible", timeout: PATIENCE });
  } catch (error) {
    throw new Error(`not on screen: ${what}`, { cause: error });
  }
  return locator.first();
}

/** Waits until it is no longer on screen. */
export async function gone(locator, what = String(locator)) {
  await until(`gone: ${what}`, async () => {
    const all = await locator.all();
    const visible = await Promise.all(all.map((one) => one.isVisible()));
    return !visible.includes(true);
  });
}

/** Waits until a number of elements is there. */
export async function count(locator, expected, what = String(locator)) {
  await until(`${expected} × ${what}`, async () => {
    const found = await locator.count();
    if (found !== expected) throw new Error(`there are ${found}`);
    return true;
  });
}

/** Waits until the visible text holds every one of the words (or matches). */
export async function says(locator, ...words) {
  let text = "";
  await until(`${locator} says ${words.join(", ")}`, async () => {
    text = (await locator.first().innerText()).replace(/\s+/g, " ");
    for (const word of words) {
      const found = word instanceof RegExp ? word.test(text) : text.includes(word);
      if (!found) throw new Error(`${word} is not in “${text.slice(0, 1500)}”`);
    }
    return true;
  });
  return text;
}

/** Waits until the address of the page is so. */
export async function at(page, path) {
  await until(`the page is at ${path}`, () => {
    const url = new URL(page.url());
    const here = url.pathname + url.search + url.hash;
    const so = path instanceof RegExp ? path.test(here) : here === path || url.pathname === path;
    if (!so) throw new Error(`it is at ${here}`);
    return true;
  });
}
