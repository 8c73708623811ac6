import { describe, expect, test } from 'vitest'
import { buildkitEndpoints, parseBuildkitdToml } from '../../../src/oci/runtimes/buildkit/buildkitd-toml.ts'
import { parseHostsToml } from '../../../src/oci/runtimes/containerd/hosts-toml.ts'
import {
  containersEndpoints,
  parseRegistriesConf,
} from '../../../src/oci/runtimes/containers/registries-conf.ts'
import { dockerEndpoints, parseDaemonJson } from '../../../src/oci/runtimes/docker/daemon-json.ts'
import { k3sEndpoints, parseRegistriesYaml } from '../../../src/oci/runtimes/k3s/registries-yaml.ts'
import type { Endpoint } from '../../../src/oci/runtimes/legs.ts'

const app = { registry: 'registry.lab', repository: 'team/app', reference: '1' }
const hub = { registry: 'docker.io', repository: 'library/app', reference: '1' }

const short = (endpoints: Endpoint[]): string[] =>
  endpoints.map(
    ({ role, scheme, host, path, repository, skipVerify }) =>
      `${role} ${scheme}://${host}${path}${repository === undefined ? '' : ` as ${repository}`}${skipVerify ? ' unverified' : ''}`,
  )

describe('hosts.toml', () => {
  const file = '/certs.d/registry.lab/hosts.toml'

  test('relative certificates are beside it', () => {
    const parsed = parseHostsToml(
      '[host."https://a"]\nca = ["ca.crt", "/x/b.crt"]\nclient = [["c.cert", "c.key"]]\n',
      file,
      2,
    )
    expect(parsed).toMatchObject({
      used: true,
      endpoints: [
        {
          authorities: ['/certs.d/registry.lab/ca.crt', '/x/b.crt'],
          clientPairs: [{ cert: '/certs.d/registry.lab/c.cert', key: '/certs.d/registry.lab/c.key' }],
          origin: { file, key: 'host."https://a"' },
        },
        { role: 'registry', host: '' },
      ],
    })
  })

  test.each([
    ['[host."a"]\nskip_verify = "true"\n', 'host.a.skip_verify', 'has a value of the wrong type', false],
    [
      '[host."a"]\ncapabilities = ["pul"]\n',
      'host."a".capabilities',
      'has the unknown capability “pul”',
      false,
    ],
    ['[host."a"\n', 'line 1', expect.stringMatching(/^is not valid TOML: /), true],
    ['[host."a"]\n[host."a"]\n', 'host."a"', 'is there twice, which TOML does not allow', true],
  ])('%j is ignored', (text, key, message, invalid) => {
    for (const major of [1, 2] as const)
      expect(parseHostsToml(text, file, major)).toEqual({
        used: false,
        problem: { file, key, message, invalid },
      })
  })
})

describe('daemon.json', () => {
  const file = '/etc/docker/daemon.json'

  test('mirrors are for Docker Hub, each once, and insecure by name or address', () => {
    const text = JSON.stringify({
      'registry-mirrors': ['https://10.0.0.5', 'http://a.lab/', 'http://a.lab'],
      'insecure-registries': ['10.0.0.5', 'registry.lab'],
    })
    const parsed = parseDaemonJson(text, file)
    expect(short(dockerEndpoints(parsed, hub))).toEqual([
      'mirror https://10.0.0.5/v2 unverified',
      'mirror http://a.lab/v2',
      'registry https://registry-1.docker.io/v2',
    ])
    expect(short(dockerEndpoints(parsed, app))).toEqual(['registry https://registry.lab/v2 unverified'])
    expect(parsed.problems).toMatchObject([
      { key: 'registry-mirrors', message: expect.stringContaining('same mirror twice') },
    ])
  })

  test('networks make addresses in them insecure, and names that may be in them', () => {
    const text = JSON.stringify({
      'registry-mirrors': ['https://10.0.0.5', 'https://11.0.0.5', 'https://a.lab'],
      'insecure-registries': ['10.0.0.0/8'],
    })
    expect(parseDaemonJson(text, file).mirrors.map(({ skipVerify }) => skipVerify)).toEqual([
      true,
      false,
      true,
    ])
  })

  test.each([
    ['{', undefined, /^is not valid JSON .*dockerd does not start with it$/],
    ['{"registry-mirrors": "https://a"}', 'registry-mirrors', /^has a value of the wrong type/],
    ['{"registry-mirrors": ["a.lab"]}', 'registry-mirrors[0]', /^“a\.lab” has no http/],
    ['{"registry-mirrors": ["https://a/?b"]}', 'registry-mirrors[0]', /has a query/],
    ['{"registry-mirrors": ["https://u:p@a"]}', 'registry-mirrors[0]', /has a login/],
  ])('%s has its own message', (text, key, message) => {
    expect(parseDaemonJson(text, file).problems).toEqual([
      { file, ...(key === undefined ? {} : { key }), message: expect.stringMatching(message) },
    ])
  })
})

describe('buildkitd.toml', () => {
  const file = '/etc/buildkit/buildkitd.toml'

  test.each([
    ['[registry', 'line 1', /^is not valid TOML/],
    ['[registry."a"]\nmirrors = "b"', 'registry.a.mirrors', /^has a value of the wrong type/],
    ['[registry."a"]\nmirrors = ["b", "b"]', 'registry."a".mirrors', /^lists “b” twice/],
    ['[registry."a"]\nmirrors = ["https://b"]', 'registry."a".mirrors', /has a scheme/],
  ])('%s has its own message', (text, key, message) => {
    expect(parseBuildkitdToml(text, file).problems).toEqual([
      { file, key, message: expect.stringMatching(message) },
    ])
  })

  test('a mirror is reached as its own section says', () => {
    const text =
      '[registry."registry.lab"]\nmirrors = ["a.lab/x"]\nhttp = true\n[registry."a.lab"]\ninsecure = true\n'
    expect(short(buildkitEndpoints(parseBuildkitdToml(text, file), app))).toEqual([
      'mirror https://a.lab/v2/x unverified',
      'registry http://registry.lab/v2',
    ])
  })
})

describe('registries.conf', () => {
  const file = '/etc/containers/registries.conf'
  const parse = (...texts: string[]) =>
    parseRegistriesConf(texts.map((text, at) => ({ file: `${file}${at || ''}`, text })))

  test.each([
    ['[[registry', 'line 1', /^is not valid TOML: .* Every pull fails$/],
    ['[[registry]]\nlocation = 1', 'registry.0.location', /^has a value of the wrong type/],
    ['[[registry]]\nlocation = "https://a"', 'registry[0].location', /^“https:\/\/a” has a scheme/],
    ['[[registry]]\nprefix = "a"', 'registry[0].location', /^is missing/],
    ['[[registry]]\nlocation = "a"\n[[registry.mirror]]\n', 'registry[0].mirror', /^has no location/],
    [
      '[[registry]]\nlocation = "a"\n[[registry.mirror]]\nlocation = "b"\npull-from-mirror = "never"',
      'registry[0].mirror.pull-from-mirror',
      /^is “never”, not one of all, digest-only, tag-only/,
    ],
    ['[[registry]]\nlocation = "a"\n[[registry]]\nlocation = "a"', 'registry[1]', /^lists a a second time/],
  ])('%s has its own message', (text, key, message) => {
    expect(parse(text).problems).toEqual([{ file, key, message: expect.stringMatching(message) }])
  })

  test('a drop-in replaces what an earlier file says of a prefix', () => {
    const conf = parse(
      '[[registry]]\nlocation = "registry.lab"\nblocked = true\n',
      '[[registry]]\nlocation = "registry.lab"\n',
    )
    expect(short(containersEndpoints(conf, app))).toEqual(['registry https://registry.lab/v2'])
  })

  test('a registry that is blocked has no endpoint', () => {
    expect(
      containersEndpoints(parse('[[registry]]\nlocation = "registry.lab"\nblocked = true\n'), app),
    ).toEqual([])
  })
})

describe('registries.yaml', () => {
  const file = '/etc/rancher/k3s/registries.yaml'
  const endpoints = (text: string, image = app) => short(k3sEndpoints(parseRegistriesYaml(text, file), image))

  test('mirrors come before the registry, with the TLS settings of their hosts', () => {
    const text = `
mirrors:
  registry.lab:
    endpoint: ["https://10.0.0.5", "http://a.lab:5000/v2", "https://b.lab/cache", "https://10.0.0.5"]
configs:
  10.0.0.5: { tls: { insecure_skip_verify: true } }
`
    expect(endpoints(text)).toEqual([
      'mirror https://10.0.0.5/v2 unverified',
      'mirror http://a.lab:5000/v2',
      'mirror https://b.lab/cache',
      'registry https://registry.lab/v2',
    ])
  })

  test('a rewrite changes the repository, and * stands for all registries without a section', () => {
    const text =
      'mirrors:\n  "*":\n    endpoint: ["https://a.lab"]\n    rewrite: { "^library/(.*)": "hub/$1" }\n'
    expect(endpoints(text, hub)).toEqual([
      'mirror https://a.lab/v2 as hub/app',
      'registry https://registry-1.docker.io/v2',
    ])
    expect(endpoints(`${text}  registry.lab:\n`)).toEqual(['registry https://registry.lab/v2'])
  })

  test('the registry as last endpoint is not asked twice', () => {
    expect(
      endpoints('mirrors: { registry.lab: { endpoint: ["https://a.lab", "https://registry.lab"] } }'),
    ).toEqual(['mirror https://a.lab/v2', 'registry https://registry.lab/v2'])
  })

  test.each([
    ['', []],
    ['a: [', [/^is not valid YAML/]],
    ['mirrors: { a: { endpoint: "b" } }', [/^has a value of the wrong type/]],
    ['mirrors: { a: { endpoint: ["https://b", "https://b"] } }', [/^lists “https:\/\/b” twice/]],
  ])('%j has its own message', (text, messages) => {
    expect(parseRegistriesYaml(text, file).problems.map(({ message }) => message)).toEqual(
      messages.map((message) => expect.stringMatching(message)),
    )
  })
})
