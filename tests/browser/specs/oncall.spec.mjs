// Who is on call: making a schedule, standing in, a calendar in and out. On
// every page on the way axe finds nothing.
import { assert, at, says, see } from "../harness/expect.mjs";
import { grace, lena, omar, priya } from "../harness/people.mjs";

export const people = [priya, omar, grace, lena];
const main = (page) => page.getByRole("main");
const press = (page, name) => main(page).getByRole("button", { name }).click();

let schedules = 0;

/** Makes a schedule with one layer through its forms; answers with its path. */
async function make(scene, page) {
  await page.goto("/on-call/new");
  await scene.axe(page);
  await page.getByLabel("Name").fill(`Payments ${scene.mode} ${++schedules}`);
  await page.getByLabel("Time zone").fill("Nowhere");
  await press(page, "Make the schedule");
  await says(main(page), "“Nowhere” is no time zone");
  await scene.axe(page);
  await page.getByLabel("Time zone").fill("Europe/Berlin");
  await press(page, "Make the schedule");
  await at(page, /\/layers\/new$/);

  await scene.axe(page);
  await page.getByLabel("Name").fill("Primary");
  await page.getByLabel("Turn 1").selectOption({ label: omar.name });
  await page.getByLabel("Turn 2").selectOption({ label: priya.name });
  await page.locator('[name="rotation"][value="days"]').check({ force: true });
  await page.getByLabel("How many days or hours").fill("many");
  await press(page, "Add the layer");
  await says(main(page), "Write a whole number");
  assert.equal(await page.getByLabel("How many days or hours").inputValue(), "many");
  await scene.axe(page);
  await page.getByLabel("How many days or hours").fill("2");
  await page.getByLabel("Starts on").fill("2026-01-05");
  await press(page, "Add the layer");
  await at(page, /^\/on-call\/[0-9a-f-]+#layers$/);
  return new URL(page.url()).pathname;
}

async function scheduled(scene) {
  scene.allow.status(422);
  const page = await scene.enter(priya);
  const path = await make(scene, page);
  await says(main(page), "Every 2 days at 09:00, since 2026-01-05.", "covered for 14 days");
  await see(page.getByRole("img", { name: /^Primary: / }), "the picture of the layer");
  await scene.axe(page);

  scene.step("somebody stands in");
  const other = await scene.enter(omar);
  await other.goto(path);
  await other.getByLabel("From", { exact: true }).fill("2090-03-28T18:00");
  await other.getByLabel("Until", { exact: true }).fill("2090-03-28T12:00");
  await press(other, "Put me on call");
  await says(main(other), "The end must come after the beginning");
  await scene.axe(other);
  await other.getByLabel("Until", { exact: true }).fill("2090-03-30T09:00");
  await press(other, "Put me on call");
  await says(main(other), "Tue 28 Mar 2090, 18:00", "Thu 30 Mar 2090, 09:00");
  await scene.axe(other);
  await press(other, "Take back");
  await says(main(other), "Nobody stands in.");

  scene.step("the list");
  await page.goto("/on-call");
  await says(main(page), "covered for 14 days");
  await scene.axe(page);
  await page.goto(`${path}/edit`);
  await scene.axe(page);
  await main(page).getByText("Archive it").click();
  await press(page, /^Archive the schedule/);
  await at(page, "/on-call");
}

const days = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10).replaceAll("-", "");
const event = (day, whom) =>
  ["BEGIN:VEVENT", `UID:${day}`, `DTSTART;TZID=W. Europe Standard Time:${day}T090000`, "DURATION:P1D", `SUMMARY:${whom}`, "END:VEVENT"].join("\r\n");

async function calendars(scene) {
  scene.allow.status(422, 404);
  const page = await scene.enter(priya);
  const path = await make(scene, page);
  await page.goto(`${path}/import`);
  await scene.axe(page);
  const choose = (text) =>
    page.getByLabel("A calendar file").setInputFiles({ name: "team.ics", mimeType: "text/calendar", buffer: Buffer.from(text) });
  await choose("<html>");
  await press(page, "Look at it");
  await says(main(page), "This is no iCalendar file");
  await scene.axe(page);
  await choose(["BEGIN:VCALENDAR", "VERSION:2.0", event(days(2), priya.name), event(days(3), "Night desk"), "END:VCALENDAR"].join("\r\n"));
  await press(page, "Look at it");
  await says(main(page), "2 shifts", "Not recognised", "Night desk");
  await scene.axe(page);
  await page.getByLabel("Who Night desk is").selectOption({ label: omar.name });
  await press(page, "Put them on call");
  await says(main(page), "2 shifts are out of an imported calendar");
  await see(page.getByRole("img", { name: /^Imported: / }), "the picture of what was imported");
  await scene.axe(page);

  scene.step("an address to subscribe to");
  await press(page, "Make an address");
  const address = await page.getByLabel("The address").inputValue();
  await scene.axe(page);
  const calendar = async () => fetch(address);
  assert.match(await (await calendar()).text(), new RegExp(`SUMMARY:${omar.name}`));
  await press(page, /^Take back the feed/);
  assert.equal((await calendar()).status, 404);
}

/** Somebody becomes a viewer while forms are open that name them. */
async function onlyLooks(scene) {
  scene.allow.status(422);
  const page = await scene.enter(priya);
  const path = await make(scene, page);
  const admin = await scene.enter(grace);
  await page.goto(`${path}/layers/new`);
  await page.getByLabel("Name").fill("Nights");
  const turn = page.getByLabel("Turn 1");
  await turn.selectOption({ label: lena.name });
  const id = await turn.inputValue();
  await role(admin, id, "viewer");
  await press(page, "Add the layer");
  await says(main(page), `${lena.name} can only look: give them the role responder or put somebody else here.`);
  assert.equal(await turn.inputValue(), id);
  await scene.axe(page);

  scene.step("somebody who is on call already");
  await role(admin, id, "responder");
  await press(page, "Add the layer");
  await at(page, /#layers$/);
  await role(admin, id, "viewer");
  await page.goto(path);
  await says(main(page), "Not everybody named here can respond.", "Named in Nights.");
  await scene.axe(page);
  await page.getByRole("link", { name: "Change Nights" }).click();
  await at(page, /\/layers\/1$/);
  await role(admin, id, "responder");
  await page.goto(path);
  assert.equal(await page.getByText("Not everybody named here can respond.").count(), 0);
}

/** An admin gives somebody another role. */
async function role(admin, id, name) {
  await admin.goto("/people");
  const form = admin.locator(`form[action="/people/${id}/role"]`);
  await form.locator('[name="role"]').selectOption(name);
  await form.getByRole("button").click();
  await at(admin, /^\/people/);
}

const both = ["js", "nojs"];
export const tests = [
  { name: "a schedule, and somebody who stands in", modes: both, run: scheduled },
  { name: "somebody who can only look", modes: both, run: onlyLooks },
  { name: "a calendar in and out", modes: both, run: calendars },
];
