/**
 * Reads event streams with Ktor's client, as the tool says in lines of JSON on standard input, and
 * prints what the program that calls Ktor sees, a line of JSON each.
 *
 * The argument is the engine: `cio` or `okhttp`. A line with a URL starts a session, `cancel` cancels
 * its coroutine, and `close` closes its client. There is one session at a time.
 */

import io.ktor.client.HttpClient
import io.ktor.client.engine.HttpClientEngineFactory
import io.ktor.client.engine.cio.CIO
import io.ktor.client.engine.okhttp.OkHttp
import io.ktor.client.plugins.HttpTimeout
import io.ktor.client.plugins.compression.ContentEncoding
import io.ktor.client.plugins.sse.SSE
import io.ktor.client.plugins.sse.deserialize
import io.ktor.client.plugins.sse.sse
import io.ktor.client.request.HttpRequestBuilder
import io.ktor.client.request.header
import io.ktor.client.request.setBody
import io.ktor.client.request.url
import io.ktor.http.HttpMethod
import io.ktor.sse.ServerSentEventMetadata
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long
import kotlinx.serialization.serializer

fun main(args: Array<String>) {
    val engine = when (args.single()) {
        "cio" -> CIO
        "okhttp" -> OkHttp
        else -> error("no such engine: ${args.single()}")
    }
    val lines = Channel<JsonObject>(Channel.UNLIMITED)
    thread(isDaemon = true) {
        generateSequence(::readLine).forEach { lines.trySend(Json.parseToJsonElement(it).jsonObject) }
        lines.close()
    }
    runBlocking { obey(engine, lines) }
    // Threads of a client that did not close must not keep the process.
    Runtime.getRuntime().halt(0)
}

private suspend fun obey(engine: HttpClientEngineFactory<*>, lines: Channel<JsonObject>) = runBlocking {
    var client: HttpClient? = null
    var session: Job? = null
    for (line in lines) {
        when {
            "cancel" in line -> session?.cancel()
            "close" in line -> {
                session?.cancel()
                withTimeoutOrNull(1000.milliseconds) { session?.join() }
                client?.close()
                say("closed", JsonPrimitive(true))
            }
            else -> {
                val opened = client(engine, line)
                client = opened
                session = launch(Dispatchers.Default) { follow(opened, line) }
            }
        }
    }
    session?.cancel()
}

private fun client(engine: HttpClientEngineFactory<*>, wanted: JsonObject) = HttpClient(engine) {
    install(SSE) {
        maxReconnectionAttempts = wanted.int("attempts")
        reconnectionTime = wanted.int("wait").milliseconds
        if (wanted.flag("comments")) showCommentEvents()
        if (wanted.flag("retries")) showRetryEvents()
    }
    if (wanted.flag("gzip")) install(ContentEncoding) { gzip() }
    install(HttpTimeout) {
        // CIO's default of 5 s is not enough on a machine that is busy.
        connectTimeoutMillis = 60_000
        wanted["idle"]?.let { socketTimeoutMillis = it.jsonPrimitive.long }
    }
}

private suspend fun follow(client: HttpClient, wanted: JsonObject) {
    val request: HttpRequestBuilder.() -> Unit = {
        url(wanted.getValue("url").jsonPrimitive.content)
        wanted["last_event_id"]?.let { header("Last-Event-ID", it.jsonPrimitive.content) }
        wanted["body"]?.let {
            method = HttpMethod.Post
            setBody(it.jsonPrimitive.content)
        }
    }
    try {
        if (wanted.flag("typed")) readTyped(client, request) else read(client, request, wanted)
        say("end", JsonPrimitive(true))
    } catch (cancellation: CancellationException) {
        say("canceled", JsonPrimitive(true))
        throw cancellation
    } catch (failure: Throwable) {
        say("error", JsonPrimitive(describe(failure)))
    }
}

private suspend fun read(client: HttpClient, request: HttpRequestBuilder.() -> Unit, wanted: JsonObject) {
    client.sse(request) {
        say("open", JsonPrimitive(call.response.status.value))
        val stop = wanted["fail_at"]?.jsonPrimitive?.content
        val first = wanted["take"]?.jsonPrimitive?.int
        if (first != null) {
            incoming.take(first).collect { say("event", json(it)) }
        }
        incoming.collect {
            say("event", json(it))
            check(stop == null || it.data != stop) { "the caller's own" }
        }
    }
}

/** Reads data as whole numbers, with a deserializer like that of Ktor's documentation. */
private suspend fun readTyped(client: HttpClient, request: HttpRequestBuilder.() -> Unit) {
    client.sse(request, { type, text ->
        Json.decodeFromString(Json.serializersModule.serializer(type.kotlinType!!), text)
    }) {
        say("open", JsonPrimitive(call.response.status.value))
        incoming.collect { say("value", JsonPrimitive(deserialize<Int>(it.data))) }
    }
}

private fun json(event: ServerSentEventMetadata<String>): JsonElement = JsonObject(
    buildMap {
        event.data?.let { put("data", JsonPrimitive(it)) }
        event.event?.let { put("event", JsonPrimitive(it)) }
        event.id?.let { put("id", JsonPrimitive(it)) }
        event.retry?.let { put("retry", JsonPrimitive(it)) }
        event.comments?.let { put("comments", JsonPrimitive(it)) }
    },
)

/** Returns what a log shows: the exception and its causes. */
private fun describe(failure: Throwable): String {
    val causes = generateSequence(failure) { it.cause.takeIf { cause -> cause !== it } }.take(8)
    return causes.map { "${it::class.simpleName}: ${it.message}" }.distinct().joinToString(" < ")
}

private fun JsonObject.int(name: String) = this[name]?.jsonPrimitive?.int ?: 0

private fun JsonObject.flag(name: String) = this[name]?.jsonPrimitive?.boolean ?: false

private val output = System.out

private fun say(name: String, value: JsonElement) {
    synchronized(output) {
        output.println(JsonObject(mapOf(name to value)))
        output.flush()
    }
}
