// Numbered events from an SseEmitter of Spring MVC on Tomcat, as Numbers.java says. It speaks
// HTTP/1.1 and HTTP/2 without TLS. The port is in the environment variable PORT.

package numbers;

import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

@SpringBootConfiguration
@EnableAutoConfiguration
@RestController
public class Main {
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @GetMapping("/events")
    SseEmitter events(
            @RequestHeader(name = "Last-Event-ID", required = false) String lastEventId,
            @RequestParam Map<String, String> query) {
        Numbers numbers = Numbers.of(lastEventId, query::get);
        SseEmitter emitter = new SseEmitter(0L);
        threads.execute(() -> send(numbers, emitter));
        return emitter;
    }

    private static void send(Numbers numbers, SseEmitter emitter) {
        try {
            for (Numbers.Event it : numbers.events()) {
                emitter.send(SseEmitter.event().id(it.id()).name(it.type()).data(it.data()));
            }
        } catch (Exception gone) {
            // Spring completes the emitter of a connection that is gone.
            return;
        }
        switch (numbers.ending()) {
            case COMPLETE -> emitter.complete();
            case FAIL -> emitter.completeWithError(Numbers.failure());
            case HOLD -> {}
        }
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
