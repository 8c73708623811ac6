import type { ServerResponse } from 'node:http'
import { constants, type Http2ServerResponse } from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'
import { TLSSocket } from 'node:tls'
import type { Response } from './types.ts'

// A reset discards what the peer has not read yet, so it is sent once the headers can have been read.
const BEFORE_RESET_MS = 30

/** Sends a response, or the part of it that its delivery faults allow. */
export async function deliver(answer: Response, response: ServerResponse, headOnly: boolean): Promise<void> {
  const { delayMs, hang, endless, resetAfter, drip } = answer.delivery
  if (hang) return
  if (delayMs !== undefined) await sleep(delayMs, undefined, { ref: false })
  if (resetAfter === 'nothing') return reset(response)

  response.writeHead(answer.status, answer.headers)
  if (headOnly) return void response.end()
  if (endless) return sendEndless(response)

  const body = upTo(answer.body, resetAfter)
  const isCutShort = body.length < Number(answer.headers['content-length'] ?? 0)
  if (!isCutShort && resetAfter === undefined && drip === undefined) return void response.end(body)

  response.flushHeaders()
  for (const piece of piecesOf(body, drip?.bytes)) {
    if (!(await sent(response, piece))) return
    if (drip) await sleep(drip.everyMs, undefined, { ref: false })
  }
  if (resetAfter !== undefined) {
    await sleep(BEFORE_RESET_MS, undefined, { ref: false })
    return reset(response)
  }
  if (!isCutShort) return void response.end()
  return close(response)
}

function upTo(body: Buffer, resetAfter: number | string | undefined): Buffer {
  if (resetAfter === undefined) return body
  return body.subarray(0, typeof resetAfter === 'number' ? resetAfter : 0)
}

function piecesOf(body: Buffer, size: number = Math.max(body.length, 1)): Buffer[] {
  const count = Math.ceil(body.length / size)
  return Array.from({ length: count }, (_, at) => body.subarray(at * size, (at + 1) * size))
}

async function sendEndless(response: ServerResponse): Promise<void> {
  const piece = Buffer.alloc(65_536, 0x20)
  while (await sent(response, piece)) {
    // Yields to the event loop, so that a fast reader does not block everything else.
    await sleep(0)
  }
}

/** Sends a piece. Resolves to false if the peer has closed the connection. */
function sent(response: ServerResponse, piece: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const gone = () => resolve(false)
    response.once('close', gone)
    response.write(piece, (error) => {
      response.off('close', gone)
      resolve(!error)
    })
  })
}

function reset(response: ServerResponse): void {
  const stream = streamOf(response)
  const { socket } = response
  // Only a plain TCP socket can send RST. A TLS connection is closed without close_notify.
  if (stream) stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  else if (socket instanceof TLSSocket) socket.destroy()
  else socket?.resetAndDestroy()
}

async function close(response: ServerResponse): Promise<void> {
  const stream = streamOf(response)
  if (stream === undefined) {
    response.socket?.destroySoon()
    return
  }
  await sleep(BEFORE_RESET_MS, undefined, { ref: false })
  stream.close(constants.NGHTTP2_INTERNAL_ERROR)
}

function streamOf(response: ServerResponse): Http2ServerResponse['stream'] | undefined {
  return 'stream' in response ? (response.stream as Http2ServerResponse['stream']) : undefined
}
