// Numbered events from a Flux of Spring WebFlux on Reactor Netty, as Numbers.java says. It speaks
// HTTP/1.1 and HTTP/2 without TLS. The port is in the environment variable PORT.

package numbers;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;

@SpringBootConfiguration
@EnableAutoConfiguration
@RestController
public class Main {
    @GetMapping("/events")
    Flux<ServerSentEvent<String>> events(
            @RequestHeader(name = "Last-Event-ID", required = false) String lastEventId,
            @RequestParam Map<String, String> query) {
        Numbers numbers = Numbers.of(lastEventId, query::get);
        Flux<ServerSentEvent<String>> events = Flux.fromIterable(numbers.events())
                .map(it -> ServerSentEvent.builder(it.data()).id(it.id()).event(it.type()).build());
        return switch (numbers.ending()) {
            case COMPLETE -> events;
            case FAIL -> events.concatWith(Flux.error(Numbers::failure));
            case HOLD -> events.concatWith(Flux.never());
        };
    }

    @EventListener(ApplicationReadyEvent.class)
    void ready() {
        System.out.println("listening");
    }

    public static void main(String[] arguments) {
        SpringApplication application = new SpringApplication(Main.class);
        application.setDefaultProperties(Map.of(
                "server.address", "127.0.0.1",
                "server.port", System.getenv("PORT"),
                "server.http2.enabled", "true",
                "spring.lifecycle.timeout-per-shutdown-phase", "1s"));
        application.run(arguments);
    }
}
