import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { execa } from 'execa'
import { expect } from 'vitest'
import { parse } from 'yaml'
import { readArguments } from '../../src/cli/arguments.ts'
import { readSettings } from '../../src/settings/read.ts'
import type { Settings } from '../../src/settings/schema.ts'

export const deployFolder = new URL('../../deploy/', import.meta.url)

export const readDeployed = (name: string): Promise<string> => readFile(new URL(name, deployFolder), 'utf8')

/** The settings of a command line after the name of the program, and of variables; an error where regguard would refuse them. */
export function settingsOf(args: string[], env: Record<string, string> = {}): Settings {
  const command = readArguments(args)
  if (command.name !== 'verify') throw new Error(`it is the command ${command.name}`)
  const settings = readSettings(env, command.settings)
  expect(command.problems).toEqual([])
  if (!settings.ok) throw new Error(JSON.stringify(settings.problems))
  expect(settings.unknown).toEqual([])
  return settings.value
}

/** The settings of a step of Woodpecker, which passes them as variables. */
export function settingsOfStep(settings: Record<string, unknown>): Settings {
  const env = Object.entries(settings).map(([name, value]) => [
    `PLUGIN_${name.toUpperCase()}`,
    typeof value === 'object' ? 'from-a-secret' : String(value),
  ])
  return settingsOf([], Object.fromEntries(env))
}

/** The words of the command that a service runs: those of docker, and those of regguard. */
export function serviceCommand(unit: string): { docker: string[]; regguard: string[] } {
  const [, start = ''] = /^ExecStart=((?:.*\\\n)*.*)$/m.exec(unit) ?? []
  const words = start.replaceAll('\\\n', ' ').split(/ +/)
  const image = words.findIndex((word) => word.includes('/regguard-plugin:'))
  return { docker: words.slice(0, image), regguard: words.slice(image + 1) }
}

/** What Woodpecker's published schema rejects in a workflow. */
export async function rejectedByWoodpecker(schemas: string, workflow: string): Promise<unknown> {
  const schema = JSON.parse(await readFile(join(schemas, 'woodpecker.json'), 'utf8'))
  const validate = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(schema)
  validate(parse(workflow))
  return validate.errors
}

/** The exit code and the complaints of systemd about these units. */
export async function verifiedUnits(names: string[]): Promise<[number | undefined, string]> {
  const units = names.map((name) => new URL(`systemd/${name}`, deployFolder).pathname)
  const { exitCode, all } = await execa('systemd-analyze', ['verify', '--man=no', ...units], {
    all: true,
    reject: false,
  })
  return [exitCode, all]
}
