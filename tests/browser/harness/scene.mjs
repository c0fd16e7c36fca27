// One run of one spec: its browser contexts, its people, what it allows.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { axe } from "./axe.mjs";
import { at, see } from "./expect.mjs";
import { PATIENCE } from "./settings.mjs";
import { Allowances, watch } from "./watch.mjs";

export class Scene {
  allow = new Allowances();
  problems = [];
  seen = [];
  #contexts = [];
  #pages = new Map();
  #step = "";

  constructor(browser, server, mode) {
    this.browser = browser;
    this.server = server;
    this.mode = mode;
    this.js = mode === "js";
  }

  /** Says what comes next, for whoever reads of a failure. */
  step(what) {
    this.#step = what;
    this.seen.push(`--- ${what}`);
  }

  get lastStep() {
    return this.#step;
  }

  /** A browser of its own for somebody, with one page. */
  async page(who, options = {}) {
    const js = options.javaScriptEnabled ?? this.js;
    const context = await this.browser.newContext({
      baseURL: this.server.url,
      javaScriptEnabled: this.js,
      viewport: { width: 1280, height: 900 },
      reducedMotion: "reduce",
      locale: "en-GB",
      timezoneId: "Europe/Berlin",
      ...options,
    });
    context.setDefaultTimeout(PATIENCE);
    this.#contexts.push(context);
    watch(context, who, js, this.allow, this.problems, this.seen);
    const page = await context.newPage();
    this.#pages.set(`${who}-${this.#pages.size + 1}`, page);
    return page;
  }

  /** Somebody without an account. */
  stranger(options) {
    return this.page("stranger", options);
  }

  /** Somebody who has logged in: through the form the first time, with the same cookie later. */
  async enter(person, options = {}) {
    const { sessions } = this.server;
    if (!sessions.has(person.email)) {
      const page = await this.page(person.name, { javaScriptEnabled: false });
      await logIn(page, person);
      sessions.set(person.email, await page.context().storageState());
      await page.context().close();
    }
    return this.page(person.name, { storageState: sessions.get(person.email), ...options });
  }

  /**
   * Asks axe about a page, in both themes. Axe is a script itself: where there
   * is none, it judges a copy of the page in which nothing of ours runs.
   */
  async axe(page, options) {
    if (this.js) return axe(page, options);
    const html = await page.content();
    const context = await this.browser.newContext({ viewport: page.viewportSize(), reducedMotion: "reduce" });
    try {
      await context.route("**/*", (route) => {
        const kind = route.request().resourceType();
        if (kind === "document") return route.fulfill({ contentType: "text/html; charset=utf-8", body: html });
        return ["script", "fetch", "xhr"].includes(kind) ? route.abort() : route.continue();
      });
      const copy = await context.newPage();
      await copy.goto(page.url());
      await axe(copy, options);
    } finally {
      await context.close();
    }
  }

  /** Fetches something as the one whose page it is, beside the page. */
  async fetch(page, path) {
    const cookies = await page.context().cookies();
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
    const answer = await fetch(new URL(path, this.server.url), { headers: { cookie }, redirect: "manual" });
    if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
    return answer;
  }

  /** Sends a form as the one whose page it is, beside the page. */
  async fetchForm(page, path, fields) {
    const cookies = await page.context().cookies();
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
    const headers = { cookie, origin: this.server.url, "sec-fetch-site": "same-origin" };
    const body = new URLSearchParams(fields);
    return fetch(new URL(path, this.server.url), { method: "POST", headers, body, redirect: "manual" });
  }

  /** Leaves pictures, pages and logs for whoever looks into a failure. */
  async explain(folder, error) {
    mkdirSync(folder, { recursive: true });
    const told = [error.stack ?? String(error), error.cause?.message ?? "", "", ...this.problems, "", ...this.seen];
    writeFileSync(join(folder, "what-happened.txt"), told.join("\n"));
    writeFileSync(join(folder, "server.log"), this.server.log);
    for (const [name, page] of this.#pages) {
      if (page.isClosed()) continue;
      const file = join(folder, name.toLowerCase().replace(/[^a-z0-9]+/g, "-"));
      try {
        await page.screenshot({ path: `${file}.png`, fullPage: true, timeout: 5_000 });
        writeFileSync(`${file}.html`, `<!-- ${page.url()} -->\n${await page.content()}`);
      } catch (why) {
        writeFileSync(`${file}.txt`, `no picture: ${why.message}`);
      }
    }
  }

  async close() {
    await Promise.all(this.#contexts.map((context) => context.close().catch(() => {})));
  }
}

/** Logs in through the form; people of the example go through its door instead. */
export async function logIn(page, { name, email, password }) {
  if (!password) {
    await page.goto("/example");
    await page.getByRole("main").getByRole("button", { name }).click();
    await see(page.getByRole("navigation", { name: "Main" }));
    return;
  }
  await page.goto("/login");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("main").getByRole("button", { name: /log in|sign in/i }).click();
  await see(page.getByRole("navigation", { name: "Main" }));
  await at(page, /^\/incidents/);
}
