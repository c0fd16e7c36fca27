// A server of our own, on a database of its own.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { until } from "./expect.mjs";
import { postgres, serverBinary } from "./settings.mjs";

const running = new Set();
/** Nothing that we started outlives us, however we end. */
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => process.exit(130));
}

/** Our environment, without what would configure the server under test. */
function environment() {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("RIDEOUT_"));
  return { ...Object.fromEntries(kept), RUST_BACKTRACE: "1" };
}

async function psql(sql) {
  const child = spawn("psql", ["--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1", "-d", postgres, "-c", sql], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk) => (said += chunk));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`psql: ${said}`);
}

let databases = 0;

/** An identifier as clients make them. */
export function uuid7() {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export class Server {
  log = "";
  links = {};
  /** Cookies of people who have logged in, by e-mail. */
  sessions = new Map();
  #tokens = new Map();
  #child = null;
  #ports = null;

  constructor({ database = "sqlite", args = [] } = {}) {
    this.database = database;
    this.args = args;
    this.folder = mkdtempSync(join(tmpdir(), "rideout-browser-"));
    if (database === "postgres") {
      this.name = `browser_${process.pid}_${++databases}`;
      const url = new URL(postgres);
      url.pathname = `/${this.name}`;
      this.databaseUrl = url.href;
    } else {
      this.databaseUrl = `sqlite:${join(this.folder, "rideout.db")}`;
    }
  }

  static async start(options) {
    const server = new Server(options);
    if (server.name) await psql(`CREATE DATABASE ${server.name}`);
    await server.up();
    return server;
  }

  /** The address of the main listener, without a slash at its end. */
  get url() {
    return this.links.main;
  }

  /** Starts the process; after the first time on the same ports as before. */
  async up() {
    const [main, admin] = this.#ports ?? [0, 0];
    const args = [
      "serve",
      "--database-url",
      this.databaseUrl,
      "--listen",
      `127.0.0.1:${main}`,
      "--admin-listen",
      `127.0.0.1:${admin}`,
      ...this.args,
    ];
    const child = spawn(serverBinary(), args, {
      cwd: this.folder,
      env: environment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    running.add(child);
    child.on("exit", () => running.delete(child));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => this.#read(line));
    }
    await until("the server says where it listens", () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${this.log}`);
      return this.links.main && this.links.admin;
    });
    this.#ports = [new URL(this.links.main).port, new URL(this.links.admin).port];
    await until("the server is ready", async () => (await fetch(`${this.url}/robots.txt`)).ok);
  }

  #read(line) {
    this.log += `${line}\n`;
    const found = /(Rideout listens on|Admin listens on|Set up:|Example:)\s+(http\S+)/.exec(line);
    if (!found) return;
    const names = {
      "Rideout listens on": "main",
      "Admin listens on": "admin",
      "Set up:": "setup",
      "Example:": "example",
    };
    this.links[names[found[1]]] = found[2].replace(/\/$/, "");
  }

  /** Ends the process as a power cut would. */
  async kill() {
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await gone;
    this.log += "--- killed ---\n";
  }

  /** Asks the process to end; answers with its exit code. */
  async end() {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode) return 0;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
    const [code, signal] = await gone;
    clearTimeout(timer);
    return code ?? signal;
  }

  /** Ends the process and takes its database away. */
  async remove() {
    const code = await this.end();
    rmSync(this.folder, { recursive: true, force: true });
    if (this.name) await psql(`DROP DATABASE ${this.name} WITH (FORCE)`);
    return code;
  }

  /** Runs a command of the program on the same database. */
  async cli(args, input = "") {
    const child = spawn(serverBinary(), [...args, "--database-url", this.databaseUrl], {
      cwd: this.folder,
      env: environment(),
    });
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk) => (out += chunk));
    child.stderr.on("data", (chunk) => (err += chunk));
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`rideout ${args.join(" ")} ended with ${code}:\n${out}${err}`);
    return out;
  }

  /** Calls the REST API as somebody; answers with what it answers. */
  async api(person, method, path, body) {
    if (!this.#tokens.has(person.email)) {
      const said = await this.cli(["token", "create", "--email", person.email, "--name", "browser specs"]);
      this.#tokens.set(person.email, said.trim().split(/\s+/).at(-1));
    }
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#tokens.get(person.email)}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === "" ? null : JSON.parse(text);
  }

  /** Declares an incident through the REST API; answers with its identifier. */
  async declare(person, what) {
    return (await this.api(person, "POST", "/incidents", { severity: "SEV2", ...what })).id;
  }

  /** Puts an entry on record through the REST API; answers with it. */
  async record(person, incident, entry) {
    return this.api(person, "POST", `/incidents/${incident}/entries`, { id: uuid7(), kind: "note", ...entry });
  }

  /** Gives people accounts. */
  async admit(people) {
    for (const one of people) {
      const { email, name, role, password } = one;
      const args = ["user", "create", "--email", email, "--name", name, "--role", role];
      await this.cli([...args, "--password-stdin"], `${password}\n`);
    }
  }
}
