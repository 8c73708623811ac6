import { join } from 'node:path'
import { execaSync } from 'execa'
import { findProgram } from './need.ts'

/** A program in PATH, in /usr/sbin or where `go install` puts programs, whose answer to `--version` fits; or undefined. */
export function findGoProgram(name: string, version: RegExp): string | undefined {
  const candidates = [findProgram(name), ...goDirectories().map((directory) => join(directory, name))]
  return candidates.find((path) => path !== undefined && version.test(said(path, ['--version']) ?? ''))
}

/** Whether .ci/run can have built such a program. */
export const hasGo: boolean = findProgram('go') !== undefined

function goDirectories(): string[] {
  const go = findProgram('go')
  const [bin, path] = go ? (said(go, ['env', 'GOBIN', 'GOPATH'])?.split('\n') ?? []) : []
  const own = path && join(path.split(':')[0] ?? '', 'bin')
  return [bin, own].filter((directory): directory is string => Boolean(directory))
}

function said(program: string, args: string[]): string | undefined {
  const done = execaSync(program, args, { reject: false })
  return done.exitCode === 0 ? done.stdout : undefined
}
