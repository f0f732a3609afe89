// Draws what a command printed as a picture: `npm start | npx node docs/pictures/terminal.ts 'npm start' > start.svg`
import { text } from "node:stream/consumers";

const lineHeight = 19;
const charWidth = 8.43;
const margin = 16;

const escapeXml = (line: string): string =>
  line.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** The engine tells of every resource twice and more; what a newcomer looks for are the layers, the sums and the table. */
const isShown = (line: string): boolean =>
  /^(Updating|Resources|Duration|watch|look|next|\s*$)|:(Deployment|Service|HTTPRoute|Rollout) wdbx.* created \(|^ {4}\+ \d+ created|^ {2}\S|^ {7}(export|npm|prometheus-1|kubectl|dashboards)/.test(
    line,
  ) && !/warning:|pulumi:pulumi:Stack/.test(line);

function svg(command: string, printed: string): string {
  const lines = [
    `$ ${command}`,
    ...printed.trim().replaceAll(process.cwd(), "~/rampart").split("\n").filter(isShown),
  ].filter((line, index, all) => line.trim() !== "" || all[index - 1]?.trim() !== "");
  const width = Math.ceil(Math.max(...lines.map((line) => line.length)) * charWidth) + 2 * margin;
  const height = lines.length * lineHeight + 2 * margin;
  const colour = (line: string): string =>
    line.startsWith("$ ")
      ? "#7ee787"
      : /^\s*\+ |created/.test(line)
        ? "#7ee787"
        : /^(watch|look|next):/.test(line)
          ? "#79c0ff"
          : "#e6edf3";
  const rows = lines.map((line, index) => {
    const y = margin + (index + 0.8) * lineHeight;
    return `<text x="${margin}" y="${y.toFixed(1)}" fill="${colour(line)}" xml:space="preserve">${escapeXml(line)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${rows.join("\n")}
</svg>
`;
}

process.stdout.write(svg(process.argv[2] ?? "", await text(process.stdin)));
