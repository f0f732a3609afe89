/** Tells what is going on, a line per job: with a running clock on a terminal, plain lines elsewhere. */
export async function withProgress<T>(label: string, job: () => Promise<T>): Promise<T> {
  const started = Date.now();
  const elapsed = (): string => `${Math.round((Date.now() - started) / 1000)} s`;
  const live = process.stderr.isTTY;
  const say = (text: string): void => {
    process.stderr.write(live ? `\r\x1b[K${text}` : `${text}\n`);
  };
  say(`${label} …`);
  // Without a terminal a line now and then shows a log's reader that nothing hangs.
  const timer = setInterval(() => say(`${label} … ${elapsed()}`), live ? 1000 : 60_000);
  try {
    const result = await job();
    say(`${label}: done in ${elapsed()}${live ? "\n" : ""}`);
    return result;
  } catch (error) {
    say(`${label}: failed after ${elapsed()}${live ? "\n" : ""}`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}
