// Makes calls with the official TypeScript SDK. Arguments: the folder that it is installed in, and the address and key
// of a sandbox. Reads {family, method, integration, request} as JSON lines; writes a line with what each of them gave.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [folder, server_url, api_key] = process.argv.slice(2);
const from = (file) => import(pathToFileURL(`${folder}/node_modules/@kombo-api/sdk/esm/${file}`));
const { Kombo } = await from("index.js");
const { KomboError } = await from("models/errors/index.js");

async function result(call) {
  const kombo = new Kombo({ api_key, server_url, integration_id: call.integration });
  const answer = await kombo[call.family][call.method](call.request ?? undefined);
  if (answer?.[Symbol.asyncIterator] === undefined) return { data: answer };
  const records = [];
  for await (const page of answer) records.push(...page.result.data.results);
  return { records: records.length };
}

for await (const line of createInterface({ input: process.stdin })) {
  // This SDK takes dates as objects.
  const call = JSON.parse(line, (key, value) => (/_date$/.test(key) ? new Date(value) : value));
  let found;
  try {
    found = await result(call);
  } catch (error) {
    const code = error instanceof KomboError ? error.data$?.error?.code : undefined;
    found = { error: error.constructor.name, code, message: String(error.pretty?.() ?? error.message) };
  }
  process.stdout.write(`${JSON.stringify(found)}\n`);
}
