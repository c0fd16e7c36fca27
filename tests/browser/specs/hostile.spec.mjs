// Hostile text in every field of every form: stored or refused clearly, never
// executed, never lost from the form.
import { assert, see, until } from "../harness/expect.mjs";
import { grace, omar, priya } from "../harness/people.mjs";
import { Room } from "../harness/room.mjs";

export const people = [priya, omar, grace];

const PWN = "window.__pwned=(window.__pwned||0)+1";
const LONG = `${"a ".repeat(16)}${"x".repeat(1_000_000)}`;
const HOSTILE = {
  script: `<script>${PWN}</script>`,
  "closing tags": `</textarea></title></style></template></script><script>${PWN}</script>`,
  attribute: `"><img src=x onerror="${PWN}"> ' onfocus='${PWN}' autofocus='`,
  markdown: `[press](javascript:${PWN}) ![x](javascript:${PWN}) <a href="javascript:${PWN}" onclick="${PWN}">here</a> <svg onload="${PWN}">`,
  template: "{{constructor.constructor('" + PWN + "')()}} ${" + PWN + "} <%= 1 %>",
  "right to left": "\u202Etxt.exe\u202C \u2066left\u2069 \u200Fright \uFEFF\u200B",
  nul: "before\u0000after",
  control: "bell\u0007 escape\u001b[31m\u001b[0m",
  sql: "'; DROP TABLE incidents; -- \" OR 1=1",
};

/** Fails when a script of a stranger ran, or could run at a press. */
async function untouched(page, where) {
  const found = await page.evaluate(() => ({
    ran: globalThis.__pwned,
    links: [...document.querySelectorAll("[href], [src], [action], [formaction]")]
      .map((e) => e.getAttribute("href") ?? e.getAttribute("src") ?? e.getAttribute("action") ?? e.getAttribute("formaction"))
      .filter((url) => /^\s*(javascript|data:text|vbscript)/i.test(url)),
    handlers: [...document.querySelectorAll("main *")].filter((e) => [...e.attributes].some((a) => a.name.startsWith("on"))).length,
    scripts: [...document.querySelectorAll("main script")].filter((s) => s.textContent.includes("__pwned")).length,
  }));
  assert.deepEqual(found, { ran: undefined, links: [], handlers: 0, scripts: 0 }, `nothing runs on ${where}`);
}

/** How a field gives a text back: browsers and parsers cannot keep all of it. */
const visible = (text) => text.replace(/[\u2400-\u2421\u0000-\u001f\ufffd\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, "").replace(/\s+/g, " ").trim();

/**
 * Types a text into a field and sends the form. Afterwards either the form is
 * shown again with a clear word and the text still in it, or it is on record.
 */
async function send(page, { form, field, button }, text, where) {
  const control = page.locator(form).locator(`[name="${field}"]`).first();
  // As a program would: what the page limits by itself is no protection.
  await control.evaluate((e) => {
    e.removeAttribute("maxlength");
    e.closest("details")?.setAttribute("open", "");
    e.form.noValidate = true;
  });
  await control.fill(text);
  const typed = await control.inputValue();
  const answer = page.waitForResponse((r) => r.request().method() === "POST");
  await page.locator(form).getByRole("button", { name: button }).last().click();
  const response = await answer;
  const status = response.status();
  assert.ok([200, 201, 303, 400, 401, 413, 422].includes(status), `${where}: ${status}`);
  await page.waitForLoadState();
  await untouched(page, where);
  if (status < 400) return;
  const again = page.locator(form).locator(`[name="${field}"]`).first();
  await until(`${where}: what was typed is still in the form`, async () => {
    const kept = visible(await again.inputValue());
    assert.ok(kept === visible(typed), `it is now “${kept.slice(0, 200)}”`);
    return true;
  });
  await see(page.getByRole("alert").or(page.locator(".field-error")).filter({ visible: true }), `${where}: a word on what is wrong`);
}

/** The same form with every hostile text. */
async function all(scene, page, open, what, { long = true } = {}) {
  scene.allow.status(400, 401, 413, 422, 429);
  const texts = Object.entries(long ? { ...HOSTILE, "a line of a million letters": LONG } : HOSTILE);
  for (const [name, text] of texts) {
    scene.step(`${name} in ${what.field} of ${what.form}`);
    await open();
    await send(page, what, text, `${what.form} ${what.field}: ${name}`);
  }
}

async function declaring(scene) {
  const page = await scene.enter(priya);
  for (const field of ["title", "services", "description"]) {
    const open = async () => {
      await page.goto("/incidents/new");
      if (field !== "title") await page.locator('main [name="title"]').fill("A title");
    };
    await all(scene, page, open, { form: 'form[action="/incidents"][method="post"]', field, button: /Declare and open/ });
  }
  scene.step("dates out of this world");
  for (const began of ["9999-12-31T23:59", "0001-01-01T00:00", "275760-09-13T00:00"]) {
    await page.goto("/incidents/new");
    await page.locator('main [name="title"]').fill("Far away");
    const form = page.locator('form[action="/incidents"][method="post"]');
    await form.locator("details").evaluate((d) => d.setAttribute("open", ""));
    await form.locator('[name="started"]').selectOption("at");
    await form.locator('[name="started_at"]').evaluate((e, value) => {
      e.type = "text";
      e.value = value;
    }, began);
    await page.getByRole("button", { name: "Declare and open the room" }).click();
    await see(page.locator(".field-error").filter({ visible: true }), `${began} is refused in words`);
    assert.equal(await page.locator('main [name="title"]').inputValue(), "Far away");
  }
  scene.step("the list");
  await page.goto("/incidents?status=all");
  await untouched(page, "the list");
  for (const text of Object.values(HOSTILE)) {
    await page.goto(`/incidents?q=${encodeURIComponent(text)}&status=${encodeURIComponent(text)}&severity=${encodeURIComponent(text)}&cursor=${encodeURIComponent(text)}`);
    await untouched(page, "the list, searched");
  }
}

async function composing(scene) {
  const page = await scene.enter(priya);
  const id = await scene.server.declare(priya, { title: "Hostile text" });
  const path = `/incidents/${id}`;
  scene.allow.status(400, 413, 422);
  const shapes = [
    ["note", "text"],
    ["decision", "text"],
    ["decision", "alternatives"],
    ["evidence", "text"],
    ["evidence", "link"],
    ["blocker", "waiting_on"],
    ["stakeholder_update", "text"],
    ["hypothesis", "text"],
    ["task", "task_minutes"],
  ];
  for (const [kind, field] of shapes) {
    const texts = field === "text" && kind !== "note" ? { markdown: HOSTILE.markdown } : { ...HOSTILE, long: LONG };
    for (const [name, text] of Object.entries(texts)) {
      const where = `${kind} ${field}: ${name}`;
      scene.step(where);
      const room = await Room.open(scene, page, path);
      await page.evaluate(() => {
        localStorage.clear();
        sessionStorage.clear();
      });
      await page.reload();
      await room.awake();
      await room.kind(kind);
      if (field !== "text") await room.text.fill("A text beside it");
      await page.locator(`#composer [name="${field}"]`).evaluate((e) => {
        e.removeAttribute("maxlength");
        if (e.type === "number") e.type = "text";
        e.form.noValidate = true;
      });
      const control = page.locator(`#composer [name="${field}"]`);
      await control.fill(text);
      const typed = visible(await control.inputValue());
      const last = Number(await page.locator("#room").getAttribute("data-seq"));
      await room.add();
      await until(`${where}: on record, or still in the form with a word`, async () => {
        await untouched(page, where);
        const { entries } = await (await scene.fetch(page, `${path}/export.json`)).json();
        if (entries.at(-1).seq > last) return true;
        const kept = visible(await page.locator(`#composer [name="${field}"]`).inputValue());
        assert.ok(kept === typed, `it is now “${kept.slice(0, 200)}”`);
        return page.locator("#composer").locator('.field-error, .form-error, [role="alert"], .notice').filter({ visible: true }).first().isVisible();
      });
    }
  }

  scene.step("a time out of this world");
  for (const when of ["9999-12-31T23:59", "0001-01-01T00:00"]) {
    const room = await Room.open(scene, page, path);
    await room.kind("note");
    await room.text.fill("In another age");
    await page.locator("details.when").evaluate((d) => d.setAttribute("open", ""));
    await page.locator("#occurred-at").fill(when);
    await room.add();
    await says(room.composer, when);
    assert.equal(await room.text.inputValue(), "In another age");
  }

  scene.step("everywhere it is shown");
  for (const where of [path, `${path}/catch-up`, `${path}/share`, `${path}/details`, `${path}?system=1`, "/incidents?status=all"]) {
    await page.goto(where);
    await untouched(page, where);
  }
  const room = await Room.open(scene, page, path);
  for (const link of await room.timeline.getByText("here", { exact: true }).all()) await link.click();
  await untouched(page, "after pressing what could be pressed");
}

async function says(locator, when) {
  await see(locator.locator('.field-error, [role="alert"]').filter({ visible: true, hasText: /\S/ }), `${when} is refused in words`);
}

async function entriesAndDetails(scene) {
  const page = await scene.enter(priya);
  const id = await scene.server.declare(priya, { title: "Hostile edits" });
  const { id: entry } = await scene.server.record(priya, id, { text: "An entry" });
  const path = `/incidents/${id}`;
  const main = "main form[method=post]";
  await all(scene, page, () => page.goto(`${path}/entries/${entry}/edit`), { form: `${main}:has(textarea[name=text])`, field: "text", button: /save/i });
  for (const where of [`${path}/entries/${entry}/history`, path]) {
    await page.goto(where);
    await untouched(page, where);
  }
  for (const field of ["title", "services", "description"]) {
    await all(scene, page, () => page.goto(`${path}/details`), { form: `${main}:has([name=title])`, field, button: /save/i });
  }
  await all(scene, page, () => page.goto(`${path}/share`), { form: 'form[action$="/share/links"]', field: "label", button: /./ });
  await page.goto(`${path}/share`);
  await untouched(page, "share");
  for (const link of new Set((await page.content()).match(/https?:\/\/[^\s"<]+\/s\/[\w-]{20,}/g))) {
    await page.goto(link);
    await untouched(page, "the stakeholder page");
  }
}

async function accounts(scene) {
  const outside = await scene.stranger();
  const log = { form: 'main form[action="/login"]', button: /log in|sign in/i };
  await all(scene, outside, () => outside.goto("/login"), { ...log, field: "email" });
  await outside.goto(`/login?next=${encodeURIComponent('javascript:window.__pwned=1')}`);
  await untouched(outside, "log-in with a hostile next");
  await outside.goto(`/login?next=${encodeURIComponent("//evil.example/")}`);
  assert.ok(!/(href|action)="\/\/evil/.test(await outside.content()));

  const page = await scene.enter(grace);
  await all(scene, page, () => page.goto("/account"), { form: 'form[action="/account/name"]', field: "name", button: /./ });
  await all(scene, page, () => page.goto("/account"), { form: 'form[action="/account/tokens"]', field: "name", button: /./ });
  await all(scene, page, () => page.goto("/people"), { form: 'form[action="/people/invites"]', field: "email", button: /./ });
  for (const where of ["/account", "/people", "/audit", "/incidents"]) {
    await page.goto(where);
    await untouched(page, where);
  }
}

async function liveEntries(scene) {
  const id = await scene.server.declare(priya, { title: `Live ${HOSTILE.attribute}` });
  const page = await scene.enter(omar);
  const room = await Room.open(scene, page, `/incidents/${id}`);
  for (const [name, text] of Object.entries(HOSTILE)) {
    try {
      await scene.server.record(priya, id, { kind: "hypothesis", text });
      await scene.server.record(priya, id, { kind: "decision", text, alternatives: [text.replace(/\s/g, " ")] });
      await scene.server.record(priya, id, { kind: "blocker", text, waiting_on: text });
    } catch (error) {
      assert.match(error.message, / (400|422) /, `${name} is refused clearly`);
    }
  }
  await scene.server.record(priya, id, { kind: "finding", text: "The last word" });
  await see(room.entry("The last word"));
  await untouched(page, "the live room");
}

const both = ["js", "nojs"];
export const tests = [
  { name: "declaring", modes: both, run: declaring, limit: 600_000 },
  { name: "composing", modes: both, run: composing, limit: 600_000 },
  { name: "entries, details and links", modes: both, run: entriesAndDetails, limit: 600_000 },
  { name: "accounts", modes: both, run: accounts, limit: 600_000 },
  { name: "live entries", modes: ["js"], run: liveEntries },
];
