/** Core threads that do what a test tells them: they answer by themselves, keep still, or die. */
import type { CoreMethod, FromCore, ToCore } from "../../core/client/port-messages.ts"
import type { CoreThread } from "../../core/client/host.ts"

type Answer = (call: ToCore) => FromCore | undefined

export class FakeCoreThread implements CoreThread {
  /** Methods asked of this thread, in order. */
  readonly asked: CoreMethod[] = []
  terminated = false
  readonly #answer: Answer
  readonly #hearers: ((message: FromCore) => void)[] = []
  readonly #mourners: (() => void)[] = []

  constructor(answer: Answer) {
    this.#answer = answer
  }

  postMessage(call: ToCore): void {
    this.asked.push(call.method)
    const answer = this.#answer(call)
    if (answer) this.say(answer)
  }

  on(event: "message" | "exit" | "error", listener: ((message: FromCore) => void) | (() => void)): void {
    if (event === "message") this.#hearers.push(listener)
    else this.#mourners.push(listener as () => void)
  }

  say(message: FromCore): void {
    for (const hear of this.#hearers) hear(message)
  }

  /** Both of a worker's last words. */
  die(): void {
    for (const mourn of this.#mourners) mourn()
  }

  async terminate(): Promise<void> {
    this.terminated = true
  }
}

/** Answers each call with its method and arguments. */
export const echoing: Answer = ({ id, method, args }) => ({ kind: "answer", id, value: { method, args } })

export const silent: Answer = () => undefined
