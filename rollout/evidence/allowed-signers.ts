import { EvidenceError } from "./refusal.ts";
import { parsePublicKeyText, type SshPublicKey } from "./ssh-key.ts";
import { evidenceNamespace } from "./statement.ts";

/** One line of `allowed_signers`: whose key it is, what that person or process may sign as, and from when to when. */
export interface AllowedSigner {
  principal: string;
  roles: readonly string[];
  key: SshPublicKey;
  /** Seconds since 1970; undefined means without a limit. */
  validAfter: number | undefined;
  validBefore: number | undefined;
  line: number;
}

const principalPattern = /^[A-Za-z0-9][A-Za-z0-9._+@-]{0,127}$/;
const rolePattern = /^[a-z0-9][a-z0-9-]{0,63}$/;
const timePattern = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?Z$/;

/**
 * The file that `ssh-keygen -Y verify -f` reads, with two habits of ours: the roles stand behind the key, where OpenSSH
 * has a comment (`roles=sre-lead,security-lead`), and what OpenSSH allows but a reviewer can misread is refused:
 * patterns, several principals on a line, certificates, times without Z, one key for two people.
 */
export function parseAllowedSigners(text: string, file = "allowed_signers"): AllowedSigner[] {
  const signers: AllowedSigner[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const content = raw.trim();
    if (content === "" || content.startsWith("#")) continue;
    const place = `${file}:${index + 1}`;
    const signer = parseLine(content, place, index + 1);
    const twin = signers.find((other) => other.key.blob.equals(signer.key.blob));
    if (twin) {
      throw new EvidenceError(
        "malformed",
        `${place}: the key of ${signer.principal} already stands on line ${twin.line} for ${twin.principal}; ` +
          "one key on one line, so that two names can't be one person",
      );
    }
    signers.push(signer);
  }
  return signers;
}

function parseLine(content: string, place: string, line: number): AllowedSigner {
  const refuse = (message: string): never => {
    throw new EvidenceError("malformed", `${place}: ${message}`);
  };
  const match = /^(\S+)\s+((?:"[^"]*"|[^\s"])+)\s+(\S+)\s+(\S+)\s+roles=(\S+)$/.exec(content);
  if (!match) {
    return refuse(
      `expected: principal namespaces="${evidenceNamespace}"[,valid-after="20260101Z"] key-type key roles=role[,role]`,
    );
  }
  const [, principal, options, type, base64, roleList] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (!principalPattern.test(principal)) {
    refuse(
      `the principal ${JSON.stringify(principal)} has to be one plain name like anna@example.com, without patterns`,
    );
  }
  const { validAfter, validBefore } = parseOptions(options, refuse);
  const roles = roleList.split(",");
  for (const role of roles)
    if (!rolePattern.test(role)) refuse(`the role ${JSON.stringify(role)} is not a name like sre-lead`);
  if (new Set(roles).size !== roles.length) refuse(`a role stands twice in ${roleList}`);
  try {
    return { principal, roles, key: parsePublicKeyText(type, base64), validAfter, validBefore, line };
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function parseOptions(options: string, refuse: (message: string) => never) {
  const seen = new Map<string, string>();
  const leftover = options.replace(/(?:^|,)([A-Za-z-]+)="([^",]*)"(?=,|$)/g, (_, name: string, value: string) => {
    const key = name.toLowerCase();
    if (seen.has(key)) refuse(`the option ${key} stands twice`);
    seen.set(key, value);
    return "";
  });
  if (leftover !== "") refuse(`can't read ${JSON.stringify(leftover)} in the options; each is name="value", one value`);
  for (const key of seen.keys()) {
    if (!["namespaces", "valid-after", "valid-before"].includes(key)) {
      refuse(`the option ${key} is not taken; allowed are namespaces, valid-after and valid-before`);
    }
  }
  if (seen.get("namespaces") !== evidenceNamespace)
    refuse(`the options have to hold namespaces="${evidenceNamespace}"`);
  const time = (key: string): number | undefined => {
    const value = seen.get(key);
    return value === undefined
      ? undefined
      : (parseTime(value) ??
          refuse(`${key} is ${JSON.stringify(value)}; it has to be UTC, like 20260301Z or 202603010900Z`));
  };
  const validAfter = time("valid-after");
  const validBefore = time("valid-before");
  if (validAfter !== undefined && validBefore !== undefined && validAfter >= validBefore) {
    refuse("valid-before is not later than valid-after: the key would never be valid");
  }
  return { validAfter, validBefore };
}

function parseTime(value: string): number | undefined {
  const match = timePattern.exec(value);
  if (!match) return undefined;
  const [, year, month, day, hour = "00", minute = "00", second = "00"] = match;
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const time = Date.parse(`${text}Z`);
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 19) !== text ? undefined : time / 1000;
}
