const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes a text for HTML and SVG, in elements and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Escapes a text for a cell of a Markdown table, on one line and without markup. */
export function escapeMarkdownCell(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[\\|`*_<>]/g, String.raw`\$&`)
    .trim();
}
