// A real mail server of our own: aiosmtpd, which `cargo xtask test` installs.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { until } from "./expect.mjs";
import { workspace } from "./settings.mjs";

/** A Python that has aiosmtpd; empty when there is none. */
export function python() {
  const installed = join(workspace, "target/aiosmtpd/bin/python");
  return process.env.RIDEOUT_TEST_AIOSMTPD ?? (existsSync(installed) ? installed : "");
}

export class MailServer {
  #child;
  #port = 0;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "rideout-mail-"));
    const script = join(workspace, "tests/support/mail_server.py");
    this.#child = spawn(python(), [script, "--folder", this.folder], { stdio: ["ignore", "pipe", "inherit"] });
    process.on("exit", () => this.#child.kill("SIGKILL"));
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      this.#port = Number(/listening (\d+)/.exec(line)?.[1] ?? this.#port);
    });
  }

  static async start() {
    const mail = new MailServer();
    await until("the mail server listens", () => mail.#port);
    return mail;
  }

  /** What the server under test is told. */
  get args() {
    return ["--smtp-url", `smtp://127.0.0.1:${this.#port}`];
  }

  /** Mails to somebody, oldest first, their text as it was written. */
  to({ email }) {
    const files = readdirSync(this.folder).filter((name) => name.endsWith(".eml"));
    return files
      .sort()
      .map((name) => readFileSync(join(this.folder, name), "utf8"))
      .filter((mail) => mail.includes(`X-Rcpt: ${email}`))
      .map(decoded);
  }

  stop() {
    this.#child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Quoted-printable, as far as mails of ours use it. */
function decoded(mail) {
  const bytes = mail.replace(/=\r\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** The address behind words in a mail. */
export function link(mail, words) {
  const found = mail.split(/\r?\n/).find((line) => line.startsWith(`${words}: `));
  if (!found) throw new Error(`no link to ${words} in ${mail}`);
  return found.slice(words.length + 2).trim();
}
