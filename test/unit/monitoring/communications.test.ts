import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { commsCommand } from "../../../cli/commands/comms.ts";
import { dueOn, messageText, noticeUntil, whenText } from "../../../rollout/monitoring/communications.ts";
import { plans } from "../../../stacks/systems/plans.ts";

const planOf = (system: string) => plans.find((plan) => plan.system === system)!;
const at = new Date("2026-12-01T14:30:00Z");

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

  it("the command prints deadlines of a moment as data", async () => {
    const written: string[] = [];
    const write = process.stdout.write;
    process.stdout.write = ((text: string) => written.push(text) > 0) as typeof write;
    try {
      await commsCommand().parseAsync(["dwcp-manager", "--on", "incident", "--at", at.toISOString(), "--json"], {
        from: "user",
      });
    } finally {
      process.stdout.write = write;
    }
    const due = JSON.parse(written.join("")) as { id: string; until?: string }[];
    assert.equal(due.find(({ id }) => id === "incident-status-page")?.until, "2026-12-01T14:35:00.000Z");
  });
});
