// Reads event streams with fetch and eventsource-parser, and prints the CPU time per event of the
// last one.
//
// The arguments are pairs of a URL and the number of its events. All but the last pair warm up.

import process from 'node:process'

import { createParser } from 'eventsource-parser'

async function drain(url, expected) {
  const response = await fetch(url, { headers: { accept: 'text/event-stream' } })
  if (!response.ok) {
    throw new Error(`status ${response.status}`)
  }
  let events = 0
  let dataBytes = 0
  let start
  const parser = createParser({
    onEvent(event) {
      if (events === 0) {
        start = process.cpuUsage()
      }
      events += 1
      // The streams are ASCII: code units are bytes.
      dataBytes += event.data.length
    },
  })
  const decoder = new TextDecoder()
  for await (const chunk of response.body) {
    parser.feed(decoder.decode(chunk, { stream: true }))
  }
  if (events !== expected) {
    throw new Error(`${events} events of ${expected}`)
  }
  const { user, system } = process.cpuUsage(start)
  const nsPerEvent = ((user + system) * 1e3) / (expected - 1)
  return { events, data_bytes: dataBytes, ns_per_event: nsPerEvent }
}

const pairs = process.argv.slice(2)
if (pairs.length === 0 || pairs.length % 2 !== 0) {
  throw new Error('takes pairs of a URL and a number of events')
}
let found
for (let at = 0; at < pairs.length; at += 2) {
  found = await drain(pairs[at], Number(pairs[at + 1]))
}
console.log(JSON.stringify(found))
