#!/usr/bin/env bash
#
# Library: Ktor 3.6.1, its client on the engine CIO, beside OkHttp 5.5.1. Seen with Java 17.0.15.
#
# Behavior: a server responds in HTTP/1.1 with neither Content-Length nor Transfer-Encoding, sends
# an event, and closes the connection. If the head has "Connection: close", both engines return
# the event. If it has not, a plain GET fails on CIO ("request body length should be specified"),
# and the SSE plugin ends regularly, without an event.
#
# Expected instead: the event. By RFC 9112 (6.3), such a body lasts until the connection is
# closed; the header Connection plays no part in that.
#
# Consequence: streams of small servers and of proxies that leave out the header are empty, and
# nothing says so.
#
# Output seen on 1 December 2026:
#   cio: Connection: close: GET 9 bytes; event 1; without: GET fails; no event
#   okhttp: Connection: close: GET 9 bytes; event 1; without: GET 9 bytes; event 1
#
# Here: the body lasts until the connection is closed. docs/KTOR.md, Ends without reconnection.
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
import io.ktor.client.request.get
import io.ktor.client.statement.readRawBytes
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import kotlin.concurrent.thread
import kotlin.system.exitProcess
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

suspend fun read(client: HttpClient, connection: String): String {
    val url = serve { socket ->
        socket.use {
            it.send(HEAD + connection + "\r\ndata: 1\n\n")
            Thread.sleep(300)
        }
    }
    val get = runCatching { "GET ${client.get(url).readRawBytes().size} bytes" }
    val seen = mutableListOf(get.getOrElse { "GET fails" })
    var events = "no event"
    client.sse(url) { incoming.collect { events = "event ${it.data}" } }
    seen += events
    return seen.joinToString("; ")
}

fun main() {
    for ((name, engine) in listOf("cio" to CIO, "okhttp" to OkHttp)) {
        val client = HttpClient(engine) { install(SSE) }
        val (with, without) = runBlocking {
            listOf("Connection: close\r\n", "").map { read(client, it) }
        }
        println("$name: Connection: close: $with; without: $without")
    }
    exitProcess(0)
}
EOF

expected='cio: Connection: close: GET 9 bytes; event 1; without: GET fails; no event
okhttp: Connection: close: GET 9 bytes; event 1; without: GET 9 bytes; event 1'

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
