#!/usr/bin/env bash
#
# Library: okhttp-eventsource 4.2.0 (LaunchDarkly). Seen with Java 17.0.15.
#
# Behavior: a server answers every request with 204, and the client has at most three attempts
# (`ErrorStrategy.continueWithMaxAttempts(3)`). It takes a 204 for an empty stream, and asks
# again: each accepted answer resets the count of attempts. The same limit ends a client whose
# server refuses connections.
#
# Expected instead: no further request. The HTML standard has 204 as the way in which a server
# tells a client to stop reconnecting.
#
# Consequence: a feed that is over is asked again for as long as the program runs, every 15 to 30
# s at the end.
#
# Output seen on 1 December 2026:
#   204: 10 requests, and more
#   refused: 3 faults, then StreamIOException
#
# Here: 204 ends a session, without an error. docs/MIGRATING.md, From okhttp-eventsource.
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
      <groupId>com.launchdarkly</groupId>
      <artifactId>okhttp-eventsource</artifactId>
      <version>4.2.0</version>
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
import com.launchdarkly.eventsource.ErrorStrategy
import com.launchdarkly.eventsource.EventSource
import com.launchdarkly.eventsource.FaultEvent
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.net.URI
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlin.system.exitProcess

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

fun source(url: String) = EventSource.Builder(URI(url))
    .errorStrategy(ErrorStrategy.continueWithMaxAttempts(3))
    .retryDelay(1, TimeUnit.MILLISECONDS)
    .build()

fun main() {
    val requests = CountDownLatch(10)
    val url = serve { socket ->
        socket.use {
            requests.countDown()
            it.send("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        }
    }
    val none = source(url)
    thread(isDaemon = true) { none.anyEvents().forEach { _ -> } }
    val isFlood = requests.await(60, TimeUnit.SECONDS)
    println("204: ${if (isFlood) "10 requests, and more" else "${10 - requests.count} requests"}")
    none.close()

    // A port that nothing listens on.
    val port = ServerSocket(0, 50, InetAddress.getLoopbackAddress()).use { it.localPort }
    var faults = 0
    val refused = source("http://127.0.0.1:$port/")
    try {
        while (refused.readAnyEvent() is FaultEvent) faults++
    } catch (failure: Exception) {
        println("refused: $faults faults, then ${failure::class.simpleName}")
    }
    exitProcess(0)
}
EOF

expected='204: 10 requests, and more
refused: 3 faults, then StreamIOException'

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
