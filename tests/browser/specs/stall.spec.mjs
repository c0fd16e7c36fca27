// The story stalls: nobody can reach the admin interface. Both screens are asked
// whether they are stuck; nobody answers; the platform engineer is paged by mail.
import { assert, at, gone, says, see, until } from "../harness/expect.mjs";
import { MailServer, link, python } from "../harness/mail.mjs";
import { dana, omar, priya, ravi } from "../harness/people.mjs";
import { Room, declare } from "../harness/room.mjs";
import { uuid7 } from "../harness/server.mjs";

export const people = [priya, omar, dana, ravi];
export const leftOut = () => (python() ? "" : "RIDEOUT_TEST_AIOSMTPD names no Python with aiosmtpd");

let mail;
export async function args() {
  mail = await MailServer.start();
  return mail.args;
}
export const after = () => mail?.stop();

/** Longer than the minute that a room is given to answer, the least there is. */
const A_MINUTE = { patience: 100_000 };
const WHY = "No access to the admin interface: it answers nobody while the fleet is loaded.";

/** Who has which account, by e-mail. */
async function ids(server) {
  const { people } = await server.api(priya, "GET", "/people");
  return Object.fromEntries(people.map((one) => [one.name, one.id]));
}

/** The platform engineer knows the admin interface and is called first. */
async function directory(server) {
  const who = await ids(server);
  const service = await server.api(priya, "POST", "/services", { name: "Reservations", owner: who[ravi.name] });
  await server.api(priya, "POST", `/services/${service.id}/components`, {
    name: "admin interface",
    experts: [who[dana.name]],
  });
  await server.api(priya, "POST", "/policies", {
    name: "Everything",
    default: true,
    levels: [{ minutes: 5, targets: [{ kind: "person", id: who[dana.name] }] }],
  });
}

/** What the watch does follows a moment after what people do. */
const isAsked = (scene, incident, so) =>
  until(so ? "the room is asked" : "nothing is asked any more", async () => {
    const { prompt } = await scene.server.api(priya, "GET", `/incidents/${incident}/stall`);
    return (prompt !== null) === so;
  });

/** A blocker is enough to be asked, and the room has a minute to answer. */
async function impatient(scene, page) {
  await page.goto("/stall/policy?severity=SEV1");
  await scene.axe(page);
  const set = (name, value) => page.locator(`[name="${name}"]`).fill(value);
  await set("answer", "soon");
  await page.getByRole("button", { name: "Save" }).click();
  await says(page.getByRole("main"), "Write a whole number");
  assert.equal(await page.locator("[name=answer]").inputValue(), "soon");
  await set("answer", "1");
  await set("minutes-blocked", "0");
  await set("weight-blocked", "6");
  await set("minutes-no_expert", "0");
  await page.getByRole("button", { name: "What would it have done?" }).click();
  await see(page.getByText(/There is nothing to compare with yet|What these settings would have done/));
  await scene.axe(page);
  await page.getByRole("button", { name: "Save" }).click();
  await says(page.getByRole("main"), "Saved.");
}

async function stalled(scene) {
  scene.allow.status(422);
  scene.step("a policy that asks at once");
  const page = await scene.enter(priya);
  if (!(await page.request.get(`${scene.server.url}/robots.txt`)).ok()) throw new Error("no server");
  await directory(scene.server).catch((error) => {
    // Made by the run before, in the other mode.
    if (!/409|422/.test(error.message)) throw error;
  });
  await impatient(scene, page);

  scene.step("the room cannot go on");
  const room = await declare(scene, page, {
    title: `Reservations crawl and time out, ${scene.mode}`,
    severity: "SEV1",
    services: "Reservations",
  });
  await room.role("Incident commander");
  const other = await Room.open(scene, await scene.enter(omar), room.path);
  await other.say("hypothesis", "Request threads are tied up waiting for the carrier");
  await other.say("blocker", WHY);

  scene.step("both screens are asked, with the reasons and whom to call");
  await isAsked(scene, room.id, true);
  for (const one of [room, other]) {
    await one.watches("the prompt", async ({ page: screen, prompt }) => {
      await says(prompt, "Are we stuck?", "Blocked", "admin interface", "known to know Reservations");
      await says(prompt, "Whom to call", dana.name, "by e-mail", ravi.name);
      assert.match(await screen.title(), /^(\(\d+\) )?Are we stuck\? /);
    });
    const first = await one.prompt.locator(".whom li b").first().innerText();
    assert.equal(first, dana.name, "the platform engineer is proposed first");
  }
  await scene.axe(room.page);

  scene.step("nobody answers: the engineer is paged by mail");
  const about = `time out, ${scene.mode}`;
  const told = await until("the page arrives", () => mail.to(dana).find((one) => one.includes(about)), A_MINUTE);
  await other.watches("who is asked now", ({ prompt, glance }) =>
    says(prompt, `A second opinion is asked of ${dana.name}`).then(() => says(glance, "Being called", dana.name)),
  );

  scene.step("acknowledging it from the mail shows in the room");
  const phone = await scene.stranger();
  await phone.goto(link(told, "Acknowledge"));
  await scene.axe(phone);
  await room.watches("nothing is acknowledged by looking", ({ glance }) => says(glance, "Being called"));
  await phone.getByRole("button", { name: /Acknowledge/ }).first().click();
  await isAsked(scene, room.id, false);
  for (const one of [room, other]) {
    await one.watches("she is on it", async ({ timeline, prompt, glance }) => {
      await says(timeline, `${dana.name} acknowledged the page.`);
      await gone(prompt.getByText("Are we stuck?"));
      await gone(glance.getByText("Being called"));
    });
  }
  const count = mail.to(dana).length;
  const { figures } = await scene.server.api(priya, "GET", `/incidents/${room.id}/stall`);
  assert.equal(figures.prompts, 1);
  assert.equal(figures.second_opinions, 1);
  assert.equal(mail.to(dana).length, count, "nobody is called again");
}

/** A prompt of its own, in a room of its own. */
async function prompted(scene, what) {
  const incident = await scene.server.declare(priya, {
    title: `${what}, ${scene.mode}`,
    severity: "SEV1",
    services: ["Elsewhere"],
  });
  await scene.server.record(priya, incident, { kind: "blocker", text: WHY });
  await isAsked(scene, incident, true);
  const page = await scene.enter(omar);
  const room = await Room.open(scene, page, `/incidents/${incident}`);
  await room.watches("the prompt", ({ prompt }) => says(prompt, "Are we stuck?"));
  return room;
}

async function answered(scene) {
  scene.allow.status(409, 422);
  const page = await scene.enter(priya);
  await impatient(scene, page);

  scene.step("still on it, with a word on what is being tried");
  const room = await prompted(scene, "Somebody is on it");
  const other = await Room.open(scene, await scene.enter(priya), room.path);
  await room.prompt.getByLabel(/what is being tried/).fill("Reading the logs of the balancer");
  await room.prompt.getByRole("button", { name: "10 min" }).click();
  for (const one of [room, other]) {
    await one.watches("the answer", async ({ timeline, prompt }) => {
      await says(timeline, "answered the prompt: still on it; look again in 10 min", "Reading the logs");
      await gone(prompt.getByText("Are we stuck?"));
    });
  }
  assert.doesNotMatch(await room.page.title(), /Are we stuck/);

  scene.step("blocked, with what is lacking");
  const stuck = await prompted(scene, "Somebody is blocked");
  const form = stuck.prompt.locator("details.ask").filter({ hasText: "Blocked on" });
  await form.locator("summary").click();
  await form.getByRole("button", { name: "We are blocked" }).click();
  await says(stuck.page.locator("main"), /Say what is lacking/i);
  const again = stuck.prompt.locator("details.ask").filter({ hasText: "Blocked on" });
  await again.getByLabel("What we lack").fill("A way into the instances");
  await again.getByLabel(/On whom or what we wait/).fill("platform on-call");
  await again.getByRole("button", { name: "We are blocked" }).click();
  await stuck.watches("the blocker", ({ thinking }) => says(thinking, "A way into the instances", "platform on-call"));

  scene.step("whoever is slower is told who was quicker");
  const race = await prompted(scene, "Two answer at once");
  const { prompt } = await scene.server.api(priya, "GET", `/incidents/${race.id}/stall`);
  const quick = await scene.server.api(priya, "POST", `/incidents/${race.id}/prompts/${prompt.id}/answer`, {
    id: uuid7(),
    answer: "not_stuck",
  });
  assert.equal(quick.kind, "answer");
  const slow = await scene.fetchForm(race.page, `${race.path}/prompts/${prompt.id}/answer`, { answer: "escalate", form: "x", seen: "1" });
  assert.equal(slow.status, 409);
  assert.match(await slow.text(), new RegExp(`${priya.name} answered already: not stuck`));
}

async function wait(scene) {
  scene.step("a text names its end: the wait is offered");
  const page = await scene.enter(omar);
  const room = await declare(scene, page, { title: `The restore takes its time, ${scene.mode}`, severity: "SEV2" });
  await room.say("action", "Started the restore; it will take about 40 minutes.");
  await room.watches("the offer", ({ doing }) => says(doing, "Do we wait on purpose?"));
  await room.doing.getByRole("button", { name: "Wait until then" }).click();
  await room.watches("the wait", async ({ doing, glance }) => {
    await says(doing, "waiting", /[34]\d:\d\d/);
    await says(glance, "waiting until");
    await gone(doing.getByText("Do we wait on purpose?"));
  });

  scene.step("a dependency is asked, by a command, and responds");
  await room.command("/asked carrier team 15m how many threads wait?", "how many threads wait?");
  await room.watches("the question", ({ doing }) => says(doing, "carrier team", "response due in 1"));
  await room.answer(room.card("how many threads wait?"), "They responded", "Eight.", "They responded");
  await room.watches("the response", ({ timeline }) => says(timeline, "Eight."));

  scene.step("somebody is paged by a command");
  await room.text.fill(`/page @${dana.name.split(" ")[0]} we cannot reach the admin interface`);
  await room.add();
  // Calling somebody waits in no queue: the form is sent as it is, and the page loaded anew.
  await says(room.glance, "Being called", dana.name);
  await says(room.doing, "Who is being called", "paged by");
  await until("the mail", () => mail.to(dana).some((one) => one.includes("we cannot reach the admin interface")));
  await scene.axe(room.page);
}

async function chosen(scene) {
  const page = await scene.enter(omar);
  const room = await declare(scene, page, { title: "Choices are kept", severity: "SEV3" });
  const sound = page.getByRole("button", { name: "Sound", exact: true });
  await see(sound);
  assert.equal(await sound.getAttribute("aria-pressed"), "false", "nothing sounds before a choice");
  await sound.click();
  await page.reload();
  await room.awake();
  assert.equal(await sound.getAttribute("aria-pressed"), "true");
  await at(page, room.path);
}

export const tests = [
  // The room has a real minute to answer; by forms alone answers are given below.
  { name: "the story stalls and the engineer is paged by mail", modes: ["js"], run: stalled },
  { name: "prompts are answered", modes: ["js", "nojs"], run: answered },
  { name: "waits, questions and pages by hand", modes: ["js", "nojs"], run: wait },
  { name: "a sound is chosen in the browser", modes: ["js"], run: chosen },
];
