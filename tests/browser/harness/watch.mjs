// Everything a page does that should not happen.

/** What a spec says may happen. */
export class Allowances {
  #console = [];
  #failed = [];
  #status = new Set();

  /** Lines on the console that match. */
  console(pattern) {
    this.#console.push(pattern);
  }

  /** Requests that may fail, by `address error`. */
  failed(pattern) {
    this.#failed.push(pattern);
  }

  /** Answers that a page may get: 404, 422, … */
  status(...codes) {
    codes.forEach((code) => this.#status.add(code));
  }

  allowsConsole(text) {
    const status = /Failed to load resource: the server responded with a status of (\d+)/.exec(text);
    if (status) return this.#status.has(Number(status[1]));
    const network = /Failed to load resource: (net::\w+)/.exec(text);
    if (network) return this.#failed.some((pattern) => pattern.test(text));
    return this.#console.some((pattern) => pattern.test(text));
  }

  allowsFailed(text) {
    return this.#failed.some((pattern) => pattern.test(text));
  }

  allowsStatus(code) {
    return this.#status.has(code);
  }
}

/** Collects what goes wrong on all pages of a browser context. */
export function watch(context, who, js, allowances, problems, seen) {
  // A browser that runs no scripts fetches none, and says so of each preload.
  const ofNoScript = (text) => !js && /\/pkg\/[\w-]+\.(js|wasm)/.test(text);
  const report = (what) => problems.push(`${who}: ${what}`);
  context.on("console", (message) => {
    const from = message.location().url;
    const text = `${message.text()} ${from}`.trim();
    seen.push(`${who}: ${message.type()}: ${text}`);
    if (!["error", "warning", "assert"].includes(message.type()) || ofNoScript(text)) return;
    if (!allowances.allowsConsole(text)) report(`console ${message.type()}: ${text}`);
  });
  context.on("weberror", (error) => report(`error in the page: ${error.error().stack ?? error.error()}`));
  context.on("dialog", (dialog) => {
    // Leaving with unsent text asks once more; anything else would be a script of a stranger.
    if (dialog.type() !== "beforeunload") report(`a dialog: ${dialog.type()} ${dialog.message()}`);
    dialog.accept().catch(() => {});
  });
  context.on("requestfailed", (request) => {
    const text = `${request.method()} ${request.url()} ${request.failure()?.errorText ?? "failed"}`;
    if (ofNoScript(text)) return;
    // Leaving a page ends its live stream, and whatever else is under way.
    if (/ERR_ABORTED/.test(text) && (request.resourceType() !== "document" || /\/export\.|\/attachments\/|\.csv|\.json/.test(text))) return;
    if (!allowances.allowsFailed(text)) report(`request failed: ${text}`);
  });
  context.on("response", (response) => {
    const code = response.status();
    seen.push(`${who}: ${code} ${response.request().method()} ${response.url()}`);
    if (code >= 500 && !allowances.allowsStatus(code)) report(`answer ${code}: ${response.url()}`);
  });
}
