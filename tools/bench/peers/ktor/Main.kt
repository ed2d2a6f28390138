import com.sun.management.OperatingSystemMXBean
import io.ktor.client.HttpClient
import io.ktor.client.engine.cio.CIO
import io.ktor.client.engine.okhttp.OkHttp
import io.ktor.client.plugins.sse.SSE
import io.ktor.client.plugins.sse.sse
import java.io.File
import java.lang.management.ManagementFactory
import java.util.Locale
import kotlinx.coroutines.runBlocking

/**
 * Reads event streams with Ktor's client, and prints the CPU time per event of the last one, and the
 * resident memory after it.
 *
 * The arguments are the engine, then pairs of a URL and the number of its events. All but the last
 * pair warm up.
 */
fun main(args: Array<String>) = runBlocking {
    val engine = if (args.first() == "cio") CIO else OkHttp
    require(args.size > 1 && args.size % 2 == 1) { "takes an engine, then pairs of a URL and a number" }
    val client = HttpClient(engine) { install(SSE) }
    var found = ""
    for ((url, events) in args.drop(1).chunked(2)) {
        found = drain(client, url, events.toLong())
    }
    println(found)
    client.close()
}

private val process = ManagementFactory.getOperatingSystemMXBean() as OperatingSystemMXBean

private suspend fun drain(client: HttpClient, url: String, expected: Long): String {
    var events = 0L
    var dataBytes = 0L
    var start = 0L
    client.sse(url) {
        incoming.collect { event ->
            if (events == 0L) start = process.processCpuTime
            events++
            // The streams are ASCII: code units are bytes.
            dataBytes += event.data?.length ?: 0
        }
    }
    check(events == expected) { "$events events of $expected" }
    val nsPerEvent = (process.processCpuTime - start).toDouble() / (expected - 1)
    return String.format(
        Locale.ROOT,
        "{\"events\":%d,\"data_bytes\":%d,\"ns_per_event\":%.2f,\"resident\":%d}",
        events,
        dataBytes,
        nsPerEvent,
        resident(),
    )
}

/** Returns the resident memory of the process in bytes, or 0 where there is no `/proc`. */
private fun resident(): Long {
    val status = File("/proc/self/status")
    if (!status.exists()) return 0
    val line = status.readLines().first { it.startsWith("VmRSS:") }
    return line.filter(Char::isDigit).toLong() * 1024
}
