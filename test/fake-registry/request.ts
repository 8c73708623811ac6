import { Agent, request as send } from 'undici'
import { documentTypes } from '../../src/fake-registry/images/images.ts'

/** Every manifest type that a client of today accepts. */
export const acceptAll = [documentTypes.oci, documentTypes.docker]
  .flatMap(({ index, manifest }) => [index, manifest])
  .join(', ')

/** What came back: `error` is what ended the body early. */
export type Answer = {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Buffer
  error: string | undefined
}

/** A question to a server. */
export type Question = { method?: 'GET' | 'HEAD' | 'POST'; headers?: Record<string, string>; body?: string }

/** Asks over a connection of its own and reads to the end, however the body ends. */
export async function request(url: string, question: Question = {}): Promise<Answer> {
  const dispatcher = new Agent({ allowH2: false })
  try {
    const response = await send(url, { dispatcher, ...question })
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

/** The last byte of something this long, as a Range header. */
export function lastByteOf(length: number): Record<string, string> {
  return { range: `bytes=${length - 1}-${length - 1}` }
}
