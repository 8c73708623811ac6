import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { findProgram } from './need.ts'

/** A program on the PATH, in /usr/sbin or where `go install` puts programs, whose `--version` matches; else undefined. */
export function findGoProgram(name: string, version: RegExp): string | undefined {
  const candidates = [findProgram(name), ...goDirectories().map((directory) => join(directory, name))]
  return candidates.find((path) => path !== undefined && version.test(stdoutOf(path, ['--version']) ?? ''))
}

/** A client that .ci/run builds into a folder that is not on the PATH, beside Go's other programs; else undefined. */
export function findGoClient(name: string): string | undefined {
  return goDirectories()
    .map((directory) => join(directory, 'clients', name))
    .find((path) => existsSync(path))
}

/** A path, or a pattern, in the folder that Go downloads modules to. */
export function goModule(path: string): string {
  const go = findProgram('go')
  return join((go && stdoutOf(go, ['env', 'GOMODCACHE'])) ?? '/nonexistent', path)
}

/** Whether .ci/run can build such programs. */
export const hasGo: boolean = findProgram('go') !== undefined

function goDirectories(): string[] {
  const go = findProgram('go')
  const [bin, path] = go ? (stdoutOf(go, ['env', 'GOBIN', 'GOPATH'])?.split('\n') ?? []) : []
  const goPathBin = path && join(path.split(':')[0] ?? '', 'bin')
  return [bin, goPathBin].filter((directory): directory is string => Boolean(directory))
}

function stdoutOf(program: string, args: string[]): string | undefined {
  const result = execaSync(program, args, { reject: false })
  return result.exitCode === 0 ? result.stdout : undefined
}
