/** Whether the person last chose plain lines for a screen reader. In a file of its own: it holds before the profile is open. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const FILE = "screen-reader"

/** undefined: never chosen. */
export function chosenReader(home: string): boolean | undefined {
  try {
    return { on: true, off: false }[readFileSync(join(home, FILE), "utf8").trim()]
  } catch {
    // No such file, or none that says something: nothing was chosen.
    return undefined
  }
}

/** What cannot be kept is asked again. */
export function keepReader(home: string, isOn: boolean): void {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 })
    writeFileSync(join(home, FILE), `${isOn ? "on" : "off"}\n`)
  } catch {
    // The choice holds as long as the program runs.
  }
}
