#!/usr/bin/env bash
#
# Library: Ktor 3.6.1, its client on the engine CIO, beside OkHttp 5.5.1. Seen with Java 17.0.15.
#
# Behavior: a server sends 103 Early Hints before its response. CIO returns 103 as the response,
# of a plain GET too, so that the SSE plugin fails with "Expected status code 200 but was 103".
# OkHttp returns the response that follows.
#
# Expected instead: the final response. RFC 9110 (15.2) has clients read any number of
# informational responses before it, even if they do not expect one.
#
# Consequence: servers and proxies that send 103 for every page, as CDNs can, are out of reach.
#
# Output seen on 1 December 2026:
#   cio: GET 103; Expected status code 200 but was 103
#   okhttp: GET 200; event 1
#
# Here: informational responses are skipped. docs/KTOR.md, Heads.
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

fun main() {
    val url = serve { socket ->
        socket.use {
            it.send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n")
            it.send(HEAD + "Connection: close\r\n\r\ndata: 1\n\n")
        }
    }
    for ((name, engine) in listOf("cio" to CIO, "okhttp" to OkHttp)) {
        val client = HttpClient(engine) { install(SSE) }
        val seen = mutableListOf<String>()
        runBlocking {
            seen += "GET ${client.get(url).status.value}"
            try {
                client.sse(url) { incoming.collect { seen += "event ${it.data}" } }
            } catch (failure: Exception) {
                seen += "${failure.message}"
            }
        }
        println("$name: ${seen.joinToString("; ")}")
    }
    exitProcess(0)
}
EOF

expected='cio: GET 103; Expected status code 200 but was 103
okhttp: GET 200; event 1'

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
