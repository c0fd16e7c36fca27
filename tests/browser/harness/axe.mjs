// Asks axe-core whether everybody can use the page, in light and in dark.
import { createRequire } from "node:module";

const { source } = createRequire(import.meta.url)("axe-core");

async function judge(page) {
  if (!(await page.evaluate(() => Boolean(globalThis.axe)))) await page.evaluate(source);
  return page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, {
      preload: false,
      resultTypes: ["violations"],
    });
    return violations.map(({ id, help, nodes }) => ({
      id,
      help,
      nodes: nodes.map((node) => ({
        html: node.html.slice(0, 240),
        target: node.target.join(" "),
        why: node.any.concat(node.all, node.none).map((check) => check.message).join("; "),
      })),
    }));
  });
}

/** Waits until the other theme is on screen, and nothing moves. */
async function settled(page) {
  await page.evaluate(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    await frame();
    await Promise.allSettled(document.getAnimations().map((one) => one.finished));
    await frame();
  });
}

/** Fails with every finding of axe, in both themes. */
export async function axe(page, { schemes = ["light", "dark"] } = {}) {
  const found = [];
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme });
    await settled(page);
    for (const { id, help, nodes } of await judge(page)) {
      const where = nodes.map((node) => `    ${node.target}\n      ${node.html}\n      ${node.why}`);
      found.push(`${colorScheme}: ${id}: ${help} (${nodes.length})\n${where.slice(0, 5).join("\n")}`);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  if (found.length > 0) {
    throw new Error(`axe finds ${found.length} faults at ${new URL(page.url()).pathname}\n  ${found.join("\n  ")}`);
  }
}
