/** Starts a server on this computer. Placeholder, to be replaced by the starter of the real server program. */
import { QpqError } from "../core/domain/errors.ts"

export async function startLocalServer(): Promise<{ readonly address: string }> {
  throw new QpqError("E053", "no server program is installed beside this one")
}
