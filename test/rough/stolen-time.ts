/** Processor time that a virtual machine's host gave to others: what waited for it says nothing about a server. */
import { readFileSync } from "node:fs"
import { realWorld } from "../../core/domain/world.ts"

const EVERY_MS = 100
/** Of all processors' time in one stretch; the kernel counts in ticks of 10 ms. */
const SHARE_MIN = 0.1
/** Which of the numbers behind "cpu" it is (proc(5), /proc/stat). */
const STEAL_AT = 7
/** Those behind it are in user and nice already. */
const FIELDS = 8

/** Ticks since the machine began. */
export interface Ticks {
  readonly stolen: number
  readonly all: number
}

/** @param stat the text of /proc/stat. */
export function ticksIn(stat: string): Ticks {
  const fields = (/^cpu +(.*)$/mu.exec(stat)?.[1] ?? "").split(" ").map(Number).slice(0, FIELDS)
  return { stolen: fields[STEAL_AT] ?? 0, all: fields.reduce((sum, ticks) => sum + ticks, 0) }
}

/** Stretches in which a tenth of the processors or more was elsewhere. Times are in milliseconds of one clock. */
export class StolenTime {
  readonly #stretches: { readonly from: number; readonly to: number }[] = []
  #at: number
  #before: Ticks

  constructor(at: number, ticks: Ticks) {
    this.#at = at
    this.#before = ticks
  }

  take(at: number, ticks: Ticks): void {
    const [stolen, all] = [ticks.stolen - this.#before.stolen, ticks.all - this.#before.all]
    if (stolen >= SHARE_MIN * all && stolen > 0) this.#stretches.push({ from: this.#at, to: at })
    this.#at = at
    this.#before = ticks
  }

  /** Whether some of it was stolen meanwhile, or so shortly before that what had piled up was still there. */
  touches(from: number, to: number): boolean {
    return this.#stretches.some((stretch) => stretch.from < to && stretch.to + EVERY_MS > from)
  }
}

/** Watches until the signal fires. */
export function watchStolenTime(signal: AbortSignal): StolenTime {
  const read = (): Ticks => ticksIn(readFileSync("/proc/stat", "utf8"))
  const stolen = new StolenTime(performance.now(), read())
  const watch = async (): Promise<void> => {
    while (!signal.aborted) {
      await realWorld.clock.sleep(EVERY_MS, signal).catch(() => undefined)
      stolen.take(performance.now(), read())
    }
  }
  void watch()
  return stolen
}
