/** The app's own log: where it is, what stands in it from this side, and what the settings say of it. */
import { join } from "node:path"
import { errorTrace } from "../../core/client/error-trace.ts"
import type { WriteLog } from "../../core/client/core-log.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { Clock } from "../../core/domain/world.ts"
import { LogFile } from "../log-file.ts"
import type { LogState } from "../log-file.ts"
import type { ScreenOptions } from "./options.ts"

export interface AppLog {
  readonly write: WriteLog
  readonly state: () => LogState
  /** What ended the program, or one of its threads. */
  readonly failed: (event: string, thrown: unknown) => void
}

export interface LogPlace {
  readonly options: Pick<ScreenOptions, "logFile" | "logLevel">
  readonly home: string
  readonly clock: Clock
}

const OFF = "off"

export const logPath = ({ options, home }: Omit<LogPlace, "clock">): string | undefined =>
  options.logFile === OFF ? undefined : (options.logFile ?? join(home, "qpq-tui.log"))

/** @throws E071 for a file of the person's choice that cannot be written. */
export function appLog({ options, home, clock }: LogPlace): AppLog {
  const path = logPath({ options, home })
  const file = path === undefined ? undefined : new LogFile({ path, level: options.logLevel, clock })
  const problem = options.logFile === undefined ? undefined : file?.problemNow()
  if (problem !== undefined) throw new QpqError("E071", `log-file ${path}: ${problem}`)
  const write: WriteLog = (entry) => file?.write(entry)
  return {
    write,
    state: () => file?.state ?? { path: undefined, level: options.logLevel, problem: undefined },
    failed: (event, thrown) => {
      write({ level: "error", event, about: { trace: errorTrace(thrown) } })
    },
  }
}
