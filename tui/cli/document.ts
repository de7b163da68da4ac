/** docs/CLI.md, made from the tables of commands and options. */
import { COMMANDS } from "./commands.ts"
import type { CommandRow } from "./command.ts"
import { GLOBAL_OPTIONS } from "./global-options.ts"

const HEAD = `# The command line

Made from the table of commands (\`npm run docs\`); do not edit by hand. \`qpq COMMAND --help\` shows the same.

GROUP is a name if it is unambiguous, or the 64 hex digits or an unambiguous prefix of the group id. USER is a user name.
A 1:1 conversation is a GROUP too, called by the other's user name; its id is the conversation's own.
A value comes from the flag, else the environment, else \`config.toml\` in the profile folder (keys \`server\`, \`ca\`,
\`timeout\`, \`no-share\`; qpq-tui has \`theme\`, \`notifications\`, \`ascii\`, \`no-animation\`, \`log-file\` and \`log-level\` too), else the default. Passwords come from a file, the environment or a prompt without echo, never from a flag.
While qpq-tui is open, commands of its profile need none (not on Windows): they take the database's key from it. \`register-user\` and \`login\` need the account's.
`

const TAIL = `## JSON lines

With \`--json\` each line on standard output is one object with a \`type\`; diagnostics go to standard error. Fields may
be added, never changed or removed. A failure is also the last line of standard output:

\`\`\`
{"type":"account","name":"alice","accountKey":"<hex>","deviceKey":"<hex>","server":"qpq://…"}
{"type":"group","name":"team","groupId":"<hex>","epoch":3,"suite":"hybrid","members":["alice","bob"],"unread":0}
{"type":"group","name":"bob","groupId":"<hex>","epoch":1,"suite":"hybrid","members":["alice","bob"],"unread":0,"peer":"bob","verified":false}
{"type":"invitation","group":"team","groupId":"<hex>","inviter":"alice"}
{"type":"message","group":"team","groupId":"<hex>","id":"<hex>","sender":"alice","text":"hi","sentAt":"2026-11-20T12:00:00.000Z","epoch":3,"verified":false}
{"type":"message",…,"replyTo":"<hex>","edited":true,"deleted":true,"reactions":[{"emoji":"👍","by":["bob"]}]}
{"type":"message",…,"text":"plan.pdf","attachment":{"name":"plan.pdf","size":3000000,"mediaType":"application/pdf"}}
{"type":"message",…,"expiresAfter":86400,"expiresAt":"2026-11-21T12:00:00.000Z","seen":[{"by":"bob","state":"read"}]}
{"type":"edit","group":"team","groupId":"<hex>","id":"<hex>","sender":"alice","text":"hi all","sentAt":"2026-11-20T12:01:00.000Z","verified":false}
{"type":"reaction","group":"team","groupId":"<hex>","id":"<hex>","sender":"bob","author":"alice","emoji":"👍","sentAt":"2026-11-20T12:02:00.000Z","verified":false}
{"type":"deletion","group":"team","groupId":"<hex>","id":"<hex>","sender":"alice","sentAt":"2026-11-20T12:03:00.000Z","verified":false}
{"type":"sent","group":"team","id":"<hex>","state":"stored","verified":false}
{"type":"saved","group":"team","id":"<hex>","path":"/home/bob/plan.pdf","name":"plan.pdf","size":3000000,"mediaType":"application/pdf"}
{"type":"member","group":"team","name":"bob","deviceKey":"<hex>","verified":false,"self":false}
{"type":"verification","user":"bob","number":"12345 67890 …","state":"unverified"}
{"type":"verification","user":"bob","number":"24680 13579 …","state":"changed","changed":true,"before":"12345 67890 …"}
{"type":"epochWords","group":"team","groupId":"<hex>","epoch":3,"words":["wrap","pattern","allow","inherit","dice","very"]}
{"type":"change","group":"team","groupId":"<hex>","epoch":4,"added":["carol"],"removed":[],"updated":[],"left":[],"by":"alice"}
{"type":"timer","group":"team","groupId":"<hex>","seconds":86400,"by":"alice"}
{"type":"signal","signal":"receipts","on":true,"group":"team","groupId":"<hex>"}
{"type":"change",…,"sentAt":"2026-11-20T12:00:00.000Z"}    (of export, and so is the next)
{"type":"notice","group":"team","groupId":"<hex>","id":"<hex>","text":"…","sentAt":"2026-11-20T12:00:00.000Z"}
{"type":"block","user":"mallory","blocked":true}
{"type":"device","id":"<hex>","status":"active","current":true,"listedAt":"2026-11-20T12:00:00.000Z"}
{"type":"pong","ms":3.1}
{"type":"identity","deviceKey":"<hex>","fingerprint":"…"}
{"type":"keyPackage","fingerprint":"<hex>","suite":"hybrid","count":50}
{"type":"check","name":"server","ok":true,"detail":"…"}
{"type":"done"}
{"type":"backup","file":"/home/alice/alice.qpq","bytes":614505}
{"type":"restored","home":"/home/alice/.qpq","name":"alice"}
{"type":"error","code":"E022","message":"channel access denied","retryable":false,"request":"3f0a…-12"}
\`\`\`

\`export\` writes messages, changes and notices in their order, texts exactly as they were sent: whoever shows them in a
terminal cleans them first. Of a message from a newer version it says \`"unknown":true\`. \`recv\` prints what others said; one's own messages are in \`history\`. Each profile has its own place in each group up to
which \`recv\` has printed.

\`recv --edits\` prints what others said about messages too, behind the messages: \`id\` is that of the message, \`sender\` who
said it, \`author\` whose message got a reaction, and an empty \`emoji\` a reaction that was taken back. It has a place of its
own in each group, which begins at the beginning; without \`--edits\` that stays where it is. Of what one person says about
one message only the newest of each type is told: what was replaced before it was read is not, and of a deleted message
only its deletion. Nothing is told of messages that are not there, or have disappeared. After a crash the last line may
come twice.

## Exit status

0 done · 2 wrong usage · 64-78 as in sysexits (65 bad data, 69 server unavailable, 75 try again later, 77 refused or not
logged in) · 130 interrupted. [ERRORS.md](ERRORS.md) names the status of each error.
`

export function cliDocument(): string {
  const options = GLOBAL_OPTIONS.map(
    ({ flags, variable = "", meaning }) =>
      `| \`${flags}\` | ${variable === "" ? "" : `\`${variable}\``} | ${meaning} |`,
  )
  const table = ["| flag | environment | meaning |", "| --- | --- | --- |", ...options].join("\n")
  return [HEAD, `## Options of every command\n\n${table}\n`, "## Commands\n", ...COMMANDS.map(section), TAIL].join("\n")
}

function section({ name, args, summary, options = [], example }: CommandRow): string {
  const usage = `qpq ${name}${args === "" ? "" : ` ${args}`}`
  const list = options.map(({ flags, meaning }) => `- \`${flags}\`: ${meaning}`)
  const body = list.length > 0 ? `${list.join("\n")}\n\n` : ""
  return `### ${name}\n\n\`${usage}\`: ${summary}.\n\n${body}\`\`\`\n${example}\n\`\`\`\n`
}
