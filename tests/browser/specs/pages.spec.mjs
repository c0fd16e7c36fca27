// Every page, as every kind of person sees it: no fault for axe in light and
// dark, one heading, a title, no inline style, nothing wider than a phone.
import { assert, count, see, until } from "../harness/expect.mjs";
import { grace, omar, priya, vera } from "../harness/people.mjs";
import { Room } from "../harness/room.mjs";

export const args = ["--example"];
/** The others come with the example. */
export const people = [vera];
const inExample = (person) => ({ ...person, password: null });
const who = {
  stranger: null,
  viewer: vera,
  responder: inExample(omar),
  commander: inExample(priya),
  admin: inExample(grace),
};

/** A service, a component, a team and a policy of the example. */
async function directory(page) {
  const first = async (path, links) => {
    await page.goto(path);
    return page.locator(links).first().getAttribute("href");
  };
  await page.goto("/services");
  const service = await page.getByRole("link", { name: "Reservations" }).first().getAttribute("href");
  return {
    service,
    component: await first(service, 'main a[href*="/components/"][href$="/edit"]'),
    team: await first("/teams", 'main a[href$="/edit"]'),
    policy: await first("/policies", 'main a[href$="/edit"]'),
  };
}

/** What holds for every page. */
async function judge(scene, page, path, status = 200) {
  scene.step(path);
  const answer = await page.goto(path);
  assert.equal(answer.status(), status, `${path} answers ${status}`);
  await check(scene, page, path, await answer.text());
}

async function check(scene, page, path, html) {
  if (html) {
    assert.match(html, /<\/html>\s*$/, `${path} is complete`);
    assert.match(html, /<html[^>]* lang="en/, `${path} names its language`);
    assert.ok(!/<[a-z][^>]* style=/.test(html), `${path} has an inline style: ${/<[a-z][^>]* style="[^"]*"/.exec(html)?.[0]}`);
    assert.ok(!/<[a-z][^>]* on[a-z]+=/.test(html), `${path} has an inline handler`);
  }
  if (scene.js) await awake(page);
  await count(page.locator("h1"), 1, `h1 on ${path}`);
  assert.match(await page.title(), /\S.* · Rideout|Rideout/, `${path} has a title`);
  await scene.axe(page);
  await narrow(page, path);
}

/** Pages with nothing live bring no browser half. */
async function awake(page) {
  await until("the page is awake", () =>
    page.evaluate(() => !document.querySelector("leptos-island") || "awake" in document.documentElement.dataset),
  );
}

/** Nothing is wider than the screen of a phone. */
async function narrow(page, path) {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  const wide = await page.evaluate(() => {
    const most = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= most) return null;
    const scrolls = (element) => {
      for (let e = element.parentElement; e; e = e.parentElement) {
        if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(e).overflowX)) return true;
      }
      return false;
    };
    const guilty = [...document.querySelectorAll("body *")].filter(
      (element) => element.getBoundingClientRect().right > most + 1 && !scrolls(element),
    );
    return guilty.slice(-4).map((element) => element.outerHTML.slice(0, 160)).join("\n") || "something";
  });
  await page.setViewportSize(before);
  assert.equal(wide, null, `${path} is wider than a phone`);
}

/** The incidents of the example: the one under way, and the one that is over. */
async function incidents(page) {
  await page.goto("/incidents?status=all");
  const links = await page.locator("a.row-link").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  assert.equal(links.length, 3, "the example has three incidents");
  return { open: links[0], over: links[1] };
}

/** The schedules of the example. */
async function schedules(page) {
  await page.goto("/on-call");
  const links = await page.locator("a.row-link").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  assert.equal(links.length, 3, "the example has three schedules");
  return links;
}

function pagesOf(role) {
  return async (scene) => {
    const person = who[role];
    const page = person ? await scene.enter(person) : await scene.stranger();
    if (!person) {
      scene.allow.status(404);
      for (const path of ["/login", "/login?next=/incidents/new", "/example"]) await judge(scene, page, path);
      for (const path of ["/setup/nonsense", "/invite/nonsense", "/s/nonsense", "/nothing/here"]) {
        await judge(scene, page, path, 404);
        // Whoever came by a stakeholder link has nowhere else to go here.
        if (path.startsWith("/s/")) await see(page.getByText("Ask whoever gave it to you"));
        else await wayForward(page);
      }
      for (const path of ["/incidents", "/account", "/people"]) {
        await page.goto(path);
        assert.match(page.url(), /\/login\?next=/, `${path} asks strangers to log in`);
      }
      return;
    }
    const { open, over } = await incidents(page);
    const onCall = await schedules(page);
    const paths = [
      "/incidents",
      "/incidents?status=open",
      "/incidents?status=all",
      "/incidents?q=nothing+is+called+so",
      open,
      over,
      `${over}?kinds=finding,evidence`,
      `${over}?system=1`,
      `${open}/catch-up`,
      `${over}/catch-up`,
      "/account",
      "/on-call",
      ...onCall,
      "/stall",
      "/stall/policy",
      "/stall/policy?severity=SEV4",
      "/engine",
      "/account/reach",
      "/services",
      "/teams",
      "/policies",
    ];
    if (role !== "viewer") {
      paths.push("/incidents/new", `${open}/details`);
      for (const kind of ["task", "breakout", "evidence", "blocker", "status", "stakeholder_update", "hypothesis_status", "decision", "wait", "asked", "paged"]) {
        paths.push(`${open}?compose=${kind}`);
      }
    }
    if (role === "commander" || role === "admin") {
      paths.push(`${open}/share`, "/on-call/new");
      for (const form of ["edit", "layers/new", "layers/0", "import"]) paths.push(`${onCall[0]}/${form}`);
      const { service, component, team, policy } = await directory(page);
      paths.push("/services/new", service, `${service}/edit`, `${service}/components/new`, component, "/teams/new", team, "/policies/new", policy);
    }
    if (role === "admin") paths.push("/people", "/audit");
    for (const path of paths) await judge(scene, page, path);
    if (role === "responder") await entries(scene, page, over);

    scene.allow.status(403, 404);
    await judge(scene, page, "/nothing/here", 404);
    await wayForward(page);
    await judge(scene, page, `/incidents/${crypto.randomUUID()}`, 404);
    await wayForward(page);
    const closed = { viewer: ["/incidents/new", "/people", "/audit", `${open}/details`], responder: ["/people", "/audit"], commander: ["/people", "/audit"] };
    for (const path of closed[role] ?? []) {
      await judge(scene, page, path, 403);
      await wayForward(page);
    }
  };
}

/** The pages of one's own entry. */
async function entries(scene, page, path) {
  await page.goto(path);
  const mine = page.locator('#timeline > li[data-mine][data-kind="hypothesis"]').first();
  const id = await mine.getAttribute("data-entry");
  for (const verb of ["edit", "redact", "history"]) await judge(scene, page, `${path}/entries/${id}/${verb}`);
}

async function wayForward(page) {
  const links = page.getByRole("main").getByRole("link").or(page.getByRole("main").getByRole("button"));
  await see(links, "a way forward");
}

/** Pages that show what was refused. */
async function refusals(scene) {
  scene.allow.status(422, 403, 401);
  const page = await scene.enter(who.commander);
  const { open } = await incidents(page);

  scene.step("an incident without a title");
  await page.goto("/incidents/new");
  await page.locator('[name="title"]').fill(" ");
  await page.getByRole("button", { name: "Declare and open the room" }).click();
  await see(page.locator(".field-error").filter({ visible: true }).or(page.locator("[aria-invalid=true]")));
  await check(scene, page, "/incidents refused");

  scene.step("details without a title");
  await page.goto(`${open}/details`);
  await page.locator('main [name="title"]').fill(" ");
  await page.getByRole("main").getByRole("button", { name: /save/i }).click();
  await see(page.locator("[aria-invalid=true]"));
  await check(scene, page, "details refused");

  scene.step("a service without a name");
  await page.goto("/services/new");
  await page.locator('main [name="name"]').fill(" ");
  await page.getByRole("button", { name: "Register it" }).click();
  await see(page.locator("[aria-invalid=true]"));
  await check(scene, page, "service refused");

  scene.step("a policy that calls nobody");
  await page.goto("/policies/new");
  await page.locator('main [name="name"]').fill("Night");
  await page.getByRole("button", { name: "Add level 2" }).click();
  await see(page.locator("#level-2"));
  await check(scene, page, "policy not saved yet");
  await page.getByRole("button", { name: "Make the escalation policy" }).click();
  await see(page.locator("#level-1 .field-error"));
  await check(scene, page, "policy refused");

  scene.step("a route that leads nowhere, and quiet hours that never end");
  await page.goto("/account/reach");
  await page.locator('main [name="target"]').fill("http://10.0.0.1/x");
  await page.getByRole("button", { name: "Add the route" }).click();
  await see(page.locator("[aria-invalid=true]"));
  await check(scene, page, "route refused");
  await page.locator('main [name="from"]').fill("22:00");
  await page.locator('main [name="until"]').fill("22:00");
  await page.locator('main [name="zone"]').fill("Europe/Berlin");
  await page.getByRole("button", { name: "Set quiet hours" }).click();
  await see(page.locator("#quiet [aria-invalid=true]"));
  await check(scene, page, "quiet hours refused");

  scene.step("a wrong password");
  const outside = await scene.stranger();
  await outside.goto("/login");
  await outside.getByLabel("E-mail").fill("nobody@example.org");
  await outside.getByLabel("Password", { exact: true }).fill("not the password");
  await outside.getByRole("main").getByRole("button", { name: /log in|sign in/i }).click();
  await see(outside.getByRole("main").getByText(/password/i).first());
  await check(scene, outside, "log-in refused");
}

/** What opens on a page is as good as the page. */
async function opened(scene) {
  const page = await scene.enter(who.commander);
  const { open } = await incidents(page);
  const room = await Room.open(scene, page, open);
  for (const summary of ["details.account > summary", "details.filter > summary", "details.commands > summary"]) {
    scene.step(summary);
    await page.locator(summary).click();
    await scene.axe(page);
    await narrow(page, summary);
    await page.locator(summary).click();
  }
  scene.step("every small form");
  await page.evaluate(() => document.querySelectorAll("details.ask, details.evidence, details.more-kinds, details.when").forEach((d) => (d.open = true)));
  await scene.axe(page);
  await narrow(page, "every small form");
  await room.page.evaluate(() => document.querySelectorAll("details.more")[3].setAttribute("open", ""));
  await scene.axe(page);
  scene.step("what opens beside a service and a route");
  await page.goto((await directory(page)).service);
  await page.locator("main details.menu > summary").click();
  await scene.axe(page);
  await page.goto("/account/reach");
  await page.locator("main details.menu > summary").first().click();
  await scene.axe(page);
  await narrow(page, "/account/reach");
}

/** The page of a director without an account. */
async function stakeholders(scene) {
  const page = await scene.enter(who.commander);
  const { open } = await incidents(page);
  await page.goto(`${open}/share`);
  await page.locator('form[action$="/share/links"] [name="label"]').fill("The directors");
  await page.locator('form[action$="/share/links"]').getByRole("button").click();
  await see(page.getByText("The directors").first());
  const link = await page.getByLabel("The new link").inputValue();
  await check(scene, page, "share with a link");
  const outside = await scene.stranger();
  await judge(scene, outside, link);
  await check(scene, page, "share with a link seen");
}

async function themes(scene) {
  const page = await scene.enter(who.commander);
  await page.goto("/incidents");
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.locator("details.account > summary").click();
  await page.getByRole("button", { name: "Dark theme" }).click();
  await see(page.locator('html[data-theme="dark"]'));
  assert.notEqual(await ground(), light, "dark is another ground");
  await page.goto("/incidents");
  await see(page.locator('html[data-theme="dark"]'));
  await scene.axe(page, { schemes: ["light"] });
  if (!(await page.getByRole("button", { name: "Theme of the system" }).isVisible())) {
    await page.locator("details.account > summary").click();
  }
  await page.getByRole("button", { name: "Theme of the system" }).click();
  await count(page.locator("html[data-theme]"), 0);
}

/** Larger type and more space between words must not hide anything. */
async function zoomed(scene) {
  const page = await scene.enter(who.commander, { viewport: { width: 640, height: 512 } });
  const { open } = await incidents(page);
  for (const path of [open, "/incidents", "/incidents/new"]) {
    await page.goto(path);
    await narrow(page, path);
  }
}

const both = ["js", "nojs"];
export const tests = [
  ...Object.keys(who).map((role) => ({ name: `pages of a ${role}`, modes: both, run: pagesOf(role), limit: 600_000 })),
  { name: "pages that show a refusal", modes: both, run: refusals },
  { name: "what opens on a page", modes: ["js"], run: opened },
  { name: "the stakeholder page", modes: both, run: stakeholders },
  { name: "themes", modes: both, run: themes },
  { name: "twice as large", modes: ["nojs"], run: zoomed },
];
