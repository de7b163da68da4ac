/** qpq ping: one round trip on the logged-in connection. */
import type { Run } from "../command.ts"

export const ping: Run = async (context) => {
  const ms = Math.round((await (await context.client()).ping()) * 10) / 10
  context.out.line({ type: "pong", ms }, `pong in ${ms} ms`)
}
