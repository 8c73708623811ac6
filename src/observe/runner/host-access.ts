import { statSync } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { execa } from 'execa'
import { readKernelLog } from './kernel-log.ts'

/** What reading a file gave. */
export type FileText = { ok: true; text: string; truncated: boolean } | { ok: false; code: string }

/** What a program printed. `missing`: there is no such program here. */
export type ProgramRun =
  | { state: 'ended'; exitCode: number; stdout: string; stderr: string; truncated: boolean }
  | { state: 'missing' | 'stopped' }

/** Everything that the runner checks read of this machine, so that tests can stand in for it. */
export interface HostAccess {
  /** Reads a file that the kernel makes up, at most `limit` bytes of it. */
  read(path: string, limit?: number): Promise<FileText>
  /** The names in a directory; none where it cannot be listed. */
  list(path: string): Promise<string[]>
  /** The records of /dev/kmsg that are there now, one to a line; of more than `limit` bytes the last. Never waits. */
  kernelLog(limit?: number): Promise<FileText>
  /** Runs a program that only reads, for at most `timeoutMs`, and keeps at most `limit` bytes of each output. */
  run(program: string, args: string[], options?: RunOptions): Promise<ProgramRun>
  uid: number
  now(): number
  signal: AbortSignal
}

export interface RunOptions {
  timeoutMs?: number
  limit?: number
  /** The program runs on until it is stopped: at `timeoutMs` it has ended, and what it printed by then counts. */
  watch?: boolean
  /** Ends the program before its time; the run is then `stopped`. */
  signal?: AbortSignal
}

/** What a world needs from outside; `path` is where programs are looked for. */
export interface HostAccessOptions {
  signal: AbortSignal
  now: () => number
  path: string
}

const fileLimit = 4 * 1024 * 1024
/** 100,000 rules of iptables-save are about 10 MB. */
const outputLimit = 32 * 1024 * 1024
const runLimitMs = 5000

/** The machine itself. */
export function openHostAccess({ signal, now, path }: HostAccessOptions): HostAccess {
  return {
    // Not os.userInfo(): it throws where /etc/passwd does not know the user, as in an image made from scratch.
    uid: statSync('/proc/self').uid,
    now,
    signal,
    read: readFileText,
    list: (path) => readdir(path).catch(() => []),
    kernelLog: readKernelLog,
    async run(program, args, options = {}) {
      const { timeoutMs = runLimitMs, limit = outputLimit, watch = false, signal: own } = options
      const done = await execa(program, args, {
        reject: false,
        stdin: 'ignore',
        timeout: timeoutMs,
        cancelSignal: own ? AbortSignal.any([signal, own]) : signal,
        forceKillAfterDelay: 500,
        maxBuffer: limit,
        stripFinalNewline: false,
        extendEnv: false,
        env: { PATH: `${path}:/usr/sbin:/sbin`, LC_ALL: 'C', TZ: 'UTC' },
      })
      if (done.code === 'ENOENT' || done.code === 'EACCES') return { state: 'missing' }
      const enough = done.isMaxBuffer || (watch && done.timedOut)
      if (done.exitCode === undefined && !enough) return { state: 'stopped' }
      const { stdout, stderr } = done
      return { state: 'ended', exitCode: done.exitCode ?? 0, stdout, stderr, truncated: done.isMaxBuffer }
    },
  }
}

/** /proc files have no length: they are read until their end. */
async function readFileText(path: string, limit = fileLimit): Promise<FileText> {
  try {
    const file = await open(path, 'r')
    try {
      const buffer = Buffer.alloc(64 * 1024)
      const parts: Buffer[] = []
      let size = 0
      while (size < limit) {
        const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, limit - size))
        if (bytesRead === 0)
          return { ok: true, text: Buffer.concat(parts).toString('utf8'), truncated: false }
        parts.push(Buffer.from(buffer.subarray(0, bytesRead)))
        size += bytesRead
      }
      return { ok: true, text: Buffer.concat(parts).toString('utf8'), truncated: true }
    } finally {
      await file.close()
    }
  } catch (error) {
    return { ok: false, code: error instanceof Error && 'code' in error ? String(error.code) : 'unknown' }
  }
}
