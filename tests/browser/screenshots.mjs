// Takes a picture of every page of the example, wide, on a phone and dark:
// `node tests/browser/screenshots.mjs [part of a page's name …]`.
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { until } from "./harness/expect.mjs";
import { carla, grace, lena, omar, priya, ravi, sam } from "./harness/people.mjs";
import { small } from "./harness/png.mjs";
import { launch } from "./harness/runner.mjs";
import { logIn } from "./harness/scene.mjs";
import { Server } from "./harness/server.mjs";
import { workspace } from "./harness/settings.mjs";

const folder = join(workspace, "docs/screenshots");
/** A phone's page is cut below this, so that pictures stay small. */
const LONGEST = 2_400;

const views = [
  { name: "wide", viewport: { width: 1440, height: 900 }, colorScheme: "light" },
  { name: "phone", viewport: { width: 390, height: 844 }, colorScheme: "light", long: true },
  { name: "dark", viewport: { width: 1440, height: 900 }, colorScheme: "dark" },
];

const server = await Server.start({ args: ["--example"] });
const browser = await launch();
const wanted = process.argv.slice(2);

try {
  mkdirSync(folder, { recursive: true });
  const cookies = {};
  for (const person of [priya, grace]) {
    const page = await (await browser.newContext({ baseURL: server.url })).newPage();
    await logIn(page, { ...person, password: null });
    cookies[person.key] = await page.context().storageState();
    await page.context().close();
  }
  const pages = await pagesOf(cookies.priya);
  await inTheRoom(pages.priya[0][1], [sam, omar, lena, ravi, carla]);
  for (const view of views) {
    for (const [who, shots] of Object.entries(pages)) {
      const context = await browser.newContext({
        baseURL: server.url,
        viewport: view.viewport,
        colorScheme: view.colorScheme,
        reducedMotion: "reduce",
        locale: "en-GB",
        timezoneId: "UTC",
        storageState: cookies[who],
      });
      const page = await context.newPage();
      for (const [name, path, prepare] of shots) {
        if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue;
        await shoot(page, view, name, path, prepare);
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
  await server.remove();
}

/** Others have the room open, so that somebody is there. */
async function inTheRoom(path, others) {
  for (const person of others) {
    const page = await (await browser.newContext({ baseURL: server.url })).newPage();
    await logIn(page, { ...person, password: null });
    await page.goto(path);
  }
}

/** What there is to see, by who sees it. */
async function pagesOf(storageState) {
  const context = await browser.newContext({ baseURL: server.url, storageState });
  const page = await context.newPage();
  await page.goto("/incidents?status=all");
  const [open, over] = await page.locator("a.row-link").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  await page.goto(`${open}/share`);
  await page.locator('form[action$="/share/links"] [name="label"]').fill("The two directors");
  await page.locator('form[action$="/share/links"]').getByRole("button").click();
  const link = await page.getByLabel("The new link").inputValue();
  await page.goto(over);
  const mine = page.locator('#timeline > li[data-mine][data-kind="decision"]').first();
  const entry = `${over}/entries/${await mine.getAttribute("data-entry")}`;
  await page.goto(`${entry}/edit`);
  const text = page.locator('main textarea[name="text"]');
  await text.fill(`${await text.inputValue()} Ravi watches the pools meanwhile.`);
  await page.getByRole("main").getByRole("button", { name: /save/i }).click();
  await page.waitForURL(/#e-/);
  await context.close();
  const compose = (kind) => `${open}?compose=${kind}#composer`;
  return {
    priya: [
      ["war-room", open],
      ["war-room-task", compose("task")],
      ["war-room-resolved", over],
      ["incidents", "/incidents"],
      ["declare", "/incidents/new"],
      ["catch-up", `${open}/catch-up`],
      ["share", `${open}/share`],
      ["details", `${open}/details`],
      ["entry-edit", `${entry}/edit`],
      ["entry-redact", `${entry}/redact`],
      ["entry-history", `${entry}/history`],
      ["account", "/account"],
      ["not-found", "/nothing/here"],
    ],
    grace: [
      ["people", "/people"],
      ["audit", "/audit"],
    ],
    nobody: [
      ["login", "/login"],
      ["example", "/example"],
      ["stakeholder", link],
      ["set-up", server.links.setup ?? "/login"],
    ],
  };
}

async function shoot(page, view, name, path) {
  await page.goto(path);
  await until("the page is awake", () => page.evaluate(() => !document.querySelector("leptos-island") || "awake" in document.documentElement.dataset));
  await page.evaluate(() => document.fonts.ready);
  const file = join(folder, `${name}-${view.name}.png`);
  if (view.long) {
    // As tall as the page, so that what stays in place on a screen is where it belongs.
    const tall = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width: view.viewport.width, height: Math.min(tall, LONGEST) });
  }
  const picture = small(await page.screenshot());
  await page.setViewportSize(view.viewport);
  writeFileSync(file, picture);
  console.log(`${relative(workspace, file)} ${Math.round(picture.length / 1024)} kB`);
}
