import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { Need } from '../../src/core/model.ts'
import { type NeedPlace, needOrder, needPlaceOf, needText } from '../../src/explain/remedies.ts'
import { needYaml } from '../../src/explain/remedy-yaml.ts'
import type { Platform } from '../../src/settings/ci/ci.ts'
import { settingFor } from '../../src/settings/names.ts'
import { healthyRunner } from '../support/runner-facts.ts'

const platforms: Platform[] = ['plain', 'woodpecker', 'forgejo', 'gitea', 'github']
const all = needOrder.flatMap((need) => platforms.map((platform) => [need, platform] as const))
const none = { network: false, volumes: false, security: false }

/** Every need there is: the type makes sure that none is forgotten here. */
const needs: Record<Need, true> = {
  'docker-socket': true,
  'socket-access': true,
  'host-snapshot': true,
  'host-network': true,
  'host-pid': true,
  'kernel-log': true,
  'net-admin': true,
  tools: true,
  listeners: true,
}

test('every need has its place in the order', () => {
  expect(needOrder.toSorted()).toEqual(Object.keys(needs).toSorted())
})

test.each(all)('%s on %s is one sentence, or a few, in one line', (need, platform) => {
  expect(needText(need, { platform })).toMatch(/^[A-Z“][^\n]+\.$/)
})

describe('what to paste', () => {
  test.each(all.filter(([, platform]) => platform !== 'plain'))(
    '%s on %s is YAML, with settings that exist',
    (need, platform) => {
      const documents = parseAllDocuments(needYaml(need, { platform }))
      const parsed = documents.map((document) => document.toJS() as Record<string, unknown>)
      expect(documents.flatMap(({ errors }) => errors)).toEqual([])
      expect(parsed.every((one) => 'steps' in one || 'container' in one)).toBe(true)
      const steps = parsed.flatMap(({ steps = [] }) => steps as Record<string, object>[])
      const named = steps.flatMap((step) => Object.keys({ ...step.settings, ...step.with }))
      expect(named.filter((name) => !settingFor(name))).toEqual([])
    },
  )

  test.each(needOrder)('%s in a shell is a command', (need) => {
    expect(needYaml(need, { platform: 'plain' })).toMatch(/^(docker run|apt-get|regguard-plugin) /)
  })

  test('the socket on Woodpecker', () => {
    const [document] = parseAllDocuments(needYaml('docker-socket', { platform: 'woodpecker' }))
    const volumes = ['/var/run/docker.sock:/var/run/docker.sock']
    expect(document?.toJS()).toEqual({ steps: [{ name: 'verify', image: 'regguard-plugin', volumes }] })
  })

  test('a socket that may not be opened, on Woodpecker', () => {
    const text = needYaml('socket-access', { platform: 'woodpecker' })
    expect(parseAllDocuments(text)[0]?.toJS()).toMatchObject({
      steps: [{ backend_options: { docker: { user: '0:0' } } }],
    })
  })

  test('the socket and its group on Forgejo, Gitea and GitHub are in the runner’s configuration', () => {
    for (const platform of ['forgejo', 'gitea', 'github'] as const) {
      expect(parseAllDocuments(needYaml('docker-socket', { platform }))[0]?.toJS()).toEqual({
        container: { docker_host: 'automount' },
      })
    }
    expect(needText('socket-access', { platform: 'forgejo', group: 998 })).toContain('--group-add 998')
  })
})

describe('the trust that Woodpecker asks for', () => {
  const at = (trusted?: NeedPlace['trusted']): NeedPlace => ({
    platform: 'woodpecker',
    ...(trusted ? { trusted } : {}),
  })

  test.each<[Need, keyof typeof none, string]>([
    ['docker-socket', 'volumes', 'Volumes'],
    ['host-snapshot', 'volumes', 'Volumes'],
    ['kernel-log', 'volumes', 'Volumes'],
    ['host-network', 'network', 'Network'],
  ])('%s: it is named where it lacks, or is not known, and not where it is there', (need, kind, name) => {
    expect(needText(need, at(none))).toContain(`It lacks the trust “${name}”`)
    expect(needText(need, at())).toContain(`It takes the trust “${name}”`)
    expect(needText(need, at({ ...none, [kind]: true }))).not.toContain('trust')
  })

  test('what is only a setting asks for none', () => {
    expect(needText('listeners', at(none))).not.toContain('trust')
    expect(needText('socket-access', at(none))).not.toContain('trust')
  })

  test('no other platform is told of it', () => {
    expect(needText('docker-socket', { platform: 'forgejo', trusted: none })).not.toContain('trust')
  })
})

test('the place is what the vantage tells', () => {
  const { vantage } = healthyRunner()
  expect(needPlaceOf(vantage)).toEqual({ platform: 'plain' })
  expect(needPlaceOf({ ...vantage, trusted: none })).toEqual({ platform: 'woodpecker', trusted: none })
  expect(needPlaceOf({ ...vantage, platform: 'gitea' })).toEqual({ platform: 'gitea' })
  const socket = { state: 'unreadable', path: '/var/run/docker.sock', group: 998 } as const
  expect(needPlaceOf({ ...vantage, socket })).toEqual({ platform: 'plain', group: 998 })
})
