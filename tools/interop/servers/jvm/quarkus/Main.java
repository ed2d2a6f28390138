// Numbered events from a Multi of Quarkus REST, as Numbers.java says. It speaks HTTP/1.1 and HTTP/2
// without TLS. The port is in the environment variable PORT.

package numbers;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.smallrye.mutiny.Multi;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;

@QuarkusMain
public class Main implements QuarkusApplication {
    @Path("/events")
    public static class Feed {
        @GET
        @Produces(MediaType.SERVER_SENT_EVENTS)
        public Multi<OutboundSseEvent> events(
                @HeaderParam("Last-Event-ID") String lastEventId,
                @Context UriInfo url,
                @Context Sse sse) {
            var query = url.getQueryParameters();
            Numbers numbers = Numbers.of(lastEventId, query::getFirst);
            Multi<OutboundSseEvent> events = Multi.createFrom().iterable(numbers.events())
                    .map(it -> sse.newEventBuilder().id(it.id()).name(it.type()).data(it.data()).build());
            Multi<OutboundSseEvent> rest = switch (numbers.ending()) {
                case COMPLETE -> Multi.createFrom().empty();
                case FAIL -> Multi.createFrom().failure(Numbers::failure);
                case HOLD -> Multi.createFrom().nothing();
            };
            return Multi.createBy().concatenating().streams(events, rest);
        }
    }

    @Override
    public int run(String... arguments) {
        System.out.println("listening");
        Quarkus.waitForExit();
        return 0;
    }

    public static void main(String[] arguments) {
        System.setProperty("quarkus.http.host", "127.0.0.1");
        System.setProperty("quarkus.http.port", System.getenv("PORT"));
        Quarkus.run(Main.class, arguments);
    }
}
