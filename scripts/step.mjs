// Commands of the release programmes: what was run is printed, what it said can be had, and a failure ends all.
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"

export const top = fileURLToPath(new URL("..", import.meta.url))

/** Thrown for what a maintainer is told in one line; anything else is a defect of the programme. */
export class Refusal extends Error {}

/** Runs it with its output on this terminal; how it ended is for the caller. */
export function shown(command, words, options = {}) {
  process.stdout.write(`$ ${[command, ...words].join(" ")}\n`)
  return spawnSync(command, words, { cwd: top, stdio: "inherit", ...options }).status ?? 1
}

/** @returns what it wrote, and how it ended. */
export function asked(command, words, options = {}) {
  const { stdout, stderr, status } = spawnSync(command, words, { cwd: top, encoding: "utf8", ...options })
  return { stdout: stdout ?? "", stderr: stderr ?? "", status: status ?? 1 }
}

/** @returns its standard output. @throws Refusal when it ends with another status than 0. */
export function answer(command, words, options = {}) {
  const { stdout, stderr, status } = asked(command, words, options)
  if (status !== 0) throw new Refusal(`${[command, ...words].join(" ")} ended with ${status}\n${stdout}${stderr}`)
  return stdout
}

/** A programme: a refusal is one line and status 1. */
export async function programme(name, run) {
  try {
    await run()
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    console.error(`${name}: ${thrown.message}`)
    process.exitCode = 1
  }
}
