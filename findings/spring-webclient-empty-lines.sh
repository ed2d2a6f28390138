#!/usr/bin/env bash
#
# Library: Spring WebFlux 6.2.19 (WebClient), Reactor Netty 1.2.18. Seen with Java 17.0.15.
#
# Behavior: WebClient reads an event stream. Of an event whose data have several lines, the empty
# ones are left out. An event whose data are line breaks only has no data: as ServerSentEvent its
# data are null, and as a String it is not there at all. A keep-alive comment is a ServerSentEvent
# too, with null data. Spring WebFlux 7.0.10, tried with the same program, returns the empty lines;
# the comment is the same.
#
# Expected instead: the data lines joined by line feeds, the empty ones included. That is the only
# form in which a server can send a blank line.
#
# Consequence: paragraphs of Markdown run together. A language model often produces a line break as
# a token of its own: a server that sends each token as an event loses these for clients that read
# Strings.
#
# Output seen on 1 December 2026:
#   "a", "", "b": ServerSentEvent "a\nb", String "a\nb"
#   "", "": ServerSentEvent null, String none
#   "a", "": ServerSentEvent "a", String "a"
#   comment: ServerSentEvent null, String none
#
# Here: data lines are joined by LF, empty ones too (P12, P18 in docs/CONFORMANCE.md).
# docs/INTEROP.md, Clients of other projects.
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
      <groupId>org.springframework</groupId>
      <artifactId>spring-webflux</artifactId>
      <version>6.2.19</version>
    </dependency>
    <dependency>
      <groupId>org.springframework</groupId>
      <artifactId>spring-context</artifactId>
      <version>6.2.19</version>
    </dependency>
    <dependency>
      <groupId>io.projectreactor.netty</groupId>
      <artifactId>reactor-netty-http</artifactId>
      <version>1.2.18</version>
    </dependency>
  </dependencies>
</project>
EOF

cat >"$tmp/Main.java" <<'EOF'
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.reactive.function.client.WebClient;

public class Main {
    static final String[][] STREAMS = {
        {"\"a\", \"\", \"b\"", "data: a\ndata:\ndata: b\n\n"},
        {"\"\", \"\"", "data:\ndata:\n\n"},
        {"\"a\", \"\"", "data: a\ndata:\n\n"},
        {"comment", ": keep-alive\n\n"},
    };

    static String quote(List<String> items) {
        String text = items.stream()
                .map(item -> item.equals("null") ? item : '"' + item.replace("\n", "\\n") + '"')
                .collect(Collectors.joining(", "));
        return text.isEmpty() ? "none" : text;
    }

    public static void main(String[] args) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", exchange -> {
            int number = Integer.parseInt(exchange.getRequestURI().getPath().substring(1));
            byte[] body = STREAMS[number][1].getBytes();
            exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        WebClient client = WebClient.create("http://127.0.0.1:" + server.getAddress().getPort());
        var type = new ParameterizedTypeReference<ServerSentEvent<String>>() {};
        for (int number = 0; number < STREAMS.length; number++) {
            var request = client.get().uri("/" + number);
            var events = request.retrieve().bodyToFlux(type).collectList().block();
            var data = events.stream().map(event -> String.valueOf(event.data())).toList();
            var texts = request.retrieve().bodyToFlux(String.class).collectList().block();
            System.out.println(STREAMS[number][0] + ": ServerSentEvent " + quote(data)
                    + ", String " + quote(texts));
        }
        System.exit(0);
    }
}
EOF

expected='"a", "", "b": ServerSentEvent "a\nb", String "a\nb"
"", "": ServerSentEvent null, String none
"a", "": ServerSentEvent "a", String "a"
comment: ServerSentEvent null, String none'

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
