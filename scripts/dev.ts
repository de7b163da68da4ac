/** npm run dev: a server, somebody's throwaway profile and the app on it; --join FOLDER: somebody else in a second terminal. */
import { parseArgs } from "node:util"
import { hostSession, joinSession } from "./dev-session.ts"

const { values } = parseArgs({ options: { join: { type: "string" } } })
if (!process.stdin.isTTY || !process.stdout.isTTY) {
  console.error("npm run dev opens the app, and needs a terminal for it.")
  process.exit(2)
}
process.exit(await (values.join === undefined ? hostSession() : joinSession(values.join)))
