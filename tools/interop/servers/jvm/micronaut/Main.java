// Numbered events from a publisher of Micronaut on Netty, as Numbers.java says. The port is in the
// environment variable PORT.

package numbers;

import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Header;
import io.micronaut.http.sse.Event;
import io.micronaut.runtime.Micronaut;
import java.time.Duration;
import java.util.Map;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

@Controller
public class Main {
    @Get(uri = "/events", produces = MediaType.TEXT_EVENT_STREAM)
    Publisher<Event<String>> events(
            @Nullable @Header("Last-Event-ID") String lastEventId, HttpRequest<?> request) {
        Numbers numbers = Numbers.of(lastEventId, name -> request.getParameters().get(name));
        Flux<Event<String>> events = Flux.fromIterable(numbers.events())
                .map(it -> Event.of(it.json()).id(it.id()).name(it.type()));
        return switch (numbers.ending()) {
            case COMPLETE -> events;
            // An immediate failure discards the events, and even the head.
            case FAIL -> events.concatWith(
                    Mono.delay(Duration.ofMillis(50)).then(Mono.error(Numbers::failure)));
            case HOLD -> events.concatWith(Flux.never());
        };
    }

    public static void main(String[] arguments) {
        Micronaut.build(arguments)
                .mainClass(Main.class)
                .properties(Map.of(
                        "micronaut.server.host", "127.0.0.1",
                        "micronaut.server.port", System.getenv("PORT"),
                        "micronaut.server.http-version", "2.0"))
                .start();
        System.out.println("listening");
    }
}
