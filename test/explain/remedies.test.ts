import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { CiPlatform } from '../../src/core/platform.ts'
import type { Remedy } from '../../src/core/remedy.ts'
import { type RemedyContext, remedyContextOf, remedyOrder, remedyText } from '../../src/explain/remedies.ts'
import { remedyYaml } from '../../src/explain/remedy-yaml.ts'
import { settingFor } from '../../src/settings/names.ts'
import { healthyRunner } from '../support/runner-facts.ts'

const platforms: CiPlatform[] = ['plain', 'woodpecker', 'forgejo', 'gitea', 'github']
const all = remedyOrder.flatMap((remedy) => platforms.map((platform) => [remedy, platform] as const))
const none = { network: false, volumes: false, security: false }

/** Every remedy: the type makes sure that none is missing here. */
const remedies: Record<Remedy, true> = {
  'docker-socket': true,
  'socket-access': true,
  'host-snapshot': true,
  'host-network': true,
  'host-pid': true,
  'kernel-log': true,
  'net-admin': true,
  tools: true,
  listeners: true,
  'listener-entries': true,
  'storage-mount': true,
  'storage-access': true,
}

test('every remedy has a place in the order', () => {
  expect(remedyOrder.toSorted()).toEqual(Object.keys(remedies).toSorted())
})

test.each(all)('%s on %s is one line of sentences', (remedy, platform) => {
  expect(remedyText(remedy, { platform })).toMatch(/^[A-Z“][^\n]+\.$/)
})

describe('what to paste', () => {
  test.each(all.filter(([, platform]) => platform !== 'plain'))(
    '%s on %s is YAML, with settings that exist',
    (remedy, platform) => {
      const documents = parseAllDocuments(remedyYaml(remedy, { platform }))
      const parsed = documents.map((document) => document.toJS() as Record<string, unknown>)
      expect(documents.flatMap(({ errors }) => errors)).toEqual([])
      expect(parsed.every((one) => 'steps' in one || 'container' in one)).toBe(true)
      const steps = parsed.flatMap(({ steps = [] }) => steps as Record<string, object>[])
      const named = steps.flatMap((step) => Object.keys({ ...step.settings, ...step.with }))
      expect(named.filter((name) => !settingFor(name))).toEqual([])
    },
  )

  test.each(remedyOrder)('%s in a shell is a command', (remedy) => {
    expect(remedyYaml(remedy, { platform: 'plain' })).toMatch(/^(docker run|apt-get|regguard-plugin) /)
  })

  test('the socket on Woodpecker', () => {
    const [document] = parseAllDocuments(remedyYaml('docker-socket', { platform: 'woodpecker' }))
    const volumes = ['/var/run/docker.sock:/var/run/docker.sock']
    expect(document?.toJS()).toEqual({ steps: [{ name: 'verify', image: 'regguard-plugin', volumes }] })
  })

  test('a socket without permission to open it, on Woodpecker', () => {
    const text = remedyYaml('socket-access', { platform: 'woodpecker' })
    expect(parseAllDocuments(text)[0]?.toJS()).toMatchObject({
      steps: [{ backend_options: { docker: { user: '0:0' } } }],
    })
  })

  test('the socket and its group on Forgejo, Gitea and GitHub are in the runner’s configuration', () => {
    for (const platform of ['forgejo', 'gitea', 'github'] as const) {
      expect(parseAllDocuments(remedyYaml('docker-socket', { platform }))[0]?.toJS()).toEqual({
        container: { docker_host: 'automount' },
      })
    }
    expect(remedyText('socket-access', { platform: 'forgejo', group: 998 })).toContain('--group-add 998')
  })
})

describe('the trust that Woodpecker requires', () => {
  const at = (trusted?: RemedyContext['trusted']): RemedyContext => ({
    platform: 'woodpecker',
    ...(trusted ? { trusted } : {}),
  })

  test.each<[Remedy, keyof typeof none, string]>([
    ['docker-socket', 'volumes', 'Volumes'],
    ['host-snapshot', 'volumes', 'Volumes'],
    ['kernel-log', 'volumes', 'Volumes'],
    ['host-network', 'network', 'Network'],
  ])('%s: it is named where it is missing or unknown, and not where it is set', (remedy, kind, name) => {
    expect(remedyText(remedy, at(none))).toContain(`The repository is not trusted for “${name}”`)
    expect(remedyText(remedy, at())).toContain(`The repository must be trusted for “${name}”`)
    expect(remedyText(remedy, at({ ...none, [kind]: true }))).not.toContain('trust')
  })

  test('a remedy that is only a setting requires no trust', () => {
    expect(remedyText('listeners', at(none))).not.toContain('trust')
    expect(remedyText('socket-access', at(none))).not.toContain('trust')
  })

  test('other platforms do not mention it', () => {
    expect(remedyText('docker-socket', { platform: 'forgejo', trusted: none })).not.toContain('trust')
  })
})

test('the context comes from the vantage', () => {
  const { vantage } = healthyRunner()
  expect(remedyContextOf(vantage)).toEqual({ platform: 'plain' })
  expect(remedyContextOf({ ...vantage, trusted: none })).toEqual({ platform: 'woodpecker', trusted: none })
  expect(remedyContextOf({ ...vantage, platform: 'gitea' })).toEqual({ platform: 'gitea' })
  const socket = { state: 'unreadable', path: '/var/run/docker.sock', group: 998 } as const
  expect(remedyContextOf({ ...vantage, socket })).toEqual({ platform: 'plain', group: 998 })
})
