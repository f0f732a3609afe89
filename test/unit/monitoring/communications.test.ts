import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { commsCommand } from "../../../cli/commands/comms.ts";
import { dueOn, messageText, noticeUntil, whenText } from "../../../rollout/monitoring/communications.ts";
import { plans } from "../../../stacks/systems/plans.ts";

const planOf = (system: string) => plans.find((plan) => plan.system === system)!;
const at = new Date("2026-12-01T14:30:00Z");

async function printed(...args: string[]): Promise<string> {
  const written: string[] = [];
  const write = process.stdout.write;
  process.stdout.write = ((text: string) => written.push(text) > 0) as typeof write;
  try {
    await commsCommand().parseAsync(args, { from: "user" });
  } finally {
    process.stdout.write = write;
  }
  return written.join("");
}

describe("communications", () => {
  it("an incident of the manager is told at once, in 5 and 30 minutes, and followed up in 24 hours", () => {
    const due = dueOn(planOf("dwcp-manager"), "incident", at);
    const minutes = due.map(({ communication, until }) => [
      communication.id,
      until && (until.getTime() - at.getTime()) / 60_000,
    ]);
    assert.deepEqual(minutes, [
      ["incident-slack", 0],
      ["incident-status-page", 5],
      ["incident-customers", 30],
      ["post-mortem", 24 * 60],
    ]);
  });

  it("a notice is due before the start by as much as the plan says", () => {
    assert.equal(noticeUntil({ before: "start", by: "2d" }, at)?.toISOString(), "2026-11-29T14:30:00.000Z");
    assert.equal(noticeUntil({ before: "transition", by: "48h" }, at), undefined);
  });

  it("a message takes the facts that are known and keeps the other blanks", () => {
    const plan = planOf("dwcp-v3");
    const message = plan.communications.find(({ body }) => body?.includes("[Reason]"))!;
    const text = messageText(plan, message, { from: "50", to: "10", reason: "errors" });
    assert.match(text, /rolled back from 50% to 10% due to:\nerrors/);
    assert.match(text, /\[Description\]/);
  });

  it("every communication of every plan says when, to whom and what", () => {
    for (const { communications, system } of plans) {
      for (const one of communications)
        assert.ok(whenText(one.when) && one.to.length > 0 && one.what, `${system}: ${one.id}`);
    }
  });

  it("reports are due each week, notices two days before every transition", () => {
    const texts = planOf("dwcp-v3").communications.map(({ id, when }) => [id, whenText(when)]);
    assert.deepEqual(
      texts.filter(([, when]) => when === "weekly" || when!.startsWith("48h")).map(([id]) => id),
      ["weekly-report", "transition-notice", "plan-review"],
    );
  });

  it("the command prints deadlines of a moment as data", async () => {
    const due = JSON.parse(await printed("dwcp-manager", "--on", "incident", "--at", at.toISOString(), "--json"));
    const page = (due as { id: string; until?: string }[]).find(({ id }) => id === "incident-status-page");
    assert.equal(page?.until, "2026-12-01T14:35:00.000Z");
  });

  it("the command prints a notice with its day once the start is known", async () => {
    assert.match(await printed("distributed-postgres", "--start", "2026-12-01"), /until 2026-11-29 00:00/);
  });

  it("the command prints whom to call, in the order of the plan, each with a way to reach", async () => {
    const chained = plans.filter(({ contacts }) => contacts.length > 0);
    // The seed of the one that is missing names nobody: it calls whoever Alertmanager's receivers call.
    assert.equal(chained.length, plans.length - 1);
    for (const { system, contacts } of chained) {
      const text = await printed(system);
      const chain = text.slice(text.indexOf("who is called, in order"));
      const places = contacts.map(({ role, address }) => {
        assert.ok(chain.includes(address), `${system}: ${role}`);
        return chain.indexOf(role);
      });
      assert.deepEqual(
        places,
        [...places].sort((one, other) => one - other),
        system,
      );
    }
  });
});
