// Follows an event stream with eventsource-parser and forwards its events to any number of clients.
//
// Takes how it writes, `each` event or those that came together `joined`, and the URL of the
// stream. Prints the origin that it serves at, and ends with its input.

import http from 'node:http'
import process from 'node:process'

import { createParser } from 'eventsource-parser'

const [how, url] = process.argv.slice(2)
const responses = new Set()

const server = http.createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.flushHeaders()
  responses.add(response)
  response.on('close', () => responses.delete(response))
})
server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 }, () => {
  console.log(`http://127.0.0.1:${server.address().port}`)
})

function write(text) {
  for (const response of responses) response.write(text)
}

// Events that are not written yet. `data` comes for each chunk of the response, of which one read can
// bring many: they are written after all of them.
let joined = ''

function writeJoined() {
  write(joined)
  joined = ''
}

const parser = createParser({
  onEvent({ id, event, data }) {
    let text = ''
    if (event !== undefined) text += `event: ${event}\n`
    if (id !== undefined) text += `id: ${id}\n`
    for (const line of data.split('\n')) text += `data: ${line}\n`
    text += '\n'
    // Formatted once for all clients.
    if (how === 'each') {
      write(text)
    } else {
      if (joined === '') setImmediate(writeJoined)
      joined += text
    }
  },
})
http.get(url, { headers: { accept: 'text/event-stream' } }, (response) => {
  response.setEncoding('utf8')
  response.on('data', (chunk) => parser.feed(chunk))
})

process.stdin.on('end', () => process.exit(0)).resume()
