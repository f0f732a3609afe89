import { type Engine, pulumi } from "./engine.ts";

/** What a stack of systems says of each. */
export interface SystemOutput {
  /** Only of systems that users reach through the gateway. */
  readonly hostname?: string;
  readonly stable: string;
  readonly artifact: string;
  readonly percent: number;
  readonly phase: string;
}

export async function outputsOf(engine: Engine, stack: string): Promise<Record<string, SystemOutput>> {
  return JSON.parse(await pulumi(engine, ["stack", "output", "--json", "--stack", stack]));
}
