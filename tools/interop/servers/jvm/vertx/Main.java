// Numbered events from a route of Vert.x, by hand, as Numbers.java says. The server speaks HTTP/1.1
// and HTTP/2 without TLS. The port is in the environment variable PORT.

package numbers;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Iterator;

public class Main {
    static final Vertx vertx = Vertx.vertx();

    static void events(RoutingContext context) {
        HttpServerRequest request = context.request();
        Numbers numbers = Numbers.of(request.getHeader("Last-Event-ID"), request::getParam);
        HttpServerResponse response = context.response();
        response.putHeader("content-type", "text/event-stream").setChunked(true);
        response.exceptionHandler(gone -> {});
        send(numbers.events().iterator(), numbers, context);
    }

    static void send(Iterator<Numbers.Event> events, Numbers numbers, RoutingContext context) {
        HttpServerResponse response = context.response();
        while (events.hasNext()) {
            if (response.writeQueueFull()) {
                response.drainHandler(drained -> send(events, numbers, context));
                return;
            }
            Numbers.Event it = events.next();
            String data = it.data().replace("\n", "\ndata: ");
            response.write("id: %s\nevent: %s\ndata: %s\n\n".formatted(it.id(), it.type(), data));
        }
        switch (numbers.ending()) {
            case COMPLETE -> response.end();
            // Over HTTP/2 an immediate failure discards events that have not been sent.
            case FAIL -> vertx.setTimer(50, time -> context.fail(Numbers.failure()));
            case HOLD -> {}
        }
    }

    public static void main(String[] arguments) {
        Router router = Router.router(vertx);
        router.get("/events").handler(Main::events);
        vertx.createHttpServer()
                .requestHandler(router)
                .listen(Integer.parseInt(System.getenv("PORT")), "127.0.0.1")
                .onSuccess(server -> System.out.println("listening"))
                .onFailure(Throwable::printStackTrace);
    }
}
