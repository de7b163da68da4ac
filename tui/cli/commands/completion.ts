/** qpq completion: shell scripts made from the table of commands. */
import { QpqError } from "../../../core/domain/errors.ts"
import type { CommandRow, Run } from "../command.ts"
import { GLOBAL_OPTIONS } from "../global-options.ts"

type Commands = readonly CommandRow[]

export const completion: Run = async (context, [shell = ""]) => {
  const script = SCRIPTS[shell]
  if (!script) throw new QpqError("E070", `SHELL is ${Object.keys(SCRIPTS).join(", ")}`)
  const text = script(context.commands)
  context.out.line({ type: "completion", shell, script: text }, text)
}

const names = (commands: Commands): string => commands.map((command) => command.name).join(" ")

const flagsOf = (options: readonly { readonly flags: string }[]): readonly string[] =>
  options.map((option) => option.flags.split(" ")[0] ?? "")

const globals = (): string => flagsOf(GLOBAL_OPTIONS).join(" ")

const SCRIPTS: Readonly<Record<string, (commands: Commands) => string>> = {
  bash: (commands) => `_qpq() {
  local word=\${COMP_WORDS[COMP_CWORD]}
  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${names(commands)}" -- "$word")); return; fi
  case "\${COMP_WORDS[1]}" in
${commands
  .filter((command) => command.options)
  .map((command) => `    ${command.name}) local own="${flagsOf(command.options ?? []).join(" ")}" ;;`)
  .join("\n")}
    *) local own="" ;;
  esac
  COMPREPLY=($(compgen -W "$own ${globals()}" -- "$word"))
}
complete -o default -F _qpq qpq`,
  zsh: (commands) => `#compdef qpq
local -a commands
commands=(
${commands.map((command) => `  '${command.name}:${command.summary.replaceAll("'", "")}'`).join("\n")}
)
if (( CURRENT == 2 )); then _describe command commands; else _values option ${globals()}; _files; fi`,
  fish: (commands) =>
    commands
      .flatMap((command) => [
        `complete -c qpq -n __fish_use_subcommand -f -a ${command.name} -d '${command.summary.replaceAll("'", "")}'`,
        ...flagsOf(command.options ?? []).map(
          (flag) => `complete -c qpq -n '__fish_seen_subcommand_from ${command.name}' -l ${flag.slice(2)}`,
        ),
      ])
      .join("\n"),
}
