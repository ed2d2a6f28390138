#!/usr/bin/env bash
#
# Library: Ktor 3.6.1, the SSE plugin of its client, on the engines CIO and OkHttp 5.5.1. Seen
# with Java 17.0.15.
#
# Behavior: a server sends an event in a chunked body, waits until it has arrived, and closes the
# connection within the next chunk. On both engines the flow `incoming` completes regularly, as it
# does when the body is complete, and `sse` returns.
#
# Expected instead: an exception, as HTTP shows that the body is incomplete.
#
# Consequence: without reconnection, which is the default, an answer that was truncated looks like
# one that is whole.
#
# Output seen on 1 December 2026:
#   cio: event 1, a regular end
#   okhttp: event 1, a regular end
#
# Here: an incomplete body is an error or a disconnect. docs/KTOR.md, Ends without reconnection.
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
import java.util.concurrent.Semaphore
import java.util.concurrent.TimeUnit
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

fun main() {
    val arrived = Semaphore(0)
    val url = serve { socket ->
        socket.use {
            it.send(HEAD + "Transfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n")
            check(arrived.tryAcquire(60, TimeUnit.SECONDS)) { "the event did not arrive" }
            it.send("9\r\ndat")
        }
    }
    for ((name, engine) in listOf("cio" to CIO, "okhttp" to OkHttp)) {
        val seen = mutableListOf<String>()
        runBlocking {
            try {
                HttpClient(engine) { install(SSE) }.sse(url) {
                    incoming.collect {
                        seen += "event ${it.data}"
                        arrived.release()
                    }
                }
                seen += "a regular end"
            } catch (failure: Exception) {
                seen += "$failure"
            }
        }
        println("$name: ${seen.joinToString()}")
    }
    exitProcess(0)
}
EOF

expected='cio: event 1, a regular end
okhttp: event 1, a regular end'

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
