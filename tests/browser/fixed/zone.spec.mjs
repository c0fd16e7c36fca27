// Without a script the timeline showed times of day and did not say in which
// zone; with one, the page that edits an entry and the one that declares took
// UTC, while everything beside them was local.
import { assert, at, gone, says, see } from "../harness/expect.mjs";
import { priya } from "../harness/people.mjs";
import { Room } from "../harness/room.mjs";

export const people = [priya];

async function zone(scene) {
  const page = await scene.enter(priya);
  const incident = await scene.server.declare(priya, { title: "Reservations crawl" });
  await Room.open(scene, page, `/incidents/${incident}`);
  const title = page.getByRole("heading", { name: /^Timeline/ });
  await see(title);
  if (scene.js) await gone(title.getByText("UTC"));
  else await says(title, "Timeline, times in UTC");
}

async function typed(scene) {
  const page = await scene.enter(priya);
  const incident = await scene.server.declare(priya, { title: "Reservations crawl", started_at: "2010-01-15T08:00:00Z" });
  const entry = await scene.server.record(priya, incident, { text: "It spins", occurred_at: "2010-01-15T09:24:22Z" });
  const edit = `/incidents/${incident}/entries/${entry.id}/edit`;
  const field = page.getByLabel("When it happened");
  const happened = async () => (await scene.server.api(priya, "GET", `/incidents/${incident}/entries/${entry.id}`)).occurred_at;
  const [zone, shown, earlier] = scene.js
    ? ["In Europe/Berlin.", "2010-01-15T10:24", "2010-01-15T10:20"]
    : ["In UTC.", "2010-01-15T09:24:22", "2010-01-15T09:20"];

  scene.step("what is shown and not touched stays to the second");
  await page.goto(edit);
  await says(page.getByRole("main"), zone);
  assert.equal(await field.inputValue(), shown);
  await page.getByLabel("Text").fill("It spins for 40 s");
  await page.getByRole("button", { name: "Save" }).click();
  await at(page, new RegExp(`^/incidents/${incident}`));
  assert.equal(Date.parse(await happened()), Date.parse("2010-01-15T09:24:22Z"));

  scene.step("what is typed is meant as it is shown");
  await page.goto(edit);
  await says(page.getByRole("main"), zone);
  await field.fill(earlier);
  await page.getByRole("button", { name: "Save" }).click();
  await at(page, new RegExp(`^/incidents/${incident}$|^/incidents/${incident}[?#]`));
  assert.equal(Date.parse(await happened()), Date.parse("2010-01-15T09:20:00Z"));

  scene.step("when it began");
  await page.goto("/incidents/new");
  await page.getByLabel("What is wrong?").fill("It began this morning");
  await page.getByText("When it began, a description, who may see it").click();
  await page.getByLabel("When did it begin?").selectOption("at");
  await says(page.getByRole("main"), zone);
  await page.getByLabel("Day and time").fill(scene.js ? "2010-01-15T11:30" : "2010-01-15T10:30");
  await page.getByRole("button", { name: "Declare and open the room" }).click();
  await at(page, /^\/incidents\/[0-9a-f-]{36}/);
  const declared = new URL(page.url()).pathname.split("/")[2];
  const { started_at } = await scene.server.api(priya, "GET", `/incidents/${declared}`);
  assert.equal(Date.parse(started_at), Date.parse("2010-01-15T10:30:00Z"));
}

const both = ["js", "nojs"];
export const tests = [
  { name: "the zone of the timeline is said", modes: both, run: zone },
  { name: "times are typed in the zone in which they are shown", modes: both, run: typed },
];
