// The war room, part by part.
import { readFile } from "node:fs/promises";
import { assert, at, count, gone, says, see, until } from "../harness/expect.mjs";
import { dana, grace, lena, omar, priya, vera } from "../harness/people.mjs";
import { Room } from "../harness/room.mjs";

export const people = [priya, omar, dana, grace, lena, vera];

/** A room of its own for a spec, opened by somebody. */
async function room(scene, person, title, more = {}) {
  const id = await scene.server.declare(priya, { title, ...more });
  return Room.open(scene, await scene.enter(person), `/incidents/${id}`);
}

/** The same room on somebody else's screen. */
async function also(scene, person, { path }) {
  return Room.open(scene, await scene.enter(person), path);
}

async function slashCommands(scene) {
  const one = await room(scene, priya, "Slash commands");
  await one.command("/finding The queue is full", "The queue is full");
  await says(one.entry("The queue is full"), "finding");
  await one.command("/sev 1 Most customers cannot buy", "raised the severity");
  await says(one.glance, "SEV1");
  await one.command("//etc/hosts is empty", "/etc/hosts is empty");
  await one.command("/hypothesis The disk is slow", "The disk is slow");
  await one.command("/role scribe @lena Please keep the timeline true", "made Lena Vogt Scribe");
  await says(one.roles, /Lena Vogt Scribe/);
  await one.command("/blocked on the network team 20m No route to the store", "No route to the store");
  await says(one.card("No route to the store"), /waiting on the network team/i);

  scene.step("a command that nobody knows");
  scene.allow.status(422);
  await one.text.fill("/hypotesis The disk is slow");
  await one.add();
  await says(one.composer, "/hypotesis", "/hypothesis");
  assert.equal(await one.text.inputValue(), "/hypotesis The disk is slow");

  scene.step("a command that leaves something open asks for it");
  await one.text.fill("/refuted It answers in 2 ms");
  await one.add();
  await see(one.composer.locator('select[name="hypothesis"]'));
  await one.composer.locator('select[name="hypothesis"]').selectOption({ label: "The disk is slow" });
  await one.add();
  await says(one.card("The disk is slow"), "ruled out", "It answers in 2 ms");
}

async function refusedTextIsKept(scene) {
  const one = await room(scene, priya, "Nothing typed is lost");
  scene.allow.status(422);
  await one.kind("status");
  await one.composer.locator('[name="status_to"]').selectOption("resolved");
  await one.text.fill("");
  await one.add();
  await says(one.composer, /summary/i);
  await one.text.fill("It was the cable.");
  await one.add();
  await says(one.glance, "Resolved");
  await see(one.entry("resolved the incident"));

  scene.step("reopened");
  await one.say("status", "It is back.", { status_to: "investigating" });
  await says(one.glance, "Investigating");
  await see(one.entry("reopened the incident"));

  scene.step("a task without a time");
  await one.kind("task");
  await one.text.fill("Count the threads");
  await one.composer.locator('[name="task_minutes"]').fill("-3");
  await one.add();
  await says(one.composer, /minutes/i, /1 to 20160|whole number/);
  assert.equal(await one.text.inputValue(), "Count the threads");
}

async function draftSurvives(scene) {
  const one = await room(scene, priya, "Drafts");
  await one.kind("hypothesis");
  await one.text.fill("A half-written thou");
  await until("the draft is kept", async () => {
    await one.page.reload();
    await one.awake();
    return (await one.text.inputValue()) === "A half-written thou";
  });
  assert.ok(await one.page.locator("#kind-hypothesis").isChecked(), "the kind is kept as well");
  await one.text.fill("A whole thought");
  await one.add();
  await one.recorded("A whole thought");
  await one.page.reload();
  await one.awake();
  assert.equal(await one.text.inputValue(), "", "what was sent is no draft");
  await count(one.entry("A whole thought"), 1);
}

async function offlineQueue(scene) {
  scene.allow.failed(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED|ERR_FAILED/);
  const writer = await room(scene, omar, "The network is down");
  const reader = await also(scene, priya, writer);
  await writer.say("note", "Before the cut");

  scene.step("two entries without a network");
  await writer.page.context().setOffline(true);
  const cut = Date.now();
  for (const text of ["First in the dark", "Second in the dark"]) {
    await writer.text.fill(text);
    await writer.add();
    await says(writer.page.locator("body"), text);
    await until("the composer is free for the next", async () => (await writer.text.inputValue()) === "");
  }
  await see(writer.page.getByText(/waiting|not sent|will be sent/i), "that two entries wait");
  assert.equal(await reader.entry("in the dark").count(), 0);

  scene.step("the network is back");
  await writer.page.context().setOffline(false);
  await reader.watches("both arrive", async () => {
    await see(reader.entry("First in the dark"));
    await see(reader.entry("Second in the dark"));
  });
  for (const one of [writer, reader]) {
    await count(one.entry("First in the dark").and(one.page.locator("[data-seq]")), 1);
    await count(one.entry("Second in the dark").and(one.page.locator("[data-seq]")), 1);
    await count(one.entry("in the dark"), 2);
  }
  const { entries } = await exported(reader);
  const dark = entries.filter((entry) => entry.text.includes("in the dark"));
  assert.deepEqual(dark.map((entry) => entry.text), ["First in the dark", "Second in the dark"]);
  for (const entry of dark) {
    assert.ok(Date.parse(entry.occurred_at) >= cut - 5_000, "when it happened");
    assert.ok(Date.parse(entry.recorded_at) >= Date.parse(entry.occurred_at), "when it was recorded");
  }
  await writer.say("note", "After the cut");
  await reader.watches("life goes on", () => see(reader.entry("After the cut")));
}

async function queueSurvivesTheTab(scene) {
  scene.allow.failed(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED|ERR_FAILED/);
  const writer = await room(scene, omar, "The tab is closed in the dark");
  const { page } = writer;
  await page.context().setOffline(true);
  await writer.text.fill("Written before the tab was closed");
  await writer.add();
  await until("taken from the composer", async () => (await writer.text.inputValue()) === "");
  const context = page.context();
  await page.close();
  await context.setOffline(false);
  const again = await Room.open(scene, await context.newPage(), writer.path);
  await again.recorded("Written before the tab was closed");
  await count(again.entry("Written before the tab was closed"), 1);
}

async function exported({ scene, page, path }) {
  return (await scene.fetch(page, `${path}/export.json`)).json();
}

async function serverDies(scene) {
  scene.allow.failed(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_NETWORK_IO|ERR_SOCKET/);
  const writer = await room(scene, omar, "The server dies");
  const reader = await also(scene, priya, writer);
  await writer.say("finding", "Known before the crash");
  await reader.watches("live before", () => see(reader.entry("Known before the crash")));

  scene.step("kill -9");
  await scene.server.kill();
  await writer.text.fill("Written while the server was dead");
  await writer.add();
  await until("taken from the composer", async () => (await writer.text.inputValue()) === "");

  scene.step("up again");
  await scene.server.up();
  await scene.server.record(lena, writer.id, { kind: "finding", text: "Recorded right after the start" });
  for (const one of [writer, reader]) {
    await one.watches("nothing is lost", async () => {
      await see(one.entry("Recorded right after the start"));
      await see(one.entry("Written while the server was dead").and(one.page.locator("[data-seq]")));
      await count(one.entry("Known before the crash"), 1);
      await count(one.entry("Written while the server was dead"), 1);
    });
  }
  await reader.say("note", "And on it goes");
  await writer.watches("live again", () => see(writer.entry("And on it goes")));
}

/** The menu of an entry. */
async function menu(one, text, choice) {
  const entry = one.entry(text);
  await entry.hover();
  await entry.locator("details.more > summary").click();
  await entry.locator("details.more").getByText(choice, { exact: true }).click();
}

async function editing(scene) {
  const one = await room(scene, omar, "Edits stay visible");
  const other = await also(scene, priya, one);
  await one.say("finding", "Four of five tries fail");
  await other.watches("the finding", () => see(other.entry("Four of five tries fail")));
  await menu(one, "Four of five tries fail", "Edit");
  await at(one.page, /\/edit$/);
  const text = one.page.getByRole("main").locator('textarea[name="text"]');
  assert.equal(await text.inputValue(), "Four of five tries fail");
  await text.fill("Three of five tries fail");
  const reason = one.page.getByRole("main").locator('[name="reason"]');
  if ((await reason.count()) > 0) await reason.fill("Miscounted");
  await one.page.getByRole("main").getByRole("button", { name: /save/i }).click();
  await at(one.page, one.path);
  await one.awake();
  await says(one.entry("Three of five tries fail"), "edited");
  await other.watches("the edit", async () => {
    await says(other.entry("Three of five tries fail"), "edited");
    await gone(other.entry("Four of five tries fail"));
  });

  scene.step("the history");
  await other.entry("Three of five tries fail").getByRole("link", { name: "edited" }).click();
  await at(other.page, /\/history$/);
  await says(other.page.getByRole("main"), "Four of five tries fail", "Three of five tries fail", "Omar Haddad");
  await scene.axe(other.page);

  scene.step("somebody else's entry is not theirs to edit");
  scene.allow.status(403);
  const third = await also(scene, lena, one);
  await third.entry("Three of five").locator("details.more > summary").click();
  assert.equal(await third.entry("Three of five").getByRole("link", { name: "Edit", exact: true }).isVisible(), false);
  const id = await third.entry("Three of five").getAttribute("data-entry");
  const answer = await third.page.goto(`${one.path}/entries/${id}/edit`);
  assert.equal(answer.status(), 403);
}

async function redacting(scene) {
  const one = await room(scene, omar, "Redaction leaves a trace");
  const other = await also(scene, dana, one);
  await one.say("note", "The password is swordfish");
  await one.say("note", "Something harmless");
  await other.watches("both", () => see(other.entry("swordfish")));
  await menu(one, "swordfish", "Redact");
  await at(one.page, /\/redact$/);
  const reason = one.page.getByRole("main").locator('[name="reason"], [name="text"]');
  if ((await reason.count()) > 0) await reason.first().fill("A password");
  await one.page.getByRole("main").getByRole("button", { name: /redact/i }).click();
  await at(one.page, one.path);
  await one.awake();
  for (const each of [one, other]) {
    await each.watches("the text is gone", async () => {
      await says(each.timeline, "Redacted at", "Something harmless");
      await gone(each.entry("swordfish"));
    });
    assert.ok(!(await each.page.content()).includes("swordfish"), "not even in the source of the page");
  }
  assert.ok(!JSON.stringify(await exported(other)).includes("swordfish"), "nor in the export");
}

async function pinning(scene) {
  const one = await room(scene, priya, "Pins");
  const other = await also(scene, omar, one);
  await one.say("note", "The bridge is at extension 4242");
  await other.watches("the note", () => see(other.entry("extension 4242")));
  await menu(one, "extension 4242", "Pin");
  for (const each of [one, other]) {
    await each.watches("pinned", () => says(each.pinned, "extension 4242", "Priya Nair"));
  }
  await one.awake();
  await other.pinned.getByRole("button", { name: /^Unpin/ }).click();
  await one.watches("unpinned", () => gone(one.pinned.locator("li")));
  await gone(other.pinned.locator("li"));
}

async function filtering(scene) {
  const one = await room(scene, priya, "Filters");
  await scene.server.record(omar, one.id, { kind: "finding", text: "Omar found this" });
  await scene.server.record(priya, one.id, { kind: "finding", text: "Priya found this" });
  await scene.server.record(omar, one.id, { kind: "note", text: "Omar noted this" });
  await one.page.goto(one.path);
  await one.awake();
  await count(one.timeline.locator("> li"), 4);

  scene.step("by kind");
  await one.page.locator("details.filter > summary").click();
  await one.page.locator("label[for='filter-finding']").click();
  await one.page.locator("details.filter").getByRole("button", { name: "Show", exact: true }).click();
  await at(one.page, /kinds=finding/);
  await one.awake();
  await count(one.timeline.locator("> li"), 2);

  scene.step("by person as well");
  await one.page.locator("details.filter > summary").click();
  await one.page.getByLabel("Written by").selectOption({ label: "Omar Haddad" });
  await one.page.locator("details.filter").getByRole("button", { name: "Show", exact: true }).click();
  await at(one.page, /person=/);
  await one.awake();
  await count(one.timeline.locator("> li"), 1);
  await see(one.entry("Omar found this"));

  scene.step("live entries respect it");
  if (scene.js) {
    await scene.server.record(omar, one.id, { kind: "note", text: "Omar noted more" });
    await scene.server.record(omar, one.id, { kind: "finding", text: "Omar found more" });
    await see(one.entry("Omar found more"));
    await count(one.entry("Omar noted more").filter({ visible: true }), 0);
  }
  await one.page.getByRole("link", { name: "Show all" }).filter({ visible: true }).first().click();
  await see(one.entry("Omar noted this"));

  scene.step("comings and goings are hidden until asked for");
  await one.awake();
  await one.page.getByRole("button", { name: "Join the room" }).click();
  await see(one.page.getByRole("button", { name: "Leave the room" }));
  await one.awake();
  await gone(one.entry("Priya Nair joined"));
  await one.page.getByRole("link", { name: "Show comings and goings" }).click();
  await see(one.entry("Priya Nair joined"));
}

async function deepLink(scene) {
  const one = await room(scene, priya, "Deep links");
  for (let i = 1; i <= 30; i += 1) await scene.server.record(omar, one.id, { text: `Entry number ${i}.` });
  const { entry } = await firstEntry(one, "Entry number 3.");
  await one.page.goto(`${one.path}/entries/${entry}`);
  await at(one.page, /^\/incidents\/[^/]+#e-\d+$/);
  const target = one.page.locator("#timeline > li:target");
  await says(target, "Entry number 3.");
  await until("it is in view", () =>
    target.evaluate((li) => {
      const box = li.getBoundingClientRect();
      return box.top >= 0 && box.bottom <= innerHeight;
    }),
  );
}

async function firstEntry(one, text) {
  const { entries } = await exported(one);
  const found = entries.find((each) => each.text === text);
  return { entry: found.id, seq: found.seq };
}

async function byKeyboard(scene) {
  const one = await room(scene, priya, "By keyboard alone");
  const { page } = one;
  if (scene.js) {
    await page.keyboard.press("n");
    await until("the composer has the focus", () => one.text.evaluate((text) => text === document.activeElement));
    await page.keyboard.type("/finding Found without a mouse");
    await page.keyboard.press("Control+Enter");
  } else {
    await tabTo(page, "#composer-text");
    await page.keyboard.type("/finding Found without a mouse");
    await tabTo(page, '#composer button.primary[type="submit"]');
    await page.keyboard.press("Enter");
  }
  await one.recorded("Found without a mouse");
  await says(one.entry("Found without a mouse"), "finding");

  scene.step("the first stop leads past the rail");
  await page.goto(one.path);
  await page.keyboard.press("Tab");
  const first = await page.evaluate(() => document.activeElement.textContent);
  assert.match(first, /skip/i);
  await page.keyboard.press("Enter");
  await at(page, /#main$/);

  scene.step("what has the focus can be seen");
  await tabTo(page, "#composer-text");
  const outlined = await page.evaluate(() => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
    return (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
  });
  assert.ok(outlined, "the focus is visible");
}

/** Presses Tab until something has the focus. */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 200; presses += 1) {
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${selector} cannot be reached with Tab`);
}

async function backDating(scene) {
  const one = await room(scene, priya, "Told later");
  await one.say("note", "Written first");
  const { entries } = await exported(one);
  const declared = Date.parse(entries[0].occurred_at);
  // Berlin is one hour ahead of UTC in November, two in June.
  const local = new Date(declared - 2 * 3_600_000);
  const zone = scene.js ? "Europe/Berlin" : "UTC";
  const said = local.toLocaleString("sv-SE", { timeZone: zone }).replace(" ", "T").slice(0, 16);
  await one.composer.locator("details.when > summary").click();
  await one.page.locator("#occurred-at").fill(said);
  await one.say("finding", "Seen two hours before");
  await says(one.entry("Seen two hours before"), "written at");
  const order = await one.timeline.locator("> li").evaluateAll((all) => all.map((li) => li.innerText));
  const earlier = order.findIndex((text) => text.includes("Seen two hours before"));
  const later = order.findIndex((text) => text.includes("Written first"));
  assert.ok(earlier < later, "it stands where it happened");
  const found = (await exported(one)).entries.find((entry) => entry.text === "Seen two hours before");
  assert.equal(found.occurred_at.slice(0, 16), local.toISOString().slice(0, 16));
  assert.ok(Date.parse(found.recorded_at) >= declared, "both times are on record");
}

async function previewing(scene) {
  const one = await room(scene, priya, "Preview");
  await one.text.fill("Some **bold** words and `code`");
  await one.composer.getByRole("button", { name: "Preview" }).click();
  await see(one.page.locator("#preview strong", { hasText: "bold" }));
  assert.equal(await one.text.inputValue(), "Some **bold** words and `code`");
  await one.add();
  await see(one.entry("Some bold words").locator("strong"));
}

async function attaching(scene) {
  const one = await room(scene, priya, "Files as evidence");
  const content = Buffer.from("pool=8\nport=8081\n");
  await one.say("evidence", "The configuration of one instance", {
    file: { name: "instance 7 – größe.conf", mimeType: "text/plain", buffer: content },
  });
  const link = one.entry("The configuration of one instance").locator("a.file");
  await says(link, "instance 7 – größe.conf");
  const [download] = await Promise.all([one.page.waitForEvent("download"), link.click()]);
  assert.equal(download.suggestedFilename(), "instance 7 – größe.conf");
  assert.deepEqual(await readFile(await download.path()), content);

  scene.step("more than 10 MB is refused in words");
  scene.allow.status(413, 422);
  await one.kind("evidence");
  await one.text.fill("Too much to carry");
  await one.composer.locator('[name="file"]').setInputFiles({ name: "dump.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(10 * 1024 * 1024 + 1, 1) });
  await one.add();
  await says(one.page.getByRole("main"), /10 MB/);
  if (await one.text.isVisible()) assert.equal(await one.text.inputValue(), "Too much to carry");
}

async function restricted(scene) {
  const title = `A leaked key (${scene.mode})`;
  const id = await scene.server.declare(priya, { title, restricted: true });
  scene.allow.status(404);
  const page = await scene.enter(omar);
  const answer = await page.goto(`/incidents/${id}`);
  assert.equal(answer.status(), 404);
  await page.goto("/incidents?status=all");
  await gone(page.getByText(title));

  scene.step("named, and let in");
  const hers = await scene.enter(priya);
  await hers.goto(`/incidents/${id}/share`);
  await hers.locator('select[name="user"]').selectOption({ label: "Omar Haddad" });
  await hers.locator(`form[action$="/share/access"]`).getByRole("button").click();
  await says(hers.getByRole("main"), "Omar Haddad");
  await page.goto(`/incidents/${id}`);
  await see(page.getByRole("heading", { level: 1, name: title }));
  await says(page.locator("#region-glance"), "Restricted");
}

async function viewers(scene) {
  const one = await room(scene, vera, "Viewers read along");
  await see(one.page.getByText("You can read along."));
  assert.equal(await one.composer.isVisible(), false, "no composer");
  assert.equal(await one.page.locator("header.rail").getByRole("link", { name: /Declare/ }).count(), 0);
  for (const opener of await one.page.locator("details.ask").all()) assert.equal(await opener.isVisible(), false);
  if (scene.js) {
    await scene.server.record(omar, one.id, { kind: "finding", text: "Viewers see it live" });
    await see(one.entry("Viewers see it live"));
  }
  scene.allow.status(403);
  const answer = await one.page.goto("/incidents/new");
  assert.equal(answer.status(), 403);
  await see(one.page.getByRole("main").getByRole("link").first());
}

async function manyEntries(scene) {
  const one = await room(scene, priya, "A long night");
  for (let from = 0; from < 450; from += 50) {
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => scene.server.record(omar, one.id, { text: `Line ${from + i} of the night` })),
    );
  }
  await one.page.goto(one.path);
  await one.awake();
  await count(one.timeline.locator("> li"), 200);
  await see(one.page.locator("#timeline-title"));
  let seen = await entriesOn(one);
  await one.page.getByRole("link", { name: "Earlier entries" }).click();
  await at(one.page, /before=/);
  await count(one.timeline.locator("> li"), 200);
  seen = seen.concat(await entriesOn(one));
  await one.page.getByRole("link", { name: "Earlier entries" }).click();
  await count(one.timeline.locator("> li"), 51);
  seen = seen.concat(await entriesOn(one));
  assert.equal(new Set(seen).size, 451, "every entry on one of the pages, once");
  await one.page.getByRole("link", { name: "Back to the newest entries" }).click();
  await count(one.timeline.locator("> li"), 200);
}

function entriesOn(one) {
  return one.timeline.locator("> li").evaluateAll((all) => all.map((li) => li.dataset.entry));
}

async function sentTwice(scene) {
  const one = await room(scene, priya, "Sent twice");
  const id = one.page.locator('input[name="id"][form="composer"]');
  const made = await id.inputValue();
  await one.text.fill("Only once, please");
  await one.add();
  await one.recorded("Only once, please");
  // As a second press on the button would, or a reload where the answer got lost.
  await id.evaluate((input, value) => (input.value = value), made);
  await one.text.fill("Only once, please");
  await one.add();
  await at(one.page, /#e-\d+$/);
  await count(one.entry("Only once, please"), 1);
}

async function presence(scene) {
  const one = await room(scene, priya, "Comings and goings");
  const other = await also(scene, omar, one);
  await other.page.getByRole("button", { name: "Join the room" }).click();
  await one.watches("Omar is here", () => says(one.here, "Omar Haddad"));
  await see(other.page.getByRole("button", { name: "Leave the room" }));
  await other.awake();
  await other.page.getByRole("button", { name: "Leave the room" }).click();
  await one.watches("Omar is gone", async () => {
    await until("not in the list", async () => !(await one.here.innerText()).includes("Omar Haddad"));
  });
}

async function handOver(scene) {
  const one = await room(scene, priya, "Hand-over");
  await scene.server.api(omar, "POST", `/incidents/${one.id}/join`);
  await one.page.reload();
  await one.awake();
  await one.role("Incident commander");
  await says(one.roles, /Priya Nair Incident commander/);
  await one.answer(one.roles.locator("li").filter({ hasText: "Incident commander" }), "Hand over or give back", "You know the carrier better.", "Hand over", {
    user: { label: /^Omar Haddad/ },
  });
  await says(one.roles, /Omar Haddad Incident commander/);
  await says(one.entry("handed Incident commander to Omar Haddad"), "You know the carrier better.");
  await says(one.glance, /Commander Omar Haddad/);
  await one.answer(one.roles.locator("li").filter({ hasText: "Incident commander" }), "Hand over or give back", "", "Give back");
  await says(one.glance, "Nobody leads");
}

async function catchUp(scene) {
  const one = await room(scene, priya, "Catch up", { services: ["store"] });
  await scene.server.record(omar, one.id, { kind: "finding", text: "The queue is full" });
  const hypothesis = (await scene.server.record(omar, one.id, { kind: "hypothesis", text: "The disk is slow" })).id;
  await scene.server.record(omar, one.id, { kind: "hypothesis_status", hypothesis, to: "refuted", text: "It is quick" });
  await scene.server.record(priya, one.id, { kind: "decision", text: "We wait for the vendor" });
  await scene.server.record(priya, one.id, { kind: "blocker", text: "No access to the rack", waiting_on: "facilities" });
  await one.page.goto(one.path);
  await one.page.locator("#region-glance").getByRole("link", { name: /Catch up/ }).click();
  await at(one.page, /\/catch-up$/);
  await says(one.page.getByRole("main"), "The queue is full", "The disk is slow", "It is quick", "We wait for the vendor", "No access to the rack");
  await scene.axe(one.page);
}

async function details(scene) {
  const one = await room(scene, priya, "The title is wrong");
  await one.page.goto(`${one.path}/details`);
  const form = one.page.getByRole("main").locator("form").first();
  await form.locator('[name="title"]').fill("The title is right");
  await form.locator('[name="services"]').fill("store, checkout");
  await form.getByRole("button", { name: /save/i }).click();
  await at(one.page, one.path);
  await says(one.glance, "The title is right", "store, checkout");
}

const both = ["js", "nojs"];
export const tests = [
  { name: "slash commands", modes: both, run: slashCommands },
  { name: "a refusal keeps what was typed", modes: both, run: refusedTextIsKept },
  { name: "a draft survives a reload", modes: ["js"], run: draftSurvives },
  { name: "entries written without a network arrive once, in order", modes: ["js"], run: offlineQueue },
  { name: "the queue survives the tab", modes: ["js"], run: queueSurvivesTheTab },
  { name: "the server dies and comes back", modes: ["js"], run: serverDies },
  { name: "edit with history", modes: both, run: editing },
  { name: "redact", modes: both, run: redacting },
  { name: "pin and unpin", modes: both, run: pinning },
  { name: "filter by kind and person", modes: both, run: filtering },
  { name: "deep link", modes: both, run: deepLink },
  { name: "by keyboard alone", modes: both, run: byKeyboard },
  { name: "back-dating", modes: both, run: backDating },
  { name: "preview", modes: both, run: previewing },
  { name: "files as evidence", modes: both, run: attaching },
  { name: "a restricted incident", modes: both, run: restricted },
  { name: "viewers read along", modes: both, run: viewers },
  { name: "a long timeline comes in pages", modes: both, run: manyEntries },
  { name: "a form sent twice is one entry", modes: ["nojs"], run: sentTwice },
  { name: "who is here", modes: both, run: presence },
  { name: "hand over and give back a role", modes: both, run: handOver },
  { name: "catch up", modes: both, run: catchUp },
  { name: "details", modes: both, run: details },
];
