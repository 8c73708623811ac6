import { spawn } from 'node:child_process'
import type { Server } from 'node:net'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { makeNetworkNamespace, type NetworkNamespace } from './network-namespace.ts'
import { type Program, type ProgramOptions, startProgram } from './program.ts'

/** A host of a lab: a network namespace that a test changes as it likes. */
export type LabHost = NetworkNamespace & {
  /** Runs `ip` in it: `route add blackhole 203.0.113.9`. */
  ip(command: string): Promise<void>
  /** Loads rules of nft. */
  nft(rules: string): Promise<void>
  /**
   * Adds rules to a hook of the filter table, one a line, and returns what takes them away again:
   * `fault('input', 'tcp dport 443 drop')`.
   */
  fault(hook: 'input' | 'forward' | 'output' | 'prerouting', rules: string): Promise<() => Promise<void>>
  /**
   * A listening socket in this host, which a server of this process can take over: `createServer(…).listen(handle)`. So servers that
   * are functions of a test answer at the addresses of a lab.
   */
  listen(address: string, port: number): Promise<Server>
  /** Starts a program in it. */
  start(command: string[], options: ProgramOptions): Promise<Program>
}

/** Makes a host without any link. Needs root. */
export async function makeLabHost(): Promise<LabHost> {
  const namespace = await makeNetworkNamespace()
  const enter = ['nsenter', `--net=${namespace.path}`]
  const nft = async (rules: string) =>
    void (await execa('nsenter', [...enter.slice(1), 'nft', '-f', '-'], { input: `${rules}\n` }))
  let faults = 0
  return {
    ...namespace,
    ip: async (command) => void (await execa('ip', ['-n', namespace.name, ...command.split(' ')])),
    nft,
    fault: async (hook, rules) => {
      faults += 1
      const table = `inet fault${faults}`
      await nft(`table ${table} {
        chain rules {
          type filter hook ${hook} priority 0
          ${rules}
        }
      }`)
      return () => nft(`delete table ${table}`)
    },
    listen: (address, port) => listeningSocket(enter, address, port),
    start: (command, options) => startProgram([...enter, ...command], options),
  }
}

const listener = fileURLToPath(new URL('namespace-listener.mjs', import.meta.url))

function listeningSocket([file = '', ...args]: string[], address: string, port: number): Promise<Server> {
  return new Promise((done, fail) => {
    const child = spawn(file, [...args, process.execPath, listener, address, String(port)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    child.once('error', fail)
    // Not at its exit, which can come before its message.
    child.once('disconnect', () => fail(new Error(`no socket at ${address} port ${port}`)))
    child.once('message', (message, handle) => {
      if (handle) done(handle as Server)
      else fail(new Error(`no socket at ${address} port ${port}: ${JSON.stringify(message)}`))
    })
  })
}
