package numbers;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Numbered events that a request selects, for the servers of this directory: those after the last
 * event ID up to a number, then one of the type {@code end}, unless {@code open-ended} is set. The
 * stream ends, fails, or stays open without further events, after a number of events.
 *
 * <p>GET /events?last=N[&end-after=N][&fail-after=N][&hold-after=N][&open-ended=1]
 *
 * <p>With {@code spaced=1}, the stream has one event instead, whose data begin with a space.
 */
record Numbers(List<Event> events, Ending ending) {
    record Event(String id, String type, String data) {
        /** Returns the data as JSON, which has no line breaks; unchanged if a space comes first. */
        String json() {
            return data.startsWith(" ") ? data : '"' + data.replace("\n", "\\n") + '"';
        }
    }

    /** What a server does after the events. */
    enum Ending { COMPLETE, FAIL, HOLD }

    /** Returns the events for a Last-Event-ID, or {@code null}, and parameters of the URL. */
    static Numbers of(String lastEventId, UnaryOperator<String> parameter) {
        if (number(parameter, "spaced") == 1) {
            return new Numbers(List.of(new Event("1", "tick", " after a space")), Ending.COMPLETE);
        }
        int first = lastEventId == null ? 1 : Integer.parseInt(lastEventId) + 1;
        int last = number(parameter, "last");
        int end = first + number(parameter, "end-after") - 1;
        int fail = first + number(parameter, "fail-after") - 1;
        int hold = first + number(parameter, "hold-after") - 1;
        List<Event> events = new ArrayList<>();
        for (int n = first; n <= last; n++) {
            events.add(new Event(String.valueOf(n), "tick", payload(n)));
            if (n == fail) return new Numbers(events, Ending.FAIL);
            if (n == end && n < last) return new Numbers(events, Ending.COMPLETE);
            if (n == hold && n < last) return new Numbers(events, Ending.HOLD);
        }
        if (number(parameter, "open-ended") == 0) {
            events.add(new Event(String.valueOf(last + 1), "end", "end"));
        }
        return new Numbers(events, Ending.COMPLETE);
    }

    /** Returns the failure of a stream. */
    static IllegalStateException failure() {
        return new IllegalStateException("the source failed");
    }

    static String payload(int n) {
        String large = n % 20 == 5 ? "large ".repeat(20_000) : "";
        return n + "\nthe second line of " + n + ": naïve – 日本語 🦀\n" + large;
    }

    private static int number(UnaryOperator<String> parameter, String name) {
        String text = parameter.apply(name);
        return text == null ? 0 : Integer.parseInt(text);
    }
}
