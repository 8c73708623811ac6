import { expect } from 'vitest'
import type { Report } from '../../src/report/schema.ts'
import { until } from '../support/until.ts'
import { commandsIn, commandsOfAdvice, fixOf, sharedTexts } from './commands.ts'
import type { Inspection, Lab } from './lab.ts'
import { table } from './table.ts'
import type { Use } from './uses.ts'

/** What the words in capitals of a command stand for; with several values, the command is run for each. */
type Values = Record<string, string | string[]>

/** A state of a host in which regguard reports a finding. */
export type State = Inspection & {
  finding: string
  name: string
  /** Makes it. */
  make(lab: Lab): Promise<Values | undefined>
  /** What happens between the finding and the commands. */
  calm?(lab: Lab): Promise<unknown>
  /** Takes away what it needed, and what its commands left. */
  clear?(lab: Lab): Promise<unknown>
  /** Other findings that remain after the commands, with the reason. */
  leaves?: Record<string, string>
}

/** A finding whose state cannot be made here: its commands are run on a healthy host. */
export interface Unmade {
  finding: string
  because: string
  values?: Values
}

/** The states of a suite fill the history of the engine. */
const always = new Set(['churn-window-truncated'])

interface Step {
  command: string
  use: Use
  /** Its keys in the table: several files can word the same command. */
  entries: string[]
}

/** The entries of the table whose commands have been run. */
export const ran = new Set<string>()

/** Puts the host into the state, and runs what the advice and the page of its finding say. Fails where that is not true or not safe. */
export async function expectHealed(lab: Lab, state: State, isFirst: boolean): Promise<void> {
  try {
    await makeAndHeal(lab, state, isFirst)
  } finally {
    await state.clear?.(lab)
  }
}

async function makeAndHeal(lab: Lab, state: State, isFirst: boolean): Promise<void> {
  let values = (await state.make(lab)) ?? {}
  const found = await causeIn(lab, state)
  const onPage = pageSteps(state.finding)
  const inAdvice = adviceSteps(found, state.finding)
  await expectLooks(lab, [...onPage, ...inAdvice], values)
  await state.calm?.(lab)
  const plans = [inAdvice, onPage]
    .map((steps) => steps.filter((step) => appliesTo(step, state)))
    .filter((steps) => steps.length > 0)
  for (const [at, steps] of plans.entries()) {
    if (at > 0 && textOf(steps, values) === textOf(plans[0] ?? [], values)) {
      for (const step of steps) markRan(step)
      continue
    }
    if (at > 0) {
      await state.clear?.(lab)
      values = (await state.make(lab)) ?? {}
      await causeIn(lab, state)
      await state.calm?.(lab)
    }
    await expectHarmless(lab, () => runAll(lab, steps, values))
    const after = (await lab.inspect(state)).map(({ id }) => id)
    expect(after.filter((id) => state.leaves?.[id] === undefined && !always.has(id))).toEqual([])
  }
  if (isFirst) await expectHelps(lab, [...onPage, ...inAdvice], values)
}

/** Runs the commands of findings on a healthy host, each once. */
export async function expectSafe(lab: Lab, unmade: Unmade[]): Promise<void> {
  const all = unmade.flatMap(({ finding }) =>
    Object.entries(table[finding] ?? {}).map(([form, use]) => ({
      ...{ command: form, use, entries: [`${finding}: ${form}`] },
    })),
  )
  const steps = all.filter(({ command }, at) => all.findIndex((one) => one.command === command) === at)
  const values: Values = Object.assign(
    { BRIDGE: await lab.bridgeOf('second') },
    ...unmade.map((one) => one.values ?? {}),
  )
  await expectLooks(lab, steps, values)
  await expectHelps(lab, steps, values)
  for (const step of all) markRan(step)
}

/** The finding of the state. What changed a moment ago is not judged, so that it can take some runs. */
function causeIn(lab: Lab, state: State): Promise<Report['causes'][number]> {
  return until(
    `regguard reports ${state.finding}`,
    async () => (await lab.inspect(state)).find(({ id }) => id === state.finding),
    { limitMs: 50_000, everyMs: 1000 },
  )
}

const pageSteps = (id: string): Step[] => commandsIn(fixOf(id)).map((command) => stepOf(command, [id]))

/** The commands of an advice; “Do the same for” asks for them with the name of each other bridge. */
function adviceSteps({ advice = '', findings }: Report['causes'][number], id: string): Step[] {
  const keys = [id, ...sharedTexts.map((file) => file.replace(/^.*\/|\.ts$/g, ''))]
  const [, own = ''] = /^(\S+): /.exec(findings[0]?.message ?? '') ?? []
  const others = /Do the same for ([^.]*)\./.exec(advice)?.[1]?.split(', ') ?? []
  const commands = commandsOfAdvice(advice)
  return [...commands, ...others.flatMap((other) => commands.map((one) => one.replaceAll(own, other)))].map(
    (command) => stepOf(command, keys),
  )
}

function stepOf(command: string, keys: string[]): Step {
  const found = keys.map((key) => entryOf(key, command)).filter((one) => one !== undefined)
  const use = (found.find((one) => one.use.kind !== 'named') ?? found[0])?.use
  if (use === undefined) throw new Error(`not in the table: ${command}`)
  const entries = found.filter((one) => one.use.kind !== 'named').map(({ entry }) => entry)
  return { command, use, entries }
}

function markRan({ use, entries }: Step): void {
  if (use.kind !== 'named') for (const entry of entries) ran.add(entry)
}

const appliesTo = ({ use }: Step, { name }: State): boolean =>
  use.kind === 'heals' && (use.states?.includes(name) ?? true)

const textOf = (steps: Step[], values: Values): string =>
  steps.flatMap((step) => linesOf(step, values)).join('\n')

/** What is run for a command, or its text where the laboratory does it. */
function linesOf({ command, use }: Step, values: Values): string[] {
  const instead = use.kind === 'heals' || use.kind === 'helps' ? use.instead?.run : undefined
  if (instead && 'action' in instead) return [instead.action]
  return Object.entries(values).reduce(
    (lines, [word, value]) =>
      lines.flatMap((line) =>
        wordIn(word).test(line) ? [value].flat().map((one) => line.replaceAll(wordIn(word), one)) : [line],
      ),
    [instead?.command ?? command],
  )
}

const wordIn = (word: string): RegExp =>
  new RegExp(`(?<![\\w-])${word.replaceAll(/[./]/g, '\\$&')}(?![\\w-])`, 'g')

const placeholder =
  /(?<![\w-])(?:BRIDGE|UPLINK|NAME|NETWORK|SUBNET|GATEWAY|PREFIX|ADDRESS|PORT|PID|VETH|SOCKET|NUMBER|ZONE)(?![\w-])|…/

async function runAll(lab: Lab, steps: Step[], values: Values): Promise<void> {
  for (const step of steps) {
    markRan(step)
    const instead = step.use.kind === 'heals' || step.use.kind === 'helps' ? step.use.instead?.run : undefined
    if (instead && 'action' in instead) await lab.act(instead.action)
    else for (const line of linesOf(step, values)) await runLine(lab, line)
  }
}

async function runLine(lab: Lab, line: string): Promise<void> {
  if (placeholder.test(line)) throw new Error(`a word stands for nothing in: ${line}`)
  if (line.startsWith('json ')) await lab.configure(JSON.parse(line.slice('json '.length)))
  else await lab.shell(line)
}

async function expectLooks(lab: Lab, steps: Step[], values: Values): Promise<void> {
  const looks = steps.filter(({ use }) => use.kind === 'looks')
  if (looks.length === 0) return
  const before = await lab.state()
  for (const step of looks) {
    markRan(step)
    for (const line of linesOf(step, values)) {
      if (placeholder.test(line)) throw new Error(`a word stands for nothing in: ${line}`)
      const { changes, exitCode } = await lab.trace(line)
      expect({ line, changes }).toEqual({ line, changes: [] })
      const mayFail = step.use.kind === 'looks' && step.use.fails !== undefined
      expect({ line, works: mayFail || exitCode === 0 }).toEqual({ line, works: true })
    }
  }
  expect(await lab.state()).toBe(before)
}

async function expectHelps(lab: Lab, steps: Step[], values: Values): Promise<void> {
  const helps = steps.filter(({ use }) => use.kind === 'helps')
  if (helps.length > 0) await expectHarmless(lab, () => runAll(lab, helps, values))
}

async function expectHarmless(lab: Lab, act: () => Promise<void>): Promise<void> {
  const before = await lab.writeForeign()
  await act()
  expect(await lab.foreign()).toBe(before)
  await lab.expectIntact()
}

/** The entries of the table that are to be run. */
export const toRun = (): string[] =>
  Object.entries(table).flatMap(([key, uses]) =>
    Object.entries(uses).flatMap(([form, { kind }]) => (kind === 'named' ? [] : [`${key}: ${form}`])),
  )

/** A command in the table: the file of an advice may have an expression where the advice has a value. */
function entryOf(key: string, command: string): { entry: string; use: Use } | undefined {
  // The longest form is the most exact.
  const uses = Object.entries(table[key] ?? {}).toSorted(([a], [b]) => b.length - a.length)
  const found = uses.find(([form]) => form === command) ?? uses.find(([form]) => formOf(form).test(command))
  return found && { entry: `${key}: ${found[0]}`, use: found[1] }
}

const formOf = (form: string): RegExp =>
  new RegExp(
    `^${form
      .split(/<[^>]*>/)
      .map(escaped)
      .join('.+')}$`,
    's',
  )

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
