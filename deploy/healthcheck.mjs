#!/usr/bin/env node
// Asks the server in this container how it is: ends with 0 when it is well, else with 1 and why.
// Where it listens it takes from QPQ_HEALTH, as the server does; another address may be the argument.
const ANSWER_MS_MAX = 5000
const [, port = "9700"] = /:(\d+)$/.exec(process.env.QPQ_HEALTH ?? "") ?? []
const url = process.argv[2] ?? `http://127.0.0.1:${port}/healthz`

try {
  const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX) })
  console.log(`${answer.status} ${await answer.text()}`)
  process.exitCode = answer.ok ? 0 : 1
} catch (failure) {
  console.log(`${url}: ${failure instanceof Error ? failure.message : failure}`)
  process.exitCode = 1
}
