// Loaded into each program before anything else.
import { endWithParent } from "../providers/shared/parent.ts";
import "./plain-stacks.ts";

endWithParent();
