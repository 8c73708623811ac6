import { gzipSync } from 'node:zlib'
import type { AnswerFault, ContentFault, DeliveryFault, Fault } from './fault-types.ts'
import { replyTo } from './ranges.ts'
import type { Reply, RequestLine, Resource } from './types.ts'

/** The answer to a request, with the faults that apply to it, in their order within each stage. */
export function spoiledReply(line: RequestLine, resource: Resource, faults: Fault[]): Reply {
  const content = faults.reduce<Resource>((all, fault) => spoilContent(all, fault as ContentFault), resource)
  const answer = faults.reduce<Reply>(
    (all, fault) => spoilAnswer(line, all, fault as AnswerFault),
    replyTo(line, content),
  )
  return faults.reduce<Reply>((all, fault) => spoilDelivery(all, fault as DeliveryFault), answer)
}

function spoilContent(resource: Resource, fault: ContentFault): Resource {
  if ('staleCache' in fault) return { ...resource, readable: 0 }
  if ('bytes' in fault && !('reset' in fault)) return { ...resource, body: fault.bytes }
  if ('ignoreRange' in fault) return withoutRanges(resource)
  if (!('truncateTo' in fault)) return resource
  if (fault.as === 'cold') return { ...resource, body: resource.body.subarray(0, fault.truncateTo) }
  const cut = { ...resource, readable: fault.truncateTo }
  return fault.as === 'gitea' ? withoutRanges(cut) : cut
}

function spoilAnswer(line: RequestLine, reply: Reply, fault: AnswerFault): Reply {
  if ('redirect' in fault) {
    const location = typeof fault.redirect === 'string' ? fault.redirect : fault.redirect(line)
    return instead(reply, fault.status ?? 307, Buffer.alloc(0), { location })
  }
  if ('status' in fault) {
    const text = typeof fault.body === 'object' ? JSON.stringify(fault.body) : (fault.body ?? '')
    const type = typeof fault.body === 'object' ? 'application/json' : 'text/plain; charset=utf-8'
    return instead(reply, fault.status, Buffer.from(text), { 'content-type': type, ...fault.headers })
  }
  if ('html' in fault) {
    return instead(reply, 200, Buffer.from(fault.html), { 'content-type': 'text/html; charset=utf-8' })
  }
  if ('contentLength' in fault) return announcing(reply, fault.contentLength)
  if ('contentEncoding' in fault) {
    const body = gzipSync(reply.body)
    return {
      ...reply,
      body,
      headers: { ...reply.headers, 'content-encoding': 'gzip', 'content-length': body.length },
    }
  }
  if ('dropHeader' in fault) return { ...reply, headers: without(reply.headers, fault.dropHeader) }
  if ('setHeader' in fault) {
    const lowered = Object.entries(fault.setHeader).map(([name, value]) => [name.toLowerCase(), value])
    return { ...reply, headers: { ...reply.headers, ...Object.fromEntries(lowered) } }
  }
  return reply
}

function spoilDelivery(reply: Reply, fault: DeliveryFault): Reply {
  if ('delayMs' in fault) return delivered(reply, { delayMs: fault.delayMs })
  if ('drip' in fault) return delivered(reply, { drip: fault.drip })
  if ('hang' in fault) return delivered(reply, { hang: true })
  if ('endless' in fault) {
    return delivered({ ...reply, headers: without(reply.headers, 'content-length') }, { endless: true })
  }
  if ('cutBodyAfter' in fault) return { ...reply, body: reply.body.subarray(0, fault.cutBodyAfter) }
  if (!('reset' in fault)) return reply
  if (fault.reset === 'after') return delivered(reply, { resetAfter: fault.bytes })
  return delivered(reply, { resetAfter: fault.reset === 'before-headers' ? 'nothing' : 'headers' })
}

function withoutRanges(resource: Resource): Resource {
  return { ...resource, headers: without(resource.headers, 'accept-ranges'), ranges: false }
}

function instead(reply: Reply, status: number, body: Buffer, headers: Reply['headers']): Reply {
  return { ...reply, status, body, headers: { ...headers, 'content-length': body.length } }
}

function announcing(reply: Reply, length: 'missing' | 'zero' | number): Reply {
  if (length === 'missing') return { ...reply, headers: without(reply.headers, 'content-length') }
  const announced = length === 'zero' ? 0 : length
  return {
    ...reply,
    headers: { ...reply.headers, 'content-length': announced },
    body: reply.body.subarray(0, announced),
  }
}

function delivered(reply: Reply, delivery: Reply['delivery']): Reply {
  return { ...reply, delivery: { ...reply.delivery, ...delivery } }
}

function without(headers: Reply['headers'], name: string): Reply['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([each]) => each !== name.toLowerCase()))
}
