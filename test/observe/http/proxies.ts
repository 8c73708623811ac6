import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import { connect, createServer as createTcp, type Socket, type Server as TcpServer } from 'node:net'

/** What a proxy does: it resolves every name to one port of this machine, unless it refuses. */
export type ProxyOptions = {
  /** Where every name is. */
  port: number
  /** The only `user:password` that is let through. */
  login?: string
  /** Answer this instead of letting through. */
  refuse?: { status: number; headers?: Record<string, string>; body?: string }
}

/** What was asked of a proxy: `CONNECT registry.test:443`, `GET http://registry.test/v2/…`. */
export type Asked = { line: string; login: string | undefined }

/** An HTTP proxy for CONNECT and for requests in absolute form, not yet listening. */
export function httpProxy(options: ProxyOptions, asked: Asked[] = []): Server {
  const refusalOf = (request: IncomingMessage) => {
    const [, value = ''] = (request.headers['proxy-authorization'] ?? '').split(' ')
    const login = value ? Buffer.from(value, 'base64').toString() : undefined
    asked.push({ line: `${request.method} ${request.url}`, login })
    if (options.refuse) return options.refuse
    if (options.login !== undefined && login !== options.login) {
      return { status: 407, headers: { 'proxy-authenticate': 'Basic realm="proxy"' } }
    }
    return undefined
  }
  const server = createServer((incoming, response) => {
    const refusal = refusalOf(incoming)
    if (refusal) {
      response.writeHead(refusal.status, { 'content-type': 'text/plain', ...refusal.headers })
      return void response.end(refusal.body ?? '')
    }
    const url = new URL(incoming.url ?? '')
    const { 'proxy-authorization': _, ...headers } = incoming.headers
    const onward = request(
      {
        host: '127.0.0.1',
        port: options.port,
        method: incoming.method,
        path: url.pathname + url.search,
        headers,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    onward.on('error', () => response.destroy())
    incoming.pipe(onward)
  })
  server.on('connect', (incoming: IncomingMessage, client: Socket) => {
    client.on('error', () => {})
    const refusal = refusalOf(incoming)
    if (refusal) return void client.end(`HTTP/1.1 ${refusal.status} No\r\n${linesOf(refusal.headers)}\r\n`)
    join(client, options.port, () => client.write('HTTP/1.1 200 Connection established\r\n\r\n'))
  })
  return server
}

const linesOf = (headers: Record<string, string> = {}): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')

function join(client: Socket, port: number, ready: () => void): void {
  const onward = connect(port, '127.0.0.1', () => {
    ready()
    client.pipe(onward).pipe(client)
  })
  onward.on('error', () => client.destroy())
  client.on('error', () => onward.destroy())
}

/** A SOCKS5 proxy (RFC 1928, 1929) that resolves every name to one port, not yet listening. `refuse` is its answer code. */
export function socksProxy(
  options: { port: number; login?: string; refuse?: number },
  asked: Asked[] = [],
): TcpServer {
  return createTcp(async (client) => {
    client.on('error', () => {})
    const read = reader(client)
    const [, methods = 0] = await read(2)
    await read(methods)
    client.write(Buffer.from([5, options.login === undefined ? 0 : 2]))
    let login: string | undefined
    if (options.login !== undefined) {
      const [, userLength = 0] = await read(2)
      const user = await read(userLength)
      const [passwordLength = 0] = await read(1)
      login = `${user}:${await read(passwordLength)}`
      client.write(Buffer.from([1, login === options.login ? 0 : 1]))
      if (login !== options.login) return void client.end()
    }
    const [, , , kind, length = 0] = await read(5)
    const name = await read(kind === 3 ? length : 3)
    const port = (await read(2)).readUInt16BE(0)
    asked.push({ line: kind === 3 ? `${name}:${port}` : `an address, port ${port}`, login })
    const answer = (code: number) => client.write(Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]))
    if (options.refuse !== undefined) {
      answer(options.refuse)
      return void client.end()
    }
    client.removeAllListeners('data')
    join(client, options.port, () => answer(0))
  })
}

/** Reads so many bytes at a time; what ends before they came is never answered. */
function reader(socket: Socket): (bytes: number) => Promise<Buffer> {
  let held = Buffer.alloc(0)
  let wake = () => {}
  const onData = (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    wake()
  }
  socket.on('data', onData)
  return async (bytes) => {
    while (held.length < bytes) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    const taken = held.subarray(0, bytes)
    held = held.subarray(bytes)
    return taken
  }
}
