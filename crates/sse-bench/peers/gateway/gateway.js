// Follows an event stream with eventsource-parser and forwards its events to any number of clients.
//
// Takes how it writes, `each` event or each chunk with its events `joined`, and the URL of the
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

// Events of a chunk that are not written yet.
let joined = ''

const parser = createParser({
  onEvent({ id, event, data }) {
    let text = ''
    if (event !== undefined) text += `event: ${event}\n`
    if (id !== undefined) text += `id: ${id}\n`
    for (const line of data.split('\n')) text += `data: ${line}\n`
    text += '\n'
    // Formatted once for all clients.
    if (how === 'joined') joined += text
    else write(text)
  },
})
http.get(url, { headers: { accept: 'text/event-stream' } }, (response) => {
  response.setEncoding('utf8')
  response.on('data', (chunk) => {
    parser.feed(chunk)
    if (joined !== '') {
      write(joined)
      joined = ''
    }
  })
})

process.stdin.on('end', () => process.exit(0)).resume()
