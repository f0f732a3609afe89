import { Argument, Command, InvalidArgumentError, Option } from "commander";
import {
  dueOn,
  type Facts,
  type Moment,
  messageText,
  moments,
  noticeUntil,
  whenText,
} from "../../rollout/monitoring/communications.ts";
import type { Communication, Plan } from "../../rollout/plan/model.ts";
import { parseDate } from "../calendar.ts";
import { CliError, exitCode, printJson, printLine, printTable, styled } from "../output.ts";
import { findPlan } from "../plans.ts";

interface CommsOptions extends Facts {
  on?: Moment;
  at: Date;
  start?: Date;
  message?: string;
  json?: true;
}

const instant = (text: string): Date => {
  const date = new Date(text);
  if (!/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(date.getTime()))
    throw new InvalidArgumentError("expected an instant like 2026-12-01T14:30:00Z");
  return date;
};

const startDate = (text: string): Date => {
  const date = parseDate(text);
  if (!date) throw new InvalidArgumentError("expected a date like 2026-12-01");
  return date;
};

export function commsCommand(): Command {
  return new Command("comms")
    .description("show who is told what by when: a system's notices, reports and escalation; or what a moment sets off")
    .addArgument(new Argument("<system>"))
    .addOption(new Option("--on <moment>", "only what this sets off, with deadlines").choices(moments))
    .addOption(new Option("--at <instant>", "when it happened").argParser(instant).default(new Date(), "now"))
    .option("--start <date>", "the rollout's first day, for notices before it", startDate)
    .option("--message <id>", "print the message of this communication")
    .option("--from <percent>", "fills the message's blank")
    .option("--to <percent>", "fills the message's blank")
    .option("--reason <text>", "fills the message's blank")
    .option("--json", "print it as data")
    .addHelpText(
      "after",
      "\nExamples:\n  rampart comms dwcp-manager --on incident\n  rampart comms batch-patches --start 2026-12-01",
    )
    .action((system: string, options: CommsOptions) => {
      const plan = findPlan(system);
      if (options.message !== undefined)
        printLine(messageText(plan, findCommunication(plan, options.message), options).trimEnd());
      else if (options.on) showDue(plan, options.on, options);
      else showAll(plan, options);
    });
}

function findCommunication({ system, communications }: Plan, id: string): Communication {
  const found = communications.find((one) => one.id === id);
  if (found) return found;
  const ids = communications.map((one) => one.id).join(", ");
  throw new CliError(`${system} has no communication ${id}; there are ${ids}`, exitCode.usage);
}

const minute = (date: Date | undefined): string => date?.toISOString().slice(0, 16).replace("T", " ") ?? "";

function showDue(plan: Plan, moment: Moment, { at, json }: CommsOptions): void {
  const due = dueOn(plan, moment, at);
  if (json) printJson(due.map(({ communication, until }) => ({ ...communication, until })));
  else if (due.length === 0) printLine(`${plan.system}: nobody has to be told`);
  else {
    const rows = due.map(({ communication: { id, to, by, what }, until }) => [
      minute(until),
      id,
      to.join(", "),
      by,
      what,
    ]);
    printTable(["until (UTC)", "id", "to", "by", "what"], rows);
  }
}

function showAll(plan: Plan, { start, json }: CommsOptions): void {
  const { communications, contacts } = plan;
  if (json) {
    printJson({ communications, contacts });
    return;
  }
  printLine(`${styled("bold", plan.system)}: ${plan.title}`);
  const rows = communications.map(({ id, when, to, by, what }) => {
    const until = start && noticeUntil(when, start);
    return [until ? `until ${minute(until)}` : whenText(when), id, to.join(", "), by, what];
  });
  printTable(["when", "id", "to", "by", "what"], rows);
  printLine();
  printTable(
    ["who is called, in order", "address", "reach", "backup"],
    contacts.map(({ role, address, placeholder, reach, backup }) => [
      role,
      placeholder ? `${address} (placeholder)` : address,
      reach ?? "",
      backup ?? "",
    ]),
  );
}
