import { refuseBodyAfter, startFaultyServer, tooLargeHtml } from './faulty-server.ts'

/*
 * A server in a process of its own, so that its reset really races with what the client writes: in one process
 * the two take turns. Prints its address; ends with its input.
 */
const { url } = await startFaultyServer(refuseBodyAfter(Number(process.argv[2]), tooLargeHtml))
process.stdout.write(`${url}\n`)
process.stdin.on('end', () => process.exit()).resume()
