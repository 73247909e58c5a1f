/** The page of the reference: it reads /openapi.json, and runs examples against this very instance. */

/** @param {string} id */
const byId = (id) => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
};

/**
 * Creates an element; texts are never read as HTML.
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** The latest answer of each procedure, from which later examples take ids. */
const answers = new Map();

/** A schema in words: its type and limits. */
function typeOf(schema) {
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants !== undefined) {
    const byDefault =
      schema.default === undefined ? "" : `, default ${JSON.stringify(schema.default)}`;
    return variants.map(typeOf).join(" or ") + byDefault;
  }
  if (schema.enum !== undefined)
    return schema.enum.join(", ") + (schema["x-open-enum"] ? ", or what later versions add" : "");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === "array") return `list of ${typeOf(schema.items ?? {})}`;
  const limits = ["minimum", "maximum", "minLength", "maxLength", "default"]
    .filter((key) => schema[key] !== undefined && Math.abs(schema[key]) !== Number.MAX_SAFE_INTEGER)
    .map((key) => `${key} ${JSON.stringify(schema[key])}`);
  const type = [schema.type ?? "any"].flat().join(" or ");
  return [schema.format ?? type, ...limits].join(", ");
}

/** The fields of a schema with those of what it contains: rows of path, type, whether it is required, and meaning. */
function fieldsOf(schema, prefix = "") {
  const rows = [];
  for (const variant of schema.anyOf ?? schema.oneOf ?? []) rows.push(...fieldsOf(variant, prefix));
  if (schema.type === "array") rows.push(...fieldsOf(schema.items ?? {}, `${prefix}[].`));
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const path = `${prefix}${name}`;
    const always = schema.required?.includes(name) ? "yes" : "no";
    rows.push([path, typeOf(field), always, field.description ?? ""]);
    rows.push(
      ...fieldsOf(field, `${path}.`).map(([at, ...rest]) => [at.replace(".[]", "[]"), ...rest]),
    );
  }
  return rows;
}

/** @param {string} title */
function fieldTable(title, schema) {
  const rows = fieldsOf(schema);
  if (rows.length === 0) return "";
  const head = element(
    "tr",
    {},
    ...["field", "type", "always", "meaning"].map((text) => element("th", { scope: "col" }, text)),
  );
  const body = rows.map(([path, ...rest]) =>
    element(
      "tr",
      {},
      element("td", {}, element("code", {}, path)),
      ...rest.map((text) => element("td", {}, text)),
    ),
  );
  return element(
    "details",
    {},
    element("summary", {}, title),
    element("div", { class: "table" }, element("table", {}, head, ...body)),
  );
}

/** Puts the values that earlier answers gave into an example. */
function filled(example, take = {}) {
  const input = structuredClone(example ?? null);
  for (const [field, [procedure, ...keys]] of Object.entries(take)) {
    const value = keys.reduce((at, key) => at?.[key], answers.get(procedure));
    const [name, place] = field.split(".");
    if (place === undefined) input[name] = value ?? `from ${procedure}`;
    else input[name] = [value ?? `from ${procedure}`];
  }
  return input;
}

/** Asks before something is written. */
function isConfirmed(path) {
  const dialog = byId("ask");
  dialog.querySelector("p").textContent = `${path} writes to this instance's database. Send it?`;
  dialog.returnValue = "cancel";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "send"), { once: true });
  });
}

/** Sends a call as `@trpc/client` does. */
async function call({ address, isMutation }, text) {
  const token = byId("token").value.trim();
  const headers =
    token === "" ? {} : { authorization: token.startsWith("Bearer ") ? token : `Bearer ${token}` };
  const beganAt = performance.now();
  const response = isMutation
    ? await fetch(address, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: text,
      })
    : await fetch(`${address}${text === "" ? "" : `?input=${encodeURIComponent(text)}`}`, {
        headers,
      });
  const body = await response.json();
  const took = Math.round(performance.now() - beganAt);
  return {
    body,
    facts: `${response.status}, ${took} ms, x-cache ${response.headers.get("x-cache") ?? "none"}`,
  };
}

/** The part of a procedure with which its example is run. */
function runner(procedure, example, take) {
  const { path, isMutation } = procedure;
  const input = element("textarea", {
    rows: "6",
    spellcheck: "false",
    "aria-label": `input of ${path}`,
  });
  const button = element("button", { type: "button" }, isMutation ? "Run (it writes)" : "Run");
  const facts = element("p", { role: "status" });
  const answer = element("pre", { hidden: "", tabindex: "0", "aria-label": `answer of ${path}` });
  const show = () => {
    const value = filled(example, take);
    input.value = value === null ? "" : JSON.stringify(value, null, 1);
  };
  const run = async () => {
    try {
      const text = input.value.trim() === "" ? "" : JSON.stringify(JSON.parse(input.value));
      if (isMutation && !(await isConfirmed(path))) return;
      facts.textContent = "…";
      const { body, facts: seen } = await call(procedure, text);
      answers.set(path, body.result?.data);
      facts.textContent = seen;
      answer.textContent = JSON.stringify(body.result?.data ?? body, null, 1);
      answer.hidden = false;
    } catch (error) {
      facts.textContent = String(error);
    }
  };
  button.addEventListener("click", () => void run());
  return {
    show,
    nodes: [...(example === undefined && take === undefined ? [] : [input]), button, facts, answer],
  };
}

/** One operation of the list: a procedure, or an address of its own. */
function section(address, method, operation) {
  const isMutation = method === "post";
  const content = operation.requestBody?.content ?? operation.parameters?.[0]?.content;
  const json = content?.["application/json"];
  const { schema } = operation.responses[200].content["application/json"];
  const isProcedure = address.startsWith("/trpc/");
  const output = isProcedure ? schema.properties.result.properties.data : schema;
  const procedure = { path: operation.operationId, address, isMutation };
  const { show, nodes } = runner(procedure, json?.example, operation["x-take"]);
  const made = element(
    "details",
    { id: procedure.path },
    element(
      "summary",
      {},
      element("code", {}, isProcedure ? procedure.path : address),
      " ",
      element("span", { class: "badge" }, isMutation ? "mutation" : "query"),
      " ",
      element("span", { class: "badge" }, operation["x-auth"]),
      operation.deprecated === true ? element("span", { class: "badge" }, "deprecated") : "",
      ` ${operation.summary}`,
    ),
    ...operation.description.split("\n\n").map((text) => element("p", {}, text)),
    json === undefined ? "" : fieldTable("Input", json.schema),
    fieldTable("Answer", output),
    ...nodes,
  );
  made.addEventListener("toggle", () => made.open && show());
  return made;
}

async function start() {
  const reference = await (await fetch("/openapi.json")).json();
  const { reason } = reference.components.schemas.Error.properties.error.properties.data.properties;
  byId("intro").append(
    ...reference.info.description.split("\n\n").map((text) => element("p", {}, text)),
    ...reason.description.split("\n").map((text) => element("p", {}, text)),
  );
  const list = Object.entries(reference.paths).flatMap(([address, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      tag: operation.tags[0],
      node: section(address, method, operation),
    })),
  );
  const groups = Map.groupBy(list, ({ tag }) => tag);
  byId("procedures").replaceChildren(
    ...[...groups].map(([tag, ones]) =>
      element("section", {}, element("h2", {}, tag), ...ones.map(({ node }) => node)),
    ),
  );
  byId("find").addEventListener("input", ({ target }) => {
    const words = target.value.toLowerCase().split(/\s+/);
    for (const { node } of list)
      node.hidden = !words.every((word) => node.textContent.toLowerCase().includes(word));
  });
  const asked = location.hash.slice(1);
  if (asked !== "") document.getElementById(asked)?.setAttribute("open", "");
}

await start();
