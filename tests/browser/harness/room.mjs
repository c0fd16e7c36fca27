// The war room as somebody sees and uses it, with and without JavaScript.
import { randomUUID } from "node:crypto";
import { assert, at, count, says, see, until } from "./expect.mjs";

/** Declares an incident through the page; answers with its room. */
export async function declare(scene, page, what) {
  await page.goto("/incidents");
  await page.locator("header.rail").getByRole("link", { name: /^Declare/ }).click();
  await at(page, "/incidents/new");
  await page.getByLabel("What is wrong?").fill(what.title);
  if (what.severity) await page.getByRole("radio", { name: what.severity }).check({ force: true });
  if (what.services) await page.getByLabel("Which services are affected?").fill(what.services);
  if (what.description || what.restricted) {
    await page.getByText("When it began, a description, who may see it").click();
    if (what.description) await page.getByLabel(/What do we know so far/).fill(what.description);
    if (what.restricted) await page.getByLabel("Only named people may see it").check();
    for (const name of what.people ?? []) await page.getByLabel(name, { exact: true }).check();
  }
  await page.getByRole("button", { name: "Declare and open the room" }).click();
  await at(page, /^\/incidents\/[0-9a-f-]{36}/);
  const room = new Room(scene, page);
  await see(page.getByRole("heading", { level: 1, name: what.title }));
  await room.awake();
  return room;
}

export class Room {
  constructor(scene, page) {
    this.scene = scene;
    this.page = page;
    this.id = new URL(page.url()).pathname.split("/")[2];
    this.path = `/incidents/${this.id}`;
    this.timeline = page.locator("#timeline");
    this.composer = page.locator("#composer");
    this.text = page.locator("#composer-text");
    this.glance = page.locator("#region-glance");
    this.prompt = page.locator("#region-prompt");
    this.thinking = page.locator("#region-thinking");
    this.doing = page.locator("#region-doing");
    this.roles = page.locator("#region-roles");
    this.here = page.locator("#region-here");
    this.pinned = page.locator("#region-pinned");
  }

  /** Opens the room of an incident that is there already. */
  static async open(scene, page, path) {
    await page.goto(path);
    const room = new Room(scene, page);
    await room.awake();
    return room;
  }

  /** Waits until what is live is so. */
  async awake() {
    if (!this.scene.js) return;
    await until("the page is awake", () =>
      this.page.evaluate(() => "awake" in document.documentElement.dataset),
    );
  }

  /** The entries whose text holds these words. */
  entry(text) {
    return this.timeline.locator("> li").filter({ hasText: text });
  }

  /** The card on the board with these words. */
  card(text) {
    return this.page.locator("article.card").filter({ hasText: text });
  }

  /** Chooses a kind in the composer. */
  async kind(kind) {
    const radio = this.page.locator(`#kind-${kind}`);
    const more = this.composer.locator("details.more-kinds");
    if ((await more.locator(radio).count()) > 0 && !(await more.evaluate((details) => details.open))) {
      await more.locator("summary").click();
    }
    // The label lies above it.
    await radio.check({ force: true });
  }

  /** Writes something through the composer and waits until it is on record. */
  async say(kind, text, fields = {}) {
    if (kind !== "note") await this.kind(kind);
    await this.text.fill(text);
    for (const [name, value] of Object.entries(fields)) await fill(this.composer, name, value);
    await this.add();
    if (text) await this.recorded(text);
  }

  /** Writes a slash command and waits until what it says is on record. */
  async command(line, recorded) {
    await this.text.fill(line);
    await this.add();
    if (recorded) await this.recorded(recorded);
  }

  async add() {
    await this.composer.getByRole("button", { name: /^Add/ }).click();
  }

  /** Waits until an entry is on the timeline, once, and no longer waiting to be sent. */
  async recorded(text) {
    const words = text.replace(/[*_`]/g, "").slice(0, 60);
    await see(this.entry(words).and(this.page.locator("[data-seq]")), `the entry “${words}”`);
    await until("the composer is empty again", async () => (await this.text.inputValue()) === "");
  }

  /** Opens the small form of a card, fills it in and presses a button. */
  async answer(card, opener, text, button, fields = {}) {
    const form = card.locator("details.ask").filter({ hasText: opener });
    if ((await form.getAttribute("open")) === null) await form.locator("summary").click();
    for (const [name, value] of Object.entries(fields)) await fill(form, name, value);
    if (text) await form.locator("textarea").fill(text);
    await form.getByRole("button", { name: button }).click();
  }

  /** Takes or gives a role. */
  async role(role, who = "Me", note = "") {
    await this.answer(this.roles, "Take or give a role", note, "Take the role", {
      role: { label: role },
      user: { label: new RegExp(`^${who}`) },
    });
  }

  /**
   * Waits until this screen shows something that another one did: live, without
   * loading the page again; or, without JavaScript, after loading it again.
   */
  async watches(what, look) {
    if (!this.scene.js) {
      await until(what, async () => {
        await this.page.goto(this.path);
        await look(this);
        return true;
      });
      return;
    }
    const mark = await this.page.evaluate((fresh) => (globalThis.__mark ??= fresh), randomUUID());
    await look(this);
    assert.equal(await this.page.evaluate(() => globalThis.__mark), mark, `${what}: without loading the page again`);
  }
}

/** Fills in one field of a form, whatever it is. */
export async function fill(form, name, value) {
  const field = form.locator(`[name="${name}"]`);
  const tag = await field.first().evaluate((element) => element.type ?? element.tagName);
  if (tag.startsWith("select")) {
    await field.selectOption(await option(field, value));
  } else if (tag === "checkbox") {
    for (const label of [value].flat()) await form.getByRole("checkbox", { name: label }).check();
  } else if (tag === "file") {
    await field.setInputFiles(value);
  } else {
    await field.fill(String(value));
  }
}

/** The option of a list that is meant: its value, or the one whose words begin so. */
async function option(field, value) {
  if (typeof value === "string") return value;
  const options = await field.locator("option").evaluateAll((all) => all.map((o) => [o.value, o.textContent.trim()]));
  const { label } = value;
  const found = options.find(([, words]) => (label instanceof RegExp ? label.test(words) : words.startsWith(label)));
  assert.ok(found, `${label} is one of ${options.map(([, words]) => words).join(", ")}`);
  return found[0];
}

export { assert, at, count, says, see, until };
