import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checks } from '../../src/checks/index.ts'

const project = fileURLToPath(new URL('../../', import.meta.url))

/** The findings of the runner group. */
export const runnerFindings: readonly string[] = checks
  .filter(({ group }) => group === 'runner')
  .map(({ id }) => id)

/** Files outside of src/checks/runner that word the advice of its findings. */
export const sharedTexts = [
  'src/checks/port-fault.ts',
  'src/explain/remedies.ts',
  'src/explain/remediation.ts',
  'src/facts/queries/packet/published-advice.ts',
  'src/facts/queries/packet/way-out.ts',
]

/** The text of a page, by the id of its finding. */
const pageOf = (id: string): string => readFileSync(`${project}docs/findings/${id}.md`, 'utf8')

/** The section “How to fix” of a page. */
export const fixOf = (id: string): string =>
  /^## How to fix\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(pageOf(id))?.[1] ?? ''

/**
 * The commands of a text in Markdown, in its order: those of blocks marked `sh`, a loop being one command, those of code spans, and
 * the files of blocks marked `json` (Docker's daemon.json) and `nft`.
 */
export function commandsIn(markdown: string): string[] {
  return [...markdown.matchAll(/^( *)```(\w+)\n([\s\S]*?)^ *```|`([^`\n]+)`/gm)].flatMap(
    ([, indent = '', language, block = '', span]) => {
      if (span !== undefined) return isCommand(span) ? [span] : []
      const text = block.replaceAll(new RegExp(`^${indent}`, 'gm'), '').trimEnd()
      if (language === 'sh') return shellCommands(text)
      return language === 'json' || language === 'nft' ? [`${language} ${text}`] : []
    },
  )
}

/** Each line is a command; a loop ends with the line `done`. */
const shellCommands = (block: string): string[] => block.match(/^for [\s\S]*?^done$|^.+$/gm) ?? []

/** The programs that pages and advice name in a line of text. */
const programs =
  /^(?:apt-get|cat|conntrack|docker|echo|firewall-cmd|fuser|getent|grep|ip|ip6?tables(?:-\S+)?|journalctl|kill|netfilter-persistent|nft|nstat|podman|ps|reboot|snap|ss|sysctl|systemctl|tailscale|top|ufw|update-alternatives|<iptables>) \S/

/** A program with arguments. */
const isCommand = (text: string): boolean => programs.test(text)

/** The commands of an advice, which are between “ and ”. */
export const commandsOfAdvice = (advice: string): string[] =>
  [...advice.matchAll(/“([^”]*)”/g)].map(([, quoted = '']) => quoted).filter(isCommand)

/** The commands of the advice in a source file; an expression in a template is `<expression>`. */
const commandsOfSource = (file: string): string[] =>
  commandsOfAdvice(sourceOf(file).replaceAll(/\$\{([^}]*)\}/g, '<$1>'))

/** A source file without its comments. */
const sourceOf = (file: string): string =>
  readFileSync(`${project}${file}`, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')

/** Commands in the strings of a source file that are not quoted: nothing says where they end. */
export function unquotedCommands(file: string): string[] {
  const text = sourceOf(file).replaceAll(/“[^”]*”/g, '')
  return (
    text.match(
      /\b(?:ip6?tables|nft|docker|systemctl|sysctl|firewall-cmd|ufw|snap|ip|kill|update-alternatives|journalctl) (?:-\w|--\w|(?:link|address|route|rule|neigh|network) [a-z]|ps\b|(?:exec|restart|start|stop|disable|insert|add|delete|list) )[^'`\n]*/g,
    ) ?? []
  )
}

/** The source files of the runner group's advice, by the key of their commands in the table. */
export const sources: Record<string, string> = Object.fromEntries([
  ...globSync('src/checks/runner/*.ts', { cwd: project }).map((file) => [basename(file, '.ts'), file]),
  ...sharedTexts.map((file) => [basename(file, '.ts'), file]),
])

/** Every command of the group: of its pages and of its advice, by finding, or by the file that several findings share. */
export function allCommands(): Map<string, Set<string>> {
  const commands = new Map<string, Set<string>>()
  for (const [id, file] of Object.entries(sources).toSorted()) {
    const page = runnerFindings.includes(id) ? commandsIn(fixOf(id)) : []
    const found = new Set([...page, ...commandsOfSource(file)])
    if (found.size > 0) commands.set(id, found)
  }
  return commands
}
