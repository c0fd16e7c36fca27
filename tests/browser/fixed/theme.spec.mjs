// Choosing a theme without a script led to the list of incidents, and whoever
// came by a stakeholder link, who has no account, to the page where one signs in.
import { assert, at, see } from "../harness/expect.mjs";
import { priya } from "../harness/people.mjs";

export const people = [priya];

async function choose(page, theme) {
  const button = page.getByRole("button", { name: theme });
  if (!(await button.isVisible())) await page.locator("details.account > summary").click();
  await button.click();
}

async function stays(scene) {
  const page = await scene.enter(priya);
  const incident = await scene.server.declare(priya, { title: "Reservations crawl" });
  const room = `/incidents/${incident}`;
  await page.goto(`${room}?compose=task`);
  await choose(page, "Dark theme");
  await see(page.locator('html[data-theme="dark"]'));
  await at(page, `${room}?compose=task`);

  await page.goto(`${room}/share`);
  await page.getByLabel("New link for").fill("The directors");
  await page.getByRole("button", { name: "Make the link" }).click();
  const link = await (await see(page.getByLabel("The new link"))).inputValue();
  const outside = await scene.stranger();
  await outside.goto(link);
  await choose(outside, "Dark theme");
  await see(outside.locator('html[data-theme="dark"]'));
  assert.equal(outside.url(), link);
}

export const tests = [{ name: "the page stays when a theme is chosen", modes: ["js", "nojs"], run: stays }];
