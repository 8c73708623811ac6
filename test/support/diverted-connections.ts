import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

/** Connections that this process opens: where each was meant to go, and what lets them go there again. */
export interface Diverted {
  dialled: string[]
  restore: () => void
}

/**
 * Notes every connection that this process opens by `net.connect`, and leads all but those to 127.0.0.1 to one port of this machine:
 * a test may dial any address, and sends nothing to it.
 */
export function divertConnections(port: () => number): Diverted {
  const { connect } = net
  const dialled: string[] = []
  const divert = (options: net.TcpNetConnectOpts, ...rest: unknown[]): net.Socket => {
    // The proxies of tests name a port and this machine; what is under test gives options.
    if (typeof options !== 'object' || options.host === '127.0.0.1') {
      if (typeof options === 'object') dialled.push(`${options.host} ${options.port}`)
      return Reflect.apply(connect, net, [options, ...rest])
    }
    dialled.push(`${options.host} ${options.port}`)
    return Reflect.apply(connect, net, [{ ...options, host: '127.0.0.1', port: port() }, ...rest])
  }
  net.connect = divert as typeof connect
  syncBuiltinESMExports()
  return {
    dialled,
    restore: () => {
      net.connect = connect
      syncBuiltinESMExports()
    },
  }
}
