import { describe, expect, test } from 'vitest'
import { isInsecure } from '../../src/settings/plan/insecure.ts'
import { readSettings } from '../../src/settings/read.ts'
import { paste } from './paste.ts'
import { compileSettings } from './woodpecker.ts'

const noComplaints = { notes: [], problems: [], unknown: [], skipReason: undefined }

describe('logins', () => {
  test.each<[string, string, string[]]>([
    [
      'for the registry',
      'repo: codeberg.org/o/app\nregistry: codeberg.org\nusername: octo\npassword: { from_secret: token }',
      ['codeberg.org octo'],
    ],
    [
      'for the registry as a URL',
      'repo: codeberg.org/o/app\nregistry: https://codeberg.org\nusername: octo\npassword: { from_secret: token }',
      ['codeberg.org octo'],
    ],
    [
      'for Docker Hub by default',
      'repo: o/app\nusername: octo\npassword: { from_secret: token }\nemail: octo@example.com',
      ['docker.io octo'],
    ],
    [
      'a list with mirrors and AWS keys',
      `repo: a6543/tmp,codeberg.org/6543/tmp
tag: demo
logins:
  - registry: https://index.docker.io/v1/
    username: a6543
    password: { from_secret: token }
    mirrors: [my-docker-mirror-host.local]
  - registry: https://codeberg.org
    username: "6543"
    password: { from_secret: other }
  - registry: https://1234.dkr.ecr.eu-central-1.amazonaws.com
    aws_region: eu-central-1
    aws_access_key_id: { from_secret: token }
    aws_secret_access_key: { from_secret: other }`,
      ['docker.io a6543', 'codeberg.org 6543'],
    ],
    [
      'a list of mirrors only',
      'repo: o/app\nlogins:\n  - registry: https://index.docker.io/v1/\n    mirrors: [m.local]',
      [],
    ],
    [
      'for Docker Hub, with a list for the rest',
      'repo: [o/app, codeberg.org/o/app]\nusername: octo\npassword: { from_secret: token }\nlogins:\n  - registry: https://codeberg.org\n    username: "6543"\n    password: { from_secret: other }',
      ['docker.io octo', 'codeberg.org 6543'],
    ],
    [
      'for Docker Hub among several, because it is the default',
      'repo: [o/app, ghcr.io/o/app]\nusername: octo\npassword: { from_secret: token }',
      ['docker.io octo'],
    ],
    [
      'kaniko: a key for Google registries',
      'repo: p/app\nregistry: europe-docker.pkg.dev\njson_key: { from_secret: token }',
      ['europe-docker.pkg.dev _json_key'],
    ],
  ])('%s', (_what, yaml, logins) => {
    expect(paste(yaml)).toMatchObject({ ...noComplaints, logins })
  })

  test('AWS keys are not exchanged for a login; a note says so if an ECR image has none', () => {
    const ecr = '1234.dkr.ecr.eu-central-1.amazonaws.com'
    const keys =
      'aws_access_key_id: { from_secret: token }\naws_secret_access_key: { from_secret: other }\naws_region: eu-central-1'
    expect(paste(`repo: ${ecr}/app\n${keys}`).notes).toEqual([
      expect.stringContaining(`for ${ecr}, set “username: AWS”`),
    ])
    expect(paste(`repo: ${ecr}/app\nusername: AWS\npassword: { from_secret: token }\n${keys}`).notes).toEqual(
      [],
    )
    expect(paste(`repo: a.b/c\n${keys}`).notes).toEqual([])
    expect(paste(`repo: ${ecr}/app`).notes).toEqual([])
  })
})

describe('a Docker configuration', () => {
  const json = '{"auths":{"a.b":{"auth":"dXNlcjpwYXNz"}}}'
  test.each(['config', 'docker_config_json', 'docker-config-json', 'registry_config', 'docker_config'])(
    'as %s',
    (name) => {
      const read = readSettings(compileSettings(`repo: a.b/c\n${name}: '${json}'`))
      expect(read).toMatchObject({ ok: true, unknown: [], value: { docker_config: json } })
    },
  )
})

describe('plain HTTP and certificates', () => {
  const settings = (yaml: string) => {
    const read = readSettings(compileSettings(`repo: registry.local:5000/c\n${yaml}`))
    if (!read.ok) throw new Error(JSON.stringify(read.problems))
    return read.value
  }

  test.each<[string, boolean]>([
    ['', false],
    ['insecure: true', true],
    ['insecure: false', false],
    ['plain_http: true', true],
    ['insecure-registry: registry.local:5000', true],
    ['insecure_registry: http://registry.local:5000', true],
    ['insecure_registry: [other.local, registry.local:5000]', true],
    ['insecure_registry: other.local', false],
    ['insecure_registry: true', true],
    ['insecure-pull: true', false],
  ])('“%s” allows plain HTTP: %s', (yaml, plain) => {
    expect(isInsecure(settings(yaml), 'registry.local:5000')).toBe(plain)
  })

  test.each(['skip_tls_verify', 'skip-tls-verify', 'skip_verify', 'skip-verify', 'insecure_skip_verify'])(
    '%s turns off certificate verification',
    (name) => {
      expect(settings(`${name}: true`).skip_tls_verify).toBe(true)
      expect(settings(`${name}: false`).skip_tls_verify).toBe(false)
    },
  )
})

describe('platforms', () => {
  test.each([
    ['a comma string', 'platforms: linux/386,linux/amd64,linux/arm/v6,linux/arm64/v8,linux/riscv64'],
    ['a list', 'platforms: [linux/386, linux/amd64, linux/arm/v6, linux/arm64/v8, linux/riscv64]'],
    ['the alias', 'platform: linux/386,linux/amd64,linux/arm/v6,linux/arm64/v8,linux/riscv64'],
  ])('%s', (_what, yaml) => {
    expect(paste(`repo: a.b/c\n${yaml}`)).toMatchObject({
      ...noComplaints,
      platforms: ['linux/386', 'linux/amd64', 'linux/arm/v6', 'linux/arm64', 'linux/riscv64'],
    })
  })
})

describe('expect_digest from a variable of a manual run', () => {
  const digest = `sha256:${'ab12'.repeat(16)}`
  const variable = (quote: string) => `repo: a.b/c\nexpect_digest: ${quote}\${EXPECT_DIGEST}${quote}`

  test.each(['', '"'])('is unset if the variable is (in %j quotes)', (quote) => {
    expect(paste(variable(quote))).toMatchObject({
      ...noComplaints,
      refs: ['a.b/c:latest'],
      expected: [undefined],
    })
  })

  test.each(['', '"'])('is expected if the variable is set (in %j quotes)', (quote) => {
    expect(paste(variable(quote), { variables: { EXPECT_DIGEST: digest } })).toMatchObject({
      ...noComplaints,
      expected: [digest],
    })
  })
})

describe('an output that pushes nothing', () => {
  test.each([
    ['type=oci,dest=hello.tar', 'output with type=oci pushes nothing'],
    ['type=local,dest=out', 'output with type=local pushes nothing'],
    ['type=tar', 'output with type=tar pushes nothing'],
    ['./out', 'output with type=local pushes nothing'],
    ['type=image,push=false', 'output with push=false pushes nothing'],
  ])('output: %s', (output, skipReason) => {
    expect(paste(`repo: a.b/c\noutput: ${output}`)).toMatchObject({ ...noComplaints, skipReason })
  })

  test.each([
    'type=image,push=true',
    'type=registry',
    'type=docker',
    'type=image,name=a.b/c,push=true,compression=zstd',
  ])('output: %s pushes', (output) => {
    expect(paste(`repo: a.b/c\noutput: ${output}`)).toMatchObject({ ...noComplaints, refs: ['a.b/c:latest'] })
  })
})

/** Every setting from the documentation of each plugin, with a value in its documented form. */
const tables: [string, string][] = [
  [
    'plugin-docker-buildx',
    `dry-run: false
repo: a.b/c
username: octo
password: { from_secret: token }
aws_access_key_id: { from_secret: token }
aws_secret_access_key: { from_secret: other }
aws_region: us-east-1
email: octo@example.com
registry: https://a.b
dockerfile: docker/Dockerfile.multiarch
tags: [latest]
platforms: linux/amd64,linux/arm64/v8
provenance: mode=max
sbom: true
mirror: https://mirror.gcr.io
storage_driver: overlay2
storage_path: /var/lib/docker
bip: 172.18.0.1/24
mtu: 1450
custom_dns: [192.168.55.31, 192.168.55.32]
custom_dns_search: [example.com]
insecure: false
ipv6: false
experimental: false
debug: false
daemon_off: false
buildkit_debug: false
buildkit_config: "debug = true"
buildkit_driveropt: [network=host]
context: .
auto_tag: false
default_suffix: alpine
default_tag: latest
labels: [org.opencontainers.image.title=x]
label: a=b
default_labels: true
auto_label: true
auto_labels: true
build_args: [HTTP_PROXY=yes, FOO=bar]
build_args_from_env: [CI_COMMIT_SHA]
secrets: ["id=raw,src=secret"]
quiet: false
target: release
cache_from: type=registry,ref=a.b/cache
cache_to: type=registry,ref=a.b/cache,mode=max
cache_images: [a.b/cache]
pull_image: true
compress: false
config: '{"auths":{}}'
purge: true
no_cache: false
add_host: [host:10.0.0.1]
output: type=image,push=true
logins: []
ecr_create_repository: false
ecr_lifecycle_policy: p.json
ecr_repository_policy: p.json
ecr_scan_on_push: true
ssh_key: { from_secret: other }
remote_builders: [root@builder]
http_proxy: http://proxy:3128
https_proxy: http://proxy:3128
no_proxy: .example.com
skip_verify: false
log_level: info`,
  ],
  [
    'plugin-kaniko',
    `dry-run: false
repo: c
username: octo
password: { from_secret: token }
registry: a.b
dockerfile: Dockerfile
tags: [latest]
context: .
build-args: [FOO=bar]
build-args-from-env: [CI_COMMIT_SHA]
auto-tag: false
log-level: trace
target: release
cache: true
cache-repo: o/cache
cache-ttl: 24h
skip-tls-verify: false
mirrors: [mirror.gcr.io]
json-key: { from_secret: token }
docker-config-json: '{"auths":{}}'
insecure: false
insecure-pull: true
insecure-registry: other.local:5000
single-snapshot: true
cleanup: true
ignore_var_run: false
extra_opts: --reproducible`,
  ],
  [
    'wp-docker-buildx',
    `add_host: [host:10.0.0.1]
auto_tag: false
auto_tag_suffix: alpine
bip: 172.18.0.1/24
build_args: { FOO: bar }
build_args_from_env: [CI_COMMIT_SHA]
buildkit_config: "debug = true"
cache_from: ['type=registry,ref=a.b/cache']
cache_to: type=inline
compress: false
registry_config: '{"auths":{}}'
containerfile: Containerfile
context: .
custom_dns: [192.168.55.31]
custom_dns_search: [example.com]
daemon_off: false
debug: false
dry_run: false
email: octo@example.com
experimental: false
extra_tags: [a.b/c:latest]
insecure: false
insecure_skip_verify: false
ipv6: false
labels: [a=b]
auto_label: true
log_level: info
environment: { FOO: bar }
max_concurrent_uploads: "5"
mirror: https://mirror.gcr.io
mtu: "1450"
named_context: [x=docker-image://alpine]
no_cache: false
output: type=image,push=true
password: { from_secret: token }
platforms: [linux/amd64]
provenance: mode=max
pull_image: true
quiet: false
registry: a.b
repo: a.b/c
sbom: true
secrets: ['id=raw,src=secret']
storage_driver: overlay2
storage_path: /var/lib/docker
tags: [latest]
target: release
username: octo`,
  ],
]

test.each(tables)(
  'every setting of %s at once gives no complaint, and the image is verified',
  (_plugin, yaml) => {
    expect(paste(yaml)).toMatchObject({ ...noComplaints, refs: ['a.b/c:latest'], logins: ['a.b octo'] })
  },
)
