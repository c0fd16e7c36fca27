// Whoever got an account after a page was loaded could not be named on it: “nobody here is called @dana”.
import { says, see, until } from "../harness/expect.mjs";
import { dana, omar, priya } from "../harness/people.mjs";
import { Room } from "../harness/room.mjs";

export const people = [priya];

async function named(scene) {
  const page = await scene.enter(priya);
  const incident = await scene.server.declare(priya, { title: "Reservations crawl" });
  const room = await Room.open(scene, page, `/incidents/${incident}`);
  await scene.server.admit([dana, omar]);
  await until("the server offers both", async () => {
    const html = await (await scene.fetch(page, room.path)).text();
    return html.includes(dana.name) && html.includes(omar.name);
  });

  scene.step("who has not been heard of yet");
  await room.command("/task @dana 10m Read the thread counts", "Read the thread counts");
  await says(room.doing, "Dana Kim");

  scene.step("who has written something is offered at once");
  await scene.server.record(omar, incident, { text: "On my way" });
  await see(room.entry("On my way"));
  await room.text.pressSequentially("/task @om");
  await see(page.getByRole("option", { name: /Omar Haddad/ }));
}

export const tests = [{ name: "a colleague who came later can be named", modes: ["js"], run: named }];
