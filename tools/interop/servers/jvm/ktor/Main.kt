// Numbered events from Ktor's `sse`, on the engine of the first argument, `cio` or `netty`: those after
// the last event ID up to a number, then one of the type `end`. The stream ends, fails, or stays open
// without further events, after a number of events. The port is in the environment variable PORT.
//
// GET /events?last=N[&end-after=N][&fail-after=N][&hold-after=N]

import io.ktor.server.application.ServerReady
import io.ktor.server.application.install
import io.ktor.server.cio.CIO
import io.ktor.server.engine.embeddedServer
import io.ktor.server.netty.Netty
import io.ktor.server.routing.routing
import io.ktor.server.sse.SSE
import io.ktor.server.sse.sse
import io.ktor.sse.ServerSentEvent
import kotlinx.coroutines.awaitCancellation

fun payload(n: Int): String {
    val large = if (n % 20 == 5) "large ".repeat(20_000) else ""
    return "$n\nthe second line of $n: naïve – 日本語 🦀\n$large"
}

fun main(arguments: Array<String>) {
    val engine = mapOf("cio" to CIO, "netty" to Netty).getValue(arguments[0])
    embeddedServer(engine, port = System.getenv("PORT").toInt(), host = "127.0.0.1") {
        install(SSE)
        routing {
            sse("/events") {
                val query = call.request.queryParameters
                fun number(name: String) = query[name]?.toInt() ?: 0
                val first = (call.request.headers["Last-Event-ID"]?.toInt() ?: 0) + 1
                val last = number("last")
                for (n in first..last) {
                    send(ServerSentEvent(payload(n), event = "tick", id = "$n"))
                    val count = n - first + 1
                    if (count == number("fail-after")) error("the source failed")
                    if (n < last && count == number("end-after")) return@sse
                    if (n < last && count == number("hold-after")) awaitCancellation()
                }
                send(ServerSentEvent("end", event = "end", id = "${last + 1}"))
            }
        }
        monitor.subscribe(ServerReady) { println("listening") }
    }.start(wait = true)
}
