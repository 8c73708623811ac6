import { Agent, request as send } from 'undici'
import { documentTypes } from '../../src/fake-registry/images/images.ts'

/** All manifest media types that current clients accept. */
export const acceptAll = [documentTypes.oci, documentTypes.docker]
  .flatMap(({ index, manifest }) => [index, manifest])
  .join(', ')

/** A response; `error` is why its body ended early. */
export type Answer = {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Buffer
  error: string | undefined
}

/** The variable parts of a request. */
export type RequestOptions = {
  method?: 'GET' | 'HEAD' | 'POST'
  headers?: Record<string, string>
  body?: string
}

/** Sends a request on a connection of its own, and reads the body until it ends or fails. */
export async function request(url: string, options: RequestOptions = {}): Promise<Answer> {
  const dispatcher = new Agent({ allowH2: false })
  try {
    const response = await send(url, { dispatcher, ...options })
    const chunks: Buffer[] = []
    const error = await (async () => {
      for await (const chunk of response.body) chunks.push(chunk)
    })().then(
      () => undefined,
      (reason: Error & { code?: string }) => reason.code ?? reason.message,
    )
    return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks), error }
  } finally {
    await dispatcher.destroy()
  }
}

/** The Range header for the last byte of content of this length. */
export function lastByteOf(length: number): Record<string, string> {
  return { range: `bytes=${length - 1}-${length - 1}` }
}
