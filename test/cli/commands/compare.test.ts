import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compareText } from '../../../src/cli/commands/compare.ts'
import type { LegFact } from '../../../src/facts/path/leg.ts'
import type { MachineFact } from '../../../src/facts/path/machine.ts'
import { renderJson } from '../../../src/outputs/json.ts'
import { reportOf } from '../../report/reports.ts'
import { clusterReport } from '../../support/cluster/cluster-reports.ts'
import { clusterWith, legs, viewsOf } from '../../support/cluster/node-views.ts'
import { answeredAttempt, endpointLeg, failedAttempt } from '../../support/legs.ts'

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'regguard-compare-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

/** Writes the report of a run with these legs. */
async function report(name: string, legs: LegFact[], vantage?: string): Promise<string> {
  const file = join(directory, name)
  const { vantage: _, ...run } = reportOf()
  await writeFile(file, renderJson({ ...run, legs, ...(vantage === undefined ? {} : { vantage }) }))
  return file
}

const compared = async (...files: string[]) => {
  const { text, ...rest } = await compareText(files)
  return { ...rest, text: stripVTControlCharacters(text) }
}

const fine = answeredAttempt()
const stalled = failedAttempt('tls-timeout', 'tls', 'TLS handshake timed out after 10 s')

test('two reports are printed leg by leg, with the verdict', async () => {
  const vm = await report('vm.json', [endpointLeg('ghcr.io', { '203.0.113.1': [fine, stalled] })], 'vm')
  const host = await report('host.json', [endpointLeg('ghcr.io', { '203.0.113.1': [fine] })], 'hypervisor')
  const { ok, exitCode, text } = await compared(vm, host)
  expect({ ok, exitCode }).toEqual({ ok: true, exitCode: 1 })
  expect(text).toMatchInlineSnapshot(`
    "regguard · 1 leg from vm, hypervisor

    ✗ endpoint https://ghcr.io/v2/ · fails only from vm
        vm          ! 203.0.113.1 · TCP 1 ms · TLS 5 ms · HTTP 401 in 3 ms · TLS handshake timed out after 10 s (1 of 2)
        hypervisor  ✓ 203.0.113.1 · TCP 1 ms · TLS 5 ms · HTTP 401 in 3 ms

    FAILED    fails only from vm: 1 leg of 1
                The way from there to this host is at fault: resolvers, routes, firewalls, MTU; not the server.
    exit 1
    "
  `)
})

test('reports in which nothing fails pass', async () => {
  const legs = [endpointLeg('ghcr.io', { '203.0.113.1': [fine] })]
  const files = [await report('a.json', legs, 'node1'), await report('b.json', legs)]
  const { exitCode, text } = await compared(...files)
  expect(exitCode).toBe(0)
  expect(text).toContain('1 leg from node1, b.json')
  expect(text).toContain('PASSED    no leg fails from any vantage\nexit 0')
})

test('reports of one vantage are told apart by their files', async () => {
  const legs = [endpointLeg('ghcr.io', { '203.0.113.1': [fine] })]
  const files = [await report('c.json', legs, 'vm'), await report('d.json', legs, 'vm')]
  expect((await compared(...files)).text).toContain('vm (')
})

test('bad input is named, all of it at once', async () => {
  const text = join(directory, 'text.json')
  await writeFile(text, 'hello')
  const other = join(directory, 'other.json')
  await writeFile(other, '{"version": 1}')
  const none = await report('none.json', [])
  const { exitCode, text: message } = await compared(text, other, none, join(directory, 'gone.json'))
  expect(exitCode).toBe(2)
  expect(message.split('\n').map((line) => line.replace(/.*\.json /, ''))).toEqual([
    'is not JSON; it must be what report_json or report_html wrote',
    'is not a report of regguard',
    'holds no legs: run with the setting vantage, or with endpoints',
    'does not exist',
    '',
  ])
})

test('one report is not enough', async () => {
  expect((await compared('a.json')).text).toContain('at least two reports')
})

test('several hosts that fail from one place are its way out', async () => {
  const hosts = ['ghcr.io', 'quay.io']
  const from = (...attempts: (typeof fine)[]) =>
    hosts.map((host) => endpointLeg(host, { '203.0.113.1': attempts }))
  const files = [await report('e.json', from(stalled), 'vm'), await report('f.json', from(fine), 'host')]
  expect((await compared(...files)).text).toContain(
    'FAILED    fails only from vm: 2 legs of 2\n            The way out of that machine is at fault',
  )
})

test('a report of a run that was cut off is no success', async () => {
  const stopped = endpointLeg('ghcr.io', { '203.0.113.1': [failedAttempt('run-stopped', 'request')] })
  const files = [await report('g.json', [stopped], 'vm'), await report('h.json', [stopped], 'host')]
  const { exitCode, text } = await compared(...files)
  expect(exitCode).toBe(3)
  expect(text).toContain('NOT CHECKED no outcome: 1 leg of 1')
})

test('an error of the server counts, and a hostile report prints no control character', async () => {
  const hostile = endpointLeg('ghcr.io', { '\u001b[2J203.0.113.1': [answeredAttempt(503)] })
  const odd = { ...hostile, url: 'not a url\u0007' }
  const files = [
    await report('i.json', [hostile, odd], 'vm\u001b]0;x\u0007'),
    await report('j.json', [hostile, odd]),
  ]
  const { exitCode, text } = await compareText(files)
  expect(exitCode).toBe(1)
  expect(text).toContain('fails from everywhere')
  expect(text).not.toContain('\u001b[2J')
  expect(text).not.toContain('\u001b]')
  expect(text).not.toContain('\u0007')
})

test('a pipe or a device is not read', async () => {
  const fine = await report('k.json', [endpointLeg('ghcr.io', {})])
  expect((await compared('/dev/zero', fine)).text).toContain('/dev/zero is not a regular file')
})

test('reports of a hypervisor and of its machine say between which of them it breaks, and how they leave', async () => {
  const written = async (name: string, attempts: (typeof fine)[], machine: MachineFact) => {
    const file = join(directory, name)
    const legs = [endpointLeg('ghcr.io', { '203.0.113.1': attempts })]
    await writeFile(file, renderJson({ ...reportOf(), vantage: name.replace('.json', ''), legs, machine }))
    return file
  }
  const vm = await written('vm7.json', [stalled], {
    ...{ device: 'eth0', mtu: 1500, gateway: '10.0.0.1', addresses: ['10.0.0.7'], resolvers: ['10.0.0.53'] },
  })
  const host = await written('pve1.json', [fine], {
    ...{
      device: 'eno1',
      mtu: 1500,
      gateway: '192.0.2.1',
      addresses: ['192.0.2.9', '10.0.0.1'],
      resolvers: [],
    },
  })
  const { exitCode, text } = await compared(vm, host)
  expect(exitCode).toBe(1)
  expect(text.slice(text.indexOf('The ways out'))).toMatchInlineSnapshot(`
    "The ways out
        vm7: eth0 MTU 1500 · default route 10.0.0.1 · resolvers 10.0.0.53
        pve1: eno1 MTU 1500 · default route 192.0.2.1 · no resolver

    FAILED    fails only from vm7: 1 leg of 1
                The way from there to this host is at fault: resolvers, routes, firewalls, MTU; not the server.
                vm7 leaves through pve1 (10.0.0.1), which gets through: what lies between is at fault. Look at pve1: its bridge and the MTU of it, forwarding, NAT, firewall rules for what passes.
    exit 1
    "
  `)
})

test('the report of cluster --nodes is the view of each node, and many places that agree are one line', async () => {
  const views = viewsOf((node) => [node === 'node-3' ? legs.timesOut('ghcr.io') : legs.works('ghcr.io')])
  const file = join(directory, 'cluster.json')
  await writeFile(file, renderJson(clusterReport(clusterWith(views))))
  const alone = await compared(file)
  expect(alone.exitCode).toBe(1)
  expect(alone.text).toMatchInlineSnapshot(`
    "regguard · 1 leg from node-1 (host), node-1 (pod), node-2 (host), node-2 (pod) and 10 more

    ✗ endpoint https://ghcr.io/v2/ · fails only by the public address 203.0.113.7; 10.0.0.10 answers
        ✗ node-3 (host), node-3 (pod): 203.0.113.7 connection to 203.0.113.7:443 timed out after 5 s
        ✓ node-1 (host), node-1 (pod), node-2 (host), node-2 (pod) and 8 more: 10.0.0.10

    The ways out
        node-1 (host), node-1 (pod), node-2 (host), node-2 (pod) and 10 more: eth0 MTU 1500 · default route 10.0.0.1 · resolvers 10.0.0.53

    FAILED    fails only by the public address 203.0.113.7; 10.0.0.10 answers: 1 leg of 1
                The server is healthy. Let its name resolve to the internal address wherever it is used: split DNS, or a pin on every node.
    exit 1
    "
  `)
  const other = await report('pve2.json', [endpointLeg('ghcr.io', { '10.0.0.10': [fine] })], 'pve2')
  const { text } = await compared(file, other)
  expect(text).toContain('✓ node-1 (host), node-1 (pod), node-2 (host), node-2 (pod) and 9 more: 10.0.0.10')
})

test('unrelated hosts that answer nowhere are not called down, and one host alone is', async () => {
  const from = (...hosts: string[]) => [
    ...hosts.map((host) => endpointLeg(host, { '203.0.113.1': [stalled] })),
    endpointLeg('registry.lab', { '10.0.0.10': [fine] }),
  ]
  const both = async (name: string, ...hosts: string[]) =>
    (
      await compared(
        await report(`${name}1.json`, from(...hosts), 'a'),
        await report(`${name}2.json`, from(...hosts), 'b'),
      )
    ).text
  expect(await both('many', 'ghcr.io', 'quay.io')).toContain('what all places share is at fault')
  expect(await both('one', 'ghcr.io')).toContain('The server, or the way to it alone, is at fault')
})
