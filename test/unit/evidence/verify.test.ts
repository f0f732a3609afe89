import assert from "node:assert/strict";
import fc from "fast-check";
import { formatEvidence, parseEvidence } from "../../../rollout/evidence/evidence-file.ts";
import { EvidenceError, type RefusalCode } from "../../../rollout/evidence/refusal.ts";
import { meets } from "../../../rollout/evidence/required.ts";
import { instantToSeconds, itemSet, type Statement } from "../../../rollout/evidence/statement.ts";
import { type Clock, type Expectation, verifyEvidence } from "../../../rollout/evidence/verify.ts";
import { clock, expectation, keys, signed, signers, statement } from "./fixture.ts";

const codesOf = (evidence = signed(), expected: Expectation = expectation, when: Clock = clock): RefusalCode[] =>
  verifyEvidence(evidence, expected, signers, when, "evidence/a.json").map(({ code }) => code);
const seconds = (text: string): number => instantToSeconds(text)!;

describe("evidence", () => {
  it("holds when everything fits", () => {
    assert.deepEqual(codesOf(), []);
  });

  const refused: [RefusalCode, string, RefusalCode[]][] = [
    [
      "bad-signature",
      "its statement was changed after signing",
      codesOf({ ...signed(), statement: { ...statement, attempt: 4 } }),
    ],
    [
      "bad-signature",
      "its signature belongs to another statement",
      codesOf({ statement, signature: signed({ attempt: 4 }).signature }),
    ],
    ["wrong-namespace", "it was signed as a git commit", codesOf(signed({}, keys.anna, "git"))],
    ["unknown-signer", "nobody knows the key", codesOf(signed({}, keys.cleo))],
    [
      "wrong-principal",
      "it names somebody else",
      codesOf(signed({ signer: { principal: "bert@example.com", role: "sre-lead" } })),
    ],
    [
      "wrong-role",
      "the signer hasn't got the role",
      codesOf(signed({ signer: { principal: "anna@example.com", role: "security-lead" } })),
    ],
    ["wrong-role", "another role is needed", codesOf(signed(), { ...expectation, roles: ["security-lead"] })],
    [
      "key-not-yet-valid",
      "the key wasn't valid yet",
      codesOf(
        signed({
          issuedAt: "2025-12-31T00:00:00Z",
          window: { from: "2025-12-01T00:00:00Z", to: "2025-12-02T00:00:00Z" },
        }),
      ),
    ],
    [
      "self-approved",
      "its signer made the change",
      codesOf(signed(), { ...expectation, authors: ["anna@example.com"] }),
    ],
    ["wrong-system", "it is about another system", codesOf(signed({ system: "dwcp-v3" }))],
    ["wrong-stack", "it is about another stack", codesOf(signed({ stack: "staging" }))],
    [
      "wrong-artifact",
      "it is about another artifact",
      codesOf(signed({ artifact: "registry.example/wdbx@sha256:ccc" })),
    ],
    ["wrong-revision", "it is about another revision", codesOf(signed({ revision: "other" }))],
    ["wrong-plan", "it is about another plan", codesOf(signed({ planDigest: `sha256:${"2".repeat(64)}` }))],
    ["wrong-phase", "it is about another phase", codesOf(signed({ phase: "canary-25" }))],
    ["replayed", "it is of another attempt", codesOf(signed({ attempt: 2 }))],
    ["not-covered", "it leaves an item out", codesOf(signed(), { ...expectation, items: ["S0-71", "S0-99"] })],
    [
      "not-yet-valid",
      "it was issued in the future",
      codesOf(signed(), expectation, { now: seconds("2026-03-03T07:58:00Z") }),
    ],
    ["expired", "its time is over", codesOf(signed(), expectation, { now: seconds("2026-03-10T08:00:00Z") })],
    [
      "expired",
      "it was never valid",
      codesOf(signed({ expires: "2026-03-03T08:00:00Z" }), expectation, { now: seconds("2026-03-03T08:00:00Z") }),
    ],
    [
      "lives-too-long",
      "it wants to be valid for longer than allowed",
      codesOf(signed(), { ...expectation, longestLife: 86_400 }),
    ],
    [
      "wrong-window",
      "its window begins before the phase",
      codesOf(signed(), { ...expectation, windowAfter: seconds("2026-03-01T00:00:01Z") }),
    ],
    [
      "wrong-window",
      "its window ends after it was signed",
      codesOf(signed({ window: { from: "2026-03-01T00:00:00Z", to: "2026-03-03T09:00:00Z" } })),
    ],
    [
      "clock-set-back",
      "the clock runs behind what is known",
      codesOf(signed(), expectation, { ...clock, notBefore: clock.now + 61 }),
    ],
    ["not-passed", "it says that it failed", codesOf(signed({ result: "failed" }))],
    [
      "not-passed",
      "it says not applicable where that isn't taken",
      codesOf(signed({ result: "not-applicable", reason: "no" })),
    ],
    [
      "not-passed",
      "it says not applicable without a reason",
      codesOf(signed({ result: "not-applicable" }), { ...expectation, notApplicable: true }),
    ],
  ];
  for (const [code, what, got] of refused) {
    it(`is refused with ${code} alone when ${what}`, () => assert.deepEqual(got, [code]));
  }

  it("is refused when the key had expired", () => {
    const late = { issuedAt: "2027-01-01T00:00:00Z", expires: "2027-01-02T00:00:00Z" };
    assert.deepEqual(codesOf(signed(late), expectation, { now: seconds("2027-01-01T01:00:00Z") }), ["key-expired"]);
  });

  it("may be 60 seconds ahead, for clocks that differ", () => {
    assert.deepEqual(codesOf(signed(), expectation, { now: seconds("2026-03-03T07:59:00Z") }), []);
  });

  it("is taken as not applicable with a reason where the item allows it", () => {
    const waived = signed({ result: "not-applicable", reason: "no customers in this region" });
    assert.deepEqual(codesOf(waived, { ...expectation, notApplicable: true }), []);
  });

  it("of another stack's history is bound to the artifact, whatever that stack's attempt and revision were", () => {
    const history = {
      ...expectation,
      stack: "staging",
      revision: undefined,
      planDigest: undefined,
      attempt: undefined,
    };
    assert.deepEqual(codesOf(signed({ stack: "staging", attempt: 17, revision: "other" }), history), []);
    assert.deepEqual(codesOf(signed({ stack: "staging", artifact: "registry.example/wdbx@sha256:ccc" }), history), [
      "wrong-artifact",
    ]);
  });

  it("never holds when a signed field differs from what is expected", () => {
    const fields = ["system", "stack", "artifact", "revision", "phase"] as const;
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.stringMatching(/^[a-z][a-z0-9]{1,8}$/), (field, value) => {
        const codes = codesOf(signed({ [field]: value } as Partial<Statement>));
        assert.equal(codes.length === 0, value === statement[field]);
      }),
    );
  });

  it("says what is wrong with the file's name first", () => {
    const [refusal] = verifyEvidence(signed({ attempt: 2 }), expectation, signers, clock, "evidence/a.json");
    assert.equal(
      refusal?.message,
      "evidence/a.json: replayed: made for attempt 2, this is attempt 3; every attempt earns its own",
    );
  });
});

describe("a file of evidence", () => {
  const text = formatEvidence(signed());
  const codeOf = (content: string): RefusalCode | undefined => {
    try {
      parseEvidence(content, "a.json");
      return undefined;
    } catch (error) {
      assert.ok(error instanceof EvidenceError, String(error));
      assert.match(error.message, /^a\.json: /);
      return error.code;
    }
  };

  it("reads back what was written, as JSON and as YAML", () => {
    const evidence = signed();
    assert.deepEqual(parseEvidence(formatEvidence(evidence), "a.json"), evidence);
    const yaml = `statement: ${JSON.stringify(evidence.statement)}\nsignature: |\n  ${evidence.signature.trim().replaceAll("\n", "\n  ")}\n`;
    assert.deepEqual(parseEvidence(yaml, "a.yaml"), evidence);
  });

  it("is refused for a key that stands twice, in JSON and in YAML", () => {
    assert.equal(codeOf(text.replace('"attempt": 3', '"attempt": 9, "attempt": 3')), "duplicate-key");
    assert.equal(codeOf("signature: a\nsignature: b\n"), "duplicate-key");
  });

  it("is refused for a second document", () => {
    assert.equal(codeOf(`${text}---\n${text}`), "several-documents");
    assert.equal(codeOf(`---\n${text}...\n---\n{}\n`), "several-documents");
    assert.equal(codeOf(text + text), "unreadable");
  });

  it("is refused for unknown fields, wherever they are", () => {
    assert.equal(codeOf(text.replace('"attempt": 3', '"attempt": 3, "force": true')), "unknown-field");
    assert.equal(codeOf(text.replace('"role":', '"as": "x", "role":')), "unknown-field");
    assert.equal(codeOf(text.replace('"signature":', '"note": "x", "signature":')), "unknown-field");
  });

  it("is refused when empty, broken, aliased or of the wrong shape", () => {
    assert.equal(codeOf(""), "unreadable");
    assert.equal(codeOf("{"), "unreadable");
    assert.equal(codeOf("a: &x 1\nb: *x\n"), "unreadable");
    assert.equal(codeOf("[]"), "malformed");
    assert.equal(codeOf(text.replace('"attempt": 3', '"attempt": "3"')), "malformed");
    assert.equal(codeOf(text.replace("2026-03-03T08:00:00Z", "2026-02-30T08:00:00Z")), "malformed");
    assert.equal(codeOf(text.replace("2026-03-03T08:00:00Z", "2026-03-03T08:00:00+00:00")), "malformed");
    assert.equal(codeOf(text.replace(/"S0-71",\s+"S0-72"/, '"S0-72", "S0-71"')), "malformed");
  });

  it("never fails with anything but its own error", () => {
    const mutated = fc
      .tuple(fc.nat(text.length), fc.nat(20), fc.string({ maxLength: 8 }))
      .map(([at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut));
    fc.assert(
      fc.property(fc.oneof(fc.string(), mutated), (content) => void codeOf(content)),
      { numRuns: 300 },
    );
  });
});

describe("a requirement", () => {
  const requirement = { ...expectation, approvals: [["sre-lead"], ["engineering-lead", "security-lead"]] };
  const file = (name: string, change: Partial<Statement>, key: string) => ({
    file: name,
    text: formatEvidence(signed(change, key)),
  });
  const anna = (role: string, name = `anna-${role}`) =>
    file(name, { signer: { principal: "anna@example.com", role } }, keys.anna);
  const bert = (role: string, name = `bert-${role}`) =>
    file(name, { signer: { principal: "bert@example.com", role } }, keys.bert);
  const check = (...files: ReturnType<typeof file>[]) => meets(requirement, files, signers, clock);

  it("is met by two people in two roles, and says by whom", () => {
    const { met, accepted } = check(anna("sre-lead"), bert("security-lead"));
    assert.ok(met);
    assert.deepEqual(
      accepted.map(({ principal, role }) => [principal, role]),
      [
        ["anna@example.com", "sre-lead"],
        ["bert@example.com", "security-lead"],
      ],
    );
  });

  it("is not met by one person in two roles: four eyes", () => {
    const { met, refusals } = check(anna("sre-lead"), anna("engineering-lead"));
    assert.ok(!met);
    assert.deepEqual(
      refusals.map(({ code }) => code),
      ["missing"],
    );
  });

  it("finds the only way to spread people over roles, in whatever order the files come", () => {
    const files = [anna("sre-lead"), anna("engineering-lead"), bert("sre-lead")];
    fc.assert(
      fc.property(fc.shuffledSubarray(files, { minLength: 3 }), (shuffled) => assert.ok(check(...shuffled).met)),
    );
  });

  it("says what is missing and who can supply it when there is nothing", () => {
    const { met, refusals } = check();
    assert.ok(!met);
    assert.deepEqual(
      refusals.map(({ code }) => code),
      ["missing", "missing"],
    );
    assert.match(refusals[0]!.message, /S0-71 for wdbx canary-5 in production, attempt 3; to be signed as/);
  });

  it("ignores files about other items and reports those that are no good", () => {
    const other = file("other.json", { items: ["S0-99"] }, keys.anna);
    const stale = file(
      "stale.json",
      { attempt: 2, signer: { principal: "bert@example.com", role: "security-lead" } },
      keys.bert,
    );
    const { met, refusals } = check(anna("sre-lead"), other, stale);
    assert.ok(!met);
    assert.deepEqual(
      refusals.map(({ code }) => code),
      ["missing", "replayed"],
    );
  });

  it("takes items as a set", () => {
    assert.deepEqual(itemSet(["b", "a", "b"]), ["a", "b"]);
  });
});
