import { join } from "node:path";

/** The checkout that the packs lie in. An engine starts a pack in the pack's own folder. */
export const checkout = join(import.meta.dirname, "..");

/** From `urn:pulumi:<stack>::<project>::<type>::<name>`; the policy SDK itself doesn't know it everywhere. */
export const stackOf = (urn: string): string => urn.split("::")[0]!.slice("urn:pulumi:".length);
