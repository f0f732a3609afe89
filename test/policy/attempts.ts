// Attempts to get more exposure than allowed: what they share.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RolloutStatus } from "../../rollout/transitions/model.ts";
import { type Pack, startPack } from "./pack.ts";
import { type Case, component, liveAt, type Told, wishFor } from "./rollouts.ts";

/** A test that names its cases by the numbers of the catalogue. */
export function attempt(numbers: number[], name: string, run: () => Promise<void> | void): void {
  it(`${numbers.join(", ")}: ${name}`, run);
}

export const frozen = `freezes: [{ name: fair, from: "2020-01-01T00:00Z", length: 9999d }]\nwindows: []\n`;

/** A live Rollout at a phase; passed, seen and on target unless said otherwise. */
export const from = (phase: string, status: Partial<RolloutStatus> = {}) => liveAt(wishFor(phase), status);

/** The guard pack with a calendar and evidence of its own, anew for each test; to be used inside of a `describe`. */
export class Guarded {
  #pack: Pack | undefined;
  #folder = "";

  constructor() {
    before(async () => {
      this.#pack = await startPack("guard");
    });
    beforeEach(async () => {
      this.#folder = mkdtempSync(join(tmpdir(), "adversarial-"));
      this.calendar("freezes: []\nwindows: []\n");
      const files = { files: { calendar: join(this.#folder, "calendar.yaml"), evidence: this.#folder } };
      await this.pack.configure({ "rollout-calendar": files, "rollout-approvals": files });
    });
    afterEach(() => rmSync(this.#folder, { recursive: true }));
    after(() => this.pack.end());
  }

  get pack(): Pack {
    return this.#pack!;
  }

  get folder(): string {
    return this.#folder;
  }

  calendar(text: string): void {
    writeFileSync(join(this.#folder, "calendar.yaml"), text);
  }

  /** All that stops it. */
  async said(told: Told, of: Case = {}): Promise<string> {
    const found = (await this.pack.analyze(component(told, of))).filter(({ level }) => level === "mandatory");
    return found.map(({ message }) => message).join("\n");
  }

  async blocked(told: Told, message: RegExp, of: Case = {}): Promise<void> {
    assert.match(await this.said(told, of), message);
  }

  async allowed(told: Told, of: Case = {}): Promise<void> {
    assert.equal(await this.said(told, of), "");
  }
}
