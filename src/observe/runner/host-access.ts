import { statSync } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { execa } from 'execa'
import { readKernelLog } from './kernel-log.ts'

/** A file's text, or the code of the error. */
export type FileText = { ok: true; text: string; truncated: boolean } | { ok: false; code: string }

/** What a program printed. `missing`: it is not installed. `stopped`: it was killed, by its time limit or a signal. */
export type ProgramRun =
  | { state: 'ended'; exitCode: number; stdout: string; stderr: string; truncated: boolean }
  | { state: 'missing' | 'stopped' }

/** All access to this machine that observing the runner needs; tests replace it. */
export interface HostAccess {
  /** Reads a file under /proc or /sys, at most `limit` bytes of it. */
  read(path: string, limit?: number): Promise<FileText>
  /** The names in a directory; empty where it cannot be listed. */
  list(path: string): Promise<string[]>
  /** The records now in /dev/kmsg, one per line; the last `limit` bytes of them. Never waits. */
  kernelLog(limit?: number): Promise<FileText>
  /** Runs a program that changes nothing, for at most `timeoutMs`; keeps at most `limit` bytes of each output stream. */
  run(program: string, args: string[], options?: RunOptions): Promise<ProgramRun>
  uid: number
  now(): number
  signal: AbortSignal
}

export interface RunOptions {
  timeoutMs?: number
  limit?: number
  /** The program runs until it is stopped: `timeoutMs` counts as its normal end, with the output so far. */
  watch?: boolean
  /** Stops the program early; the run is then `stopped`. */
  signal?: AbortSignal
}

/** What host access needs from outside; `path` is where programs are searched. */
export interface HostAccessOptions {
  signal: AbortSignal
  now: () => number
  path: string
}

const fileLimit = 4 * 1024 * 1024
/** 100,000 rules of iptables-save are about 10 MB. */
const outputLimit = 32 * 1024 * 1024
const runLimitMs = 5000

/** Access to the real machine. */
export function openHostAccess({ signal, now, path }: HostAccessOptions): HostAccess {
  return {
    // Not os.userInfo(): it throws for a user missing from /etc/passwd, as in an image built from scratch.
    uid: statSync('/proc/self').uid,
    now,
    signal,
    read: readFileText,
    list: (path) => readdir(path).catch(() => []),
    kernelLog: readKernelLog,
    async run(program, args, options = {}) {
      const { timeoutMs = runLimitMs, limit = outputLimit, watch = false, signal: ownSignal } = options
      const done = await execa(program, args, {
        reject: false,
        stdin: 'ignore',
        timeout: timeoutMs,
        cancelSignal: ownSignal ? AbortSignal.any([signal, ownSignal]) : signal,
        forceKillAfterDelay: 500,
        maxBuffer: limit,
        stripFinalNewline: false,
        extendEnv: false,
        env: { PATH: `${path}:/usr/sbin:/sbin`, LC_ALL: 'C', TZ: 'UTC' },
      })
      if (done.code === 'ENOENT' || done.code === 'EACCES') return { state: 'missing' }
      const endedAsPlanned = done.isMaxBuffer || (watch && done.timedOut)
      if (done.exitCode === undefined && !endedAsPlanned) return { state: 'stopped' }
      const { stdout, stderr } = done
      return { state: 'ended', exitCode: done.exitCode ?? 0, stdout, stderr, truncated: done.isMaxBuffer }
    },
  }
}

/** Files under /proc have no length: they are read to the end. */
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
