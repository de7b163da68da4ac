/** What happened in a simulation, line by line: virtual times, names, calls and outcomes, and no random bytes. */

export class Trace {
  readonly lines: string[] = []
  readonly #elapsed: () => number

  /** @param elapsed virtual milliseconds since the beginning. */
  constructor(elapsed: () => number) {
    this.#elapsed = elapsed
  }

  say(who: string, what: string): void {
    this.lines.push(`${timeText(this.#elapsed())}  ${who.padEnd(8)} ${what}`)
  }
}

/** hours:minutes:seconds.milliseconds */
function timeText(ms: number): string {
  const two = (value: number): string => Math.floor(value).toString().padStart(2, "0")
  const thousandths = (ms % 1000).toString().padStart(3, "0")
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${thousandths}`
}
