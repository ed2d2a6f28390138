#!/usr/bin/env bash
#
# Library: okhttp-sse 5.1.0 and okhttp-eventsource 4.1.1 (LaunchDarkly). Seen with Java 17.0.15.
#
# Behavior: a server sends two events, and a byte order mark before the first one. Neither client
# drops it: it becomes part of the first field's name, so that the field is ignored. The first event
# is lost. Without the mark both clients return both events.
#
# Expected instead: both events. The HTML standard ignores one byte order mark at the start of a
# stream, and decoders of UTF-8 drop it.
#
# Consequence: servers that write text with an encoder that adds the mark, as some of .NET and
# Windows do, lose the first event of each connection in these clients, and no other.
#
# Output seen on 1 December 2026:
#   okhttp-sse: a, b; with a byte order mark: b
#   okhttp-eventsource: a, b; with a byte order mark: b
#
# Here: one byte order mark is dropped per connection (P2 in docs/CONFORMANCE.md). docs/INTEROP.md,
# Clients of other projects.
#
# Needs: bash, timeout, Java 17 or later, Maven, access to its central repository. Exit status: 0 if
# the output is the same, 1 if it changed, 2 if the packages could not be installed or run.

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
      <groupId>com.squareup.okhttp3</groupId>
      <artifactId>okhttp-sse</artifactId>
      <version>5.1.0</version>
    </dependency>
    <dependency>
      <groupId>com.launchdarkly</groupId>
      <artifactId>okhttp-eventsource</artifactId>
      <version>4.1.1</version>
    </dependency>
  </dependencies>
</project>
EOF

cat >"$tmp/Main.java" <<'EOF'
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okhttp3.sse.EventSources;

public class Main {
    static final String EVENTS = "data: a\n\ndata: b\n\ndata: end\n\n";

    static String okhttp(String url) throws InterruptedException {
        BlockingQueue<String> queue = new LinkedBlockingQueue<>();
        var listener = new EventSourceListener() {
            @Override
            public void onEvent(EventSource source, String id, String type, String data) {
                queue.add(data);
            }
        };
        Request request = new Request.Builder().url(url).build();
        EventSources.createFactory(new OkHttpClient()).newEventSource(request, listener);
        List<String> events = new ArrayList<>();
        String next;
        while ((next = queue.poll(5, TimeUnit.SECONDS)) != null && !next.equals("end")) {
            events.add(next);
        }
        return String.join(", ", events);
    }

    static String launchdarkly(String url) throws Exception {
        List<String> events = new ArrayList<>();
        try (var source = new com.launchdarkly.eventsource
                .EventSource.Builder(URI.create(url)).build()) {
            source.start();
            String next;
            while (!(next = source.readMessage().getData()).equals("end")) {
                events.add(next);
            }
        }
        return String.join(", ", events);
    }

    public static void main(String[] args) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", exchange -> {
            boolean mark = exchange.getRequestURI().getPath().equals("/mark");
            byte[] body = ((mark ? "\ufeff" : "") + EVENTS).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        System.out.println("okhttp-sse: " + okhttp(url + "/plain")
                + "; with a byte order mark: " + okhttp(url + "/mark"));
        System.out.println("okhttp-eventsource: " + launchdarkly(url + "/plain")
                + "; with a byte order mark: " + launchdarkly(url + "/mark"));
        System.exit(0);
    }
}
EOF

expected='okhttp-sse: a, b; with a byte order mark: b
okhttp-eventsource: a, b; with a byte order mark: b'

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
