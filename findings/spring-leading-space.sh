#!/usr/bin/env bash
#
# Library: Spring Boot 4.1.2 (Spring Framework 7.0), Spring MVC's SseEmitter on Tomcat, and Spring
# WebFlux on Reactor Netty. Seen with Java 17.0.15 and curl 7.88.1.
#
# Behavior: a controller sends the texts "Hello" and " world". Both servers write the data directly
# after the colon, without a space of their own, so that the second event is the line "data: world".
# A client removes one space after a colon, as the standard says: it receives "world".
#
# Expected instead: "data:  world", with a space before the data, or at least before data that
# begins with a space.
#
# Consequence: most tokens of a language model begin with a space. A server that sends each token as
# an event loses all spaces between words. JSON in the data is not affected.
#
# Output seen on 1 December 2026:
#   MVC: "data:Hello" "data: world"
#   WebFlux: "data:Hello" "data: world"
#
# Here: a client cannot tell such a space from one of the form. docs/INTEROP.md, Spring, Quarkus and
# Helidon, which write the same.
#
# Needs: bash, timeout, a JDK of version 17 or later, Maven, access to its central repository, curl.
# Exit status: 0 if the output is the same, 1 if it changed, 2 if the packages could not be
# installed or run.

set -euo pipefail

tmp=$(mktemp -d)
pid=
trap '[[ -z $pid ]] || kill "$pid" 2>/dev/null || true; wait; rm -rf "$tmp"' EXIT

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
  <properties>
    <!-- Not the 4.2.19 that Spring Boot names: its libraries for single systems could not be
         installed on 1 December 2026. -->
    <netty.version>4.2.18.Final</netty.version>
  </properties>
  <dependencies>
    <dependency>
      <groupId>org.springframework.boot</groupId>
      <artifactId>spring-boot-starter-webmvc</artifactId>
    </dependency>
    <dependency>
      <groupId>org.springframework.boot</groupId>
      <artifactId>spring-boot-starter-webflux</artifactId>
    </dependency>
  </dependencies>
</project>
EOF

cat >"$tmp/Main.java" <<'EOF'
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import reactor.core.publisher.Flux;

public class Main {
    static final List<String> TEXTS = List.of("Hello", " world");

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @RestController
    public static class Mvc {
        @GetMapping("/")
        SseEmitter events() throws Exception {
            SseEmitter emitter = new SseEmitter();
            for (String text : TEXTS) emitter.send(text);
            emitter.complete();
            return emitter;
        }
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @RestController
    public static class WebFlux {
        @GetMapping(path = "/", produces = "text/event-stream")
        Flux<String> events() {
            return Flux.fromIterable(TEXTS);
        }
    }

    static void start(Class<?> application, WebApplicationType type) {
        SpringApplication spring = new SpringApplication(application);
        spring.setWebApplicationType(type);
        // Arguments go before variables of the environment.
        String port = spring.run("--server.address=127.0.0.1", "--server.port=0")
                .getEnvironment().getProperty("local.server.port");
        System.out.println(application.getSimpleName() + " listens at " + port);
    }

    public static void main(String[] arguments) {
        start(Mvc.class, WebApplicationType.SERVLET);
        start(WebFlux.class, WebApplicationType.REACTIVE);
        System.out.println("ready");
    }
}
EOF

expected='MVC: "data:Hello" "data: world"
WebFlux: "data:Hello" "data: world"'

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
    if grep -q '^ready' "$tmp/log" || ! kill -0 "$pid" 2>/dev/null; then break; fi
    sleep 0.5
done

could_not_run() {
    echo "could not run the packages" >&2
    tail -n 20 "$tmp/log" >&2
    exit 2
}
grep -q '^ready' "$tmp/log" || could_not_run

# The lines of data that a server writes, in quotation marks.
lines() {
    local port
    port=$(sed -n "s/^$1 listens at //p" "$tmp/log")
    timeout 60 curl -sS "http://127.0.0.1:$port/" | sed -n 's/^data.*/"&"/p' | paste -sd ' ' -
}

mvc=$(lines Mvc) && flux=$(lines WebFlux) || could_not_run
actual="MVC: $mvc
WebFlux: $flux"
printf '%s\n' "$actual"

if [[ $actual != "$expected" ]]; then
    printf 'changed: the output differs from what was recorded, which was:\n%s\n' "$expected" >&2
    exit 1
fi
echo "unchanged"
