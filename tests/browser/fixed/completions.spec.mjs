// The list of commands was cut off by the composer, so that all but its last line was hidden.
import { assert, count, gone, see } from "../harness/expect.mjs";
import { priya } from "../harness/people.mjs";
import { Room } from "../harness/room.mjs";

export const people = [priya];

/** Whether the middle of an element is not covered by, or cut off by, anything else. */
const reachable = (element) => {
  const { left, top, width, height } = element.getBoundingClientRect();
  const there = document.elementFromPoint(left + width / 2, top + height / 2);
  return there !== null && (there === element || element.contains(there));
};

async function whole(scene) {
  const incident = await scene.server.declare(priya, { title: "Reservations crawl" });
  for (const viewport of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
    const page = await scene.enter(priya, { viewport });
    const room = await Room.open(scene, page, `/incidents/${incident}`);
    scene.step(`all commands at ${viewport.width}`);
    await room.text.fill("/");
    const offers = page.locator("#composer-completions > li");
    await see(offers);
    assert.ok((await offers.count()) > 8, "every command is offered");
    assert.ok(await offers.first().evaluate(reachable), "the first one can be seen and pressed");
    scene.step(`a few at ${viewport.width}`);
    await room.text.fill("");
    await room.text.focus();
    await page.locator("label[for=kind-task]").click();
    await room.text.fill("/b");
    await count(offers, 2);
    assert.ok(await offers.first().evaluate(reachable), "whatever kind was chosen before");
    await offers.filter({ hasText: "/blocked" }).click();
    await gone(offers);
    assert.equal(await room.text.inputValue(), "/blocked ");
  }
}

export const tests = [{ name: "the list of commands can be seen whole", modes: ["js"], run: whole }];
