/** qpq devices: which devices the account has. */
import type { Run } from "../command.ts"

const ID_LETTERS = 16

export const devices: Run = async (context) => {
  const client = await context.client()
  for (const { id, status, current, listedAt } of await client.devices()) {
    const since = new Date(listedAt).toISOString()
    const text = `${id.slice(0, ID_LETTERS)}  ${status}${current ? "  this device" : ""}  listed ${since.slice(0, 10)}`
    context.out.line({ type: "device", id, status, current, listedAt: since }, text)
  }
}
