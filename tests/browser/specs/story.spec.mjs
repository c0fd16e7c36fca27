// The story of 15 June 2010, played by two people in two browsers and a
// director without an account: declared at go-live, resolved with a summary.
import { assert, at, count, gone, says, see } from "../harness/expect.mjs";
import { dana, grace, omar, priya } from "../harness/people.mjs";
import { Room, declare } from "../harness/room.mjs";

export const people = [priya, omar, dana, grace];
export const databases = ["sqlite", "postgres"];

const TITLE = "Reservations crawl and time out";
const SEEN = "Walking the flow on two phones: the reservation spins for 40 s, then times out. Three of four tries fail.";
const DIRECTORS = "Two directors at the door: what is wrong, and when will it be over?";
const TOLD = "Customers can open the store, but reserving a phone is slow and often fails. The team is on it.";
const CARRIER = "The carrier is down";
const FEW = "Too few instances for the crowd";
const THREADS = "Request threads are tied up waiting for the carrier";
const COPING = "The team that owns the carrier interface sees heavy load, but copes: 0.9 s a call.";
const ASKED = "Asked every instance for its thread and connection counts";
const BLOCKED = "No access to the admin interface: it answers nobody while the fleet is loaded.";
const NO_GUESS = "We do not add instances on a guess.";
const APART = "Reach the admin interface of one instance, nothing else.";
const PORTS = "Which ports do the load balancer's target groups point to?";
const SUM = "120 requests/s × 0.9 s = 108 threads if the fleet kept up. Each completes 8.9 requests/s, so **8 threads in use of 32**.";
const BALANCER = "The load balancer sends everything to port 8081. That is the admin port, and its pool is 8.";
const PORT = "Traffic goes to the admin port, whose pool of 8 serves the whole launch";
const DECIDED = "Route traffic to 8080, one instance first, then all.";
const ROUTED = "Target groups now point to 8080, on all ten instances.";
const FAST = "Reservations take under a second on both phones. Ten of ten go through.";
const WELL = "Reserving a phone works again at normal speed.";
const SUMMARY = "Customers were routed to the admin port, whose pool of 8 threads stood for 32. Traffic goes to the main port now and the fleet carries the launch with ease.";

async function story(scene) {
  const [hers, his] = await Promise.all([scene.enter(priya), scene.enter(omar)]);
  const outside = await scene.stranger();

  scene.step("declared at go-live");
  const lead = await declare(scene, hers, {
    title: TITLE,
    severity: "SEV1",
    services: "store app, reservations, carrier interface",
    description: "The store app is live. Its main feature lets customers **reserve a phone**.",
  });
  await says(lead.glance, "SEV1", "Investigating", "Nobody leads", "store app, reservations, carrier interface");

  scene.step("the second person finds the room and joins");
  await his.goto("/incidents");
  await his.getByRole("link", { name: TITLE }).first().click();
  await at(his, lead.path);
  const help = new Room(scene, his);
  await help.awake();
  await see(help.entry("declared the incident as SEV1"));
  await hers.getByRole("button", { name: "Join the room" }).click();
  await see(hers.getByRole("button", { name: "Leave the room" }));
  await lead.awake();
  await his.getByRole("button", { name: "Join the room" }).click();
  await see(his.getByRole("button", { name: "Leave the room" }));
  await help.awake();
  for (const room of [lead, help]) {
    await room.watches("both are here", () => says(room.here, "Priya Nair", "Omar Haddad"));
  }

  scene.step("somebody leads");
  await lead.role("Incident commander", "Me", "One timeline, here.");
  for (const room of [lead, help]) {
    await room.watches("who leads", async () => {
      await says(room.glance, /Commander Priya Nair/);
      await see(room.entry("took the role Incident commander"));
    });
  }

  scene.step("first-hand reports");
  await help.say("finding", SEEN);
  await lead.watches("the finding", async () => {
    await says(lead.entry(SEEN), "Omar Haddad", "finding");
    await says(lead.glance, /Last learnt something (just now|\d+ s(ec)?)/i);
  });
  await lead.say("note", DIRECTORS);
  await help.watches("the note", () => see(help.entry(DIRECTORS)));

  scene.step("directors get a link, and an update behind it");
  await hers.getByRole("link", { name: "Share" }).click();
  await at(hers, `${lead.path}/share`);
  await hers.getByLabel("New link for").fill("The two directors");
  await hers.getByRole("button", { name: "Make the link" }).click();
  const link = await stakeholderLink(hers);
  await outside.goto(link);
  await see(outside.getByRole("heading", { level: 1, name: TITLE }));
  await lead.page.goto(lead.path);
  await lead.awake();
  await lead.say("stakeholder_update", TOLD, { next_minutes: "15" });
  await says(lead.glance, /Next stakeholder update in 1[45] min/);
  await help.watches("the update", async () => {
    await see(help.entry(TOLD));
    await says(help.glance, /Next stakeholder update in 1[45] min/);
  });
  await toldOutside(outside, link, TOLD);
  assert.ok(!(await outside.content()).includes("Two directors at the door"), "what was said inside stays inside");

  scene.step("hypotheses, and the dependency's team");
  for (const [text, by] of [[CARRIER, help], [FEW, help], [THREADS, lead]]) await by.say("hypothesis", text);
  for (const room of [lead, help]) {
    await room.watches("three hypotheses", async () => {
      for (const text of [CARRIER, FEW, THREADS]) await says(room.card(text), "proposed", "No evidence yet");
    });
  }
  await lead.command("/role liaison @dana Speaks to the team that owns the carrier interface.", "Speaks to the team that owns");
  await help.watches("the liaison", () => says(help.roles, /Dana Kim Liaison/));
  await help.say("evidence", COPING, {
    hypothesis: { label: CARRIER },
    stance: "against",
    link: "https://carrier.example.org/dashboards/api",
  });
  await lead.watches("evidence against", () => says(lead.card(CARRIER), "0 for · 1 against"));
  await lead.answer(lead.card(CARRIER), "Say how it stands", "Slow, not down.", "Rule out");
  for (const room of [lead, help]) {
    await room.watches("ruled out", async () => {
      await says(room.thinking, /Tried and ruled out 1/);
      await says(room.card(CARRIER), "ruled out", "Slow, not down.");
      await says(room.glance, "1 ruled out");
    });
  }
  await lead.answer(lead.card(FEW), "Say how it stands", "On paper the fleet is large enough.", "Rule out");
  await help.watches("ruled out", () => says(help.thinking, /Tried and ruled out 2/));
  await help.answer(help.card(THREADS), "Say how it stands", "Needs the thread counts.", "We test it");
  await lead.watches("testing", () => says(lead.card(THREADS), "testing", "Needs the thread counts."));

  scene.step("the admin interface cannot be reached");
  await help.say("action", ASKED);
  await see(help.doing.locator("article.action").filter({ hasText: ASKED }));
  await help.answer(help.doing.locator("article.action"), "Report its effect", "Connection refused on all ten.", "No effect");
  await lead.watches("no effect", () => says(lead.entry("Connection refused on all ten."), "no effect"));
  await help.say("blocker", BLOCKED, {
    waiting_on: "the admin interface of the instances",
    blocker_minutes: "10",
  });
  for (const room of [lead, help]) {
    await room.watches("blocked", async () => {
      await says(room.thinking, "What blocks us");
      await says(room.card(BLOCKED), /waiting on the admin interface of the instances/i);
    });
  }

  scene.step("no change on a guess; two people go apart");
  await lead.command(`/decision ${NO_GUESS} | Add four instances now | Wait for the thread counts`, NO_GUESS);
  await help.watches("the decision", () =>
    says(help.entry(NO_GUESS), "Also considered", "Add four instances now", "Wait for the thread counts"),
  );
  await lead.command(`/breakout @grace @dana 15m ${APART}`, APART);
  for (const room of [lead, help]) {
    await room.watches("the breakout", () =>
      says(room.card(APART), "breakout", "Dana Kim and Grace Obi", "do not disturb", /1[45]:\d\d/),
    );
  }
  await lead.command(`/task @omar 5m ${PORTS}`, PORTS);
  await help.watches("the task", () => says(help.card(PORTS), "Omar Haddad", "5 min", /0?[45]:\d\d/));

  scene.step("the arithmetic, and what the load balancer does");
  await help.say("evidence", SUM, { hypothesis: { label: THREADS }, stance: "against" });
  await lead.watches("the arithmetic", async () => {
    await says(lead.entry("8 threads in use of 32"), "evidence", `against “${THREADS}`.slice(0, 20));
    await see(lead.entry("8 threads in use of 32").locator("strong"), "Markdown is shown as such");
    await says(lead.card(THREADS), "0 for · 1 against");
  });
  await help.say("finding", BALANCER);
  await lead.watches("the load balancer", () => see(lead.entry(BALANCER)));
  await help.say("hypothesis", PORT);
  await lead.watches("the new hypothesis", () => see(lead.card(PORT)));
  await help.answer(help.card(PORTS), "It is done", "All ten point to 8081. The main port is 8080.", "Done");
  await help.watches("the task is done", () => gone(help.card(PORTS)));
  await lead.watches("the task is done", () => gone(lead.card(PORTS)));
  await lead.answer(lead.card(APART), "It is over", "8 of 32 threads in use, and we know why: wrong port.", "End the breakout");
  await help.watches("they are back", () => gone(help.card(APART)));
  await help.answer(help.card(BLOCKED), "It is gone", "It never answered because it served customers.", "Lifted");
  for (const room of [lead, help]) {
    await room.watches("nothing blocks", async () => {
      await gone(room.card(BLOCKED));
      await see(room.entry("It never answered because it served customers."));
    });
  }
  await lead.answer(lead.card(PORT), "Say how it stands", "Arithmetic and target groups say the same.", "Supported");
  await help.watches("supported", () => says(help.card(PORT), "supported"));

  scene.step("decided, done, well again");
  await lead.say("status", "The load balancer routes customers to the admin port.", { status_to: "identified" });
  await help.watches("identified", () => says(help.glance, "Identified"));
  await lead.say("decision", DECIDED, { alternatives: "Raise the admin pool to 32" });
  await help.watches("decided", () => says(help.entry(DECIDED), "Raise the admin pool to 32"));
  await help.say("action", ROUTED);
  await lead.watches("routed", () => see(lead.doing.locator("article.action").filter({ hasText: ROUTED })));
  await help.answer(help.doing.locator("article.action").filter({ hasText: ROUTED }), "Report its effect", FAST, "It helped");
  await lead.watches("it helped", async () => {
    await says(lead.entry(FAST), "helped");
    await gone(lead.doing.locator("article.action"));
  });
  await lead.command("/status mitigated All ten instances carry the load with ease.", "All ten instances carry the load");
  await help.watches("mitigated", () => says(help.glance, "Mitigated"));
  await lead.say("stakeholder_update", WELL, { next_minutes: "30" });
  await toldOutside(outside, link, WELL);

  scene.step("resolved");
  await lead.command(`/resolve ${SUMMARY}`, SUMMARY);
  for (const room of [lead, help]) {
    await room.watches("resolved", async () => {
      await says(room.glance, "Resolved", "Lasted");
      await see(room.entry("resolved the incident"));
    });
  }
  await toldOutside(outside, link, "Resolved");

  scene.step("both screens say the same");
  const order = [SEEN, DIRECTORS, TOLD, CARRIER, FEW, THREADS, COPING, ASKED, BLOCKED, NO_GUESS, APART, PORTS, BALANCER, PORT, DECIDED, ROUTED, FAST, WELL, SUMMARY];
  const [left, right] = await Promise.all([lead, help].map((room) => inOrder(room)));
  assert.deepEqual(left, right, "the same entries in the same order on both screens");
  assert.equal(new Set(left.map(([id]) => id)).size, left.length, "no entry twice");
  let from = -1;
  for (const text of order) {
    const place = left.findIndex(([, said], i) => i > from && said.includes(text));
    assert.ok(place > from, `“${text}” follows in the timeline`);
    from = place;
  }
  await count(lead.pinned.locator("li"), 0);

  scene.step("the exported timeline");
  await exported(scene, hers, lead, order, left);
}

/** The address that the page of sharing shows for a new link. */
async function stakeholderLink(page) {
  const shown = page.getByLabel("The new link");
  await see(shown, "the stakeholder link");
  return shown.inputValue();
}

async function toldOutside(page, link, text) {
  await page.goto(link);
  await says(page.locator("body"), text);
}

async function inOrder(room) {
  if (!room.scene.js) await room.page.goto(room.path);
  return room.timeline.locator("> li").evaluateAll((all) =>
    all.map((li) => [li.dataset.entry, li.querySelector(".what").innerText.replace(/\s+/g, " ").replace(/\d+ (s|sec|min) ago/g, "")]),
  );
}

async function exported(scene, page, room, order, shown) {
  const json = await (await scene.fetch(page, `${room.path}/export.json`)).json();
  assert.equal(json.incident.title, TITLE);
  assert.equal(json.incident.severity, "SEV1");
  assert.equal(json.incident.status, "resolved");
  const seqs = json.entries.map((entry) => entry.seq);
  assert.deepEqual(seqs, seqs.map((_, i) => i + 1), "every sequence number, without a gap");
  const ids = new Set(json.entries.map((entry) => entry.id));
  for (const [id] of shown) assert.ok(ids.has(id), "what was on screen is in the export");
  const by = (kind) => json.entries.filter((entry) => entry.kind === kind);
  const kinds = {
    declared: 1,
    finding: 2,
    hypothesis: 4,
    hypothesis_status: 4,
    evidence: 2,
    action: 2,
    action_effect: 2,
    decision: 2,
    breakout: 1,
    breakout_ended: 1,
    task: 1,
    task_done: 1,
    blocker: 1,
    blocker_lifted: 1,
    stakeholder_update: 2,
    status: 3,
    role_taken: 2,
    joined: 2,
  };
  for (const [kind, expected] of Object.entries(kinds)) assert.equal(by(kind).length, expected, kind);
  const standing = Object.fromEntries(
    json.board.hypotheses.map((h) => [json.entries.find((entry) => entry.id === h.entry).text, h.status]),
  );
  assert.deepEqual(standing, { [CARRIER]: "refuted", [FEW]: "refuted", [THREADS]: "testing", [PORT]: "supported" });
  const threads = json.entries.find((entry) => entry.text === THREADS);
  const sum = by("evidence").find((entry) => entry.text === SUM);
  assert.equal(sum.hypothesis, threads.id);
  assert.equal(sum.stance, "against");
  const apart = by("breakout")[0];
  assert.deepEqual(apart.people.map((id) => json.people[id]).sort(), ["Dana Kim", "Grace Obi"]);
  assert.equal(apart.minutes, 15);
  assert.deepEqual(by("decision")[0].alternatives, ["Add four instances now", "Wait for the thread counts"]);
  assert.ok(json.board.tasks[0].result.includes("8081"));
  assert.ok(json.board.blockers[0].lifted_at && json.board.breakouts[0].ended_at && json.board.mitigated_at);
  assert.equal(json.board.actions.at(-1).effect, "helped");

  const text = await (await scene.fetch(page, `${room.path}/export.md`)).text();
  assert.match(text, /^---\nformat: /);
  assert.ok(text.includes("status: resolved") && text.includes(TITLE));
  const plain = text.replace(/\\([^\w\s])/g, "$1");
  const timeline = plain.slice(plain.indexOf("## Timeline"));
  let from = -1;
  for (const said of order) {
    const place = timeline.indexOf(said.slice(0, 40), from + 1);
    assert.ok(place > from, `“${said}” follows in the exported Markdown`);
    from = place;
  }
}

export const tests = [{ name: "the whole story on two screens", modes: ["js", "nojs"], run: story }];
