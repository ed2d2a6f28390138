#!/usr/bin/env bash
#
# Library: Ktor 3.6.1, the SSE plugin of its client, on the engines CIO and OkHttp 5.5.1. Seen
# with Java 17.0.15.
#
# Behavior: a coroutine calls `sse`, and the server has the request and does not answer yet. The
# coroutine is canceled. Its connection stays open: the server can wait for its end, and nothing
# comes. If the coroutine is canceled after an event, the connection is closed at once.
#
# Expected instead: a closed connection in both cases, as with other requests of Ktor: what is
# canceled ends.
#
# Consequence: a server goes on with work that nobody waits for, and a program that cancels slow
# requests, for example by `withTimeout`, collects open connections.
#
# Output seen on 1 December 2026:
#   cio: canceled before the answer: open after 5 s; canceled after an event: closed
#   okhttp: canceled before the answer: open after 5 s; canceled after an event: closed
#
# Here: a session that is dropped closes its connection in every state. docs/KTOR.md,
# Cancellation.
#
# Needs: bash, timeout, Java 17 or later, Maven, access to its central repository. Exit status: 0
# if the output is the same, 1 if it changed, 2 if the packages could not be installed or run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/pom.xml" <<'EOF'
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.ktor</groupId>
      <artifactId>ktor-client-cio-jvm</artifactId>
      <version>3.6.1</version>
    </dependency>
    <dependency>
      <groupId>io.ktor</groupId>
      <artifactId>ktor-client-okhttp-jvm</artifactId>
      <version>3.6.1</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-nop</artifactId>
      <version>2.0.19</version>
    </dependency>
    <dependency>
      <groupId>org.jetbrains.kotlin</groupId>
      <artifactId>kotlin-compiler-embeddable</artifactId>
      <version>2.3.21</version>
      <scope>provided</scope>
    </dependency>
  </dependencies>
</project>
EOF

cat >"$tmp/Main.kt" <<'EOF'
import io.ktor.client.HttpClient
import io.ktor.client.engine.cio.CIO
import io.ktor.client.engine.okhttp.OkHttp
import io.ktor.client.plugins.sse.SSE
import io.ktor.client.plugins.sse.sse
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.net.SocketTimeoutException
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlin.system.exitProcess
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

const val HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"

/** Listens on a port of its own, reads the head of each request, and lets `answer` do the rest. */
fun serve(answer: (Socket) -> Unit): String {
    val server = ServerSocket(0, 50, InetAddress.getLoopbackAddress())
    thread(isDaemon = true) {
        while (true) {
            val socket = server.accept()
            thread(isDaemon = true) {
                val input = socket.getInputStream().bufferedReader(Charsets.ISO_8859_1)
                while (input.readLine().orEmpty().isNotEmpty()) Unit
                answer(socket)
            }
        }
    }
    return "http://127.0.0.1:${server.localPort}/"
}

fun Socket.send(text: String) = getOutputStream().run { write(text.toByteArray()); flush() }

/** Waits until the other side closes. Returns what came of it. */
fun Socket.end(): String {
    soTimeout = 5000
    return try {
        check(getInputStream().read() == -1) { "more of the request" }
        "closed"
    } catch (open: SocketTimeoutException) {
        "open after 5 s"
    }
}

/** Cancels a session before the server answers, or after its first event. */
fun cancel(client: HttpClient, answers: Boolean): String {
    val requests = LinkedBlockingQueue<Socket>()
    val events = LinkedBlockingQueue<String>()
    val url = serve { socket ->
        if (answers) socket.send(HEAD + "Transfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n")
        requests.put(socket)
    }
    return runBlocking(Dispatchers.IO) {
        val session = launch { client.sse(url) { incoming.collect { events.put("${it.data}") } } }
        val socket = checkNotNull(requests.poll(30, TimeUnit.SECONDS)) { "no request" }
        if (answers) check(events.poll(30, TimeUnit.SECONDS) == "1") { "no event" }
        delay(500)
        session.cancel()
        socket.end()
    }
}

fun main() {
    for ((name, engine) in listOf("cio" to CIO, "okhttp" to OkHttp)) {
        val client = HttpClient(engine) { install(SSE) }
        val before = cancel(client, answers = false)
        val after = cancel(client, answers = true)
        println("$name: canceled before the answer: $before; canceled after an event: $after")
    }
    exitProcess(0)
}
EOF

expected='cio: canceled before the answer: open after 5 s; canceled after an event: closed
okhttp: canceled before the answer: open after 5 s; canceled after an event: closed'

actual=$(
    cd "$tmp"
    copy=org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies
    for scope in runtime provided; do
        timeout 300 mvn --quiet --batch-mode "-Dmaven.repo.local=$tmp/repository" "$copy" \
            "-DincludeScope=$scope" "-DoutputDirectory=$scope" >&2
    done
    timeout 600 java -cp 'provided/*:runtime/*' org.jetbrains.kotlin.cli.jvm.K2JVMCompiler \
        -no-stdlib -no-reflect -cp "$(printf '%s:' runtime/*.jar)" -d classes Main.kt >&2
    timeout 120 java -cp 'classes:runtime/*' MainKt
) || {
    echo "could not install or run the packages" >&2
    exit 2
}
printf '%s\n' "$actual"

if [[ $actual != "$expected" ]]; then
    printf 'changed: the output differs from what was recorded, which was:\n%s\n' "$expected" >&2
    exit 1
fi
echo "unchanged"
