// What the browser's half adds to a page that works without it.
import { assert, count, gone, says, see, until } from "../harness/expect.mjs";
import { omar, priya, vera } from "../harness/people.mjs";
import { Room } from "../harness/room.mjs";

export const people = [priya, omar, vera];

async function room(scene, person, title, more = {}) {
  const id = await scene.server.declare(priya, { title, ...more });
  return Room.open(scene, await scene.enter(person), `/incidents/${id}`);
}

async function also(scene, person, { path }) {
  return Room.open(scene, await scene.enter(person), path);
}

/** Waits until the page hears what happens. */
async function live(one) {
  await says(one.page.locator("#live-state"), /^live/);
}

/** Marks the page, to see later that it is still the same. */
const mark = (one) => one.page.evaluate(() => (globalThis.__here = true));
const unmoved = async (one) => assert.ok(await one.page.evaluate(() => globalThis.__here), "the page was not loaded again");

async function times(scene) {
  const one = await room(scene, priya, "Times");
  await one.say("note", "At this moment");
  const time = one.entry("At this moment").locator("time[data-clock]").first();
  const shown = await time.evaluate((t) => {
    const at = new Date(t.dateTime);
    return { text: t.textContent, local: at.toLocaleTimeString("sv-SE").slice(0, 5), title: t.title };
  });
  assert.equal(shown.text, shown.local);
  assert.match(shown.title, /Europe\/Berlin · .* UTC$/);
  const clock = one.glance.locator("[data-since]").first();
  const before = await clock.textContent();
  await until("the clock runs", async () => (await clock.textContent()) !== before);
  assert.match(before, /^\d\d:\d\d:\d\d$/);

  scene.step("late turns red by itself");
  await scene.server.record(priya, one.id, { kind: "task", text: "Half a minute", owner: await me(one), minutes: 1 });
  const card = one.card("Half a minute");
  await see(card);
  assert.equal(await card.evaluate((c) => c.classList.contains("late")), false);
  const due = await card.getAttribute("data-late-at");
  await one.page.evaluate((at) => {
    const real = Date.now;
    const jump = Date.parse(at) - real() + 5_000;
    Date.now = () => real() + jump;
  }, due);
  await until("it is late", () => card.evaluate((c) => c.classList.contains("late")));
  await says(card, /\+00:0\d/);
}

const me = (one) => one.page.evaluate(() => document.body.dataset.user);

async function unread(scene) {
  const one = await room(scene, priya, "Reading above");
  for (let n = 0; n < 40; n += 1) {
    await scene.server.record(omar, one.id, { text: `Line ${n}\n\nwith more below` });
  }
  await one.page.goto(one.path);
  await one.awake();
  await live(one);
  const box = one.page.locator("#timeline-box");
  await box.evaluate((b) => (b.scrollTop = -600));
  await until("scrolled", () => box.evaluate((b) => b.scrollTop < -500));
  const inView = () =>
    box.evaluate((b) => {
      const top = b.getBoundingClientRect().top;
      const item = [...b.querySelectorAll("#timeline > li")].find((li) => li.getBoundingClientRect().bottom > top);
      return [item.dataset.seq, Math.round(item.getBoundingClientRect().top)];
    });
  const before = await inView();
  await scene.server.record(omar, one.id, { text: "News while you read" });
  await scene.server.record(omar, one.id, { text: "And more news" });
  const pill = one.page.getByRole("button", { name: "2 new entries" });
  await see(pill);
  const after = await inView();
  assert.equal(after[0], before[0], "what is read stays in view");
  assert.ok(Math.abs(after[1] - before[1]) <= 2, `and in its place: ${before} → ${after}`);
  assert.match(await one.page.title(), /^\(2\) INC-/);
  await until("it is told to those who listen", async () => /Omar Haddad.*news/i.test(await one.page.locator("#live-said").textContent()));
  await pill.click();
  await see(one.entry("News while you read"));
  await gone(pill);
  assert.match(await one.page.title(), /^INC-/);
  await scene.axe(one.page);
}

async function board(scene) {
  const one = await room(scene, priya, "The board is in use");
  const mine = await me(one);
  await scene.server.record(priya, one.id, { kind: "task", text: "Look at the ports", owner: mine, minutes: 10 });
  await live(one);
  const card = one.card("Look at the ports");
  const ask = card.locator("details.ask");
  await ask.locator("summary").click();
  await ask.locator("textarea").fill("All of them point at");
  await scene.server.record(omar, one.id, { kind: "task", text: "Count the threads", owner: mine, minutes: 1 });
  await see(one.card("Count the threads"));
  await scene.server.record(omar, one.id, { kind: "action", text: "Asked the carrier" });
  await see(one.card("Asked the carrier"));
  assert.equal(await ask.locator("textarea").inputValue(), "All of them point at");
  assert.ok(await ask.locator("textarea").evaluate((t) => t === document.activeElement), "the focus stays");
  await count(one.doing.locator("article.task"), 2);

  scene.step("sent in place");
  await mark(one);
  await ask.locator("textarea").pressSequentially(" the admin port");
  await ask.getByRole("button", { name: "Done" }).click();
  await one.recorded("All of them point at the admin port");
  await gone(card);
  await count(one.doing.locator("article.task"), 1);
  await unmoved(one);

  scene.step("somebody else was quicker");
  scene.allow.status(409);
  const other = one.card("Count the threads");
  await other.locator("summary").click();
  await other.locator("textarea").fill("Eight of thirty-two");
  const task = await one.entry("Count the threads").getAttribute("data-entry");
  await scene.server.record(omar, one.id, { kind: "task_done", task, text: "Only eight" });
  await see(one.entry("Only eight"));
  assert.equal(await other.locator("textarea").inputValue(), "Eight of thirty-two", "what is typed is not taken away");
}

async function completion(scene) {
  const one = await room(scene, priya, "Completion");
  await live(one);
  await one.text.pressSequentially("/ta");
  const list = one.page.locator("#composer-completions");
  await see(list.getByRole("option", { name: /^\/task/ }));
  await one.page.keyboard.press("Enter");
  assert.equal(await one.text.inputValue(), "/task ");
  await one.text.pressSequentially("@om");
  await see(list.getByRole("option", { name: /Omar Haddad/ }));
  await scene.axe(one.page);
  await one.page.keyboard.press("Tab");
  assert.equal(await one.text.inputValue(), "/task @OmarHaddad ");
  await one.text.pressSequentially("5m Look at the target groups");
  await says(one.page.locator("#command-hint"), "/task @who");
  await one.page.keyboard.press("Control+Enter");
  await says(one.card("Look at the target groups"), "Omar Haddad");

  scene.step("nobody of that name");
  await one.text.fill("/task @zoe look");
  await one.add();
  await says(one.composer, /nobody here is called @zoe/i);
  assert.equal(await one.text.inputValue(), "/task @zoe look");
  assert.equal(await one.text.getAttribute("aria-invalid"), "true");
}

async function comesBack(scene) {
  const one = await room(scene, priya, "Refused by the server", { severity: "SEV2" });
  await live(one);
  scene.allow.status(409);
  await one.text.fill("/sev 2 Still the same");
  await one.add();
  await says(one.composer, /already/i);
  assert.equal(await one.text.inputValue(), "Still the same");
  assert.ok(await one.page.locator("#kind-severity").isChecked());
  await count(one.timeline.locator("li.waiting"), 0);
  await one.composer.locator('[name="severity_to"]').selectOption("SEV1");
  await one.add();
  await says(one.glance, "SEV1");
}

async function draftOfEveryField(scene) {
  const one = await room(scene, priya, "Drafts of every field");
  await one.kind("decision");
  await one.text.fill("No instances on a guess");
  await one.composer.locator('[name="alternatives"]').fill("add four\nwait");
  await one.page.reload();
  await one.awake();
  assert.equal(await one.text.inputValue(), "No instances on a guess");
  assert.equal(await one.composer.locator('[name="alternatives"]').inputValue(), "add four\nwait");
  assert.ok(await one.page.locator("#kind-decision").isChecked());
  await one.add();
  await one.recorded("No instances on a guess");
  await says(one.entry("No instances on a guess"), "add four", "wait");
}

async function choices(scene) {
  const one = await room(scene, priya, "Choices");
  await live(one);
  await scene.server.record(omar, one.id, { kind: "hypothesis", text: "Threads wait for the carrier" });
  await see(one.card("Threads wait for the carrier"));
  await one.kind("evidence");
  const select = one.composer.locator('[name="hypothesis"]');
  await until("the new hypothesis can be chosen", async () => (await select.innerText()).includes("Threads wait"));
  await one.text.fill("Eight of thirty-two are busy");
  await select.selectOption({ label: "Threads wait for the carrier" });
  await one.add();
  await one.recorded("Eight of thirty-two are busy");
  await says(one.card("Threads wait for the carrier"), "1 for");
}

async function keys(scene) {
  const one = await room(scene, priya, "Keys");
  const { page } = one;
  await one.say("note", "First");
  await one.say("note", "Second");
  await page.locator("body").click({ position: { x: 4, y: 300 } });
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("k");
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  assert.match(await focused(), /Second/);
  await page.keyboard.press("k");
  assert.match(await focused(), /First/);
  await page.keyboard.press("j");
  assert.match(await focused(), /Second/);
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keys" });
  await see(help);
  await says(help, "Next entry", "/hypothesis TEXT");
  await scene.axe(page);
  await page.keyboard.press("Escape");
  await gone(help);
  await page.keyboard.press("/");
  await until("the composer has the focus", () => one.text.evaluate((t) => t === document.activeElement));
  await one.text.fill("");
  await page.evaluate(() => document.activeElement.blur());
  await mark(one);
  await page.keyboard.press("h");
  await until("a hypothesis is asked for", () => page.locator("#kind-hypothesis").isChecked());
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("t");
  await until("a task is asked for", () => page.locator("#kind-task").isChecked());
  await unmoved(one);
}

async function theme(scene) {
  const one = await room(scene, priya, "Themes");
  await mark(one);
  await one.page.locator("details.account > summary").click();
  await one.page.getByRole("button", { name: "Dark theme" }).click();
  const now = () => one.page.evaluate(() => document.documentElement.dataset.theme);
  await until("dark", async () => (await now()) === "dark");
  await unmoved(one);
  await until("kept", async () => (await one.page.context().cookies()).some((c) => c.name === "rideout_theme" && c.value === "dark"));
  await one.page.reload();
  assert.equal(await now(), "dark");
  await one.awake();
  await one.page.locator("details.account > summary").click();
  await one.page.getByRole("button", { name: "Theme of the system" }).click();
  await until("as the system", async () => (await now()) === undefined);
}

async function longAway(scene) {
  scene.allow.failed(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED|ERR_FAILED/);
  const one = await room(scene, priya, "Away for long");
  await live(one);
  await mark(one);
  await one.page.context().setOffline(true);
  await says(one.page.locator("#live-state"), /offline|reconnecting/);
  for (let from = 0; from < 520; from += 40) {
    await Promise.all(Array.from({ length: 40 }, (_, i) => scene.server.record(omar, one.id, { text: `Line ${from + i}` })));
  }
  await scene.server.record(omar, one.id, { kind: "hypothesis", text: "Said while you were away" });
  await one.page.context().setOffline(false);
  await see(one.card("Said while you were away"));
  await see(one.entry("Said while you were away"));
  await live(one);
  const shown = await one.timeline
    .locator("> li[data-seq]")
    .evaluateAll((all) => all.map((li) => ({ at: li.dataset.at.padEnd(27, "0").replace("Z", "0"), seq: Number(li.dataset.seq) })));
  const sorted = [...shown].sort((a, b) => a.at.localeCompare(b.at) || a.seq - b.seq);
  assert.deepEqual(shown, sorted, "in order");
  assert.equal(new Set(shown.map((each) => each.seq)).size, shown.length, "nothing twice");
  await scene.server.record(omar, one.id, { text: "Live as before" });
  await see(one.entry("Live as before"));
  await unmoved(one);
}

async function signedOut(scene) {
  scene.allow.status(401);
  scene.allow.failed(/./);
  const one = await room(scene, omar, "Signed out elsewhere");
  await live(one);
  const other = await scene.enter(omar);
  await other.goto("/incidents");
  await scene.server.end();
  await scene.server.up();
  await live(one);
  await one.page.context().clearCookies();
  await scene.server.kill();
  await one.text.fill("Written without a session");
  await one.add();
  await scene.server.up();
  await says(one.page.locator("#live-state"), /signed out, 1 waiting/);
  await says(one.entry("Written without a session"), /waits until you are signed in/);
}

async function viewersFollow(scene) {
  const one = await room(scene, vera, "Viewers follow");
  await live(one);
  await mark(one);
  await scene.server.record(omar, one.id, { kind: "finding", text: "Seen by all" });
  await see(one.entry("Seen by all"));
  await unmoved(one);
  await scene.axe(one.page);
}

async function wrongClock(scene) {
  scene.allow.failed(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED|ERR_FAILED/);
  const id = await scene.server.declare(priya, { title: "A clock that is wrong" });
  const page = await scene.enter(omar);
  await page.addInitScript(() => {
    const [now, origin] = [Date.now, performance.timeOrigin];
    Date.now = () => now() + 3_600_000;
    Object.defineProperty(performance, "timeOrigin", { get: () => origin + 3_600_000 });
  });
  const one = await Room.open(scene, page, `/incidents/${id}`);
  await live(one);
  await page.context().setOffline(true);
  await one.text.fill("Written by a fast clock");
  await one.add();
  await see(one.entry("Written by a fast clock"));
  await page.context().setOffline(false);
  await one.recorded("Written by a fast clock");
  const at = await one.entry("Written by a fast clock").getAttribute("data-at");
  assert.ok(Math.abs(Date.parse(at) - Date.now()) < 20_000, `it happened at ${at}`);
  assert.match(await one.glance.locator("[data-since]").first().textContent(), /^00:00:/);
}

const js = ["js"];
export const tests = [
  { name: "times are local, tick and turn late", modes: js, run: times },
  { name: "news while somebody reads above", modes: js, run: unread },
  { name: "a board in use is not pulled away", modes: js, run: board },
  { name: "commands and names are completed", modes: js, run: completion },
  { name: "what the server refuses comes back", modes: js, run: comesBack },
  { name: "a draft keeps every field", modes: js, run: draftOfEveryField },
  { name: "choices follow what happens", modes: js, run: choices },
  { name: "keys", modes: js, run: keys },
  { name: "a theme in place", modes: js, run: theme },
  { name: "away for long", modes: js, run: longAway },
  { name: "signed out meanwhile", modes: js, run: signedOut },
  { name: "a wrong clock", modes: js, run: wrongClock },
  { name: "viewers follow", modes: js, run: viewersFollow },
];
