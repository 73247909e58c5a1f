const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for HTML and SVG, in elements and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Text for a cell of a Markdown table, on one line and without markup. */
export function escapeMarkdownCell(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[\\|`*_<>]/g, String.raw`\$&`)
    .trim();
}
