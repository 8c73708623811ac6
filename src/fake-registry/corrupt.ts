import { gzipSync } from 'node:zlib'
import type { AnswerFault, ContentFault, DeliveryFault, Fault } from './fault-types.ts'
import { replyTo } from './ranges.ts'
import type { RequestLine, Resource, Response } from './types.ts'

/** The response to a request with its faults: those of content, of the answer and of delivery, each in the order they were added. */
export function corruptedResponse(line: RequestLine, resource: Resource, faults: Fault[]): Response {
  const content = faults.reduce<Resource>(
    (all, fault) => corruptContent(all, fault as ContentFault),
    resource,
  )
  const answer = faults.reduce<Response>(
    (all, fault) => corruptAnswer(line, all, fault as AnswerFault),
    replyTo(line, content),
  )
  return faults.reduce<Response>((all, fault) => corruptDelivery(all, fault as DeliveryFault), answer)
}

function corruptContent(resource: Resource, fault: ContentFault): Resource {
  if ('staleCache' in fault) return { ...resource, readable: 0 }
  if ('bytes' in fault && !('reset' in fault)) return { ...resource, body: fault.bytes }
  if ('ignoreRange' in fault) return withoutRanges(resource)
  if (!('truncateTo' in fault)) return resource
  if (fault.as === 'cold') return { ...resource, body: resource.body.subarray(0, fault.truncateTo) }
  const cut = { ...resource, readable: fault.truncateTo }
  return fault.as === 'gitea' ? withoutRanges(cut) : cut
}

function corruptAnswer(line: RequestLine, response: Response, fault: AnswerFault): Response {
  if ('redirect' in fault) {
    const location = typeof fault.redirect === 'string' ? fault.redirect : fault.redirect(line)
    return instead(response, fault.status ?? 307, Buffer.alloc(0), { location })
  }
  if ('status' in fault) {
    const text = typeof fault.body === 'object' ? JSON.stringify(fault.body) : (fault.body ?? '')
    const type = typeof fault.body === 'object' ? 'application/json' : 'text/plain; charset=utf-8'
    return instead(response, fault.status, Buffer.from(text), { 'content-type': type, ...fault.headers })
  }
  if ('html' in fault) {
    return instead(response, 200, Buffer.from(fault.html), { 'content-type': 'text/html; charset=utf-8' })
  }
  if ('contentLength' in fault) return announcing(response, fault.contentLength)
  if ('contentEncoding' in fault) {
    const body = gzipSync(response.body)
    return {
      ...response,
      body,
      headers: { ...response.headers, 'content-encoding': 'gzip', 'content-length': body.length },
    }
  }
  if ('dropHeader' in fault) return { ...response, headers: without(response.headers, fault.dropHeader) }
  if ('setHeader' in fault) {
    const lowered = Object.entries(fault.setHeader).map(([name, value]) => [name.toLowerCase(), value])
    return { ...response, headers: { ...response.headers, ...Object.fromEntries(lowered) } }
  }
  return response
}

function corruptDelivery(response: Response, fault: DeliveryFault): Response {
  if ('delayMs' in fault) return delivered(response, { delayMs: fault.delayMs })
  if ('drip' in fault) return delivered(response, { drip: fault.drip })
  if ('hang' in fault) return delivered(response, { hang: true })
  if ('endless' in fault) {
    return delivered({ ...response, headers: without(response.headers, 'content-length') }, { endless: true })
  }
  if ('cutBodyAfter' in fault) return { ...response, body: response.body.subarray(0, fault.cutBodyAfter) }
  if (!('reset' in fault)) return response
  if (fault.reset === 'after') return delivered(response, { resetAfter: fault.bytes })
  return delivered(response, { resetAfter: fault.reset === 'before-headers' ? 'nothing' : 'headers' })
}

function withoutRanges(resource: Resource): Resource {
  return { ...resource, headers: without(resource.headers, 'accept-ranges'), ranges: false }
}

function instead(response: Response, status: number, body: Buffer, headers: Response['headers']): Response {
  return { ...response, status, body, headers: { ...headers, 'content-length': body.length } }
}

function announcing(response: Response, length: 'missing' | 'zero' | number): Response {
  if (length === 'missing') return { ...response, headers: without(response.headers, 'content-length') }
  const announced = length === 'zero' ? 0 : length
  return {
    ...response,
    headers: { ...response.headers, 'content-length': announced },
    body: response.body.subarray(0, announced),
  }
}

function delivered(response: Response, delivery: Response['delivery']): Response {
  return { ...response, delivery: { ...response.delivery, ...delivery } }
}

function without(headers: Response['headers'], name: string): Response['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([each]) => each !== name.toLowerCase()))
}
