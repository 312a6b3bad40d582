package dev.holdfast.internal.session;

import dev.holdfast.Priority;
import dev.holdfast.SendOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages as a queue sees them, in short: {@code n1} is number 1 at normal priority (c, h and b are the others), {@code
 * n1/k} has the key k, {@code n1:5} has five bytes where others have one, {@code n1@9} expires at nine nanoseconds.
 */
public final class QueueMessages {
    private QueueMessages() {}

    public static Outbound message(String text) {
        SendOptions options = SendOptions.defaults().withPriority(priority(text.charAt(0)));
        String key = part(text, '/');
        if (!key.isEmpty()) options = options.withConflationKey(key);
        String expiry = part(text, '@');
        if (!expiry.isEmpty()) options = options.withExpiry(Duration.ofNanos(Long.parseLong(expiry)));
        String size = part(text, ':');
        Outbound message = new Outbound(Payload.text(text), size.isEmpty() ? 1 : Long.parseLong(size), text, options);
        message.sentAt(0);
        return message;
    }

    private static Priority priority(char name) {
        switch (name) {
            case 'c':
                return Priority.CONTROL;
            case 'h':
                return Priority.HIGH;
            case 'n':
                return Priority.NORMAL;
            case 'b':
                return Priority.BULK;
            default:
                throw new IllegalArgumentException("priority " + name);
        }
    }

    /** What stands behind {@code mark}, up to the next mark. */
    private static String part(String text, char mark) {
        int from = text.indexOf(mark);
        if (from < 0) return "";
        int to = from + 1;
        while (to < text.length() && Character.isLetterOrDigit(text.charAt(to))) to++;
        return text.substring(from + 1, to);
    }

    public static String names(List<Outbound> messages) {
        List<String> names = new ArrayList<>();
        for (Outbound message : messages) names.add(name(message));
        return String.join(" ", names);
    }

    public static String name(Outbound message) {
        return message == null ? "" : message.payload().text();
    }
}
