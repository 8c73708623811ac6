import { expect, test } from 'vitest'
import { isS3, parseS3Location } from '../../../src/settings/plan/s3-location.ts'
import type { Problem } from '../../../src/settings/problem.ts'
import { readSettings } from '../../../src/settings/read.ts'
import type { Env } from '../../../src/settings/sources.ts'

function read(given: Record<string, string>, env: Env = {}) {
  const problems: Problem[] = []
  const location = parseS3Location(readSettings({}, new Map(Object.entries(given))).value, env, problems)
  return { location, problems }
}

test.each([
  [{ storage: 's3://images' }, 'https://images.s3.us-east-1.amazonaws.com/', '', 's3://images'],
  [{ storage: 's3://images/reg/' }, 'https://images.s3.us-east-1.amazonaws.com/', 'reg/', 's3://images/reg'],
  [
    { storage: 's3://images//reg/docker/registry/v2/', s3_region: 'cn-north-1' },
    'https://images.s3.cn-north-1.amazonaws.com.cn/',
    'reg/',
    's3://images/reg',
  ],
  [
    { storage: 's3://images/docker/registry/v2' },
    'https://images.s3.us-east-1.amazonaws.com/',
    '',
    's3://images',
  ],
  [{ storage: 's3://my.images' }, 'https://s3.us-east-1.amazonaws.com/my.images/', '', 's3://my.images'],
  [
    { storage: 's3://images/a/b', s3_endpoint: 'http://minio.lan:9000' },
    'http://minio.lan:9000/images/',
    'a/b/',
    's3://images/a/b',
  ],
  [
    { storage: 's3://images', s3_endpoint: 'https://oss.example.com', s3_addressing: 'host' },
    'https://images.oss.example.com/',
    '',
    's3://images',
  ],
])('%j is %s', (given, base, prefix, name) => {
  const { location, problems } = read(given)
  expect(problems).toEqual([])
  expect(location).toMatchObject({ prefix, name })
  expect(location?.base.href).toBe(base)
})

test.each([
  [{ storage: 's3://' }, 'storage', 's3://bucket/prefix'],
  [{ storage: 's3://a b/c' }, 'storage', 's3://bucket/prefix'],
  [{ storage: 's3://b/c' }, 'storage', '3 to 63 characters'],
  [{ storage: 's3://images', s3_region: 'eu central' }, 's3_region', 'eu-central-1'],
  [{ storage: 's3://images', s3_endpoint: 'minio:9000' }, 's3_endpoint', 'https://minio.example.com:9000'],
  [{ storage: 's3://images', s3_endpoint: 'https://minio/s3' }, 's3_endpoint', 'without a path'],
  [{ storage: 's3://images', s3_endpoint: 'https://u:p@minio' }, 's3_endpoint', 'the address'],
  [{ storage: 's3://images', s3_access_key: 'AKIA' }, 's3_secret_key', 'is missing: s3_access_key is set'],
  [{ storage: 's3://images', s3_secret_key: 'x' }, 's3_access_key', 'is missing: s3_secret_key is set'],
  [{ storage: 's3://images', hash: 'true' }, 'hash', 'needs a folder'],
  [{ storage: '/var/lib/registry', s3_endpoint: 'https://minio' }, 's3_endpoint', 'is not used'],
])('%j is refused once, with what would be right', (given, setting, message) => {
  const { location, problems } = read(given)
  expect(location).toBeUndefined()
  expect(problems).toHaveLength(1)
  expect(problems[0]).toMatchObject({ setting, message: expect.stringContaining(message) })
})

test('credentials in the address are refused and not repeated', () => {
  const { problems } = read({ storage: 's3://KEY:topsecret@images/reg' })
  expect(problems).toHaveLength(1)
  expect(JSON.stringify(problems)).not.toContain('topsecret')
  expect(problems[0]?.message).toContain('s3_access_key')
})

test('a folder needs none of this', () => {
  expect(isS3('/var/lib/registry')).toBe(false)
  expect(read({ storage: '/var/lib/registry' })).toEqual({ location: undefined, problems: [] })
})

test('the settings come before the environment, and keys are taken in pairs', () => {
  const env = {
    AWS_ACCESS_KEY_ID: 'FROMENV',
    AWS_SECRET_ACCESS_KEY: 'env-secret',
    AWS_SESSION_TOKEN: 'env-token',
    AWS_REGION: '',
    AWS_DEFAULT_REGION: 'eu-west-3',
  }
  expect(read({ storage: 's3://images' }, env).location).toMatchObject({
    region: 'eu-west-3',
    credentials: { accessKey: 'FROMENV', secretKey: 'env-secret', sessionToken: 'env-token' },
  })
  const given = { storage: 's3://images', s3_access_key: 'A', s3_secret_key: 'b', s3_region: 'eu-west-1' }
  const { location } = read(given, env)
  expect(location?.credentials).toEqual({ accessKey: 'A', secretKey: 'b' })
  expect(location?.region).toBe('eu-west-1')
  const half = read({ storage: 's3://images' }, { AWS_ACCESS_KEY_ID: 'FROMENV' })
  expect(half.problems[0]?.message).toContain('AWS_SECRET_ACCESS_KEY')
})
