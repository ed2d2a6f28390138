#!/usr/bin/env bash
#
# Library: Vert.x 5.1.6 (vertx-core, vertx-web). Seen with Java 17.0.15 and curl 7.88.1.
#
# Behavior: a route writes an event and then fails the routing context. Over HTTP/1.1 the body is
# truncated. Over HTTP/2 the stream is reset, with the HTTP status as the error code: 500, or the
# status that fail() was given. These are no codes of HTTP/2. response.reset() truncates the body
# over HTTP/1.1, and resets the stream with NO_ERROR over HTTP/2, which curl and hyper take for a
# regular end.
#
# Expected instead: INTERNAL_ERROR or CANCEL in each case over HTTP/2.
#
# Consequence: a client that knows the codes of HTTP/2 by name reports an unknown one, and one that
# decides by code what may be repeated finds no rule. A reset that is meant as an abort looks like a
# complete answer.
#
# Output seen on 1 December 2026:
#   fail(exception), HTTP/1.1: truncated
#   fail(exception), HTTP/2: reset with code 500
#   fail(503), HTTP/1.1: truncated
#   fail(503), HTTP/2: reset with code 503
#   reset(), HTTP/1.1: truncated
#   reset(), HTTP/2: complete
#
# Here: docs/guide/real-servers.md, Servers that show a failure, Servers that hide a failure. A
# reset with any code but NO_ERROR is a disconnect.
#
# Needs: bash, timeout, Java 17 or later, Maven, access to its central repository, curl with HTTP/2.
# Exit status: 0 if the output is the same, 1 if it changed, 2 if the packages could not be
# installed or run.

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
      <groupId>io.vertx</groupId>
      <artifactId>vertx-web</artifactId>
      <version>5.1.6</version>
    </dependency>
  </dependencies>
</project>
EOF

cat >"$tmp/Main.java" <<'EOF'
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class Main {
    static final Vertx VERTX = Vertx.vertx();
    static final Router ROUTER = Router.router(VERTX);
    static final Pattern CODE = Pattern.compile("not closed cleanly: .*\\(err (\\d+)\\)");

    /** Adds a route that sends an event and does something 100 ms later. */
    static void route(String path, Consumer<RoutingContext> then) {
        ROUTER.get(path).handler(context -> {
            var response = context.response().putHeader("content-type", "text/event-stream");
            response.setChunked(true).write("data: 1\n\n");
            VERTX.setTimer(100, id -> then.accept(context));
        });
    }

    static String end(String url, String version) throws Exception {
        var command = new ProcessBuilder("curl", "-sv", "--max-time", "10", version, url);
        Process curl = command.redirectErrorStream(true).start();
        Matcher code = CODE.matcher(new String(curl.getInputStream().readAllBytes()));
        return switch (curl.waitFor()) {
            case 0 -> "complete";
            case 18 -> "truncated";
            case 92 -> code.find() ? "reset with code " + code.group(1) : "reset";
            default -> "curl's exit code " + curl.exitValue();
        };
    }

    public static void main(String[] args) throws Exception {
        Logger.getLogger("io.vertx").setLevel(Level.OFF);
        Logger.getLogger("io.vertx.ext.web.RoutingContext").setLevel(Level.OFF);
        route("/exception", context -> context.fail(new RuntimeException("the source failed")));
        route("/status", context -> context.fail(503));
        route("/reset", context -> context.response().reset());
        var options = new HttpServerOptions().setHost("127.0.0.1").setPort(0);
        var server = VERTX.createHttpServer(options).requestHandler(ROUTER).listen()
                .toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        String[][] cases = {
            {"fail(exception)", "/exception"}, {"fail(503)", "/status"}, {"reset()", "/reset"},
        };
        for (String[] each : cases) {
            String url = "http://127.0.0.1:" + server.actualPort() + each[1];
            System.out.println(each[0] + ", HTTP/1.1: " + end(url, "--http1.1"));
            System.out.println(each[0] + ", HTTP/2: " + end(url, "--http2-prior-knowledge"));
        }
        System.exit(0);
    }
}
EOF

expected='fail(exception), HTTP/1.1: truncated
fail(exception), HTTP/2: reset with code 500
fail(503), HTTP/1.1: truncated
fail(503), HTTP/2: reset with code 503
reset(), HTTP/1.1: truncated
reset(), HTTP/2: complete'

actual=$(
    cd "$tmp"
    timeout 300 mvn --quiet --batch-mode "-Dmaven.repo.local=$tmp/repository" \
        org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
        -DoutputDirectory=lib >&2
    timeout 60 java -cp 'lib/*' Main.java
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
