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
/** Where nobody has been before. */
const empty = await Server.start();
const browser = await launch();
const wanted = process.argv.slice(2);

try {
  mkdirSync(folder, { recursive: true });
  const pages = await pagesOf(await enter(server, { ...priya, password: null }));
  await inTheRoom(pages[0].shots[0][1], [sam, omar, lena, ravi, carla]);
  await shootAll(pages);
  await shootAll([{ at: empty, shots: [["set-up", empty.links.setup]] }]);
  await empty.admit([grace]);
  const shots = [
    ["incidents-empty", "/incidents"],
    ["services-empty", "/services"],
  ];
  await shootAll([
    { at: empty, shots, storageState: await enter(empty, grace) },
    { at: empty, shots: [["login", "/login"]] },
  ]);
} finally {
  await browser.close();
  await Promise.all([server.remove(), empty.remove()]);
}

/** Enters as somebody; answers with the cookies. */
async function enter(where, person) {
  const page = await (await browser.newContext({ baseURL: where.url })).newPage();
  await logIn(page, person);
  const cookies = await page.context().storageState();
  await page.context().close();
  return cookies;
}

async function shootAll(pages) {
  for (const view of views) {
    for (const { at, shots, storageState } of pages) {
      const context = await browser.newContext({
        baseURL: at.url,
        viewport: view.viewport,
        colorScheme: view.colorScheme,
        reducedMotion: "reduce",
        locale: "en-GB",
        timezoneId: "UTC",
        storageState,
      });
      const page = await context.newPage();
      for (const [name, path] of shots) {
        if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue;
        await shoot(page, view, name, path);
      }
      await context.close();
    }
  }
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
  await page.goto("/on-call");
  const schedule = await page.getByRole("link", { name: "Reservations" }).getAttribute("href");
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
  await page.goto("/services");
  const service = await page.getByRole("link", { name: "Reservations" }).first().getAttribute("href");
  await page.goto("/policies");
  const policy = await page.locator('main a[href$="/edit"]').first().getAttribute("href");
  await context.close();
  const compose = (kind) => `${open}?compose=${kind}#composer`;
  const ofPriya = [
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
    ["stall-watch", "/stall"],
    ["watch-policy", "/stall/policy"],
    ["engine", "/engine"],
    ["on-call", "/on-call"],
    ["on-call-schedule", schedule],
    ["on-call-layer", `${schedule}/layers/0`],
    ["on-call-import", `${schedule}/import`],
    ["account", "/account"],
    ["services", "/services"],
    ["service", service],
    ["teams", "/teams"],
    ["policies", "/policies"],
    ["policy-edit", policy],
    ["reach", "/account/reach"],
    ["not-found", "/nothing/here"],
  ];
  const ofGrace = [
    ["people", "/people"],
    ["audit", "/audit"],
  ];
  const ofNobody = [
    ["example", "/example"],
    ["stakeholder", link],
  ];
  return [
    { at: server, shots: ofPriya, storageState },
    { at: server, shots: ofGrace, storageState: await enter(server, { ...grace, password: null }) },
    { at: server, shots: ofNobody },
  ];
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
