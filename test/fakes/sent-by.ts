/** What a person's client gives the server to be told to others. */
import type { FanOut } from "../../core/contract/node-service.ts"
import type { Person } from "./person.ts"

/** From now on, as it grows; what is for nobody is left out. */
export function sentBy(person: Person): FanOut[] {
  const sent: FanOut[] = []
  person.tampering.enqueueMany = async (ask, fanOut) => {
    if (fanOut.items.length > 0) sent.push(fanOut)
    return ask(fanOut)
  }
  return sent
}
