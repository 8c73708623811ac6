import type { ServerResponse } from 'node:http'
import { constants, type Http2ServerResponse } from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'
import { TLSSocket } from 'node:tls'
import type { Response } from './types.ts'

// A reset overtakes what the peer has not read yet, so it waits until the headers can have been read.
const BEFORE_RESET_MS = 30

/** Puts a answer on the wire, or as much of it as its delivery allows. */
export async function deliver(answer: Response, response: ServerResponse, headOnly: boolean): Promise<void> {
  const { delayMs, hang, endless, resetAfter, drip } = answer.delivery
  if (hang) return
  if (delayMs !== undefined) await sleep(delayMs, undefined, { ref: false })
  if (resetAfter === 'nothing') return reset(response)

  response.writeHead(answer.status, answer.headers)
  if (headOnly) return void response.end()
  if (endless) return pour(response)

  const body = upTo(answer.body, resetAfter)
  const breaksOff = body.length < Number(answer.headers['content-length'] ?? 0)
  if (!breaksOff && resetAfter === undefined && drip === undefined) return void response.end(body)

  response.flushHeaders()
  for (const piece of piecesOf(body, drip?.bytes)) {
    if (!(await sent(response, piece))) return
    if (drip) await sleep(drip.everyMs, undefined, { ref: false })
  }
  if (resetAfter !== undefined) {
    await sleep(BEFORE_RESET_MS, undefined, { ref: false })
    return reset(response)
  }
  if (!breaksOff) return void response.end()
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

async function pour(response: ServerResponse): Promise<void> {
  const piece = Buffer.alloc(65_536, 0x20)
  while (await sent(response, piece)) {
    // A turn of the event loop, so that a fast reader doesn't keep everything else waiting.
    await sleep(0)
  }
}

/** Resolves when the piece has left, to whether the peer is still there. */
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
  // Only a bare TCP socket can send RST; under TLS the connection is dropped without close_notify.
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
