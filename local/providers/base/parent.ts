/**
 * Pulumi's engine ends its plugins when it ends well. When it is killed nobody does, and a plugin that lives on may still write.
 * The starter script tells the parent's id, because a parent that dies while Node starts would go unnoticed.
 */
const parent = Number(process.env.RAMPART_PARENT_PID ?? process.ppid);
delete process.env.RAMPART_PARENT_PID;

const pollMillis = 100;

/** False as soon as the process that started this one is gone: nothing may be written any more. */
export function parentIsAlive(): boolean {
  return process.ppid === parent;
}

/** Ends this process with its parent. */
export function endWithParent(beforeEnd: () => void = () => {}): void {
  setInterval(() => {
    if (parentIsAlive()) return;
    beforeEnd();
    process.exit(1);
  }, pollMillis).unref();
}
