// From the set-up link to a team: accounts, sessions, tokens, roles.
import { assert, at, count, gone, says, see } from "../harness/expect.mjs";
import { dana, grace, omar, priya, vera } from "../harness/people.mjs";
import { logIn } from "../harness/scene.mjs";

export const people = [grace, omar, priya, dana, vera];

const main = (page) => page.getByRole("main");

/** Fills in the page behind a set-up link or an invitation. */
async function join(page, { name, email, password }) {
  await page.getByLabel("Your name").fill(name);
  if (email) await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await main(page).getByRole("button", { name: /^Create/ }).click();
}

/** Opens what a page hides in a menu, and presses something in it. */
async function signOut(page) {
  await page.locator("details.account > summary").click();
  await page.getByRole("button", { name: "Sign out" }).click();
}

async function inviteLink(page, role, email) {
  await page.goto("/people");
  await page.locator(`#invite input[name="role"][value="${role}"]`).check({ force: true });
  if (email) await page.locator("#invite").getByLabel(/E-mail address/).fill(email);
  await page.getByRole("button", { name: "Make the link" }).click();
  await see(page.locator("#made-link"), "the invitation's link");
  return page.locator("#made-link").inputValue();
}

async function fromSetUpToTeam(scene) {
  scene.allow.status(404, 410, 422);
  const first = await scene.stranger();
  scene.step("nobody has an account yet");
  await first.goto("/");
  await at(first, /^\/login/);
  await says(main(first), "Nobody has an account yet", "set-up link");

  scene.step("a password that is too short");
  await first.goto(scene.server.links.setup);
  await join(first, { name: "Ada Quinn", email: "ada@example.org", password: "short" });
  await says(main(first), "at least 12");
  assert.equal(await first.getByLabel("Your name").inputValue(), "Ada Quinn");
  assert.equal(await first.getByLabel("E-mail address").inputValue(), "ada@example.org");
  assert.equal(await first.getByLabel("Password").inputValue(), "", "a password is never sent back");

  scene.step("the first admin");
  await first.getByLabel("Password").fill("brisk walks at dawn");
  await main(first).getByRole("button", { name: "Create the admin account" }).click();
  await at(first, "/people");
  await see(first.getByRole("link", { name: "People", exact: true }));
  await see(first.getByRole("link", { name: "Audit", exact: true }));

  scene.step("the set-up link works once");
  const second = await scene.stranger();
  const again = await second.goto(scene.server.links.setup);
  assert.ok(again.status() >= 400, "used up");
  await see(main(second).getByRole("link").first(), "a way forward");

  scene.step("an invitation");
  const link = await inviteLink(first, "responder");
  await second.goto(link);
  await says(main(second), /Ada Quinn invites you .*responder/);
  await join(second, { name: "Ben Frost", email: "ben@example.org", password: "three calm herons" });
  await at(second, /^\/incidents/);
  await see(second.locator("header.rail").getByRole("link", { name: /^Declare/ }));
  assert.equal(await second.getByRole("link", { name: "People", exact: true }).count(), 0);
  await first.goto("/people");
  await says(main(first), "Ben Frost", "ben@example.org", "2 people can sign in");
  const third = await scene.stranger();
  assert.ok((await third.goto(link)).status() >= 400, "an invitation works once");

  scene.step("an invitation for one address, and one taken back");
  const hers = await inviteLink(first, "viewer", "cleo@example.org");
  const lost = await inviteLink(first, "admin", "mallory@example.org");
  await first.goto("/people");
  await first.getByRole("button", { name: "Take back the invitation for mallory@example.org" }).click();
  await gone(first.getByText("mallory@example.org", { exact: true }));
  assert.ok((await third.goto(lost)).status() >= 400, "taken back");
  await third.goto(hers);
  assert.equal(await third.getByLabel("E-mail address").inputValue(), "cleo@example.org");
  await join(third, { name: "Cleo Marsh", password: "seven green kettles" });
  await at(third, /^\/incidents/);
  assert.equal(await third.locator("header.rail").getByRole("link", { name: /^Declare/ }).count(), 0, "viewers do not declare");

  scene.step("a role changes");
  await first.goto("/people");
  await first.getByLabel("Role of Cleo Marsh", { exact: true }).selectOption("responder");
  await first.getByRole("button", { name: "Change the role of Cleo Marsh" }).click();
  await says(main(first), "Cleo Marsh");
  await third.goto("/incidents");
  await see(third.locator("header.rail").getByRole("link", { name: /^Declare/ }));

  scene.step("somebody is shut out");
  await first.getByRole("button", { name: "Shut out Ben Frost" }).click();
  await says(main(first).locator("tr").filter({ hasText: "Ben Frost" }), "shut out");
  await second.goto("/incidents");
  await at(second, /^\/login/);
  scene.allow.status(401, 403);
  await second.getByLabel("E-mail address").fill("ben@example.org");
  await second.getByLabel("Password").fill("three calm herons");
  await main(second).getByRole("button", { name: "Sign in" }).click();
  await see(second.locator(".form-error, [role=alert], .notice, .field-error").filter({ visible: true }));
  await at(second, /^\/login/);

  scene.step("it is all in the log");
  await first.getByRole("link", { name: "Audit", exact: true }).click();
  await says(main(first), "set up Rideout", "invited", "joined by invitation", "took back the invitation", "changed the role of", "shut out");
  const csv = await (await scene.fetch(first, "/audit.csv")).text();
  for (const secret of ["brisk walks", "three calm", link.split("/").at(-1)]) assert.ok(!csv.includes(secret), "no secret in the log");
  assert.match(csv, /setup\.used/);
  assert.match(await (await scene.fetch(first, "/audit.json")).text(), /invite\.used/);
}

async function wrongPassword(scene) {
  scene.allow.status(401, 422);
  const page = await scene.stranger();
  await page.goto("/account");
  await at(page, /^\/login\?next=/);
  await page.getByLabel("E-mail address").fill(omar.email);
  await page.getByLabel("Password").fill("not his password");
  await main(page).getByRole("button", { name: "Sign in" }).click();
  await see(page.locator(".form-error, [role=alert], .notice, .field-error").filter({ visible: true }));
  assert.equal(await page.getByLabel("E-mail address").inputValue(), omar.email);
  assert.equal(await page.getByLabel("Password").inputValue(), "");
  await page.getByLabel("Password").fill(omar.password);
  await main(page).getByRole("button", { name: "Sign in" }).click();
  await at(page, "/account");
  await see(page.getByRole("heading", { level: 1, name: "Your account" }));
}

async function logOut(scene) {
  const page = await scene.stranger();
  await logIn(page, dana);
  await signOut(page);
  await at(page, /^\/login/);
  await page.goto("/incidents");
  await at(page, /^\/login/);
  await page.goBack();
  assert.ok(!(await page.content()).includes(`Your account, ${dana.name}`), "Back shows nothing of before");
}

async function sessions(scene) {
  const [here, there] = [await scene.stranger(), await scene.stranger()];
  await logIn(here, priya);
  await logIn(there, priya);
  await here.goto("/account");
  await count(here.locator("#sessions").getByText("this one"), 1);
  const before = await here.locator("#sessions tbody tr").count();
  assert.ok(before >= 2, "both sessions are listed");
  await here.locator("#sessions").getByRole("button", { name: /^End (the other one|all others)/ }).click();
  await count(here.locator("#sessions tbody tr"), 1);
  await there.goto("/incidents");
  await at(there, /^\/login/);

  scene.step("one by one");
  await logIn(there, priya);
  await here.goto("/account");
  await here.locator("#sessions").getByRole("button", { name: /^End the session/ }).click();
  await count(here.locator("#sessions tbody tr"), 1);
  await there.goto("/account");
  await at(there, /^\/login/);
  await here.goto("/account");
  await see(here.getByRole("heading", { level: 1, name: "Your account" }));
}

async function tokens(scene) {
  const page = await scene.enter(omar);
  await page.goto("/account");
  await page.getByLabel("What is the next one for?").fill("deploy script");
  await page.getByRole("button", { name: "Make a token" }).click();
  await see(page.locator("#made-token"));
  const token = await page.locator("#made-token").inputValue();
  const me = () => fetch(`${scene.server.url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });
  const answer = await me();
  assert.equal(answer.status, 200);
  assert.ok((await answer.text()).includes(omar.name));
  await page.goto("/account");
  assert.ok(!(await page.content()).includes(token), "shown once");
  await page.getByRole("button", { name: "Revoke the token deploy script" }).first().click();
  await gone(page.locator("#tokens").getByText("deploy script", { exact: true }));
  assert.equal((await me()).status, 401);
}

async function newPassword(scene) {
  scene.allow.status(401, 422);
  const person = { ...dana, email: `dana-${scene.mode}@example.org`, name: `Dana ${scene.mode}` };
  await scene.server.admit([person]);
  const [here, there] = [await scene.stranger(), await scene.stranger()];
  await logIn(here, person);
  await logIn(there, person);
  await here.goto("/account");
  await here.getByLabel("Present password").fill("wrong wrong wrong");
  await here.getByLabel("New password").fill("four quiet lanterns");
  await here.getByRole("button", { name: "Change the password" }).click();
  await see(here.locator("#password .field-error, #password [role=alert]").filter({ visible: true }));
  await here.getByLabel("Present password").fill(person.password);
  await here.getByLabel("New password").fill("four quiet lanterns");
  await here.getByRole("button", { name: "Change the password" }).click();
  await at(here, /^\/account/);
  await there.goto("/account");
  await at(there, /^\/login/);
  await logIn(there, { ...person, password: "four quiet lanterns" });

  scene.step("another name");
  await here.goto("/account");
  await here.getByLabel("Your name").fill(`Dana Kim-Lee ${scene.mode}`);
  await here.locator("#name").getByRole("button", { name: "Save" }).click();
  await see(here.locator("details.account > summary").filter({ hasText: `Your account, Dana Kim-Lee ${scene.mode}` }));
}

/** What each role finds on screen, and what it does not. */
async function roles(scene) {
  const expected = [
    [vera, { declares: false, manages: false }],
    [omar, { declares: true, manages: false }],
    [priya, { declares: true, manages: false }],
    [grace, { declares: true, manages: true }],
  ];
  const id = await scene.server.declare(priya, { title: `Who may do what (${scene.mode})` });
  await scene.server.record(priya, id, { text: "By Priya" });
  for (const [person, { declares, manages }] of expected) {
    scene.step(person.role);
    const page = await scene.enter(person);
    await page.goto("/incidents");
    const rail = page.locator("header.rail");
    assert.equal((await rail.getByRole("link", { name: /^Declare/ }).count()) > 0, declares, `${person.role} declares`);
    assert.equal((await rail.getByRole("link", { name: "People", exact: true }).count()) > 0, manages, `${person.role} sees people`);
    assert.equal((await rail.getByRole("link", { name: "Audit", exact: true }).count()) > 0, manages, `${person.role} sees the log`);
    await page.goto(`/incidents/${id}`);
    const writes = person.role !== "viewer";
    assert.equal(await page.locator("#composer").isVisible(), writes, `${person.role} writes`);
    const shares = ["commander", "admin"].includes(person.role);
    assert.equal(await page.getByRole("link", { name: "Share" }).isVisible(), shares, `${person.role} shares`);
  }
}

async function guessing(scene) {
  scene.allow.status(401, 422, 429);
  const page = await scene.stranger();
  const guess = async (password) => {
    await page.goto("/login");
    await page.getByLabel("E-mail address").fill(vera.email);
    await page.getByLabel("Password").fill(password);
    await main(page).getByRole("button", { name: "Sign in" }).click();
    await page.waitForLoadState();
  };
  for (let tries = 0; tries < 12; tries += 1) await guess(`a guess, number ${tries}`);
  await guess(vera.password);
  await says(main(page), /too many|wait|minutes/i);
  await at(page, /^\/login/);
}

const both = ["js", "nojs"];
export const tests = [
  { name: "from the set-up link to a team", modes: both, run: fromSetUpToTeam, fresh: true },
  { name: "a wrong password keeps the address", modes: both, run: wrongPassword },
  { name: "log out", modes: both, run: logOut },
  { name: "see and end sessions", modes: both, run: sessions },
  { name: "API tokens", modes: both, run: tokens },
  { name: "another password and another name", modes: both, run: newPassword },
  { name: "what each role finds on screen", modes: both, run: roles },
  { name: "guessing is slowed down", modes: ["nojs"], run: guessing, fresh: false },
];
