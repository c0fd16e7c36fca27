// What was typed into an answer was doubled, and sent to a prompt that was over, when
// the next rung was climbed meanwhile. And a page in the browser reached only pages
// that were opened afterwards.
import { assert, says, see, until } from "../harness/expect.mjs";
import { omar, priya } from "../harness/people.mjs";
import { Room } from "../harness/room.mjs";

export const people = [priya, omar];

const A_MINUTE = { patience: 100_000 };

async function climbed(scene) {
  const page = await scene.enter(priya);
  await page.goto("/stall/policy?severity=SEV1");
  const set = (name, value) => page.locator(`[name="${name}"]`).fill(value);
  await set("answer", "1");
  await set("minutes-blocked", "0");
  await set("weight-blocked", "6");
  await page.getByRole("button", { name: "Save" }).click();
  await says(page.getByRole("main"), "Saved.");

  const incident = await scene.server.declare(priya, { title: "Typed while it climbs", severity: "SEV1" });
  await scene.server.record(omar, incident, { kind: "blocker", text: "No access to the admin interface" });
  const prompt = () => scene.server.api(priya, "GET", `/incidents/${incident}/stall`).then((stall) => stall.prompt);
  await until("the room is asked", async () => (await prompt()) !== null);
  const first = (await prompt()).id;
  const room = await Room.open(scene, await scene.enter(omar), `/incidents/${incident}`);
  const trying = room.prompt.getByLabel(/what is being tried/);
  await trying.fill("Reading the logs");

  scene.step("the next rung is climbed while somebody types");
  await until("somebody else is asked", async () => (await prompt())?.id !== first, A_MINUTE);
  const id = (await prompt()).id;
  await until("the form leads to the prompt that is open", async () => {
    const action = await room.prompt.locator("#answer-still").getAttribute("action");
    return action.includes(id);
  });
  assert.equal(await room.prompt.locator("form[id=answer-still]").count(), 1);
  assert.equal(await room.prompt.getByRole("button", { name: "Escalate now" }).count(), 1);
  assert.equal(await trying.inputValue(), "Reading the logs");

  scene.step("the one who is paged is told on a page that is open already");
  await see(page.getByRole("alert").getByText("You are paged"));

  scene.step("and what was typed is the answer");
  await room.prompt.getByRole("button", { name: "10 min" }).click();
  await says(room.timeline, "Reading the logs");
}

export const tests = [{ name: "typed while the ladder climbs", modes: ["js"], run: climbed }];
