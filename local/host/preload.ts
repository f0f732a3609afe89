// Loaded into each program before anything else.
import { endWithParent } from "../providers/base/parent.ts";
import "./plain-stacks.ts";

endWithParent();
