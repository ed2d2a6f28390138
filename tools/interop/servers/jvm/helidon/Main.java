// Numbered events from an SseSink of Helidon, as Numbers.java says. It speaks HTTP/1.1 and HTTP/2
// without TLS. The port is in the environment variable PORT.

package numbers;

import io.helidon.http.HeaderNames;
import io.helidon.http.sse.SseEvent;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.sse.SseSink;
import java.util.concurrent.CountDownLatch;

public class Main {
    static void events(ServerRequest request, ServerResponse response) throws InterruptedException {
        Numbers numbers = Numbers.of(
                request.headers().first(HeaderNames.create("Last-Event-ID")).orElse(null),
                name -> request.query().first(name).orElse(null));
        try (SseSink sink = response.sink(SseSink.TYPE)) {
            for (Numbers.Event it : numbers.events()) {
                sink.emit(SseEvent.builder().id(it.id()).name(it.type()).data(it.json()).build());
            }
            switch (numbers.ending()) {
                case COMPLETE -> {}
                case FAIL -> throw Numbers.failure();
                case HOLD -> new CountDownLatch(1).await();
            }
        }
    }

    public static void main(String[] arguments) {
        WebServer.builder()
                .host("127.0.0.1")
                .port(Integer.parseInt(System.getenv("PORT")))
                .routing(routing -> routing.get("/events", Main::events))
                .build()
                .start();
        System.out.println("listening");
    }
}
