/** Words put into lines of at most `width` characters; a longer word gets a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

const gap = 2;
const narrowest = 14;

/** Column widths that fit into `width`: the widest column gives way first, none gets narrower than readable. */
function columnWidths(rows: readonly (readonly string[])[], width: number): number[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => Math.max(...(row[column] ?? "").split("\n").map((line) => line.length)))),
  );
  const total = () => widths.reduce((sum, one) => sum + one + gap, -gap);
  while (total() > width) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= narrowest) break;
    widths[widest]!--;
  }
  return widths;
}

/** Aligned plain text, the head first; cells that don't fit into the width are wrapped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], width: number): string[] {
  const widths = columnWidths([head, ...rows], width);
  return [head, ...rows].flatMap((row) => {
    const cells = widths.map((size, column) => (row[column] ?? "").split("\n").flatMap((line) => wrap(line, size)));
    const height = Math.max(...cells.map((cell) => cell.length));
    return Array.from({ length: height }, (_, line) =>
      cells
        .map((cell, column) => (cell[line] ?? "").padEnd(widths[column]!))
        .join(" ".repeat(gap))
        .trimEnd(),
    );
  });
}
