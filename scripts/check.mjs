// The checks that need no running product, in two lanes: linting takes as long as all others together.
import { spawn } from "node:child_process"

const LANES = [["lint"], ["format", "types", "walls", "dead"]]

const results = await Promise.all(LANES.map(runLane))
const failed = results.flat().filter(({ status }) => status !== 0)
for (const { name } of failed) console.error(`${name}: failed`)
process.exit(failed.length > 0 ? 1 : 0)

async function runLane(names) {
  const done = []
  for (const name of names) done.push({ name, status: await run(name) })
  return done
}

/** Prints what it said in one piece when it is over, so that two lanes do not mix. */
function run(name) {
  return new Promise((resolve) => {
    const pieces = []
    const child = spawn("npm", ["run", "--silent", name], {
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    })
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => pieces.push(piece))
    child.on("close", (status) => {
      process.stdout.write(`-- ${name}\n${Buffer.concat(pieces).toString()}`)
      resolve(status ?? 1)
    })
  })
}
