import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okhttp3.sse.EventSources;

/**
 * Reads event streams with okhttp-sse, and prints the CPU time per event of the last one.
 *
 * <p>The arguments are pairs of a URL and the number of its events. All but the last pair warm up.
 */
public final class Main {
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  public static void main(String[] pairs) throws Exception {
    if (pairs.length == 0 || pairs.length % 2 != 0) {
      throw new IllegalArgumentException("takes pairs of a URL and a number of events");
    }
    OkHttpClient client = new OkHttpClient.Builder().readTimeout(Duration.ZERO).build();
    String found = "";
    for (int at = 0; at < pairs.length; at += 2) {
      found = drain(client, pairs[at], Long.parseLong(pairs[at + 1]));
    }
    System.out.println(found);
    // The threads of the client's dispatcher would keep the process for a minute.
    client.dispatcher().executorService().shutdown();
  }

  private static String drain(OkHttpClient client, String url, long expected) throws Exception {
    Drain drain = new Drain();
    Request request = new Request.Builder().url(url).build();
    EventSources.createFactory(client).newEventSource(request, drain);
    drain.end.get();
    if (drain.events != expected) {
      throw new IllegalStateException(drain.events + " events of " + expected);
    }
    double nsPerEvent = (double) (PROCESS.getProcessCpuTime() - drain.start) / (expected - 1);
    return String.format(
        Locale.ROOT,
        "{\"events\":%d,\"data_bytes\":%d,\"ns_per_event\":%.2f}",
        drain.events,
        drain.dataBytes,
        nsPerEvent);
  }

  private static final class Drain extends EventSourceListener {
    final CompletableFuture<Void> end = new CompletableFuture<>();
    long events;
    long dataBytes;
    long start;

    @Override
    public void onEvent(EventSource source, String id, String type, String data) {
      if (events == 0) {
        start = PROCESS.getProcessCpuTime();
      }
      events++;
      // The streams are ASCII: code units are bytes.
      dataBytes += data.length();
    }

    @Override
    public void onClosed(EventSource source) {
      end.complete(null);
    }

    @Override
    public void onFailure(EventSource source, Throwable failure, Response response) {
      end.completeExceptionally(
          failure != null ? failure : new IllegalStateException("status " + response.code()));
    }
  }
}
