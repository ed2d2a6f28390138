// Follows an event stream with eventsource-parser and forwards its events to any number of clients.
//
// Takes the URL of the stream, and prints the origin that it serves at. Ends with its input.

import http from 'node:http'
import process from 'node:process'

import { createParser } from 'eventsource-parser'

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

// Formatted once for all clients.
const parser = createParser({
  onEvent({ id, event, data }) {
    let text = ''
    if (event !== undefined) text += `event: ${event}\n`
    if (id !== undefined) text += `id: ${id}\n`
    for (const line of data.split('\n')) text += `data: ${line}\n`
    text += '\n'
    for (const response of responses) response.write(text)
  },
})
http.get(process.argv[2], { headers: { accept: 'text/event-stream' } }, (response) => {
  response.setEncoding('utf8')
  response.on('data', (chunk) => parser.feed(chunk))
})

process.stdin.on('end', () => process.exit(0)).resume()
