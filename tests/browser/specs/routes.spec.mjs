// A contact route is confirmed from the test that it brought: the mail arrives,
// the button behind its link is pressed, the page says so.
import { assert, at, gone, says, see, until } from "../harness/expect.mjs";
import { MailServer, link, python } from "../harness/mail.mjs";
import { dana, omar, priya, ravi } from "../harness/people.mjs";

export const people = [omar, priya, dana, ravi];
export const leftOut = () => (python() ? "" : "RIDEOUT_TEST_AIOSMTPD names no Python with aiosmtpd");

let mail;
export async function args() {
  mail = await MailServer.start();
  return mail.args;
}
export const after = () => mail?.stop();

const main = (page) => page.getByRole("main");
const NOBODY = "No route of yours is confirmed:";

async function confirmed(scene) {
  // Each mode has its own person, for what is confirmed stays so.
  const who = scene.js ? omar : priya;
  const night = { email: `night-${scene.mode}@example.org` };

  scene.step("nobody knows whether a page reaches them");
  const page = await scene.enter(who);
  await page.goto("/account");
  await says(main(page), NOBODY);
  await scene.axe(page);
  await page.goto("/account/reach");
  await says(main(page), NOBODY, "not confirmed yet");
  await scene.axe(page);

  scene.step("an address is added and tested");
  await page.locator('[name="channel"][value="email"]').check({ force: true });
  await page.getByLabel("Address").fill(night.email);
  await page.getByLabel("What do you call it?").fill("at night");
  await page.getByRole("button", { name: "Add the route" }).click();
  await says(main(page), "at night", night.email);
  await page.getByRole("button", { name: "Send a test by at night" }).click();
  await at(page, /^\/account\/reach\?test=/);
  const [test] = await until("the test arrives", () => mail.to(night).length > 0 && mail.to(night));

  scene.step("the link shows a button, and opening it does nothing");
  const phone = await scene.stranger({ viewport: { width: 390, height: 844 } });
  const address = link(test, "This route works");
  for (let times = 0; times < 2; times += 1) {
    await phone.goto(address);
    await says(main(phone), `A test for ${who.name}`, night.email);
  }
  await scene.axe(phone);
  await page.goto("/account/reach");
  await says(main(page), NOBODY);

  scene.step("the button confirms the route");
  await main(phone).getByRole("button", { name: "This route works" }).click();
  await says(main(phone), "This route works.", "Confirmed");
  await gone(main(phone).getByRole("button"));
  await scene.axe(phone);
  await page.goto("/account/reach");
  const line = page.locator(".route").filter({ hasText: night.email });
  await says(line, "confirmed");
  await gone(page.getByText(NOBODY));
  await see(page.locator(".route").filter({ hasText: who.email }).getByText("not confirmed yet"));
  await scene.axe(page);
}

async function warned(scene) {
  const called = scene.js ? dana : ravi;
  const page = await scene.enter(priya);
  const { people: all } = await scene.server.api(priya, "GET", "/people");
  const id = (who) => all.find((one) => one.name === who.name).id;
  const layer = { name: "Primary", rotation: "daily", starts_on: "2026-01-05", hand_over: "09:00", people: [id(called)] };
  const made = await scene.server.api(priya, "POST", "/schedules", { name: `Nights ${scene.mode}`, zone: "UTC", layers: [layer] });
  const policy = { name: `Everything ${scene.mode}`, levels: [{ minutes: 5, targets: [{ kind: "schedule", id: made.id }] }] };
  await scene.server.api(priya, "POST", "/policies", policy);

  scene.step("a route out of use is no confirmation");
  const { routes } = await scene.server.api(called, "GET", "/me/routes");
  for (const one of routes) await scene.server.api(called, "DELETE", `/me/routes/${one.id}`);

  scene.step("whoever plans sees whom nobody may reach");
  const warning = `No route of ${called.name} is confirmed:`;
  for (const path of [`/on-call/${made.id}`, "/policies"]) {
    await page.goto(path);
    await says(main(page), warning);
    await scene.axe(page);
  }
  const own = await scene.enter(called);
  await own.goto(`/on-call/${made.id}`);
  await own.getByRole("link", { name: "Confirm one of yours" }).click();
  await at(own, "/account/reach");
  await says(main(own), NOBODY);

  scene.step("the browser reaches only those who look at it");
  await scene.server.api(called, "POST", "/me/routes", { channel: "browser" });
  await page.goto(`/on-call/${made.id}`);
  await says(main(page), warning);
  assert.equal((await scene.server.api(priya, "GET", `/schedules/${made.id}`)).unconfirmed.length, 1);
}

export const tests = [
  { name: "a mail route is confirmed from the mail", modes: ["js", "nojs"], run: confirmed },
  { name: "whoever may be called unheard is named", modes: ["js", "nojs"], run: warned },
];
