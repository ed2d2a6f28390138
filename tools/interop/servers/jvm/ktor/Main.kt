// Numbered events from Ktor's `sse`, as Numbers.java says, on the engine of the first argument,
// `cio` or `netty`. The port is in the environment variable PORT.

package numbers

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

fun main(arguments: Array<String>) {
    val engine = mapOf("cio" to CIO, "netty" to Netty).getValue(arguments[0])
    embeddedServer(engine, port = System.getenv("PORT").toInt(), host = "127.0.0.1") {
        install(SSE)
        routing {
            sse("/events") {
                val request = call.request
                val numbers = Numbers.of(request.headers["Last-Event-ID"], request.queryParameters::get)
                for (it in numbers.events) send(ServerSentEvent(it.data, event = it.type, id = it.id))
                when (numbers.ending) {
                    Numbers.Ending.COMPLETE -> {}
                    Numbers.Ending.FAIL -> throw Numbers.failure()
                    Numbers.Ending.HOLD -> awaitCancellation()
                }
            }
        }
        monitor.subscribe(ServerReady) { println("listening") }
    }.start(wait = true)
}
