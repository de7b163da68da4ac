/** What becomes of own messages in the scripted core: the server takes them, or they fail and are sent again. */
import type { LineName } from "../../core/client/client-api.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { FakePassing } from "./fake-passing.ts"

export abstract class FakeAgain extends FakePassing {
  /** Own messages stay queued while false. */
  delivers = true

  /** The server takes an own message, or gives it up. */
  deliver(id: string, delivery: "stored" | "failed" = "stored"): void {
    const row = this.lines().line({ id })
    this.lines().change(row, { delivery }, false)
    this.tell({ kind: "delivery", groupId: row.groupId, id, delivery })
    this.tell({ kind: "queue", queued: this.lines().queued })
  }

  async resend({ id }: LineName): Promise<void> {
    const row = this.lines().line({ id })
    this.calls.push(`resend ${row.text}`)
    await this.answer("resend")
    if (row.delivery !== "failed") throw new QpqError("E070", "only what was not delivered to everybody is sent again")
    this.lines().change(row, { delivery: "queued" })
    this.tell({ kind: "queue", queued: this.lines().queued })
    if (this.delivers) this.deliver(id)
  }
}
