import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import { connect, createServer as createTcp, type Socket, type Server as TcpServer } from 'node:net'

/** A test proxy: it resolves every name to one port of this machine, unless it refuses. */
export type ProxyOptions = {
  /** The port that every name leads to. */
  port: number
  /** The only `user:password` that is accepted. */
  login?: string
  /** The response to every request, instead of forwarding it. */
  refuse?: { status: number; headers?: Record<string, string>; body?: string }
}

/** A request that a proxy received: `CONNECT registry.test:443`, `GET http://registry.test/v2/…`. */
export type ProxyRequest = { line: string; login: string | undefined }

/** An HTTP proxy for CONNECT and for requests in absolute form, not yet listening. Adds each request to `received`. */
export function httpProxy(options: ProxyOptions, received: ProxyRequest[] = []): Server {
  const refusalOf = (request: IncomingMessage) => {
    const [, value = ''] = (request.headers['proxy-authorization'] ?? '').split(' ')
    const login = value ? Buffer.from(value, 'base64').toString() : undefined
    received.push({ line: `${request.method} ${request.url}`, login })
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
    const forwarded = request(
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
    forwarded.on('error', () => response.destroy())
    incoming.pipe(forwarded)
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
  const upstream = connect(port, '127.0.0.1', () => {
    ready()
    client.pipe(upstream).pipe(client)
  })
  upstream.on('error', () => client.destroy())
  client.on('error', () => upstream.destroy())
}

/** A SOCKS5 proxy (RFC 1928, 1929) that resolves every name to one port, not yet listening. `refuse` is the reply code of every request. */
export function socksProxy(
  options: { port: number; login?: string; refuse?: number },
  received: ProxyRequest[] = [],
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
    received.push({ line: kind === 3 ? `${name}:${port}` : `an address, port ${port}`, login })
    const answer = (code: number) => client.write(Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]))
    if (options.refuse !== undefined) {
      answer(options.refuse)
      return void client.end()
    }
    client.removeAllListeners('data')
    join(client, options.port, () => answer(0))
  })
}

/** Reads the given number of bytes; never resolves if the connection ends before. */
function reader(socket: Socket): (bytes: number) => Promise<Buffer> {
  let buffered = Buffer.alloc(0)
  let wake = () => {}
  const onData = (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk])
    wake()
  }
  socket.on('data', onData)
  return async (bytes) => {
    while (buffered.length < bytes) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    const taken = buffered.subarray(0, bytes)
    buffered = buffered.subarray(bytes)
    return taken
  }
}
