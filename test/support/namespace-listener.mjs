import { createServer } from 'node:net'

// Opens a listening socket in the network namespace that this process runs in, and hands it to the parent process.
const [address, port] = process.argv.slice(2)
const server = createServer()
server.once('error', (error) => process.send({ error: error.message }, () => process.exit(1)))
server.listen(Number(port), address, () => process.send({}, server, () => process.exit()))
