import type { Problem } from '../problem.ts'
import type { Settings } from '../schema.ts'
import type { Env } from '../sources.ts'

/** A key pair of an S3 account; `sessionToken` belongs to temporary ones. */
export interface S3Credentials {
  accessKey: string
  secretKey: string
  sessionToken?: string
}

/** A registry's root directory in an S3 bucket, and how to reach it. */
export interface S3Location {
  /** `s3://bucket/prefix`, for people. */
  name: string
  bucket: string
  /** The registry's `rootdirectory`: empty, or without a slash at its start and with one at its end. */
  prefix: string
  /** The URL of the bucket, with a slash at its end; keys follow it. */
  base: URL
  region: string
  /** Undefined for requests without a signature. */
  credentials?: S3Credentials
}

type S3Settings = Pick<
  Settings,
  'storage' | 'hash' | 's3_endpoint' | 's3_region' | 's3_addressing' | 's3_access_key' | 's3_secret_key'
>

const form = 'must have the form s3://bucket or s3://bucket/prefix'

/** Whether a storage is in a bucket, not in a folder. */
export const isS3 = (storage: string): boolean => /^s3:\/\//i.test(storage)

/** The bucket that `storage` names; undefined if it names none, or if there are problems, which are added to `problems`. */
export function parseS3Location(settings: S3Settings, env: Env, problems: Problem[]): S3Location | undefined {
  const { storage = '' } = settings
  if (!isS3(storage)) {
    reportUnused(settings, problems)
    return undefined
  }
  const known = problems.length
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]*)\/*(.*)$/i.exec(storage) ?? []
  if (bucket.includes('@'))
    problems.push({
      setting: 'storage',
      message: `${form}, without credentials: set s3_access_key and s3_secret_key`,
    })
  else if (!/^[A-Za-z0-9][\w.-]{2,254}$/.test(bucket))
    problems.push({
      setting: 'storage',
      value: storage,
      message: `${form}; a bucket's name has 3 to 63 characters`,
    })
  if (settings.hash)
    problems.push({ setting: 'hash', message: 'needs a folder: the data of a bucket is not read' })
  const region = (settings.s3_region ?? env.AWS_REGION) || env.AWS_DEFAULT_REGION || 'us-east-1'
  if (!/^[a-z0-9][a-z0-9-]{0,40}$/i.test(region))
    problems.push({
      setting: 's3_region',
      value: region,
      message: 'must be the name of a region, such as eu-central-1',
    })
  const endpoint = parseEndpoint(settings.s3_endpoint, problems) ?? amazonEndpoint(region)
  const credentials = credentialsOf(settings, env, problems)
  if (problems.length > known || endpoint === undefined) return undefined
  // The registry writes below its root directory; whoever names the layout itself means the same place.
  const prefix = path.replace(/\/+$/, '').replace(/(?:^|\/)docker\/registry\/v2$/, '')
  return {
    name: `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`,
    bucket,
    prefix: prefix === '' ? '' : `${prefix}/`,
    base: bucketUrl(endpoint, bucket, hasPathStyle(settings, endpoint, bucket)),
    region,
    ...(credentials ? { credentials } : {}),
  }
}

/** Where Amazon serves a region; undefined for what cannot be one. */
function amazonEndpoint(region: string): URL | undefined {
  const text = `https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`
  return URL.canParse(text) ? new URL(text) : undefined
}

function parseEndpoint(text: string | undefined, problems: Problem[]): URL | undefined {
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url?.pathname === '/' && url.search === '' && url.hash === '' && url.username === ''
  if (url && isPlain && /^https?:$/.test(url.protocol)) return url
  problems.push({
    setting: 's3_endpoint',
    value: text,
    message: 'must be the address of an S3 server without a path, such as https://minio.example.com:9000',
  })
  return undefined
}

/**
 * Own servers rarely have a name for each bucket, so with an endpoint the bucket is in the path. Amazon's certificate does not cover
 * a bucket with a dot in its name, and old names may have characters that host names cannot have.
 */
const hasPathStyle = ({ s3_addressing: addressing }: S3Settings, endpoint: URL, bucket: string): boolean =>
  addressing === 'auto'
    ? !/(?:^|\.)amazonaws\.com(?:\.cn)?$/.test(endpoint.hostname) || /[^a-z0-9-]/.test(bucket)
    : addressing === 'path'

const bucketUrl = (endpoint: URL, bucket: string, inPath: boolean): URL =>
  inPath ? new URL(`/${bucket}/`, endpoint) : new URL(`${endpoint.protocol}//${bucket}.${endpoint.host}/`)

function credentialsOf(settings: S3Settings, env: Env, problems: Problem[]): S3Credentials | undefined {
  const { s3_access_key: accessKey, s3_secret_key: secretKey } = settings
  if (accessKey !== undefined && secretKey !== undefined) return { accessKey, secretKey }
  if (accessKey !== undefined || secretKey !== undefined) {
    const [missing, given] =
      accessKey === undefined
        ? (['s3_access_key', 's3_secret_key'] as const)
        : (['s3_secret_key', 's3_access_key'] as const)
    problems.push({ setting: missing, message: `is missing: ${given} is set, and both belong together` })
    return undefined
  }
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env
  if (!id && !secret) return undefined
  if (!id || !secret) {
    problems.push({
      setting: id ? 's3_secret_key' : 's3_access_key',
      message: 'is missing: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together, and only one is set',
    })
    return undefined
  }
  return { accessKey: id, secretKey: secret, ...(token ? { sessionToken: token } : {}) }
}

function reportUnused(settings: S3Settings, problems: Problem[]): void {
  const names = ['s3_endpoint', 's3_region', 's3_access_key', 's3_secret_key'] as const
  for (const name of names.filter((one) => settings[one] !== undefined))
    problems.push({
      setting: name,
      message: 'is not used: storage does not name a bucket (s3://bucket/prefix)',
    })
}
