import { expect, test } from 'vitest'
import { authorization, encodePath, encodeQuery, signGet } from '../../../../src/observe/storage/s3/sign.ts'

// The examples in “Authenticating Requests: Using the Authorization Header” of the Amazon S3 API reference.
const s3 = {
  credentials: { accessKey: 'AKIAIOSFODNN7EXAMPLE', secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
  region: 'us-east-1',
  at: Date.UTC(2013, 4, 24),
}
const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

test.each([
  [
    'a list of objects',
    '/?max-keys=2&prefix=J',
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
  [
    'a parameter without a value',
    '/?lifecycle',
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
])('signs %s as Amazon does', (_, path, signature) => {
  const signed = signGet(new URL(path, 'https://examplebucket.s3.amazonaws.com'), s3)
  expect(signed).toEqual({
    'x-amz-content-sha256': empty,
    'x-amz-date': '20130524T000000Z',
    authorization: `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${signature}`,
  })
})

test('signs a range of an object as Amazon does', () => {
  const url = new URL('https://examplebucket.s3.amazonaws.com/test.txt')
  const headers = {
    host: url.host,
    range: 'bytes=0-9',
    'x-amz-content-sha256': empty,
    'x-amz-date': '20130524T000000Z',
  }
  expect(
    authorization({ method: 'GET', url, headers, payloadHash: empty }, { ...s3, service: 's3' }),
  ).toMatch(/Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41$/)
})

// AWS's test suite of the signature (aws-sig-v4-test-suite), the cases with GET whose paths S3 would sign alike.
const token = '6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267'
test.each([
  [
    'get-vanilla-query-order-encoded',
    '/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1',
    '371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac',
  ],
  [
    'get-vanilla-query-order-key-case',
    '/?Param2=value2&Param1=value1',
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'get-vanilla-empty-query-key',
    '/?Param1=value1',
    'a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb',
  ],
  [
    'get-vanilla-utf8-query',
    '/?\u1234=bar',
    '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
  ],
  [
    'get-utf8',
    `/${encodePath('\u1234')}`,
    '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85',
  ],
  [
    'get-vanilla-query-unreserved',
    '/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
    '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
  ],
  ['get-vanilla-with-session-token', '/', '07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8'],
])('%s', (name, path, signature) => {
  const url = new URL(path, 'https://example.amazonaws.com')
  const headers = {
    host: url.host,
    'x-amz-date': '20150830T123600Z',
    ...(name.endsWith('token') ? { 'x-amz-security-token': token } : {}),
  }
  const scope = {
    credentials: { accessKey: 'AKIDEXAMPLE', secretKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
    region: 'us-east-1',
    service: 'service',
    at: Date.UTC(2015, 7, 30, 12, 36),
  }
  expect(authorization({ method: 'GET', url, headers, payloadHash: empty }, scope)).toMatch(
    new RegExp(`Signature=${signature}$`),
  )
})

test('a session token is sent and signed', () => {
  const url = new URL('https://bucket.s3.eu-central-1.amazonaws.com/')
  const signed = signGet(url, { ...s3, credentials: { ...s3.credentials, sessionToken: 'temporary' } })
  expect(signed['x-amz-security-token']).toBe('temporary')
  expect(signed.authorization).toContain('host;x-amz-content-sha256;x-amz-date;x-amz-security-token')
})

test('a key is encoded once, with all but unreserved characters and slashes', () => {
  const key = "a b/c+d/e!'()*f/%2F/\u00e9~-_."
  const encoded = encodePath(key)
  expect(encoded).toBe('a%20b/c%2Bd/e%21%27%28%29%2Af/%252F/%C3%A9~-_.')
  expect(new URL(`https://host/${encoded}`).pathname).toBe(`/${encoded}`)
})

test('a query is encoded so that it is read back unchanged', () => {
  const parameters = { prefix: "a b+c/(d)*'!", token: 'x=&%' }
  expect(Object.fromEntries(new URLSearchParams(encodeQuery(parameters)))).toEqual(parameters)
  expect(encodeQuery(parameters)).not.toMatch(/[+()*'!]/)
})
