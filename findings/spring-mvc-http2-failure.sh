#!/usr/bin/env bash
#
# Library: Spring Boot 4.1.2, Spring MVC's SseEmitter on Tomcat 11.0.27. Seen with Java 17.0.15 and
# curl 7.88.1.
#
# Behavior: a controller sends an event and then completes its emitter with an error, as Spring's
# documentation says for a failure. Over HTTP/1.1 the body is truncated. Over HTTP/2 the stream ends
# regularly, with END_STREAM.
#
# Expected instead: a reset of the HTTP/2 stream.
#
# Consequence: an answer that has failed looks whole, but only to clients over HTTP/2. A test over
# HTTP/1.1 does not show it.
#
# Output seen on 1 December 2026:
#   HTTP/1.1: an event, truncated
#   HTTP/2: an event, complete
#
# Here: docs/guide/real-servers.md, Servers that hide a failure.
#
# Needs: bash, timeout, a JDK of version 17 or later, Maven, access to its central repository, curl
# with HTTP/2. Exit status: 0 if the output is the same, 1 if it changed, 2 if the packages could
# not be installed or run.

set -euo pipefail

tmp=$(mktemp -d)
pid=
trap '[[ -z $pid ]] || kill "$pid" 2>/dev/null || true; wait; rm -rf "$tmp"' EXIT

if ! grep -q HTTP2 <<<"$(curl --version)"; then
    echo "curl is missing or has no HTTP/2" >&2
    exit 2
fi

cat >"$tmp/pom.xml" <<'EOF'
<project>
  <modelVersion>4.0.0</modelVersion>
  <parent>
    <groupId>org.springframework.boot</groupId>
    <artifactId>spring-boot-starter-parent</artifactId>
    <version>4.1.2</version>
    <relativePath/>
  </parent>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.springframework.boot</groupId>
      <artifactId>spring-boot-starter-webmvc</artifactId>
    </dependency>
  </dependencies>
</project>
EOF

cat >"$tmp/Main.java" <<'EOF'
import java.util.concurrent.CompletableFuture;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

@SpringBootConfiguration
@EnableAutoConfiguration
@RestController
public class Main {
    @GetMapping("/")
    SseEmitter events() {
        SseEmitter emitter = new SseEmitter();
        CompletableFuture.runAsync(() -> {
            try {
                emitter.send("first");
                emitter.completeWithError(new IllegalStateException("failed"));
            } catch (Exception error) {
                error.printStackTrace();
            }
        });
        return emitter;
    }

    public static void main(String[] arguments) {
        SpringApplication spring = new SpringApplication(Main.class);
        // Arguments go before variables of the environment.
        String port = spring.run(
                        "--server.address=127.0.0.1",
                        "--server.port=0",
                        "--server.http2.enabled=true")
                .getEnvironment().getProperty("local.server.port");
        System.out.println("listens at " + port);
    }
}
EOF

expected='HTTP/1.1: an event, truncated
HTTP/2: an event, complete'

if ! (
    cd "$tmp"
    timeout 600 mvn --quiet --batch-mode "-Dmaven.repo.local=$tmp/repository" \
        org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
        -DoutputDirectory=lib >&2
    timeout 120 javac -parameters -cp 'lib/*' -d classes Main.java >&2
); then
    echo "could not install the packages" >&2
    exit 2
fi
timeout -k 10 300 java "-Djava.io.tmpdir=$tmp" -cp "$tmp/classes:$tmp/lib/*" Main >"$tmp/log" 2>&1 &
pid=$!
for _ in $(seq 240); do
    if grep -q '^listens at' "$tmp/log" || ! kill -0 "$pid" 2>/dev/null; then break; fi
    sleep 0.5
done
port=$(sed -n 's/^listens at //p' "$tmp/log")
if [[ -z $port ]]; then
    echo "could not run the packages" >&2
    tail -n 20 "$tmp/log" >&2
    exit 2
fi

# What a client sees, from the output and the exit code of curl.
seen() {
    local code=0 body end
    body=$(timeout 60 curl -sS "$1" "http://127.0.0.1:$port/" 2>/dev/null) || code=$?
    case $code in
        0) end=complete ;;
        18) end=truncated ;;
        92) end=reset ;;
        *) end="exit code $code of curl" ;;
    esac
    case $body in
        data:first*) echo "an event, $end" ;;
        *) echo "no event, $end" ;;
    esac
}

actual=$(echo "HTTP/1.1: $(seen --http1.1)" && echo "HTTP/2: $(seen --http2-prior-knowledge)")
printf '%s\n' "$actual"

if [[ $actual != "$expected" ]]; then
    printf 'changed: the output differs from what was recorded, which was:\n%s\n' "$expected" >&2
    exit 1
fi
echo "unchanged"
