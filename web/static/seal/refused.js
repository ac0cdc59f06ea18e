// What cannot be done, told with the codes of the message catalogue.

export class Refused extends Error {
  /** problems: one or more {code, path = "", params = {}}. */
  constructor(...problems) {
    super(problems.map(({ code, path }) => (path ? `${path}: ${code}` : code)).join("; "));
    this.name = "Refused";
    this.problems = problems.map(({ code, path = "", params = {} }) => ({ code, path, params }));
  }
}

export function refuseIf(problems) {
  if (problems.length) throw new Refused(...problems);
}

/** The browser's own ciphers exist only on pages that came over a safe connection. */
export function subtle() {
  if (!globalThis.crypto?.subtle) throw new Refused({ code: "sealing.insecure_context" });
  return crypto.subtle;
}
