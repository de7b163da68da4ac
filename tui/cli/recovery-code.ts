/** The recovery code on the command line: whether one is wanted, and how it is shown, once. */
import type { Recovery } from "../../core/client/recovery.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { OptionValues } from "./command.ts"
import type { Out } from "./out.ts"

/** undefined when nothing was said. @throws E070 for both at once */
export function recoveryChoice(options: OptionValues): Recovery | undefined {
  const [wantsNone, wantsCode] = [options["recovery"] === false, options["recoveryCode"] === true]
  if (wantsNone && wantsCode) throw new QpqError("E070", "--no-recovery and --recovery-code exclude each other")
  if (wantsNone) return "none"
  return wantsCode ? "code" : undefined
}

/** Not on standard output, which may go to a file; programs get a line of their own. */
export function showRecoveryCode(out: Out, code: string | undefined): void {
  if (code === undefined) return
  if (out.json) out.line({ type: "recoveryCode", code }, code)
  else out.note(`recovery code, shown only now: write it down and keep it apart from the password\n  ${code}`)
}
