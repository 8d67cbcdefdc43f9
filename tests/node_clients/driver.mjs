// Calls Kratos' JavaScript client: a request a line on standard input, its answer a line on standard output.
import { createInterface } from "node:readline"
import * as kratos from "@ory/kratos-client"

const clients = new Map()

const clientOf = (api, basePath) => {
  const key = `${api} ${basePath}`
  if (!clients.has(key)) {
    clients.set(key, new kratos[api](new kratos.Configuration({ basePath })))
  }
  return clients.get(key)
}

const answer = async ({ api, basePath, method, parameters }) => {
  const client = clientOf(api, basePath)
  if (typeof client[method] !== "function") {
    return { fault: `${api} has no ${method}` }
  }
  try {
    const { status, data, headers } = await client[method](parameters)
    return { status, data, headers }
  } catch (error) {
    if (error.response) {
      const { status, data, headers } = error.response
      return { status, data, headers }
    }
    return { fault: `${error.name}: ${error.message}` }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`)
}
