import assert from "node:assert/strict";
import { parseConfigValues } from "../../../rollout/config/parse.ts";
import { formatProblem } from "../../../rollout/config/problem.ts";
import { digest, parse, plans, problemsIn, stackFile } from "./fixture.ts";

const at = (place: string, message: string) => [`Pulumi.production.yaml:${place}: ${message}`];

describe("a stack file", () => {
  it("is read into plain values, with the phase filled in", () => {
    assert.deepEqual(parse(stackFile()).config, {
      environment: "production",
      layer: "systems",
      scale: { time: 1, size: 1 },
      handover: {},
      systems: {
        wdbx: {
          stable: digest("a"),
          artifact: digest("b"),
          percent: 25,
          settled: false,
          phase: "canary-25",
          ladder: "normal",
          retry: 0,
          reason: undefined,
          hold: false,
          extendDays: 0,
          excludeNodes: [],
          expectedRps: undefined,
          decommission: false,
        },
      },
    });
  });

  it("means the first phase with a percent when it names none", () => {
    assert.equal(parse(stackFile({ percent: "0" })).config?.systems.wdbx?.phase, "preflight");
    assert.equal(parse(stackFile({ percent: "100" })).config?.systems.wdbx?.phase, "full");
    assert.equal(parse(stackFile({ percent: "0", phase: "shadow" })).config?.systems.wdbx?.phase, "shadow");
  });

  it("is settled where stable equals artifact", () => {
    const system = parse(stackFile({ stable: `"${digest("b")}"`, percent: "100" })).config?.systems.wdbx;
    assert.equal(system?.settled, true);
    assert.equal(system?.phase, undefined);
  });

  it("may have Windows line ends and other namespaces' keys", () => {
    assert.ok(parse(stackFile({}, "  kubernetes:context: staging\n  pulumi:tags: { a: b }\n")).config);
    assert.ok(parse(stackFile().replaceAll("\n", "\r\n")).config);
  });

  it("walks production's phases in a rehearsal, faster and smaller", () => {
    const text = stackFile({}, "  rampart:scale: { time: 1440, size: 10 }\n").replace("production", "rehearsal");
    assert.deepEqual(parse(text).config?.scale, { time: 1440, size: 10 });
    assert.equal(parse(text).config?.systems.wdbx?.phase, "canary-25");
  });

  it("walks staging's own ladder in staging", () => {
    const text = stackFile().replace("production", "staging");
    assert.deepEqual(
      problemsIn(text),
      at("8:14", "percent: 25 is not a percent of wdbx's plan; allowed: 0, 100; nearest: 0").map((line) =>
        line.replace("8:14", "7:14"),
      ),
    );
  });
});

describe("a percent", () => {
  const allowed = "; allowed: 0, 5, 25, 50, 100";
  const cases: [string, string][] = [
    ["30", `30 is not a percent of wdbx's plan${allowed}; nearest: 25`],
    ["-1", `-1 is not a percent of wdbx's plan${allowed}; nearest: 0`],
    ["101", `101 is not a percent of wdbx's plan${allowed}; nearest: 100`],
    ["50.0001", `50.0001 is not a percent of wdbx's plan${allowed}; nearest: 50`],
    ['"50"', `"50" is a string; write the number without quotes${allowed}; nearest: 50`],
    ["050", "050 can be read in more than one way; write it as 50"],
    ["5e1", "5e1 can be read in more than one way; write it as 50"],
    ["0x32", "0x32 can be read in more than one way; write it as 50"],
    ["50.0", "50.0 can be read in more than one way; write it as 50"],
    [".inf", ".inf can be read in more than one way; write it as Infinity"],
    ["true", `true is not a percent of wdbx's plan${allowed}`],
  ];
  for (const [written, message] of cases) {
    it(`written as ${written} is refused`, () => {
      assert.deepEqual(problemsIn(stackFile({ percent: written })), at("7:14", `percent: ${message}`));
    });
  }

  it("that is missing or empty is said to be so", () => {
    assert.deepEqual(problemsIn(stackFile({ percent: undefined })), at("4:3", "percent: is missing"));
    assert.match(problemsIn(stackFile({ percent: "" }))[0]!, /:7:5: percent: is empty/);
  });

  it("has to be that of the phase beside it", () => {
    assert.deepEqual(
      problemsIn(stackFile({ phase: "shadow" })),
      at("8:12", "phase: shadow is at 0 %, but percent says 25; allowed: canary-25; nearest: canary-25"),
    );
  });
});

describe("a rollout under way", () => {
  it("is at no percent that its ladder doesn't have, not even 100", () => {
    const system = '{ stable: "2.0.0", artifact: "3.0.0", percent: 100, ladder: expedited }';
    assert.match(
      problemsIn(`${stackFile()}  rampart:dwcp-v3: ${system}\n`)[0]!,
      /percent: 100 is not a percent of dwcp-v3's plan while it is under way; allowed: 0, 50; nearest: 50$/,
    );
  });
});

describe("a settled system", () => {
  const settled = { stable: `"${digest("b")}"` };
  it("is at 100 percent", () => {
    assert.match(problemsIn(stackFile({ ...settled, percent: "50" }))[0]!, /allowed: 100; nearest: 100$/);
  });
  it("is in no phase", () => {
    const text = stackFile({ ...settled, percent: "100", phase: "watch" });
    assert.match(problemsIn(text)[0]!, /:8:12: phase: a settled system .* is in no phase/);
  });
});

describe("an artifact", () => {
  const first = (artifact: string) => problemsIn(stackFile({ artifact }))[0]!;
  it("is no tag", () => assert.match(first('"wdbx:latest"'), /:6:15: artifact: wdbx:latest is not a digest/));
  it("has no tag beside the digest", () =>
    assert.match(first(`"wdbx:v1@sha256:${"a".repeat(64)}"`), /has a tag beside its digest/));
  it("may come from a registry with a port", () =>
    assert.ok(parse(stackFile({ artifact: `"localhost:5000/wdbx@sha256:${"a".repeat(64)}"` })).config));
  it("has a whole digest", () => assert.match(first('"wdbx@sha256:abc"'), /has a malformed digest or name/));
  it("is no secret", () => assert.match(first("{ secure: AAABBB }"), /artifact: is a secret/));
  it("is a version in quotes where the plan says version", () => {
    const v3 = (artifact: string) =>
      problemsIn(
        `${stackFile()}  rampart:dwcp-v3: { stable: "2.0.0", artifact: ${artifact}, percent: 10, excludeNodes: [node-a] }\n`,
      );
    assert.deepEqual(v3('"3.1.0-rc.1"'), []);
    assert.match(v3('"latest"')[0]!, /latest is not a version/);
    assert.match(v3("3.1")[0]!, /artifact: 3.1 is a number; expected a string/);
  });
});

describe("the other keys of a system", () => {
  const first = (keys: Record<string, string>) => problemsIn(stackFile(keys))[0]!;
  it("are known ones", () => {
    assert.match(first({ percnt: "5" }), /:8:5: percnt: is an unknown key; allowed: .*; nearest: percent$/);
  });
  it("give a reason with a retry, and none for nothing", () => {
    assert.match(first({ retry: "1" }), /:8:12: retry: .* needs a `reason`/);
    assert.match(first({ reason: "because" }), /reason: is a reason for nothing/);
    assert.deepEqual(problemsIn(stackFile({ retry: "1", reason: "the node was broken" })), []);
    assert.equal(problemsIn(stackFile({ retry: "x", reason: "the node was broken" })).length, 1);
    assert.equal(problemsIn(stackFile({ retry: "1", reason: "5" })).length, 1);
  });
  it("name only ladders the plan has", () => {
    assert.match(first({ ladder: "expedited" }), /ladder: wdbx's plan has no expedited ladder for production/);
    assert.match(first({ ladder: "expdited" }), /ladder: "expdited" is not a ladder .*; nearest: expedited$/);
  });
  it("exclude nodes only where nodes are rolled out, and name each once", () => {
    assert.match(first({ excludeNodes: "[node-a]" }), /rolled out by traffic, not by nodes/);
    assert.match(first({ excludeNodes: "[Node]" }), /excludeNodes\[0\]: "Node" is not a legal node name/);
    assert.match(first({ excludeNodes: "[a, a]" }), /names a node twice/);
  });
  it("decommission only from the bottom or from settled", () => {
    assert.match(first({ decommission: "true" }), /starts only from settled or from the first phase \(preflight\)/);
    assert.deepEqual(problemsIn(stackFile({ decommission: "true", percent: "0" })), []);
    assert.match(first({ decommission: "true", percent: "0", phase: "shadow" }), /starts only from settled/);
  });
  it("write booleans and numbers in one way", () => {
    assert.match(first({ hold: "True" }), /write it as true/);
    assert.match(first({ hold: "yes" }), /hold: "yes" is a string; expected a boolean/);
    assert.match(first({ extendDays: "1.5" }), /extendDays: 1.5 is a number; expected a whole number/);
    assert.match(first({ extendDays: "0" }), /extendDays: 0 is out of range; at least 1/);
    assert.match(first({ expectedRps: "0" }), /expectedRps: 0 is out of range; more than 0/);
  });
});

describe("the settings of a stack", () => {
  it("are there and known", () => {
    assert.deepEqual(problemsIn("config: {}\n").length, 2);
    assert.match(problemsIn(stackFile().replace("production", "prod"))[0]!, /"prod" is not an environment/);
    assert.match(problemsIn(stackFile({}, "  rampart:wdxb: {}\n"))[0]!, /nearest: rampart:wdbx$/);
    assert.match(problemsIn(stackFile({}, "  rampart:config:wdbx: {}\n"))[0]!, /is an unknown key/);
    assert.match(problemsIn(stackFile({}, "  wdbx: {}\n"))[0]!, /has no namespace/);
    assert.match(problemsIn(`conifg: {}\n${stackFile()}`)[0]!, /conifg: is an unknown key.*nearest: config$/);
    assert.match(problemsIn(`${stackFile()}environment: [shared]\n`)[0]!, /environment: is an unknown key/);
  });
  it("scale time only in a rehearsal, and size anywhere", () => {
    assert.match(problemsIn(stackFile({}, "  rampart:scale: { time: 2 }\n"))[0]!, /time: is for a rehearsal only/);
    assert.deepEqual(problemsIn(stackFile({}, "  rampart:scale: { size: 2 }\n")), []);
    assert.match(problemsIn(stackFile({}, "  rampart:scale: { tme: 2 }\n"))[0]!, /nearest: time$/);
  });
  it("take the gateway's certificate from the platform's stack file only", () => {
    const certified = "  rampart:certificate: gateway-tls\n";
    const platform = "config:\n  rampart:environment: production\n  rampart:layer: platform\n";
    assert.equal(parse(platform + certified).config?.certificate, "gateway-tls");
    assert.match(problemsIn(stackFile({}, certified))[0]!, /certificate: belongs into the platform/);
    assert.match(problemsIn(`${platform}  rampart:certificate: A b\n`)[0]!, /the name of a Secret/);
  });
  it("say where the database keeps its backups", () => {
    const cutover = `registry.example/cutover@${digest("c").split("@")[1]}`;
    const at = { name: "our-backups", prefix: "production", region: "eu-central-1", secret: "backup-login" };
    const withBucket = (change: object): string => {
      const bucket = { ...at, addresses: ["10.20.0.0/24"], ...change };
      return stackFile({}, `  rampart:database: ${JSON.stringify({ cutover, certificate: "tls", bucket })}\n`);
    };
    assert.equal(parse(withBucket({})).config?.database?.bucket?.name, "our-backups");
    assert.match(problemsIn(withBucket({ endpoint: "http://s3" }))[0]!, /endpoint: .*always asked by TLS/);
    assert.match(problemsIn(withBucket({ addresses: ["0.0.0.0/0"] }))[0]!, /addresses: 0\.0\.0\.0\/0 is everybody/);
    assert.match(problemsIn(withBucket({ addresses: ["here"] }))[0]!, /addresses\[0\]/);
    assert.match(problemsIn(withBucket({ regoin: "x" }))[0]!, /regoin: is an unknown key.*nearest: region/);
    assert.match(problemsIn(withBucket({ role: "arn:aws:iam::123456789012:role/x" }))[0]!, /role: is an unknown key/);
  });
  it("keep systems out of the platform layer", () => {
    assert.match(problemsIn(stackFile().replace("layer: systems", "layer: platform"))[0]!, /belongs into the systems/);
  });
});

describe("YAML that two readers could read differently", () => {
  const cases: [string, string, RegExp][] = [
    ["a duplicate key", stackFile({ "percent ": "5" }), /:8:5: percent: the key stands twice, first in line 7/],
    ["an anchor", stackFile({ percent: "&p 25" }), /the anchor &p is not allowed/],
    ["an alias", stackFile({ stable: `&s "${digest("a")}"`, artifact: "*s" }), /an alias hides the value/],
    ["a tag", stackFile({ percent: "!!int 25" }), /the tag !!int is not allowed/],
    ["a merge key", stackFile({ "<<": "{ hold: true }" }), /a merge key hides values/],
    ["a key that is no string", stackFile({ 5: "x" }), /a key has to be a plain string/],
    ["a second document", `${stackFile()}---\na: 1\n`, /holds several documents/],
    ["a directive", `%YAML 1.1\n---\n${stackFile()}`, /directive changes what values mean/],
    [
      "a line separator in a comment",
      `${stackFile()}# x\u2028  rampart:layer: platform\n`,
      /control character U\+2028/,
    ],
    ["a lone carriage return", stackFile().replace("\n", "\r"), /control character U\+000D/],
    ["a missing bracket", stackFile({ excludeNodes: "[a" }), /can't be read as YAML/],
    ["nothing", "", /is empty/],
    ["config that is a list", "config: []\n", /config: expected a map of config values/],
    ["a key with an anchor", stackFile({ "&k hold": "true" }), /a key takes no anchor and no tag/],
    ["a text of absurd length", `${stackFile()}#${"x".repeat(200_000)}\n`, /characters long; at most/],
    ["deep nesting", stackFile({}, `  aws:x: ${"[".repeat(40)}${"]".repeat(40)}\n`), /nested deeper than 32 levels/],
    ["a list", "- a\n", /expected a map with the key `config`/],
    ["brackets without end", "[".repeat(20_000), /can't be read as YAML/],
  ];
  for (const [name, text, message] of cases) {
    it(`is refused: ${name}`, () => {
      const problems = problemsIn(text);
      assert.ok(
        problems.some((line) => message.test(line)),
        problems.join("\n") || "no problem found",
      );
    });
  }

  it("is told in the order of the file, all of it at once", () => {
    const lines = problemsIn(stackFile({ percent: "30", hold: "yes", phase: "nowhere" }));
    assert.deepEqual(
      lines.map((line) => line.split(":")[1]),
      ["7", "8", "9"],
    );
  });
});

describe("config from the engine", () => {
  const system = { stable: digest("a"), artifact: digest("b"), percent: 25 };
  const settings = { "rampart:environment": "production", "rampart:layer": "systems", "aws:region": "x" };

  it("gives the same values as the file, as JSON text or as an object", () => {
    const fromFile = parse(stackFile()).config;
    assert.deepEqual(parseConfigValues({ ...settings, "rampart:wdbx": system }, plans).config, fromFile);
    assert.deepEqual(
      parseConfigValues({ ...settings, "rampart:wdbx": JSON.stringify(system) }, plans).config,
      fromFile,
    );
  });

  it("is refused with the full key instead of a place", () => {
    const { problems = [] } = parseConfigValues({ ...settings, "rampart:wdbx": { ...system, percent: 30 } }, plans);
    assert.deepEqual(problems.map(formatProblem), [
      "rampart:wdbx.percent: 30 is not a percent of wdbx's plan; allowed: 0, 5, 25, 50, 100; nearest: 25",
    ]);
  });

  it("is refused where the engine had to decrypt it", () => {
    const secrets = ["rampart:wdbx", "aws:secretKey"];
    const { problems = [] } = parseConfigValues({ ...settings, "rampart:wdbx": system }, plans, secrets);
    assert.deepEqual(problems.map(formatProblem), [
      "rampart:wdbx: is a secret; Rampart shows and compares this value, so it has to be plain",
    ]);
  });

  it("is refused where it is no JSON", () => {
    const { problems = [] } = parseConfigValues({ ...settings, "rampart:wdbx": "{" }, plans);
    assert.match(formatProblem(problems[0]!), /^rampart:wdbx: is not JSON/);
  });

  it("lets the platform open a system's hosts to one other namespace, and nobody else", () => {
    const text = (handover: string, layer = "platform") =>
      `config:\n  rampart:environment: production\n  rampart:layer: ${layer}\n  rampart:handover: ${handover}\n`;
    assert.deepEqual(parse(text("{ wdbx: search }")).config?.handover, { wdbx: "search" });
    const said = (...args: Parameters<typeof text>) => problemsIn(text(...args)).join("; ");
    assert.match(said("{ wdbx: search }", "systems"), /rampart:handover: belongs into the platform layer's/);
    assert.match(said("{ wdx: search }"), /wdx: is an unknown key; allowed: wdbx, dwcp-v3; nearest: wdbx/);
    assert.match(said("{ wdbx: dwcp-v3 }"), /dwcp-v3 is a namespace of Rampart's own/);
    assert.match(said("{ wdbx: Search }"), /wdbx: .*namespace/);
    assert.match(said("search"), /rampart:handover/);
  });
});
